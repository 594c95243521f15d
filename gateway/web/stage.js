// The stage: what the talk is called, how far it is, what is discussed now, and how we are connected.
import { Icon } from "./icons.js";
import { html } from "./vendor/preact.js";
import { count, dayAndTime, t } from "./words.js";

const MOST_SEGMENTS = 24;    // a longer agenda is told in numbers only

export const topicsInOrder = (talk) =>
  Object.entries(talk?.topics ?? {})
    .map(([id, topic]) => ({ id, ...topic }))
    .sort((one, other) => one.order - other.order);

export const StateBadge = ({ state }) => html`<span class="badge" data-state=${state}>${t(`talk.${state}`)}</span>`;

/** Nothing is said while all is well. */
export const Connection = ({ live }) => {
  const status = live.status.value;
  if (status !== "offline" && status !== "catching-up") return null;
  const behind = live.behind.value;
  const words = status === "offline" ? t("connection.offline")
    : behind > 0 ? t("connection.behind", { n: behind }) : t("connection.catchingUp");
  return html`<p class="connection" role="status" data-status=${status}>${words}</p>`;
};

const stateOf = (topic, current) => (topic.id === current ? "now" : topic.closed_at ? "done" : "next");

const Agenda = ({ topics, current }) => {
  if (topics.length < 2 || topics.length > MOST_SEGMENTS) return null;
  return html`
    <div class="agenda" aria-hidden="true">
      ${topics.map((topic) => html`
        <span key=${topic.id} data-state=${stateOf(topic, current)}></span>`)}
    </div>`;
};

export function Topic({ talk }) {
  const topics = topicsInOrder(talk);
  const index = topics.findIndex(({ id }) => id === talk.topic);
  if (index < 0) return null;
  return html`
    <div class="topic">
      <p class="topic-now">
        <span class="topic-count">${t("topic.of", { index: index + 1, all: topics.length })}</span>
        <strong dir="auto">${topics[index].title}</strong>
      </p>
      <${Agenda} topics=${topics} current=${talk.topic} />
    </div>`;
}

export const Present = ({ n }) => n > 0 && html`
  <span class="present" title=${t("stage.present", { n })}>
    <${Icon} name="people" /><span aria-hidden="true">${count(n)}</span>
    <span class="unseen">${t("stage.present", { n })}</span>
  </span>`;

/** The top of a page about a talk. */
export function StageOf({ talk, facts, children }) {
  const isComing = talk.state === "scheduled" && talk.starts_at;
  return html`
    <header class="stage">
      <div class="stage-line">
        <a class="brand" href="/" aria-label=${t("brand.home")}>Hearhear</a>
        <span class="stage-facts">${facts}<${StateBadge} state=${talk.state} /></span>
      </div>
      <h1 dir="auto">${talk.title}</h1>
      ${isComing && html`<p class="stage-when">${t("stage.startsAt", { when: dayAndTime(talk.starts_at) })}</p>`}
      ${children}
    </header>`;
}

export const Stage = ({ live, facts, children }) => html`
  <${StageOf} talk=${live.stage.value} facts=${html`${facts}<${Present} n=${live.present.value} />`}>
    <${Topic} talk=${live.stage.value} />
    <${Connection} live=${live} />
    ${children}
  <//>`;
