// The replay: jump to the moments the room chose, and see the room as it was at that second.
import { read, talkOfPage, talkPath } from "./api.js";
import { Ballot } from "./ballot.js";
import { Panes } from "./choices.js";
import { Feed, inOrder } from "./feed.js";
import { HeatStrip } from "./heat.js";
import { Icon } from "./icons.js";
import { copyLink } from "./link.js";
import { momentOf } from "./moment.js";
import { ClockPlayer, MediaPlayer } from "./player.js";
import { redeemCode } from "./session.js";
import { StageOf } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Toast } from "./toast.js";
import { computed, effect, html, render, signal, useEffect, useRef } from "./vendor/preact.js";
import { clockTime, language, t } from "./words.js";

const SURE = 0.5;             // confidence from which a highlight is worth a stop
const JUST_STARTED_S = 2;     // "previous" so soon after the start of a highlight means the one before
const STEP_S = 5;

const talk = talkOfPage();
const timeline = signal(null);
const facts = signal(null);      // what is known of the talk: title, state, recording
const failure = signal("");
const player = signal(null);
const moment = signal(null);     // signal of the room at this second, once there is a player
const onlyHighlights = signal(false);
const order = signal("votes");
const pane = signal("highlights");

const now = computed(() => player.value?.now.value ?? 0);
const isPlaying = computed(() => player.value?.isPlaying.value ?? false);
const view = computed(() => moment.value?.value ?? null);
const items = computed(() => inOrder(view.value?.feed));

const byTime = (one, other) => one.start_s - other.start_s;
const highlightsWhere = (fits) => computed(() => (timeline.value?.highlights ?? []).filter(fits).sort(byTime));
const stops = highlightsWhere(({ confidence }) => confidence >= SURE);
const quieter = highlightsWhere(({ confidence }) => confidence < SURE);

const current = computed(() => stops.value.findLast(isIn));
const following = computed(() => stops.value.find(({ start_s: start }) => start > now.value + 0.5));
const preceding = computed(() => stops.value.findLast(({ start_s: start }) => start < now.value - JUST_STARTED_S));

const isIn = ({ start_s: start, end_s: end }) => start <= now.value && now.value < end;
const seek = (seconds) => player.value?.seek(Math.max(0, Math.min(seconds, timeline.value.duration_s)));
const jump = (highlight) => highlight && seek(highlight.start_s);

const KEYS = {
  n: () => jump(following.value),
  p: () => jump(preceding.value),
  " ": () => player.value?.toggle(),
  ArrowLeft: () => seek(now.value - STEP_S),
  ArrowRight: () => seek(now.value + STEP_S),
};

/** Keys that a field, a player or a button has a use for are left to it. */
function onKeyDown(key) {
  const taken = key.key === " " ? "input, textarea, audio, video, button, a" : "input, textarea, audio, video";
  const act = KEYS[key.key];
  if (!act || key.target.closest(taken) || key.ctrlKey || key.metaKey || key.altKey) return;
  key.preventDefault();
  act();
}

function skipTheRest() {
  if (!onlyHighlights.value || !isPlaying.value || current.value) return;
  if (following.value) jump(following.value);
  else player.value.toggle();
}

function share() {
  const url = new URL(location.pathname, location.origin);
  url.searchParams.set("t", String(Math.floor(now.value)));
  history.replaceState(null, "", url);
  copyLink(url.href, t("replay.linkCopied"));
}

/** Begin at the second of the link, with everything that follows the player. */
function begin(newPlayer) {
  player.value = newPlayer;
  seek(Number(new URLSearchParams(location.search).get("t")) || 0);
  moment.value = momentOf(talk, newPlayer);
  effect(skipTheRest);
  addEventListener("keydown", onKeyDown);
}

