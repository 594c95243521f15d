// The replay: jump to the moments the room chose, and see the room as it was at that second.
import { read, talkOfPage, talkPath } from "./api.js";
import { Ballot } from "./ballot.js";
import { Feed, inOrder } from "./feed.js";
import { HeatStrip } from "./heat.js";
import { Icon } from "./icons.js";
import { ClockPlayer, MediaPlayer } from "./player.js";
import { redeemCode } from "./session.js";
import { StateBadge } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Toast, say } from "./toast.js";
import { computed, effect, html, render, signal, useEffect, useRef } from "./vendor/preact.js";
import { clockTime, t } from "./words.js";

const SETTLE_MS = 150;        // a drag along the strip asks once, where it rests
const WHILE_PLAYING_MS = 2_000;
const JUST_STARTED_S = 2;     // "previous" within the first seconds of a highlight means the one before
const STEP_S = 5;

const talk = talkOfPage();
const timeline = signal(null);
const whole = signal(null);      // the view at the end: title, media
const moment = signal(null);     // the view at this second
const failure = signal(null);
const player = signal(null);
const onlyHighlights = signal(false);
const order = signal("votes");
const pane = signal("highlights");

const now = computed(() => player.value?.now.value ?? 0);
const isPlaying = computed(() => player.value?.isPlaying.value ?? false);
const items = computed(() => inOrder(moment.value?.feed));

const highlights = () => timeline.value.highlights;
const current = () => highlights().findLast(({ start_s: start, end_s: end }) => start <= now.value && now.value <= end);
const following = () => highlights().find(({ start_s: start }) => start > now.value + 0.5);
const preceding = () => highlights().findLast(({ start_s: start }) => start < now.value - JUST_STARTED_S);

const seek = (seconds) => player.value.seek(Math.max(0, Math.min(seconds, timeline.value.duration_s)));

function jump(highlight) {
  if (highlight) seek(highlight.start_s);
}

/** Keep the room at the second that is played: at rest at once, while playing every other second. */
function followMoment() {
  let shown = -1;
  let asking = false;
  let asked = 0;
  let later = 0;
  const ask = async () => {
    const second = Math.floor(now.peek());
    if (asking || second === shown) return;
    asking = true;
    asked = performance.now();
    try {
      moment.value = (await read(talkPath(talk, `/view?as=replay&at=${second}`))).view;
      shown = second;
    } catch {
      // The room of an earlier second stays; the next movement asks again.
    }
    asking = false;
    if (Math.floor(now.peek()) !== second) soon();
  };
  const soon = () => {
    clearTimeout(later);
    const pause = isPlaying.peek() ? WHILE_PLAYING_MS - (performance.now() - asked) : 0;
    later = setTimeout(ask, Math.max(SETTLE_MS, pause));
  };
  const second = computed(() => Math.floor(now.value));
  effect(() => {
    second.value;
    soon();
  });
}

function skipTheRest() {
  effect(() => {
    if (!onlyHighlights.value || !isPlaying.value || current()) return;
    const next = following();
    if (next) seek(next.start_s);
    else player.value.toggle();
  });
}

const KEYS = {
  n: () => jump(following()),
  p: () => jump(preceding()),
  " ": () => player.value.toggle(),
  ArrowLeft: () => seek(now.value - STEP_S),
  ArrowRight: () => seek(now.value + STEP_S),
};

function onKeyDown(key) {
  const isElsewhere = key.target.closest("input, textarea, select, audio, video") || (key.key === " " && key.target.closest("button, a"));
  const act = KEYS[key.key];
  if (!act || isElsewhere || key.ctrlKey || key.metaKey || key.altKey) return;
  key.preventDefault();
  act();
}

async function share() {
  const url = new URL(location.pathname, location.origin);
  url.searchParams.set("t", String(Math.floor(now.value)));
  history.replaceState(null, "", url);
  try {
    await navigator.clipboard.writeText(url.href);
    say(t("replay.linkCopied"));
  } catch {
    say(url.href);
  }
}

/** The recording, or nothing: then the clock plays. */
function Recording() {
  const box = useRef();
  const url = whole.value.talk.media?.url ?? "";
  useEffect(() => {
    player.value = box.current ? new MediaPlayer(box.current) : new ClockPlayer(timeline.value.duration_s);
    const start = Number(new URLSearchParams(location.search).get("t")) || 0;
    if (start) seek(start);
    followMoment();
    skipTheRest();
    addEventListener("keydown", onKeyDown);
  }, []);
  if (!url) return html`<p class="recording-none">${t("replay.noMedia")}</p>`;
  const Medium = /\.(mp4|m4v|webm|mov)$/i.test(new URL(url, location.href).pathname) ? "video" : "audio";
  return html`<${Medium} class="recording" ref=${box} src=${url} controls preload="auto" playsinline></${Medium}>`;
}

