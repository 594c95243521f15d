// The panel: what a speaker needs at a glance, at arm's length: what is asked, how late it is,
// how it lands, and what the desk says.
import { talkOfPage } from "./api.js";
import { keepAwake } from "./awake.js";
import { clockTime } from "./clocktime.js";
import { LastKnown, answering, sizeOf, wanted } from "./glance.js";
import { Live } from "./live.js";
import { now, secondsSince, setClock } from "./now.js";
import { officesOf } from "./offices.js";
import { Readings } from "./readings.js";
import { redeemCode } from "./session.js";
import { StateBadge, topicsInOrder } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Name, Text } from "./text.js";
import { effect, html, render } from "./vendor/preact.js";
import { count, dayAndTime, t, timeOfDay } from "./words.js";

const NEXT = 3;
const NOTICES = 3;

const talk = talkOfPage();
const live = new Live(talk, "room");
const offices = officesOf(live);

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

const Ended = () => html`
  <section class="answering">
    <p class="answering-text" data-size="medium">${t("screen.ended")}</p>
    <p><a class="button primary" href=${`/talks/${encodeURIComponent(talk)}/replay`}>${t("room.toReplay")}</a></p>
  </section>`;

const toRoom = html`<p><a class="button" href=${`/talks/${encodeURIComponent(talk)}`}>${t("replay.toRoom")}</a></p>`;

function open() {
  live.open();
  setClock();
}

function Panel() {
  const view = live.view.value;
  const status = live.status.value;
  if (status === "missing") return html`<${Still} what="missing" />`;
  const mayLook = offices.includes("panelist");
  const isRefused = (offices.isKnown.value && !mayLook) || (status === "refused" && !view);
  if (isRefused) return html`<${Still} what="panelRefused">${toRoom}<//>`;
  if (!view || !mayLook) return html`<${Loading} status=${status} />`;
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
          ${view.talk.state === "ended" ? html`<${Ended} />` : html`<${Answering} questions=${view.questions} />`}
          <${Next} questions=${view.questions} />
        </div>
        <div class="panel-side">
          ${view.talk.state === "live" && html`<${Readings} kinds=${view.talk.kinds} pulse=${view.pulse} />`}
          <${Notices} feed=${view.feed} />
        </div>
      </main>
    </div>`;
}

effect(() => {
  const title = live.view.value?.talk.title;
  document.title = title ? `${t("panel.title")}: ${title} · Hearhear` : "Hearhear";
});
render(html`<${Panel} />`, document.getElementById("page"));
await redeemCode();
open();
keepAwake();
