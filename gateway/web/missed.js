// For those who come late: what has been, in three lines, and out of the way with one press.
import { ORDERS } from "./ballot.js";
import { inBrowser } from "./kept.js";
import { topicsInOrder } from "./stage.js";
import { html, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const LATE_MIN = 3;
const MOST_TOPICS = 4;

const dismissed = signal(false);

const minutesSince = (at) => Math.floor((Date.now() - new Date(at)) / 60_000);

/** Whether this browser comes to the talk for the first time; from now on it does not. */
function comesFirst(talk) {
  const key = `hearhear:been:${talk}`;
  const been = inBrowser.get(key);
  inBrowser.set(key, "1");
  return been === null;
}

/** The minutes missed by somebody who sees the talk for the first time in this state, or 0. */
export function minutesMissed({ talk }) {
  if (!comesFirst(talk.id) || talk.state !== "live" || !talk.started_at) return 0;
  const minutes = minutesSince(talk.started_at);
  return minutes >= LATE_MIN ? minutes : 0;
}

export function Missed({ minutes, talk, questions }) {
  if (minutes === 0 || dismissed.value) return null;
  const closed = topicsInOrder(talk).filter(({ closed_at: closedAt }) => closedAt);
  const topics = closed.slice(-MOST_TOPICS).map(({ title }) => title);
  const [top] = ORDERS.unanswered(questions);
  const votes = top?.question.votes ?? 0;
  const answered = ORDERS.answered(questions).length;
  return html`
    <section class="missed" aria-label=${t("missed.name")}>
      <p><strong>${t("missed.minutes", { n: minutes })}</strong></p>
      ${topics.length > 0 && html`<p>${t("missed.topics")} <span dir="auto">${topics.join(" · ")}</span></p>`}
      ${votes > 0 && html`<p>${t("missed.top", { n: votes })} <q dir="auto">${top.question.text}</q></p>`}
      ${answered > 0 && html`<p>${t("missed.answered", { n: answered })}</p>`}
      <button type="button" class="quiet" onClick=${() => (dismissed.value = true)}>${t("missed.dismiss")}</button>
    </section>`;
}
