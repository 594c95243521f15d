// What a host sets right in place: highlights pinned, renamed or dropped, and the clock of the recording.
import { read, talkPath } from "./api.js";
import { Ask } from "./ask.js";
import { clockTime } from "./clocktime.js";
import { Icon } from "./icons.js";
import { act, facts, isHost, now, talk, timeline } from "./replaying.js";
import { sayRefused } from "./toast.js";
import { html, signal, useEffect } from "./vendor/preact.js";
import { count, dayAndTime, t } from "./words.js";

const BEFORE_S = 5;           // a pinned moment begins a little before the second at which somebody noticed it
const LASTS_S = 30;
const PAGE = 1_000;
const CORRECTIONS = /^replay\.highlight-|^talk\.(clock-corrected|recording-attached)$/;

const renaming = signal(null);        // the highlight whose title is asked for
const isPinning = signal(false);
const isSettingClock = signal(false);
const corrections = signal([]);       // acts that changed the timeline, the latest first

const close = (box, nothing) => () => (box.value = nothing);

/** The buttons of one highlight. */
export const Correct = ({ highlight }) => html`
  <div class="correct">
    <button type="button" class="quiet" onClick=${() => (renaming.value = highlight)}
      aria-label=${`${t("correct.rename")}: ${highlight.title}`}>${t("correct.rename")}</button>
    <button type="button" class="quiet" onClick=${() => act("drop_highlight", { highlight: highlight.id })}
      aria-label=${`${t("correct.drop")}: ${highlight.title}`}>${t("correct.drop")}</button>
  </div>`;

const Rename = () => html`
  <${Ask} title=${t("correct.renameTitle")} yes=${t("correct.rename")} isOpen=${renaming.value !== null}
    onClose=${close(renaming, null)}
    onYes=${({ title }) => act("rename_highlight", { highlight: renaming.value.id, title })}>
    <label>${t("correct.newTitle")}
      <input name="title" maxlength="300" required dir="auto" defaultValue=${renaming.value?.title ?? ""} /></label>
  <//>`;

const Pin = () => {
  const from = Math.max(0, Math.round(now.peek()) - BEFORE_S);
  const pin = ({ title, from: start, lasts }) =>
    act("pin_highlight", { title, start_s: Number(start), end_s: Number(start) + Number(lasts) });
  return html`
    <${Ask} title=${t("correct.pinTitle", { at: clockTime(now.peek()) })} yes=${t("correct.pin")} isOpen=${isPinning.value}
      onClose=${close(isPinning, false)} onYes=${pin}>
      <label>${t("correct.newTitle")}<input name="title" maxlength="300" required dir="auto" /></label>
      <div class="pair">
        <label>${t("correct.from")}
          <input name="from" type="number" min="0" max=${Math.floor(timeline.value.duration_s)} step="1" required defaultValue=${from} /></label>
        <label>${t("correct.lasts")}
          <input name="lasts" type="number" min="1" max="3600" step="1" required defaultValue=${LASTS_S} /></label>
      </div>
    <//>`;
};

const Clock = () => {
  const clock = facts.value?.media.clock ?? { shift_s: 0, delay_s: -1, pieces: [] };
  const correct = ({ shift, delay }) => act("correct_clock", {
    shift_s: Number(shift), pieces: clock.pieces, ...(delay !== "" && { delay_s: Number(delay) }),
  });
  return html`
    <${Ask} title=${t("correct.clockTitle")} yes=${t("correct.clock")} isOpen=${isSettingClock.value}
      onClose=${close(isSettingClock, false)} onYes=${correct}>
      <label>${t("correct.shift")}
        <input name="shift" type="number" step="0.1" required defaultValue=${clock.shift_s} /></label>
      <p class="row-state">${t("correct.shiftMeans")}</p>
      <label>${t("correct.delay")}
        <input name="delay" type="number" min="0" max="600" step="0.1" defaultValue=${clock.delay_s >= 0 ? clock.delay_s : ""} /></label>
      <p class="row-state">${t("correct.delayMeans")}</p>
    <//>`;
};

async function readCorrections() {
  try {
    const found = [];
    for (let after = 0, isMore = true; isMore;) {
      const { items } = await read(talkPath(talk, `/audit?after=${after}&limit=${PAGE}`));
      found.push(...items.filter((done) => CORRECTIONS.test(done.act)));
      after = items.at(-1)?.position;
      isMore = items.length === PAGE;
    }
    corrections.value = found.reverse();
  } catch (refused) {
    sayRefused(refused);
  }
}

const words = (name) => t(`corrected.${name.split(".")[1]}`);

const Corrected = ({ done }) => html`
  <li>
    <p><strong>${words(done.act)}</strong> <time dateTime=${done.at}>${dayAndTime(done.at)}</time> <bdi>${done.by.name}</bdi></p>
    ${done.can_undo && html`
      <button type="button" class="quiet" onClick=${() => act("undo", { position: done.position })}
        aria-label=${`${t("correct.undo")}: ${words(done.act)}, ${dayAndTime(done.at)}`}>
        <${Icon} name="restore" />${t("correct.undo")}</button>`}
  </li>`;

/** What was corrected so far, each with the way back. */
const Corrections = () => {
  useEffect(() => void readCorrections(), [timeline.value]);
  return corrections.value.length > 0 && html`
    <details class="corrections">
      <summary>${t("correct.done", { n: corrections.value.length, count: count(corrections.value.length) })}</summary>
      <ul>${corrections.value.map((done) => html`<${Corrected} key=${done.position} done=${done} />`)}</ul>
    </details>`;
};

/** The host's tools, below the player. */
export const Correcting = () => isHost.value && html`
  <section class="correcting" aria-label=${t("correct.name")}>
    <button type="button" class="button" onClick=${() => (isPinning.value = true)}>
      <${Icon} name="pin" />${t("correct.pin")}</button>
    <button type="button" class="button" onClick=${() => (isSettingClock.value = true)}>${t("correct.clock")}</button>
    <a class="button" href=${`/talks/${encodeURIComponent(talk)}/insight`}>${t("correct.toInsight")}</a>
    <${Corrections} />
    <${Pin} /><${Rename} /><${Clock} />
  </section>`;
