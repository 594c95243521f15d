// The desk: hosts and moderators run the talk, its topics and questions, and keep the room decent.
import { talkOfPage } from "./api.js";
import { Ballot } from "./ballot.js";
import { Feed, FeedFilter, inOrder } from "./feed.js";
import { Icon } from "./icons.js";
import { Live } from "./live.js";
import { kindLabel, kindsInOrder, useWarmth } from "./pulse.js";
import { redeemCode } from "./session.js";
import { Stage, topicsInOrder } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Name, Text } from "./text.js";
import { Toast, sayRefused } from "./toast.js";
import { computed, effect, html, render, signal, useEffect, useRef } from "./vendor/preact.js";
import { count, t, timeOfDay } from "./words.js";

const talk = talkOfPage();
const room = new Live(talk, "room");                 // what everybody sees
const desk = new Live(talk, "desk", sayRefused);     // what the room does not see; commands go here

const pane = signal("run");
const choice = signal("all");
const order = signal("votes");
const hiding = signal(null);        // the item a reason is asked for
const ending = signal(false);

const items = computed(() => inOrder(room.view.value?.feed));

async function act(command, args) {
  try {
    await desk.command(command, args);
  } catch (refused) {
    sayRefused(refused);
  }
}

const Act = ({ command, args, words, icon, className = "button" }) => html`
  <button type="button" class=${className} onClick=${() => act(command, args)}>${icon && html`<${Icon} name=${icon} />`}${words}</button>`;

/** A question before something that people will notice; Escape keeps all as it is. */
function Ask({ title, isOpen, onClose, onYes, yes, children }) {
  const box = useRef();
  useEffect(() => {
    if (isOpen) box.current.showModal();
    else box.current.close();
  }, [isOpen]);
  const decide = (submit) => {
    submit.preventDefault();
    onYes(Object.fromEntries(new FormData(submit.target)));
    onClose();
  };
  return html`
    <dialog class="ask" ref=${box} onClose=${onClose} aria-label=${title}>
      ${isOpen && html`
        <form onSubmit=${decide}>
          <h2>${title}</h2>
          ${children}
          <p class="ask-choice">
            <button type="button" class="button" onClick=${onClose}>${t("desk.hideCancel")}</button>
            <button class="button primary">${yes}</button>
          </p>
        </form>`}
    </dialog>`;
}

function Run({ state }) {
  return html`
    <div class="run">
      ${state === "scheduled" && html`<${Act} command="open_doors" words=${t("desk.doors")} />`}
      ${(state === "scheduled" || state === "open") && html`<${Act} command="start_talk" words=${t("desk.start")} icon="play" className="button primary" />`}
      ${(state === "live" || state === "open") && html`
        <button type="button" class="button danger" onClick=${() => (ending.value = true)}>${t("desk.end")}</button>`}
      ${state === "ended" && html`<a class="button primary" href=${`/talks/${talk}/replay`}>${t("room.toReplay")}</a>`}
    </div>`;
}

function Topics({ view }) {
  const { state, topic: current } = view.talk;
  const topics = topicsInOrder(view.talk);
  const introduce = (submit) => {
    submit.preventDefault();
    const title = new FormData(submit.target).get("title").trim();
    if (title) act("introduce_topic", { title });
    submit.target.reset();
  };
  return html`
    <section class="topics" aria-labelledby="topics">
      <h2 id="topics">${t("desk.topics")}</h2>
      ${topics.length === 0 && html`<p class="empty">${t("desk.topicsEmpty")}</p>`}
      <ol>
        ${topics.map(({ id, title, closed_at: closedAt }) => html`
          <li key=${id} class="topic-row" data-state=${id === current ? "now" : closedAt ? "done" : "next"}>
            <span dir="auto">${title}</span>
            ${state !== "ended" && (id === current
              ? html`<${Act} command="close_topic" args=${{}} words=${t("desk.close")} />`
              : html`<${Act} command="open_topic" args=${{ topic: id }} words=${t(closedAt ? "desk.reopen" : "desk.open")} />`)}
          </li>`)}
      </ol>
      ${state !== "ended" && html`
        <form class="join-line" onSubmit=${introduce}>
          <label class="unseen" for="new-topic">${t("desk.newTopic")}</label>
          <input id="new-topic" name="title" maxlength="300" placeholder=${t("desk.newTopic")} />
          <button class="button">${t("desk.introduce")}</button>
        </form>`}
    </section>`;
}

function Pulse({ view }) {
  const isWarm = useWarmth(view.pulse);
  return html`
    <section aria-labelledby="pulse">
      <h2 id="pulse">${t("desk.pulse")}</h2>
      <dl class="pulse" data-warm=${isWarm}>
        ${kindsInOrder(view.talk.kinds).map((kind) => html`
          <div key=${kind.id} data-curve=${kind.curve}>
            <dt><${Icon} name=${kind.id} />${kindLabel(kind)}</dt>
            <dd>${count(isWarm ? view.pulse.kinds[kind.id]?.people ?? 0 : 0)}</dd>
          </div>`)}
      </dl>
    </section>`;
}

