// The replay: jump to the moments the room chose, and see the room as it was at that second.
import { Ballot } from "./ballot.js";
import { isEmbedded } from "./bearer.js";
import { Panes } from "./choices.js";
import "./controls.js";
import { clockTime } from "./clocktime.js";
import { Correcting } from "./correcting.js";
import { Downloads } from "./downloads.js";
import { Feed } from "./feed.js";
import { Felt } from "./felt.js";
import { HeatStrip } from "./heat.js";
import { inOrder } from "./history.js";
import { Icon } from "./icons.js";
import { Answered, Chapters, Highlights } from "./jumps.js";
import { copyLink } from "./link.js";
import { Playback } from "./playback.js";
import { ClockPlayer } from "./player.js";
import {
  facts, failure, following, hasEnded, hasNotBegun, isPlaying, jump, jumpTo, now, onlyHighlights, open, player, preceding, seek,
  stops, talk, timeline, view,
} from "./replaying.js";
import { Search } from "./search.js";
import { redeemCode } from "./session.js";
import { StageOf } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Toast } from "./toast.js";
import { computed, effect, html, render, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const STEP_S = 5;

const order = signal("votes");
const pane = signal("highlights");
/** Whether the clock of the recording has it begin when the talk was over. */
const isBesideTheTalk = computed(() => hasEnded.value && Boolean(facts.value.media.url) && !timeline.value?.duration_s);
const items = computed(() => inOrder(view.value?.feed));

const KEYS = {
  n: () => jump(following.value),
  p: () => jump(preceding.value),
  " ": () => player.value?.toggle(),
  ArrowLeft: () => seek(now.value - STEP_S),
  ArrowRight: () => seek(now.value + STEP_S),
};

/** Keys that a field, a player, a box or a button has a use for are left to it. */
function onKeyDown(key) {
  const fields = "input, textarea, audio, video, dialog";
  const taken = key.key === " " ? `${fields}, button, a, summary` : fields;
  const act = KEYS[key.key];
  if (!act || key.target.closest(taken) || key.ctrlKey || key.metaKey || key.altKey) return;
  key.preventDefault();
  act();
}

function share() {
  const url = new URL(`/talks/${encodeURIComponent(talk)}/replay`, location.origin);
  url.searchParams.set("t", String(Math.floor(now.value)));
  if (!isEmbedded) history.replaceState(null, "", url);
  copyLink(url.href, t("replay.linkCopied"));
}

const JumpButton = ({ to, icon, words }) => html`
  <button type="button" class="button" disabled=${!to} onClick=${() => jump(to)}>
    <${Icon} name=${icon} /><span class="unseen">${words}</span></button>`;

const Controls = () => html`
  <div class="controls">
    <${JumpButton} to=${preceding.value} icon="previous" words=${t("replay.previous")} />
    <button type="button" class="button primary" onClick=${() => player.value?.toggle()}>
      <${Icon} name=${isPlaying.value ? "pause" : "play"} />
      ${t(isPlaying.value ? "replay.pause" : "replay.play")}</button>
    <${JumpButton} to=${following.value} icon="next" words=${t("replay.next")} />
    ${stops.value.length > 0 && html`
      <button type="button" class="chip" aria-pressed=${onlyHighlights.value}
        onClick=${() => (onlyHighlights.value = !onlyHighlights.value)}>${t("replay.onlyHighlights")}</button>`}
    <${Downloads} />
    <button type="button" class="quiet" onClick=${share}>${t("replay.share")}</button>
  </div>`;

/** From a question to the moment at which the panel takes it up, also one that is still to come. */
const toAnswer = (id, { moment_s: moment }) => moment >= 0 && html`
  <button type="button" class="quiet" onClick=${() => jumpTo(moment)}>
    ${t("replay.answeredAt", { at: clockTime(moment) })}</button>`;

const Running = () => html`
  <p class="connection">${t("replay.notYet")}${" "}
    <a target="_self" href=${`../${talk}${location.search}`}>${t("replay.toRoom")}</a></p>`;

/** The room at this second: what had been said by then, and what was asked. */
const Moment = () => html`
  <section class="replay-feed" aria-labelledby="moment">
    <h2 id="moment">${t("replay.moment")}</h2>
    <${Search} />
    <${Feed} items=${items.value} empty=${t("feed.emptyReplay")} />
  </section>
  <section class="replay-ballot" aria-labelledby="moment-ballot">
    <h2 id="moment-ballot">${t("replay.questions")}</h2>
    <${Ballot} questions=${view.value?.questions} order=${order} actions=${toAnswer}
      empty=${t("replay.questionsEmpty")} />
  </section>`;

function Replay() {
  if (failure.value) return html`<${Still} what=${failure.value} />`;
  if (!timeline.value || !facts.value) return html`<${Loading} />`;
  if (hasNotBegun.value) return html`
    <div class="replay"><main><${StageOf} talk=${facts.value}><${Running} /><//></main></div>`;
  const panes = {
    highlights: t("replay.highlights"), chapters: t("replay.chapters"),
    ...(hasEnded.value && { feed: t("room.feed"), ballot: t("room.ballot") }),
  };
  const { url } = facts.value.media;
  return html`
    <div class="replay" data-pane=${pane.value}>
      <${StageOf} talk=${facts.value}>${!hasEnded.value && html`<${Running} />`}<//>
      <main>
        <section class="player" aria-label=${t("replay.player")}>
          <${Playback} url=${url} />
          ${isBesideTheTalk.value && html`<p class="connection" role="status">${t("replay.besideTheTalk")}</p>`}
          <${HeatStrip} timeline=${timeline.value} marks=${stops.value} now=${now.value} hasClock=${player.value instanceof ClockPlayer} onSeek=${seek} />
          <${Controls} />
          <${Correcting} />
        </section>
        <${Felt} />
        <${Panes} label=${t("room.panes")} chosen=${pane} options=${panes} />
        <div class="replay-columns">
          <div class="replay-jumps">
            <${Highlights} />
            <${Chapters} />
            <${Answered} />
          </div>
          ${hasEnded.value && html`<${Moment} />`}
        </div>
      </main>
    </div>
    <${Toast} />`;
}

addEventListener("keydown", onKeyDown);
effect(() => {
  if (facts.value) document.title = `${facts.value.title} · Hearhear`;
});
render(html`<${Replay} />`, document.getElementById("page"));
await redeemCode();
await open();
