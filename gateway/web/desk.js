// The desk: hosts and moderators run the talk, its topics and questions, and keep the room decent.
import { talkOfPage } from "./api.js";
import { Ask } from "./ask.js";
import { Ballot } from "./ballot.js";
import { Panes } from "./choices.js";
import { Feed, FeedFilter, inOrder } from "./feed.js";
import { Icon } from "./icons.js";
import { copyLink } from "./link.js";
import { Live } from "./live.js";
import { Pulse } from "./pulse.js";
import { redeemCode } from "./session.js";
import { Stage, topicsInOrder } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Name, Text } from "./text.js";
import { Toast, sayRefused } from "./toast.js";
import { computed, effect, html, render, signal } from "./vendor/preact.js";
import { t, timeOfDay } from "./words.js";

const talk = talkOfPage();
const room = new Live(talk, "room");                 // what everybody sees
const desk = new Live(talk, "desk", sayRefused);     // what the room does not see; commands go here

const pane = signal("run");
const choice = signal("all");
const order = signal("votes");
const hiding = signal(null);        // the item a reason is asked for
const isEnding = signal(false);

const items = computed(() => inOrder(room.view.value?.feed));

async function act(command, args) {
  try {
    await desk.command(command, args);
  } catch (refused) {
    sayRefused(refused);
  }
}

const Act = ({ command, args, icon, className = "button", children }) => html`
  <button type="button" class=${className} onClick=${() => act(command, args)}>
    ${icon && html`<${Icon} name=${icon} />`}${children}</button>`;

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

const HiddenItem = ({ id, item }) => html`
  <li class="hidden-item" data-item=${id} data-state=${item.state}>
    <p class="row-head">
      <${Name} by=${item.by} /><span class="tag">${t(`kind.${item.kind}`)}</span>
      <time dateTime=${item.at}>${timeOfDay(item.at)}</time>
    </p>
    <p class="row-text" dir="auto"><${Text} text=${item.text} /></p>
    <p class="row-state">
      ${t(`desk.state.${item.state}`)}${item.why && html`: <span dir="auto">${item.why}</span>`}
    </p>
    <${Act} command="restore" args=${{ item: id }} icon="restore" className="quiet">${t("desk.restore")}<//>
  </li>`;

const Hidden = ({ hidden }) => html`
  <section class="hidden-items" aria-labelledby="hidden">
    <h2 id="hidden">${t("desk.hidden")}</h2>
    ${hidden.length === 0 && html`<p class="empty">${t("desk.hiddenEmpty")}</p>`}
    <ul>${hidden.map(({ id, item }) => html`<${HiddenItem} key=${id} id=${id} item=${item} />`)}</ul>
  </section>`;

const feedActions = (id, item) =>
  (item.kind === "notice" ? null : html`<${HideButton} id=${id} item=${item} />`);

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
    <${HideButton} id=${id} item=${question} />
  </div>`;

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
  <//>`;

const roomAddress = new URL(`/talks/${encodeURIComponent(talk)}`, location.origin).href;
const toRoom = html`<a href=${roomAddress}>${t("desk.toRoom")}</a>`;
const shareRoom = html`
  <button type="button" class="quiet" onClick=${() => copyLink(roomAddress, t("desk.linkCopied"))}>${t("desk.share")}</button>`;

function Desk() {
  const view = room.view.value;
  const behind = desk.view.value;
  if (room.status.value === "missing" || desk.status.value === "missing") return html`<${Still} what="missing" />`;
  if (desk.status.value === "refused") return html`<${Still} what="deskRefused"><p>${toRoom}</p><//>`;
  if (!view || !behind) return html`<${Loading} status=${desk.status.value} />`;
  return html`
    <div class="desk" data-pane=${pane.value}>
      <${Stage} live=${room}><p class="stage-links">${toRoom}${shareRoom}</p><//>
      <${Panes} label=${t("room.panes")} chosen=${pane}
        options=${{ run: t("desk.title"), feed: t("room.feed"), ballot: t("room.ballot") }} />
      <main class="desk-columns">
        <div class="desk-run">
          <h2>${t("desk.run")}</h2>
          <${Run} state=${view.talk.state} />
          ${view.talk.state === "live" && html`<${Pulse} kinds=${view.talk.kinds} pulse=${view.pulse} />`}
          <${Topics} talk=${view.talk} />
          <${Hidden} hidden=${inOrder(behind.items)} />
        </div>
        <section class="desk-feed" aria-label=${t("room.feed")}>
          <${FeedFilter} choice=${choice} />
          <${Feed} items=${items.value} choice=${choice.value} actions=${feedActions} empty=${t("feed.emptyBefore")} />
        </section>
        <section class="desk-ballot" aria-label=${t("room.ballot")}>
          <${Ballot} questions=${view.questions} order=${order} actions=${questionActions} empty=${t("ballot.empty")} />
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