const Hidden = ({ items: hidden }) => html`
  <section class="hidden-items" aria-labelledby="hidden">
    <h2 id="hidden">${t("desk.hidden")}</h2>
    ${hidden.length === 0 && html`<p class="empty">${t("desk.hiddenEmpty")}</p>`}
    <ul>
      ${hidden.map(({ id, item }) => html`
        <li key=${id} class="hidden-item" data-item=${id} data-state=${item.state}>
          <p class="row-head"><${Name} by=${item.by} /><span class="tag">${t(`kind.${item.kind}`)}</span><time dateTime=${item.at}>${timeOfDay(item.at)}</time></p>
          <p class="row-text" dir="auto"><${Text} text=${item.text} /></p>
          <p class="row-state">${t(`desk.state.${item.state}`)}${item.why && html`: <span dir="auto">${item.why}</span>`}</p>
          <${Act} command="restore" args=${{ item: id }} words=${t("desk.restore")} icon="restore" className="quiet" />
        </li>`)}
    </ul>
  </section>`;

const hideButton = (id, item) => html`
  <button type="button" class="quiet" onClick=${() => (hiding.value = { id, item })}>
    <${Icon} name="hide" />${t("desk.hide")}</button>`;

const feedActions = (id, item) => (item.kind === "notice" ? null : hideButton(id, item));

const questionActions = (id, question) => html`
  <div class="question-actions">
    ${question.state === "open" && html`
      <${Act} command="start_answering" args=${{ question: id }} words=${t("desk.answer")} icon="mic" />
      <${Act} command="archive_question" args=${{ question: id }} words=${t("desk.archive")} className="quiet" />`}
    ${question.state === "answering" && html`
      <${Act} command="finish_answering" args=${{ question: id }} words=${t("desk.finish")} icon="check" className="button primary" />`}
    ${question.state === "answered" && html`
      <${Act} command="reopen_question" args=${{ question: id }} words=${t("desk.reopen")} className="quiet" />`}
    ${hideButton(id, question)}
  </div>`;

const PANES = { run: "desk.title", feed: "room.feed", ballot: "room.ballot" };

function Desk() {
  const view = room.view.value;
  const behind = desk.view.value;
  if (room.status.value === "missing" || desk.status.value === "missing") return html`<${Still} what="missing" />`;
  if (desk.status.value === "refused") return html`<${Still} what="deskRefused"><p><a class="button" href=${`/talks/${talk}`}>${t("desk.toRoom")}</a></p><//>`;
  if (!view || !behind) return html`<${Loading} />`;
  return html`
    <div class="desk" data-pane=${pane.value}>
      <${Stage} live=${room}>
        <p class="stage-links"><a href=${`/talks/${talk}`}>${t("desk.toRoom")}</a></p>
      <//>
      <nav class="panes" aria-label=${t("room.panes")}>
        ${Object.entries(PANES).map(([name, words]) => html`
          <button key=${name} type="button" class="pane-tab" aria-pressed=${pane.value === name} onClick=${() => (pane.value = name)}>${t(words)}</button>`)}
      </nav>
      <main class="desk-columns">
        <div class="desk-run">
          <h2>${t("desk.run")}</h2>
          <${Run} state=${view.talk.state} />
          ${view.talk.state === "live" && html`<${Pulse} view=${view} />`}
          <${Topics} view=${view} />
          <${Hidden} items=${inOrder(behind.items)} />
        </div>
        <section class="desk-feed" aria-label=${t("room.feed")}>
          <${FeedFilter} choice=${choice} />
          <${Feed} items=${items.value} choice=${choice.value} actions=${feedActions} empty=${t("feed.emptyBefore")} />
        </section>
        <section class="desk-ballot" aria-label=${t("room.ballot")}>
          <${Ballot} questions=${view.questions} order=${order} actions=${questionActions} />
        </section>
      </main>
    </div>
    <${Ask} title=${t("desk.hideSure")} isOpen=${hiding.value !== null} onClose=${() => (hiding.value = null)} yes=${t("desk.hide")}
      onYes=${({ why }) => act("hide", { item: hiding.value.id, why: why.trim() })}>
      <blockquote dir="auto">${hiding.value?.item.text}</blockquote>
      <label>${t("desk.hideWhy")}<input name="why" maxlength="300" required autofocus /></label>
    <//>
    <${Ask} title=${t("desk.end")} isOpen=${ending.value} onClose=${() => (ending.value = false)} yes=${t("desk.end")} onYes=${() => act("end_talk", {})}>
      <p>${t("desk.endSure")}</p>
    <//>
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
