// The screen behind the speakers, and the overlay over their picture: what is being answered,
// what is wanted most, how it lands, and the way in. `?show=question,join` chooses the parts,
// `?overlay` leaves out the ground, `?scheme=dark` fixes the colours.
import { read, talkOfPage, talkPath } from "./api.js";
import { keepAwake } from "./awake.js";
import { LastKnown, answering, sizeOf, wanted } from "./glance.js";
import { Live } from "./live.js";
import { Readings } from "./readings.js";
import { StateBadge, Topic } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Name } from "./text.js";
import { effect, html, render, signal } from "./vendor/preact.js";
import { count, dayAndTime, t } from "./words.js";

const PARTS = ["question", "top", "pulse", "join"];
const BESIDE = 3;       // questions shown beside the one being answered
const ALONE = 5;        // and while none is

const asked = new URLSearchParams(location.search);
const isOverlay = asked.has("overlay") && asked.get("overlay") !== "0";
const chosen = asked.get("show")?.split(",").map((part) => part.trim()).filter((part) => PARTS.includes(part));
const parts = new Set(chosen?.length ? chosen : PARTS);

const root = document.documentElement;
root.dataset.page = isOverlay ? "overlay" : "screen";
if (["light", "dark"].includes(asked.get("scheme"))) root.dataset.scheme = asked.get("scheme");

const talk = talkOfPage();
const live = new Live(talk, "room");
const way = signal(null);       // {code, url} of the short way in

const Question = ({ question }) => html`
  <section class="screen-question" aria-labelledby="answering" aria-live="polite">
    <h2 id="answering">${t("ballot.answering")}</h2>
    <p class="screen-text" data-size=${sizeOf(question.text)} dir="auto">${question.text}</p>
    <p class="screen-by"><${Name} by=${question.by} /><span>${t("ballot.votes", { n: question.votes })}</span></p>
  </section>`;

const Top = ({ questions, most }) => {
  const rows = wanted(questions, most);
  return html`
    <section class="screen-top" aria-labelledby="top">
      <h2 id="top">${t("screen.top")}</h2>
      ${rows.length === 0 && html`<p class="empty">${t("screen.topEmpty")}</p>`}
      <ol>
        ${rows.map(({ id, question }) => html`
          <li key=${id}>
            <span class="screen-votes" role="img" aria-label=${t("ballot.votes", { n: question.votes })}>${count(question.votes)}</span>
            <span class="screen-top-text" dir="auto">${question.text}</span>
          </li>`)}
      </ol>
    </section>`;
};

/** Where to go, read aloud and typed: without the scheme that browsers add themselves. */
const spoken = (url) => url.replace(/^https?:\/\//, "");

const Join = ({ hasEnded }) => html`
  <section class="screen-join" aria-labelledby="join">
    <h2 id="join">${t(hasEnded ? "room.toReplay" : "screen.join")}</h2>
    <img class="screen-qr" src=${talkPath(talk, "/join.svg")} alt=${t("screen.qr")} />
    ${way.value && html`
      <p class="screen-address"><span>${spoken(new URL(way.value.url).origin)}</span> <strong>${way.value.code}</strong></p>`}
  </section>`;

/** What the wall says before the doors open and after the end. */
const Standing = ({ talk: { state, starts_at: startsAt } }) => {
  if (state === "ended") return html`<p class="screen-standing">${t("screen.ended")}</p>`;
  if (state !== "scheduled") return null;
  return html`<p class="screen-standing">${startsAt ? t("stage.startsAt", { when: dayAndTime(startsAt) }) : t("screen.soon")}</p>`;
};

function Screen() {
  const view = live.view.value;
  const status = live.status.value;
  if (status === "missing") return html`<${Still} what="missing" />`;
  if (status === "refused" && !view) return html`<${Still} what="screenRefused" />`;
  if (!view) return isOverlay ? null : html`<${Loading} status=${status} />`;

  const { state, kinds } = view.talk;
  const now = answering(view.questions);
  const has = {
    question: parts.has("question") && now !== undefined,
    top: parts.has("top") && (state === "open" || state === "live"),
    pulse: parts.has("pulse") && state === "live",
    join: parts.has("join"),
  };
  return html`
    <div class="screen" data-state=${state} data-answers=${has.question}>
      <header class=${isOverlay ? "unseen" : "screen-head"}>
        <h1 dir="auto">${view.talk.title}</h1>
        <${Topic} talk=${view.talk} />
        ${state !== "live" && html`<${StateBadge} state=${state} />`}
        <${LastKnown} status=${status} />
      </header>
      <main class="screen-main">
        ${!isOverlay && html`<${Standing} talk=${view.talk} />`}
        ${has.question && html`<${Question} key=${now.id} question=${now.question} />`}
        ${has.top && html`<${Top} questions=${view.questions} most=${has.question ? BESIDE : ALONE} />`}
      </main>
      ${has.join && html`<${Join} hasEnded=${state === "ended"} />`}
      ${has.pulse && html`<${Readings} kinds=${kinds} pulse=${view.pulse} />`}
    </div>`;
}

effect(() => {
  const title = live.view.value?.talk.title;
  document.title = title ? `${title} · Hearhear` : "Hearhear";
});
render(html`<${Screen} />`, document.getElementById("page"));
live.open();
keepAwake();
if (parts.has("join")) way.value = await read(talkPath(talk, "/join")).catch(() => null);
