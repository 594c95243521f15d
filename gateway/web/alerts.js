// Alerts from the pulse: too many people were lost within the desk's five minutes.
import { desk, room } from "./acting.js";
import { inBrowser } from "./kept.js";
import { secondsSince } from "./now.js";
import { kindLabel, kindsInOrder } from "./pulse.js";
import { computed, html, signal } from "./vendor/preact.js";
import { count, t } from "./words.js";

const KEY = "hearhear:alert-at";
const SHARES = [10, 20, 30, 50];    // per cent
const USUAL = 20;
const NEVER = 101;
const FEWEST = 3;                   // one person alone is no share of a room

const threshold = signal(Number(inBrowser.get(KEY)) || USUAL);

function keep(share) {
  threshold.value = share;
  inBrowser.set(KEY, String(share));
}

/** Whether the window is still of the last minutes: no fact tells that time went by. */
const isRecent = ({ to_s: toS, window_s: windowS }) =>
  toS >= 0 && secondsSince(room.view.value.talk.started_at) - toS < windowS;

/** The kinds that too many of those here have ticked: `{kind, people, all, share}`. */
export const alerts = computed(() => {
  const lately = desk.view.value?.lately;
  const talk = room.view.value?.talk;
  if (!lately || talk?.state !== "live" || !isRecent(lately)) return [];
  const all = Math.max(room.present.value, lately.people);
  return kindsInOrder(talk.kinds)
    .filter(({ curve }) => curve === "lost")
    .map((kind) => ({ kind, people: lately.kinds[kind.id] ?? 0, all }))
    .map((one) => ({ ...one, share: Math.floor((100 * one.people) / one.all) }))
    .filter(({ people, share }) => people >= FEWEST && share >= threshold.value);
});

export const Alerts = () => html`
  <div class="alerts" role="alert">
    ${alerts.value.map(({ kind, people, all, share }) => html`
      <p key=${kind.id} class="alert">
        <strong>${t("alert.share", { share, kind: kindLabel(kind) })}</strong>
        ${t("alert.people", { people: count(people), all: count(all), minutes: desk.view.value.lately.window_s / 60 })}</p>`)}
  </div>`;

export const AlertChoice = () => html`
  <label class="alert-choice">${t("alert.at")}
    <select value=${threshold.value} onChange=${({ target }) => keep(Number(target.value))}>
      ${SHARES.map((share) => html`<option key=${share} value=${share}>${t("alert.from", { share })}</option>`)}
      <option value=${NEVER}>${t("alert.never")}</option>
    </select></label>`;