const Controls = () => html`
  <div class="controls">
    <button type="button" class="button" disabled=${!player.value || !preceding()} onClick=${() => jump(preceding())}>
      <${Icon} name="previous" /><span class="unseen">${t("replay.previous")}</span></button>
    <button type="button" class="button primary" onClick=${() => player.value?.toggle()}>
      <${Icon} name=${isPlaying.value ? "pause" : "play"} />${t(isPlaying.value ? "replay.pause" : "replay.play")}</button>
    <button type="button" class="button" disabled=${!player.value || !following()} onClick=${() => jump(following())}>
      <${Icon} name="next" /><span class="unseen">${t("replay.next")}</span></button>
    ${highlights().length > 0 && html`
      <button type="button" class="chip" aria-pressed=${onlyHighlights.value} onClick=${() => (onlyHighlights.value = !onlyHighlights.value)}>
        ${t("replay.onlyHighlights")}</button>`}
    <button type="button" class="quiet" onClick=${share}>${t("replay.share")}</button>
  </div>`;

const Jump = ({ at, isNow, title, why }) => html`
  <li class="jump" aria-current=${isNow ? "true" : undefined}>
    <button type="button" onClick=${() => seek(at)}>
      <span class="jump-at">${clockTime(at)}</span>
      <span class="jump-words"><strong dir="auto">${title}</strong>${why && html`<span dir="auto">${why}</span>`}</span>
    </button>
  </li>`;

const Highlights = () => html`
  <section class="jumps" data-of="highlights" aria-labelledby="highlights">
    <h2 id="highlights">${t("replay.highlights")}</h2>
    ${highlights().length === 0 && html`<p class="empty">${t("replay.highlightsEmpty")}</p>`}
    <ol>
      ${highlights().map((highlight) => html`
        <${Jump} key=${highlight.id} at=${highlight.start_s} title=${highlight.title} why=${highlight.why} isNow=${current() === highlight} />`)}
    </ol>
    ${highlights().length > 0 && html`<p class="keys">${t("replay.keys")}</p>`}
  </section>`;

const Chapters = () => html`
  <section class="jumps" data-of="chapters" aria-labelledby="chapters">
    <h2 id="chapters">${t("replay.chapters")}</h2>
    ${timeline.value.chapters.length === 0 && html`<p class="empty">${t("replay.chaptersEmpty")}</p>`}
    <ol>
      ${timeline.value.chapters.map(({ start_s: start, end_s: end, title }) => html`
        <${Jump} key=${start} at=${start} title=${title} isNow=${start <= now.value && now.value < end} />`)}
    </ol>
  </section>`;

/** From a question to the moment at which the panel took it up. */
const toAnswer = (id, { answered_from_s: from }) =>
  from >= 0 ? html`<button type="button" class="quiet" onClick=${() => seek(from)}>${t("replay.answeredAt", { at: clockTime(from) })}</button>` : null;

const PANES = ["highlights", "chapters", "feed", "ballot"];
const PANE_WORDS = { highlights: "replay.highlights", chapters: "replay.chapters", feed: "room.feed", ballot: "room.ballot" };

function Replay() {
  if (failure.value) return html`<${Still} what=${failure.value} />`;
  if (!timeline.value) return html`<${Loading} />`;
  const { title, state } = whole.value.talk;
  return html`
    <div class="replay" data-pane=${pane.value}>
      <header class="stage">
        <div class="stage-line">
          <a class="brand" href="/" aria-label=${t("brand.home")}>Hearhear</a>
          <span class="stage-facts"><${StateBadge} state=${state} /></span>
        </div>
        <h1 dir="auto">${title}</h1>
        ${state !== "ended" && html`<p class="connection">${t("replay.notYet")} <a href=${`/talks/${talk}`}>${t("replay.toRoom")}</a></p>`}
      </header>
      <main>
        <section class="player" aria-label=${t("replay.player")}>
          <${Recording} />
          <${HeatStrip} timeline=${timeline.value} now=${now.value} onSeek=${seek} />
          <${Controls} />
        </section>
        <nav class="panes" aria-label=${t("room.panes")}>
          ${PANES.map((name) => html`
            <button key=${name} type="button" class="pane-tab" aria-pressed=${pane.value === name}
              onClick=${() => (pane.value = name)}>${t(PANE_WORDS[name])}</button>`)}
        </nav>
        <div class="replay-columns">
          <div class="replay-jumps"><${Highlights} /><${Chapters} /></div>
          <section class="replay-feed" aria-labelledby="moment">
            <h2 id="moment">${t("replay.moment")}</h2>
            <${Feed} items=${items.value} empty=${t("feed.emptyReplay")} />
          </section>
          <section class="replay-ballot" aria-labelledby="moment-ballot">
            <h2 id="moment-ballot">${t("replay.questions")}</h2>
            ${moment.value && html`<${Ballot} questions=${moment.value.questions} order=${order} actions=${toAnswer} empty=${t("replay.questionsEmpty")} />`}
          </section>
        </div>
      </main>
    </div>
    <${Toast} />`;
}

render(html`<${Replay} />`, document.getElementById("page"));
await redeemCode();
try {
  const [lines, { view }] = await Promise.all([read(talkPath(talk, "/timeline")), read(talkPath(talk, "/view?as=room"))]);
  document.title = `${view.talk.title} · Hearhear`;
  whole.value = view;
  timeline.value = { ...lines, highlights: lines.highlights.toSorted((one, other) => one.start_s - other.start_s) };
} catch (refused) {
  failure.value = refused.status === 404 ? "missing" : "failed";
}
