// Why a moment is a highlight, in the reader's language: told from the counts that come with it.
import { kindLabel } from "./pulse.js";
import { facts } from "./replaying.js";
import { count, t } from "./words.js";

const FOUND = /^h\d+$/;                        // the ids of highlights that nobody pinned
const BY_OTHER_MEANS = { chat: "why.chat", votes: "why.votes" };    // what counts beside the kinds of feedback

/** A label that the timeline tells, as the buttons name it. */
function asNamed(label) {
  if (BY_OTHER_MEANS[label]) return t(BY_OTHER_MEANS[label]);
  const [id] = Object.entries(facts.value?.kinds ?? {}).find(([, kind]) => kind.label === label) ?? [];
  return id ? kindLabel({ id, label }) : label;
}

function* reasons({ id, evidence: found }) {
  if (!FOUND.test(id)) yield t("why.host");
  if (!found.people) return;
  yield t("why.crowd", { people: count(found.people), all: count(found.audience), s: found.within_s, ratio: count(found.ratio) });
  const [mood, ...others] = Object.entries(found.kinds);
  if (mood && others.length > 0) yield t("why.mostly", { kind: asNamed(mood[0]), people: count(mood[1]) });
  if (found.topic) yield t("why.topic", { topic: found.topic });
  if (found.question) yield t("why.answering", { question: found.question, votes: t("ballot.votes", { n: found.votes }) });
  if (found.words.length > 0) yield t("why.said", { words: found.words.join(", ") });
}

export const why = (highlight) => [...reasons(highlight)].join("; ");
