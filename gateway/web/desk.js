// The desk: hosts and moderators run the talk, its topics and questions, and keep the room decent.
import { Act } from "./act.js";
import { act, desk, room, talk } from "./acting.js";
import { Ask } from "./ask.js";
import { Ballot } from "./ballot.js";
import { Chips, Panes } from "./choices.js";
import "./controls.js";
import { Feed, FeedFilter } from "./feed.js";
import { inOrder } from "./history.js";
import { Icon } from "./icons.js";
import { copyLink } from "./link.js";
import { People, PersonBox } from "./people.js";
import { Hidden, Queue, RejectAsk } from "./queue.js";
import { Readings } from "./readings.js";
import { Announce, Rules } from "./rules.js";
import { redeemCode } from "./session.js";
import { ItemBox, MergeHint, MergeTarget, MoreButton, PutAway, merging } from "./shelf.js";
import { Stage, topicsInOrder } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Toast } from "./toast.js";
import { Trail } from "./trail.js";
import { computed, effect, html, render, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const pane = signal("run");         // which column a phone shows
const side = signal("run");         // what the first column is about
const choice = signal("all");
const order = signal("votes");
const hiding = signal(null);        // the item a reason is asked for
const isEnding = signal(false);

const items = computed(() => inOrder(room.view.value?.feed));
const away = computed(() => inOrder(desk.view.value?.items));
const held = computed(() => away.value.filter(({ item }) => item.state === "held"));
const hidden = computed(() => away.value.filter(({ item }) => item.state !== "held"));

const HideButton = ({ id, item }) => html`
  <button type="button" class="quiet" onClick=${() => (hiding.value = { id, item })}>
    <${Icon} name="hide" />${t("desk.hide")}</button>`;

/** What may come next in the life of the talk. */
function Run({ state }) {
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

const Topic = ({ id, title, isNow, wasClosed, isOver }) => html`
  <li class="topic-row" data-state=${isNow ? "now" : wasClosed ? "done" : "next"}>
    <span dir="auto">${title}</span>
    ${!isOver && (isNow
      ? html`<${Act} command="close_topic">${t("desk.close")}<//>`
      : html`<${Act} command="open_topic" args=${{ topic: id }}>${t(wasClosed ? "desk.reopen" : "desk.open")}<//>`)}
  </li>`;

function Topics({ talk: { state, topic: current, topics } }) {
  const rows = topicsInOrder({ topics });
  const isOver = state === "ended";
  const introduce = (submit) => {
    submit.preventDefault();
    const title = new FormData(submit.target).get("title").trim();
    if (title) act("introduce_topic", { title });
    submit.target.reset();
  };
  return html`
    <section class="topics" aria-labelledby="topics">
      <h2 id="topics">${t("desk.topics")}</h2>
      ${rows.length === 0 && html`<p class="empty">${t("desk.topicsEmpty")}</p>`}
      <ol>
        ${rows.map(({ id, title, closed_at: closedAt }) => html`
          <${Topic} key=${id} ...${{ id, title, isOver, isNow: id === current, wasClosed: closedAt !== "" }} />`)}
      </ol>
      ${!isOver && html`
        <form class="join-line" onSubmit=${introduce}>
          <label class="unseen" for="new-topic">${t("desk.newTopic")}</label>
          <input id="new-topic" name="title" maxlength="300" placeholder=${t("desk.newTopic")} />
          <button class="button">${t("desk.introduce")}</button>
        </form>`}
    </section>`;
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
  <${RejectAsk} /><${ItemBox} /><${PersonBox} />`;

const RunSide = ({ view }) => html`
  <div class="side">
    <h2>${t("desk.run")}</h2>
    <${Run} state=${view.talk.state} />
    ${view.talk.state === "live" && html`<${Readings} kinds=${view.talk.kinds} pulse=${view.pulse} />`}
    <${Topics} talk=${view.talk} />
    <${Announce} />
    <${Hidden} hidden=${hidden.value} />
  </div>`;

const SIDES = {
  run: RunSide,
  people: () => html`<${People} people=${desk.view.value.people} me=${desk.me.value.attendee} />`,
  rules: ({ view }) => html`<${Rules} policy=${view.talk.policy} />`,
  trail: () => html`<${Trail} />`,
};
const sides = () => ({ run: t("desk.run"), people: t("people.name"), rules: t("rules.name"), trail: t("trail.name") });

const roomAddress = new URL(`/talks/${encodeURIComponent(talk)}`, location.origin).href;
const toRoom = html`<a href=${roomAddress}>${t("desk.toRoom")}</a>`;
const shareRoom = html`
  <button type="button" class="quiet" onClick=${() => copyLink(roomAddress, t("desk.linkCopied"))}>${t("desk.share")}</button>`;

function Desk() {
  const view = room.view.value;
  if (room.status.value === "missing" || desk.status.value === "missing") return html`<${Still} what="missing" />`;
  if (desk.status.value === "refused") return html`<${Still} what="deskRefused"><p>${toRoom}</p><//>`;
  if (!view || !desk.view.value) return html`<${Loading} status=${desk.status.value} />`;
  return html`
    <div class="desk" data-pane=${pane.value}>
      <${Stage} live=${room}><p class="stage-links">${toRoom}${shareRoom}</p><//>
      <${Panes} label=${t("room.panes")} chosen=${pane} counts=${{ run: held.value.length }}
        options=${{ run: t("desk.title"), feed: t("room.feed"), ballot: t("room.ballot") }} />
      <main class="desk-columns">
        <div class="desk-run">
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
          <${Ballot} questions=${view.questions} order=${order} empty=${t("ballot.empty")}
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
room.open();
desk.open();
