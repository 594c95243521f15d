// The live page: one stream, the ballot, the pulse, and a place to say something.
import { Announcer, announcing } from "./announcer.js";
import { talkOfPage } from "./api.js";
import { Ballot, inState } from "./ballot.js";
import { Panes } from "./choices.js";
import { Composer } from "./composer.js";
import { Feed, FeedFilter } from "./feed.js";
import { earlierIn, inOrder } from "./history.js";
import { House, VOTERS } from "./house.js";
import { Icon } from "./icons.js";
import { Join } from "./join.js";
import { Live } from "./live.js";
import { Missed, minutesMissed } from "./missed.js";
import { FeedbackBar } from "./pulse.js";
import { Saying } from "./saying.js";
import { redeemCode } from "./session.js";
import { Stage } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Toast, say, sayRefused } from "./toast.js";
import { Votes } from "./votes.js";
import { computed, effect, html, render, signal } from "./vendor/preact.js";
import { t, timeOfDay } from "./words.js";

const talk = talkOfPage();
const live = new Live(talk, "room", sayRefused);
const votes = new Votes(live, sayWhyNoVote);
const saying = new Saying(live);

const pane = signal("feed");        // which of the two a phone shows
const choice = signal("all");
const order = signal("votes");
const missed = signal(0);           // minutes before this person came
const WayIn = signal(null);         // shown once it is loaded, as is the stream
const player = signal(null);
const wide = matchMedia("(min-width: 60rem)");
const isWide = signal(wide.matches);

const items = computed(() => inOrder(live.feed.value));
const announced = announcing(items);
const isJoined = computed(() => Boolean(live.me.value.attendee));
const isStranger = computed(() => live.hasMet.value && !isJoined.value);
const state = computed(() => live.stage.value?.state);
const isTaking = computed(() => state.value === "open" || state.value === "live");
const openQuestions = computed(() => inState(live.questions.value, "open").length);
const hasStream = computed(() => Boolean(live.stage.value?.media.url) && state.value !== "ended");
const hasPicture = computed(() => hasStream.value && player.value?.sourceOf(live.stage.value.media.url).how !== "audio");
const hasBoth = computed(() => isWide.value && !hasPicture.value);    // lines and questions side by side
const earlier = earlierIn(talk);

const askToJoin = () => document.getElementById("join-name")?.focus();

/** Send a command and say so if it is refused. */
async function act(command, args) {
  try {
    return await live.command(command, args);
  } catch (refused) {
    sayRefused(refused);
    return null;
  }
}

function vote(question) {
  if (isStranger.value) askToJoin();
  else votes.toggle(question);
}

function sayWhyNoVote(refused) {
  const voters = VOTERS[live.stage.peek().policy.votes];
  if (refused.reason === "not_allowed" && voters) say(t(voters));
  else sayRefused(refused);
}

/** The tick is of the moment that the stream shows here, seconds after the panel lived it. */
function tick(kind) {
  if (isStranger.value) return askToJoin();
  const at = player.peek()?.positionOf() ?? -1;
  act("give_feedback", at >= 0 ? { kind, media_s: at } : { kind });
}

const TAKING_BACK = { line: "retract_line", question: "withdraw_question" };

async function takeBack(kind, id) {
  if (await act(TAKING_BACK[kind], { [kind]: id })) say(t("feed.retracted"));
}

function ownActions(id, item) {
  const { attendee, items: own, own: unnamed } = live.me.peek();
  const isOwn = (attendee && item.by.id === attendee) || unnamed?.[id];
  if (!isOwn || !(item.kind === "line" || (item.kind === "question" && own?.[id]))) return null;
  return html`<button type="button" class="quiet" onClick=${() => takeBack(item.kind, id)}>${t("feed.retract")}</button>`;
}

/** What a row of the feed shows of the question it asked: the same vote as in the ballot. */
function ballotOf(id) {
  const question = live.questions.value[id];
  if (question?.state !== "open") return undefined;
  return { ...votes.shown(id, question.votes), canVote: isTaking.value, onVote: vote };
}

const EMPTY_FEED = { scheduled: "feed.emptyBefore", ended: "feed.emptyEnded" };

const Ended = () => html`
  <section class="dock dock-ended" aria-label=${t("room.dock")}>
    <p>${t("room.ended")}</p>
    <a class="button primary" target="_self" href=${`${talk}/replay${location.search}`}>${t("room.toReplay")}</a>
  </section>`;

/** Somebody muted may read, vote and react; who is banned may read. */
const Silenced = ({ me: { banned, muted_until: until = "" } }) => {
  if (!banned && !(new Date(until) > Date.now())) return null;
  const words = banned ? t("room.banned") : until < "9999" ? t("room.mutedUntil", { at: timeOfDay(until) }) : t("room.muted");
  return html`<p class="connection" role="status">${words}</p>`;
};

const Reactions = () => html`
  <${FeedbackBar} kinds=${live.stage.value.kinds} pulse=${live.pulse.value} onTick=${tick} isOpen=${state.value === "live"} />`;

