// What the charts of one talk are drawn from, read over the plain door.
import { bearer } from "./bearer.js";
import { read, talkPath } from "./api.js";

export const BUCKETS = { "1s": 1, "10s": 10, "1m": 60 };

/** Rows of a table, or null when this is not for us: nobody has to be an analyst to see the rest. */
async function rows(talk, table) {
  const headers = bearer() ? { Authorization: `Bearer ${bearer()}` } : {};
  const answer = await fetch(talkPath(talk, `/tables/${table}.jsonl`), { headers });
  if (!answer.ok) return null;
  return (await answer.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** What stays as it is whatever one looks at: the talk, its room, and what analysts may see of it. */
export async function measuresOf(talk) {
  const { analyse: mayAnalyse } = await read(talkPath(talk, "/tables"));
  const asked = (table) => (mayAnalyse ? rows(talk, table) : null);
  const [{ view }, attendance, topics, funnel, questions, votes] = await Promise.all([
    read(talkPath(talk, "/view?as=room")),
    asked("attendance"), asked("v_feedback_per_topic"), asked("v_funnel"),
    asked("questions"), asked("v_question_votes_over_time"),
  ]);
  return { talk: view.talk, attendance, topics, funnel: funnel?.[0] ?? null, questions, votes };
}

/** Ticks and people per bucket and kind, of all topics or of one; one row per bucket. */
export async function seriesOf(talk, bucket, topic) {
  const one = topic ? `&topic=${encodeURIComponent(topic)}` : "&together=true";
  return columns(await read(talkPath(talk, `/feedback?bucket=${bucket}${one}`)), BUCKETS[bucket]);
}

/** As uPlot takes it: seconds, and for each kind its people; a bucket nobody ticked in is 0. */
export function columns(told, bucketS) {
  const last = told.at(-1)?.offset_s ?? 0;
  const seconds = Array.from({ length: told.length ? last / bucketS + 2 : 0 }, (_, place) => place * bucketS);
  const people = {};
  for (const { offset_s: second, kind, people: counted } of told) {
    people[kind] ??= new Array(seconds.length).fill(0);
    people[kind][second / bucketS] += counted;
  }
  return { seconds, people };
}

/** Votes of each question over time, by its id. */
export function votesByQuestion(votes) {
  const byQuestion = {};
  for (const { question, second, votes: standing } of votes ?? []) (byQuestion[question] ??= []).push([second, standing]);
  return byQuestion;
}
