// The agenda at the desk: topics are added, put in order, opened and closed.
import { Act } from "./act.js";
import { act } from "./acting.js";
import { dragging } from "./dragging.js";
import { Icon } from "./icons.js";
import { topicsInOrder } from "./stage.js";
import { html, signal, useLayoutEffect } from "./vendor/preact.js";
import { t } from "./words.js";

const hand = signal(null);      // the button that moves a topic by keyboard: {id, step}

/** Put a topic where another one stands; those between make room. */
async function place(rows, id, at) {
  const others = rows.map((row) => row.id).filter((other) => other !== id);
  return act("order_topics", { topics: others.toSpliced(at, 0, id) });
}

/** Its row goes to another place in the page, and the browser lets go of a button that does. */
function keepFocus() {
  const { id, step } = hand.peek() ?? {};
  const buttons = [...document.querySelectorAll(`[data-topic="${id}"] .move`)].filter(({ disabled }) => !disabled);
  (buttons.find(({ dataset }) => dataset.step === String(step)) ?? buttons[0])?.focus();
  hand.value = null;
}

const Move = ({ rows, index, step }) => {
  const { id, title } = rows[index];
  const move = () => {
    hand.value = { id, step };
    place(rows, id, index + step);
  };
  return html`
    <button type="button" class="quiet move" data-step=${step} disabled=${!rows[index + step]} onClick=${move}
      aria-label=${t(step < 0 ? "desk.moveUp" : "desk.moveDown", { title })}><${Icon} name="up" /></button>`;
};

const Row = ({ rows, index, isNow, mayChange, handling }) => {
  const { id, title, closed_at: closedAt } = rows[index];
  const state = isNow ? "now" : closedAt ? "done" : "next";
  return html`
    <li class="topic-row" data-topic=${id} data-state=${state} ...${mayChange ? handling(id, rows[index]) : {}}>
      <span dir="auto">${title}</span>
      ${mayChange && html`
        <span class="topic-acts">
          ${rows.length > 1 && [-1, 1].map((step) => html`<${Move} key=${step} ...${{ rows, index, step }} />`)}
          ${isNow
            ? html`<${Act} command="close_topic">${t("desk.close")}<//>`
            : html`<${Act} command="open_topic" args=${{ topic: id }}>${t(closedAt ? "desk.reopen" : "desk.open")}<//>`}
        </span>`}
    </li>`;
};

/** @param isHost whether who is at the desk may change it */
export function Agenda({ talk, isHost }) {
  const rows = topicsInOrder(talk);
  const mayChange = isHost && talk.state !== "ended";
  const handling = dragging({
    kind: "topic",
    mayMove: () => rows.length > 1,
    told: ({ title }) => title,
    onDrop: (id, onto) => place(rows, id, rows.findIndex((row) => row.id === onto)),
  });
  const introduce = (submit) => {
    submit.preventDefault();
    const title = new FormData(submit.target).get("title").trim();
    if (title) act("introduce_topic", { title });
    submit.target.reset();
  };
  useLayoutEffect(keepFocus, [rows.map(({ id }) => id).join()]);
  return html`
    <section class="topics" aria-labelledby="topics">
      <h2 id="topics">${t("desk.topics")}</h2>
      ${rows.length === 0 && html`<p class="empty">${t("desk.topicsEmpty")}</p>`}
      <ol>
        ${rows.map(({ id }, index) => html`
          <${Row} key=${id} isNow=${id === talk.topic} ...${{ rows, index, mayChange, handling }} />`)}
      </ol>
      ${mayChange && html`
        <form class="join-line" onSubmit=${introduce}>
          <label class="unseen" for="new-topic">${t("desk.newTopic")}</label>
          <input id="new-topic" name="title" maxlength="300" placeholder=${t("desk.newTopic")} />
          <button class="button">${t("desk.introduce")}</button>
        </form>`}
    </section>`;
}
