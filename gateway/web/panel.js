// The panel: what a speaker needs at a glance, at arm's length: what is asked, how late it is,
// how it lands, and what the desk says.
import { read, talkOfPage, talkPath } from "./api.js";
import { keepAwake } from "./awake.js";
import { LastKnown, answering, sizeOf, wanted } from "./glance.js";
import { Live } from "./live.js";
import { now, secondsSince, setClock } from "./now.js";
import { Readings } from "./readings.js";
import { redeemCode } from "./session.js";
import { StateBadge, topicsInOrder } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Name, Text } from "./text.js";
import { computed, effect, html, render, signal } from "./vendor/preact.js";
import { clockTime, count, dayAndTime, t, timeOfDay } from "./words.js";

const NEXT = 3;
const NOTICES = 3;
const SPEAKERS = ["panelist", "moderator", "host"];

const talk = talkOfPage();
const live = new Live(talk, "room");
const vouched = signal(null);     // roles that the token says, asked for when the talk granted none

const mayLook = (roles) => SPEAKERS.some((role) => roles.includes(role));
const granted = computed(() => mayLook(Object.keys(live.me.value.roles ?? {})));
const isLetIn = computed(() => granted.value || mayLook(vouched.value ?? []));

/** Nobody is refused before both have been asked: the talk, and the token. */
const isRefused = computed(() => {
  if (!live.hasMet.value || isLetIn.value) return false;
  return !live.me.value.attendee || vouched.value !== null;
});

async function askToken() {
  const me = await read("/api/me").catch(() => ({ roles: [], talk_roles: {} }));
  vouched.value = [...me.roles, ...(me.talk_roles[talk] ?? [])];
}

const Clock = ({ name, seconds, children }) => html`
  <div class="clock">
    <p class="clock-name">${name}</p>
    <p class="clock-time" role="timer">${clockTime(seconds)}</p>
    ${children && html`<p class="clock-about" dir="auto">${children}</p>`}
  </div>`;

/** Before the talk: until then; during it: since then, and since the topic was opened. */
function Clocks({ of: { state, topic, topics, starts_at: startsAt, started_at: startedAt, ended_at: endedAt } }) {
  if (state === "ended") {
    return html`<${Clock} name=${t("panel.lasted")} seconds=${(Date.parse(endedAt) - Date.parse(startedAt)) / 1_000} />`;
  }
  if (state !== "live") {
    if (!startsAt) return null;
    const left = -secondsSince(startsAt);
    if (left > 86_400) return html`<p class="clock-about">${t("stage.startsAt", { when: dayAndTime(startsAt) })}</p>`;
    return html`<${Clock} name=${t(left > 0 ? "panel.startsIn" : "panel.late")} seconds=${Math.abs(left)} />`;
  }
  const agenda = topicsInOrder({ topics });
  const index = agenda.findIndex(({ id }) => id === topic);
  return html`
    <${Clock} name=${t("panel.talkTime")} seconds=${secondsSince(startedAt)} />
    ${index >= 0 && html`
      <${Clock} name=${t("topic.of", { index: index + 1, all: agenda.length })} seconds=${secondsSince(agenda[index].opened_at)}>
        ${agenda[index].title}<//>`}`;
}

const Asked = ({ question }) => html`
  <p class="asked-by"><${Name} by=${question.by} /> · ${t("ballot.votes", { n: question.votes })}</p>`;

const Answering = ({ questions }) => {
  const { id, question } = answering(questions) ?? {};
  return html`
    <section class="answering" aria-labelledby="answering">
      <h2 id="answering">${t("ballot.answering")}</h2>
      <div aria-live="polite" key=${id ?? "none"}>
        ${question
          ? html`
            <p class="answering-text" data-size=${sizeOf(question.text)} dir="auto"><${Text} text=${question.text} /></p>
            <${Asked} question=${question} />`
          : html`<p class="empty">${t("panel.none")}</p>`}
      </div>
    </section>`;
};

const Next = ({ questions }) => {
  const rows = wanted(questions, NEXT);
  return html`
    <section class="next" aria-labelledby="next">
      <h2 id="next">${t("panel.next")}</h2>
      ${rows.length === 0 && html`<p class="empty">${t("panel.noneNext")}</p>`}
      <ol>
        ${rows.map(({ id, question }) => html`
          <li key=${id} class="next-row">
            <span class="next-votes" role="img" aria-label=${t("ballot.votes", { n: question.votes })}>${count(question.votes)}</span>
            <div><p class="next-text" dir="auto"><${Text} text=${question.text} /></p></div>
          </li>`)}
      </ol>
    </section>`;
};

const Notices = ({ feed }) => {
  const rows = Object.entries(feed)
    .filter(([, { kind }]) => kind === "notice")
    .sort(([, one], [, other]) => other.position - one.position)
    .slice(0, NOTICES);
  return html`
    <section class="notices" aria-labelledby="notices">
      <h2 id="notices">${t("panel.notices")}</h2>
      ${rows.length === 0 && html`<p class="empty">${t("panel.noNotices")}</p>`}
      <ul aria-live="polite">
        ${rows.map(([id, { text, at }]) => html`
          <li key=${id}><time dateTime=${at}>${timeOfDay(at)}</time> <span dir="auto"><${Text} text=${text} /></span></li>`)}
      </ul>
    </section>`;
};

const toRoom = html`<p><a class="button" href=${`/talks/${encodeURIComponent(talk)}`}>${t("replay.toRoom")}</a></p>`;

function Panel() {
  const view = live.view.value;
  const status = live.status.value;
  if (status === "missing") return html`<${Still} what="missing" />`;
  if (isRefused.value || (status === "refused" && !view)) return html`<${Still} what="panelRefused">${toRoom}<//>`;
  if (!view || !isLetIn.value) return html`<${Loading} status=${status} />`;
  return html`
    <div class="panel">
      <header class="panel-head">
        <div>
          <p class="panel-facts"><${StateBadge} state=${view.talk.state} /><span>${timeOfDay(now.value)}</span></p>
          <h1 dir="auto">${view.talk.title}</h1>
        </div>
        <div class="clocks"><${Clocks} of=${view.talk} /></div>
        <${LastKnown} status=${status} />
      </header>
      <main class="panel-main">
        <div class="panel-questions">
          <${Answering} questions=${view.questions} />
          <${Next} questions=${view.questions} />
        </div>
        <div class="panel-side">
          <${Readings} kinds=${view.talk.kinds} pulse=${view.pulse} />
          <${Notices} feed=${view.feed} />
        </div>
      </main>
    </div>`;
}

effect(() => {
  const title = live.view.value?.talk.title;
  document.title = title ? `${t("panel.title")}: ${title} · Hearhear` : "Hearhear";
});
effect(() => {
  if (live.me.value.attendee && !granted.value && vouched.peek() === null) askToken();
});
render(html`<${Panel} />`, document.getElementById("page"));
await redeemCode();
live.open();
setClock();
keepAwake();