function Dock() {
  const me = live.me.value;
  if (state.value === "ended") return html`<${Ended} />`;
  return html`
    <section class="dock" aria-label=${t("room.dock")}>
      ${isTaking.value && html`<${Reactions} />`}
      <${Silenced} me=${me} />
      ${isJoined.value && isTaking.value && html`
        <${House} policy=${live.stage.value.policy} nickname=${me.nickname}
          choose=${(nickname) => live.command("choose_nickname", { nickname })} />`}
      ${isJoined.value && html`
        <${Composer} send=${(kind, text) => saying.say(kind, text)} isOpen=${isTaking.value} />`}
      ${isStranger.value && html`<${Join} onJoined=${() => live.again()} />`}
    </section>`;
}

const SPEAKERS = ["panelist", "moderator", "host"];

const Crew = () => {
  const { roles = {} } = live.me.value;
  return SPEAKERS.some((role) => roles[role]) && html`
    <p class="stage-links">
      ${(roles.host || roles.moderator) && html`<a href=${`/talks/${talk}/desk`}>${t("room.toDesk")}</a>`}
      <a href=${`/talks/${talk}/panel`}>${t("room.toPanel")}</a>
    </p>`;
};

const showWayIn = async () => (WayIn.value = (await import("./wayin.js")).WayIn);

const ShareButton = () => html`
  <button type="button" class="quiet share-button" onClick=${showWayIn}><${Icon} name="qr" />${t("way.open")}</button>`;

const Streamed = () =>
  hasStream.value && player.value && html`<${player.value.Stream} media=${live.stage.value.media} />`;

const Lines = () => html`
  <${Feed} items=${items.value} pending=${saying.rows.value} me=${live.me.value.attendee} own=${live.me.value.own}
    choice=${choice.value} actions=${ownActions} ballot=${ballotOf} earlier=${earlier}
    empty=${t(EMPTY_FEED[state.value] ?? "feed.empty")} />`;

const Late = () => missed.value > 0 && html`
  <${Missed} minutes=${missed.value} talk=${live.stage.value} questions=${live.questions.value} />`;

/** Where one hides the other it is drawn only while it is looked at. */
function Questions() {
  if (!hasBoth.value && pane.value !== "ballot") return null;
  const voters = VOTERS[live.stage.value.policy.votes];
  return html`
    <h2>${t("room.ballot")}</h2>
    ${voters && html`<p class="house">${t(voters)}</p>`}
    <${Ballot} questions=${live.questions.value} order=${order} votes=${(...one) => votes.shown(...one)} canVote=${isTaking.value} onVote=${vote}
      empty=${t(state.value === "ended" ? "ballot.emptyEnded" : "ballot.empty")} />`;
}

const Sides = () => html`
  <${Panes} label=${t("room.panes")} chosen=${pane} counts=${{ ballot: openQuestions.value }}
    options=${{ feed: t("room.feed"), ballot: t("room.ballot") }} />`;

const hasView = computed(() => live.view.value !== null);

function Room() {
  const status = live.status.value;
  if (status === "missing") return html`<${Still} what="missing" />`;
  if (status === "refused" && !hasView.value) return html`<${Still} what="refused"><${Join} onJoined=${() => live.again()} /><//>`;
  if (!hasView.value) return html`<${Loading} status=${status} />`;
  return html`
    <div class="room" data-pane=${pane.value} data-picture=${hasPicture.value}>
      <${Stage} live=${live} facts=${html`<${ShareButton} />`}><${Crew} /><//>
      <${Streamed} />
      <${Sides} />
      <main class="room-feed">
        <h2 class="unseen">${t("room.feed")}</h2>
        <${FeedFilter} choice=${choice} />
        <${Late} />
        <${Lines} />
      </main>
      <aside class="room-ballot" aria-label=${t("room.ballot")}><${Questions} /></aside>
      <${Dock} />
      <${Announcer} words=${announced} />
    </div>
    ${WayIn.value && html`<${WayIn.value} talk=${talk} onClose=${() => (WayIn.value = null)} />`}
    <${Toast} />`;
}

/** Tell an author, once, what a moderator has hidden, not let through, or taken away. */
function tellWhatWasHidden() {
  let known = null;
  let name = "";
  effect(() => {
    const { attendee, items: own = {}, nickname } = live.me.value;
    if (!attendee) return;
    if (name && !nickname) say(t("house.nicknameCleared"));
    name = nickname;
    for (const [id, { state, why }] of Object.entries(own)) {
      if (known && known[id]?.state !== state && state !== "held") say(t(`room.${state}`, { why }));
    }
    known = own;
  });
}

const stopWaiting = effect(() => {
  if (!live.view.value) return;
  missed.value = minutesMissed(live.view.value);
  stopWaiting();
});
tellWhatWasHidden();
wide.addEventListener("change", () => (isWide.value = wide.matches));
effect(async () => {
  if (hasStream.value && !player.peek()) player.value = await import("./stream.js");
});
effect(() => {
  const title = live.stage.value?.title;
  document.title = title ? `${title} · Hearhear` : "Hearhear";
});
render(html`<${Room} />`, document.getElementById("page"));
await redeemCode();
live.open();
