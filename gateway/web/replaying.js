// What every part of the replay page shares: the talk, its timeline, the second that is played, and who listens.
import { read, talkOfPage, talkPath } from "./api.js";
import { Live } from "./live.js";
import { momentOf } from "./moment.js";
import { sayRefused } from "./toast.js";
import { computed, effect, signal } from "./vendor/preact.js";

const SURE = 0.5;             // confidence from which a highlight is worth a stop
const JUST_STARTED_S = 2;     // "previous" so soon after the start of a highlight means the one before
const SETTLES_MS = 500;       // several changes of the talk are one change of its timeline
const MOST_TRIES = 8;

export const talk = talkOfPage();
export const timeline = signal(null);
export const player = signal(null);
export const failure = signal("");
export const onlyHighlights = signal(false);

const door = signal(null);       // the live door of the talk: it tells who listens, and what hosts correct
const before = signal(null);     // the talk as it was when the page opened, until the door is open
const moment = signal(null);     // signal of the room at this second, once there is a player

/** What is known of the talk by now: title, state, recording, kinds of feedback. */
export const facts = computed(() => door.value?.view.value?.talk ?? before.value);
export const view = computed(() => moment.value?.value ?? null);
export const now = computed(() => player.value?.now.value ?? 0);
export const isPlaying = computed(() => player.value?.isPlaying.value ?? false);
export const hasNotBegun = computed(() => ["scheduled", "open"].includes(facts.value?.state));
export const hasEnded = computed(() => facts.value?.state === "ended");

export const isHost = computed(() => Boolean(door.value?.me.value.roles?.host));
export const hasJoined = computed(() => Boolean(door.value?.me.value.attendee));

export const isIn = ({ start_s: start, end_s: end }) => start <= now.value && now.value < end;
const byTime = (one, other) => one.start_s - other.start_s;
const highlightsWhere = (fits) => computed(() => (timeline.value?.highlights ?? []).filter(fits).sort(byTime));

export const stops = highlightsWhere(({ confidence }) => confidence >= SURE);
export const quieter = highlightsWhere(({ confidence }) => confidence < SURE);
const current = computed(() => stops.value.findLast(isIn));
export const following = computed(() => stops.value.find(({ start_s: start }) => start > now.value + 0.5));
export const preceding = computed(() => stops.value.findLast(({ start_s: start }) => start < now.value - JUST_STARTED_S));

/** Move there, and no more: a drag passes many seconds that nobody stops at. */
export const seek = (seconds) => player.value?.seek(Math.max(0, Math.min(seconds, timeline.value.duration_s)));

/** Go there on purpose; listeners who gave a name tell where they jumped, which becomes a curve of its own. */
export function jumpTo(seconds) {
  const from = now.value;
  seek(seconds);
  if (hasEnded.value && hasJoined.value) {
    door.value.command("seek_replay", { from_s: from, to_s: now.value }).catch(() => {});   // it is nobody's loss
  }
}

export const jump = (highlight) => highlight && jumpTo(highlight.start_s);

const aWhile = () => new Promise((resolve) => setTimeout(resolve, SETTLES_MS));

/** Tick the second that is played; the curve of listeners is shown anew, the rest stays as it is. */
export async function tick(kind) {
  try {
    await door.value.command("tick_replay", { kind, media_s: now.value });
    const before = JSON.stringify(timeline.value.listeners);
    for (let tries = 0; tries < MOST_TRIES && JSON.stringify(timeline.value.listeners) === before; tries += 1) {
      await aWhile();
      await readTimeline();
    }
  } catch (refused) {
    sayRefused(refused);
  }
}

/** Set something right as the host; a refusal is said, a new timeline is shown. */
export async function act(command, args) {
  try {
    const { position } = await door.value.command(command, args);
    await readTimeline(position ?? 0);
  } catch (refused) {
    sayRefused(refused);
  }
}

/** Come in again: as somebody who has just said their name. */
export const comeIn = () => door.value.again();

/** Read the timeline as it is after a position; a gateway gives one that is young without looking. */
async function readTimeline(position = 0) {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const found = await read(talkPath(talk, "/timeline"));
    timeline.value = found;
    if (found.position >= position) return;
    await aWhile();
  }
}

/** Whatever happens to an ended talk may change its timeline: a host's decision, a hidden line. */
function keepTimelineCurrent() {
  let later = 0;
  effect(() => {
    const position = door.value.position.value;
    if (position <= timeline.peek().position) return;
    clearTimeout(later);
    later = setTimeout(() => readTimeline(position).catch(sayRefused), SETTLES_MS);
  });
}

/** Read the talk and go on hearing of it; `failure` says why that cannot be. */
export async function open() {
  try {
    const [{ view: room }] = await Promise.all([read(talkPath(talk, "/view?as=room")), readTimeline()]);
    const live = new Live(talk, room.talk.state === "ended" ? "replay" : "room", sayRefused);
    before.value = room.talk;
    door.value = live;
    live.open();
    keepTimelineCurrent();
  } catch (refused) {
    failure.value = refused.status === 404 ? "missing" : "failed";
  }
}

function skipTheRest() {
  if (!onlyHighlights.value || !isPlaying.value || current.value) return;
  if (following.value) jump(following.value);
  else player.value.toggle();
}

let left = Number(new URLSearchParams(location.search).get("t")) || 0;    // the second to begin at

/** Begin at the second of the link, or where another player was left; returns what ends it. */
export function begin(newPlayer) {
  player.value = newPlayer;
  seek(left);
  const ends = [effect(skipTheRest), effect(() => {
    if (hasEnded.value) moment.value = momentOf(talk, newPlayer);
  })];
  return () => {
    left = now.peek();
    for (const end of ends) end();
    newPlayer.close();
  };
}