/** The recording, or nothing: then the clock plays. */
function Recording() {
  const box = useRef();
  const { url } = facts.value.media;
  useEffect(() => {
    begin(url ? new MediaPlayer(box.current) : new ClockPlayer(timeline.value.duration_s));
  }, []);
  if (!url) return html`<p class="recording-none">${t("replay.noMedia")}</p>`;
  const Medium = /\.(mp4|m4v|webm|mov)$/i.test(new URL(url, location.href).pathname) ? "video" : "audio";
  return html`
    <${Medium} class="recording" ref=${box} src=${url} controls preload="auto" playsinline>
      <track kind="chapters" src=${talkPath(talk, "/timeline.vtt")} srclang=${language} />
    <//>`;
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
    <button type="button" class="quiet" onClick=${share}>${t("replay.share")}</button>
  </div>`;

const Jump = ({ at, isNow, title, why }) => html`
  <li class="jump" aria-current=${isNow ? "true" : undefined}>
    <button type="button" onClick=${() => seek(at)}>
      <span class="jump-at">${clockTime(at)}</span>
      <span class="jump-words">
        <strong dir="auto">${title}</strong>${why && html`<span dir="auto">${why}</span>`}
      </span>
    </button>
  </li>`;

const Jumps = ({ to }) => html`
  <ol>
    ${to.map((stretch) => html`
      <${Jump} key=${stretch.start_s} at=${stretch.start_s} isNow=${isIn(stretch)}
        title=${stretch.title} why=${stretch.why} />`)}
  </ol>`;

const Highlights = () => html`
  <section class="jumps" data-of="highlights" aria-labelledby="highlights">
    <h2 id="highlights">${t("replay.highlights")}</h2>
    ${stops.value.length === 0 && html`<p class="empty">${t("replay.highlightsEmpty")}</p>`}
    <${Jumps} to=${stops.value} />
    ${quieter.value.length > 0 && html`
      <details>
        <summary>${t("replay.quieter", { n: quieter.value.length })}</summary>
        <${Jumps} to=${quieter.value} />
      </details>`}
    <p class="keys">${t("replay.keys")}</p>
  </section>`;

const Chapters = () => html`
  <section class="jumps" data-of="chapters" aria-labelledby="chapters">
    <h2 id="chapters">${t("replay.chapters")}</h2>
    ${timeline.value.chapters.length === 0 && html`<p class="empty">${t("replay.chaptersEmpty")}</p>`}
    <${Jumps} to=${timeline.value.chapters} />
  </section>`;

/** From a question to the moment at which the panel took it up. */
const toAnswer = (id, { answered_from_s: from }) => from >= 0 && html`
  <button type="button" class="quiet" onClick=${() => seek(from)}>
    ${t("replay.answeredAt", { at: clockTime(from) })}</button>`;

const Running = () => html`
  <p class="connection">${t("replay.notYet")} <a href=${`/talks/${talk}`}>${t("replay.toRoom")}</a></p>`;

function Replay() {
  if (failure.value) return html`<${Still} what=${failure.value} />`;
  if (!timeline.value) return html`<${Loading} />`;
  const panes = {
    highlights: t("replay.highlights"), chapters: t("replay.chapters"),
    feed: t("room.feed"), ballot: t("room.ballot"),
  };
  return html`
    <div class="replay" data-pane=${pane.value}>
      <${StageOf} talk=${facts.value}>${facts.value.state !== "ended" && html`<${Running} />`}<//>
      <main>
        <section class="player" aria-label=${t("replay.player")}>
          <${Recording} />
          <${HeatStrip} timeline=${timeline.value} marks=${stops.value} now=${now.value}
            hasClock=${!facts.value.media.url} onSeek=${seek} />
          <${Controls} />
        </section>
        <${Panes} label=${t("room.panes")} chosen=${pane} options=${panes} />
        <div class="replay-columns">
          <div class="replay-jumps">
            <${Highlights} />
            <${Chapters} />
          </div>
          <section class="replay-feed" aria-labelledby="moment">
            <h2 id="moment">${t("replay.moment")}</h2>
            <${Feed} items=${items.value} empty=${t("feed.emptyReplay")} />
          </section>
          <section class="replay-ballot" aria-labelledby="moment-ballot">
            <h2 id="moment-ballot">${t("replay.questions")}</h2>
            <${Ballot} questions=${view.value?.questions} order=${order} actions=${toAnswer}
              empty=${t("replay.questionsEmpty")} />
          </section>
        </div>
      </main>
    </div>
    <${Toast} />`;
}

render(html`<${Replay} />`, document.getElementById("page"));
await redeemCode();
try {
  const [lines, now] = await Promise.all([
    read(talkPath(talk, "/timeline")), read(talkPath(talk, "/view?as=room")),
  ]);
  facts.value = now.view.talk;
  timeline.value = lines;
  document.title = `${facts.value.title} · Hearhear`;
} catch (refused) {
  failure.value = refused.status === 404 ? "missing" : "failed";
}
