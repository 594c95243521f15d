// The desk: hosts and moderators run the talk, its topics and questions, and keep the room decent.
import { Act } from "./act.js";
import { act, desk, room, talk } from "./acting.js";
import { Agenda } from "./agenda.js";
import { AlertChoice, Alerts, alerts } from "./alerts.js";
import { Ask } from "./ask.js";
import { Ballot } from "./ballot.js";
import { Chips, Panes } from "./choices.js";
import "./controls.js";
import { dragging } from "./dragging.js";
import { Feed, FeedFilter } from "./feed.js";
import { Crew, Health } from "./health.js";
import { inOrder } from "./history.js";
import { Icon } from "./icons.js";
import { copyLink } from "./link.js";
import { setClock } from "./now.js";
import { officesOf } from "./offices.js";
import { Panelists } from "./panelists.js";
import { People, PersonBox } from "./people.js";
import { Hidden, Queue, RejectAsk } from "./queue.js";
import { Readings } from "./readings.js";
import { Recording } from "./recording.js";
import { Announce, Rules } from "./rules.js";
import { redeemCode } from "./session.js";
import { Sharing, addressOf } from "./sharing.js";
import { ItemBox, MergeHint, MergeTarget, MoreButton, PutAway, merging } from "./shelf.js";
import { Connection, Present, StageOf, Topic } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Toast, say } from "./toast.js";
import { Trail } from "./trail.js";
import { computed, effect, html, render, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const pane = signal("run");         // which column a phone shows
const side = signal("run");         // what the first column is about
const choice = signal("all");
const order = signal("votes");
const hiding = signal(null);        // the item a reason is asked for
const isEnding = signal(false);

const offices = officesOf(desk);
const isHost = computed(() => offices.includes("host"));

const items = computed(() => inOrder(room.view.value?.feed));
const away = computed(() => inOrder(desk.view.value?.items));
const held = computed(() => away.value.filter(({ item }) => item.state === "held"));
const hidden = computed(() => away.value.filter(({ item }) => item.state !== "held"));

const HideButton = ({ id, item }) => html`
  <button type="button" class="quiet" onClick=${() => (hiding.value = { id, item })}>
    <${Icon} name="hide" />${t("desk.hide")}</button>`;

/** What may come next in the life of the talk. */
function Run({ state }) {
  if (!isHost.value && state !== "ended") return html`<p class="hint">${t("desk.hostsRun")}</p>`;
  const isBefore = state === "scheduled" || state === "open";
  return html`
    <div class="run">
      ${state === "scheduled" && html`<${Act} command="open_doors">${t("desk.doors")}<//>`}
      ${isBefore && html`<${Act} command="start_talk" icon="play" className="button primary">${t("desk.start")}<//>`}
      ${(state === "open" || state === "live") && html`
        <button type="button" class="button danger" onClick=${() => (isEnding.value = true)}>${t("desk.end")}</button>`}
      ${state === "ended" && html`
        <a class="button primary" href=${`/talks/${talk}/replay`}>${t("room.toReplay")}</a>`}
    </div>`;
}

/** Questions are dealt with in the ballot, notices are hidden, and answers go with their question. */
const feedActions = (id, item) => html`
  <span class="row-actions">
    ${["line", "reply", "post"].includes(item.kind) && html`<${MoreButton} id=${id} item=${item} kind=${item.kind} />`}
    ${item.kind !== "answer" && html`<${HideButton} id=${id} item=${item} />`}
  </span>`;

const NEXT = {
  open: [
    { command: "start_answering", words: "desk.answer", icon: "mic" },
    { command: "archive_question", words: "desk.archive", className: "quiet" },
  ],
  answering: [{ command: "finish_answering", words: "desk.finish", icon: "check", className: "button primary" }],
  answered: [{ command: "reopen_question", words: "desk.reopen", className: "quiet" }],
};

const questionActions = (id, question) => html`
  <div class="question-actions">
    ${(NEXT[question.state] ?? []).map(({ words, ...next }) => html`
      <${Act} key=${words} args=${{ question: id }} ...${next}>${t(words)}<//>`)}
    <${MoreButton} id=${id} item=${question} kind="question" />
    <${HideButton} id=${id} item=${question} />
  </div>`;

/** While a question looks for another to join, each row offers itself. */
const mergeActions = (id) => html`<${MergeTarget} id=${id} />`;

/** Merging by drag; the keyboard has "Merge into…" for that. */
const draggingQuestions = dragging({
  kind: "question",
  mayMove: ({ state }) => state === "open",
  told: ({ text }) => text,
  onDrop: async (question, into) => {
    if (await act("merge_questions", { question, into })) say(t("more.merged"));
  },
});

function hide({ why }) {
  act("hide", { item: hiding.value.id, why: why.trim() });
}

const Asks = () => html`
  <${Ask} title=${t("desk.hideSure")} yes=${t("desk.hide")} onYes=${hide}
    isOpen=${hiding.value !== null} onClose=${() => (hiding.value = null)}>
    <blockquote dir="auto">${hiding.value?.item.text}</blockquote>
    <label>${t("desk.hideWhy")}<input name="why" maxlength="300" required autofocus /></label>
  <//>
  <${Ask} title=${t("desk.end")} yes=${t("desk.end")} onYes=${() => act("end_talk")}
    isOpen=${isEnding.value} onClose=${() => (isEnding.value = false)}>
    <p>${t("desk.endSure")}</p>
  <//>
  <${RejectAsk} /><${ItemBox} /><${PersonBox} isHost=${isHost.value} />`;

const RunSide = ({ view }) => html`
  <div class="side">
    <h2>${t("desk.run")}</h2>
    <${Run} state=${view.talk.state} />
    ${view.talk.state === "live" && html`
      <div><${Readings} kinds=${view.talk.kinds} pulse=${view.pulse} /><${AlertChoice} /></div>`}
    <${Agenda} talk=${view.talk} isHost=${isHost.value} />
    <${Announce} />
    <${Panelists} panelists=${view.talk.panelists} mayAdd=${isHost.value && view.talk.state !== "ended"} />
    ${isHost.value && html`<${Recording} talk=${view.talk} />`}
    <${Hidden} hidden=${hidden.value} />
  </div>`;

const SIDES = {
  run: RunSide,
  people: () => html`<${People} people=${desk.view.value.people} me=${desk.me.value.attendee} />`,
  share: () => html`<${Sharing} isHost=${isHost.value} />`,
  rules: () => html`<${Rules} isHost=${isHost.value} />`,
  trail: () => html`<${Trail} />`,
};
const sides = () => ({
  run: t("desk.runShort"), people: t("people.name"), share: t("share.name"), rules: t("rules.name"), trail: t("trail.name"),
});

const toRoom = html`<a href=${addressOf("room")}>${t("desk.toRoom")}</a>`;
const shareRoom = html`
  <button type="button" class="quiet" onClick=${() => copyLink(addressOf("room"), t("desk.linkCopied"))}>${t("desk.share")}</button>`;

/** The top of the desk: what the room sees there, and how things stand here. */
const Head = ({ view }) => html`
  <${StageOf} talk=${view.talk} facts=${html`<${Health} /><${Crew} /><${Present} n=${room.present.value} />`}>
    <${Topic} talk=${view.talk} />
    <${Connection} live=${desk} />
    <p class="stage-links">${toRoom}${shareRoom}</p>
  <//>`;

function open() {
  room.open();
  desk.open();
  setClock();
}

function Desk() {
  const view = room.view.value;
  if (room.status.value === "missing" || desk.status.value === "missing") return html`<${Still} what="missing" />`;
  if (desk.status.value === "refused") return html`<${Still} what="deskRefused"><p>${toRoom}</p><//>`;
  if (!view || !desk.view.value) return html`<${Loading} status=${desk.status.value} />`;
  return html`
    <div class="desk" data-pane=${pane.value}>
      <${Head} view=${view} />
      <${Panes} label=${t("room.panes")} chosen=${pane} counts=${{ run: held.value.length + alerts.value.length }}
        options=${{ run: t("desk.title"), feed: t("room.feed"), ballot: t("room.ballot") }} />
      <main class="desk-columns">
        <div class="desk-run">
          <${Alerts} />
          <${Queue} held=${held.value} isHolding=${(view.talk.policy.hold ?? "off") !== "off"} />
          <${Chips} label=${t("desk.sides")} chosen=${side} options=${sides()} />
          <${SIDES[side.value]} view=${view} />
        </div>
        <section class="desk-feed" aria-label=${t("room.feed")}>
          <${FeedFilter} choice=${choice} />
          <${Feed} items=${items.value} choice=${choice.value} actions=${feedActions} empty=${t("feed.emptyBefore")} />
        </section>
        <section class="desk-ballot" aria-label=${t("room.ballot")}>
          <${MergeHint} />
          <p class="drag-hint">${t("more.drag")}</p>
          <${Ballot} questions=${view.questions} order=${order} empty=${t("panel.noneNext")} handling=${draggingQuestions}
            actions=${merging.value ? mergeActions : questionActions} />
          <${PutAway} />
        </section>
      </main>
    </div>
    <${Asks} />
    <${Toast} />`;
}

effect(() => {
  const title = room.view.value?.talk.title;
  document.title = title ? `${t("desk.title")}: ${title} · Hearhear` : "Hearhear";
});
render(html`<${Desk} />`, document.getElementById("page"));
await redeemCode();
open();
