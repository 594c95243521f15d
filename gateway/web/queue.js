// The queue: what waits for a moderator, worked off by pointer or with one hand on the keyboard.
import { Act } from "./act.js";
import { act } from "./acting.js";
import { Ask } from "./ask.js";
import { clockTime } from "./clocktime.js";
import { Source } from "./feed.js";
import { Icon } from "./icons.js";
import { Name, Text } from "./text.js";
import { html, signal, useEffect, useRef } from "./vendor/preact.js";
import { count, t, timeOfDay } from "./words.js";

const rejecting = signal(null);     // the item a reason is asked for
const now = signal(Date.now());

const secondsUntil = (at) => Math.max(0, Math.ceil((new Date(at) - now.value) / 1_000));
const approve = (item) => act("approve", { item });

/** Why it waits, and how long at most. */
const Waits = ({ item }) => html`
  <p class="row-state">
    ${t(item.because === "term" ? "queue.becauseTerm" : "queue.becausePolicy")}
    ${item.release_at && html` <span class="countdown">${t("queue.release", { time: clockTime(secondsUntil(item.release_at)) })}</span>`}
  </p>`;

const Waiting = ({ id, item, isFirst, onFocus }) => html`
  <li class="waiting" data-item=${id} tabindex=${isFirst ? 0 : -1} onFocus=${onFocus}>
    <p class="row-head">
      <${Name} by=${item.by} /><span class="tag">${t(`kind.${item.kind}`)}</span><${Source} item=${item} />
      <time dateTime=${item.at}>${timeOfDay(item.at)}</time>
    </p>
    <p class="row-text" dir="auto"><${Text} text=${item.text} /></p>
    <${Waits} item=${item} />
    <div class="waiting-choice">
      <button type="button" class="button primary" onClick=${() => approve(id)}>
        <${Icon} name="check" />${t("queue.approve")}</button>
      <button type="button" class="button" onClick=${() => (rejecting.value = { id, item })}>
        <${Icon} name="remove" />${t("queue.reject")}</button>
    </div>
  </li>`;

const Shortcuts = () => html`
  <p class="keys">
    <span><kbd>j</kbd> <kbd>k</kbd> ${t("queue.keyMove")}</span>
    <span><kbd>a</kbd> ${t("queue.keyApprove")}</span>
    <span><kbd>r</kbd> ${t("queue.keyReject")}</span>
  </p>`;

/** The seconds are counted only while something is waiting for its time. */
function useSeconds(isCounting) {
  useEffect(() => {
    if (!isCounting) return undefined;
    const ticking = setInterval(() => (now.value = Date.now()), 1_000);
    return () => clearInterval(ticking);
  }, [isCounting]);
}

/**
 * Where the keyboard is in a list: when the item under it goes, the next one takes its place.
 * Keys are heard only inside of the list, so that letters stay letters elsewhere.
 */
function usePlace(ids) {
  const box = useRef();
  const place = useRef(null);       // {id, index} of the item last looked at

  const focus = (index) => {
    const last = Math.min(index, ids.length - 1);
    if (last >= 0) box.current.querySelector(`[data-item="${ids[last]}"]`)?.focus();
    else box.current.focus();
  };
  useEffect(() => {
    const { id, index } = place.current ?? {};
    if (!id || ids.includes(id) || document.activeElement !== document.body) return;
    place.current = null;
    focus(index);
  });
  return {
    box,
    look: (id) => (place.current = { id, index: ids.indexOf(id) }),
    move: (step) => focus(Math.max(0, ids.indexOf(place.current?.id) + step)),
    id: () => place.current?.id,
  };
}

/** @param held `{id, item}` in order of waiting */
export function Queue({ held, isHolding }) {
  const place = usePlace(held.map(({ id }) => id));
  useSeconds(held.some(({ item }) => item.release_at));
  if (held.length === 0 && !isHolding) return null;

  const keys = {
    j: () => place.move(1), ArrowDown: () => place.move(1),
    k: () => place.move(-1), ArrowUp: () => place.move(-1),
    a: () => approve(place.id()),
    r: () => (rejecting.value = held.find(({ id }) => id === place.id())),
  };
  const onKeyDown = (key) => {
    if (key.ctrlKey || key.metaKey || key.altKey || !keys[key.key] || held.length === 0) return;
    key.preventDefault();
    keys[key.key]();
  };
  return html`
    <section class="queue" aria-labelledby="queue" ref=${place.box} tabindex="-1">
      <h2 id="queue">${t("queue.name")}${held.length > 0 && html` <span class="n">${count(held.length)}</span>`}</h2>
      <p class="unseen" role="status">${t("queue.waiting", { n: held.length })}</p>
      ${held.length === 0 ? html`<p class="empty">${t("queue.empty")}</p>` : html`<${Shortcuts} />`}
      <ul onKeyDown=${onKeyDown}>
        ${held.map(({ id, item }, index) => html`
          <${Waiting} key=${id} ...${{ id, item, isFirst: index === 0, onFocus: () => place.look(id) }} />`)}
      </ul>
    </section>`;
}

const WAYS_BACK = {
  hidden: { command: "restore", words: "desk.restore" },
  rejected: { command: "approve", words: "queue.approveAfterAll" },
};

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
    <${Act} command=${WAYS_BACK[item.state].command} args=${{ item: id }} icon="restore" className="quiet">
      ${t(WAYS_BACK[item.state].words)}<//>
  </li>`;

/** What moderators took out of sight, or never let into it, with the way back. */
export const Hidden = ({ hidden }) => html`
  <section class="hidden-items" aria-labelledby="hidden">
    <h2 id="hidden">${t("desk.hidden")}</h2>
    ${hidden.length === 0 && html`<p class="empty">${t("desk.hiddenEmpty")}</p>`}
    <ul>${hidden.map(({ id, item }) => html`<${HiddenItem} key=${id} id=${id} item=${item} />`)}</ul>
  </section>`;

export const RejectAsk = () => html`
  <${Ask} title=${t("queue.rejectSure")} yes=${t("queue.reject")}
    onYes=${({ why }) => act("reject", { item: rejecting.value.id, why: why.trim() })}
    isOpen=${rejecting.value !== null} onClose=${() => (rejecting.value = null)}>
    <blockquote dir="auto">${rejecting.value?.item.text}</blockquote>
    <label>${t("desk.hideWhy")}<input name="why" maxlength="300" required autofocus /></label>
  <//>`;
