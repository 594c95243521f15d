// The live page: one stream, the ballot, the pulse, and a place to say something.
import { talkOfPage } from "./api.js";
import { Announcer, announcing } from "./announcer.js";
import { isEmbedded } from "./bearer.js";
import { Ballot } from "./ballot.js";
import { Panes } from "./choices.js";
import { Composer } from "./composer.js";
import { Feed, FeedFilter, inOrder } from "./feed.js";
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
const votes = new Votes(live);
const saying = new Saying(live);

const pane = signal("feed");        // which of the two a phone shows
const choice = signal("all");
const order = signal("votes");
const missed = signal(0);           // minutes before this person came

const items = computed(() => inOrder(live.view.value?.feed));
const announced = announcing(computed(() => items.value.map(({ item }) => item)));
const isJoined = computed(() => Boolean(live.me.value.attendee));
const isStranger = computed(() => live.hasMet.value && !isJoined.value);

const isTaking = ({ talk: { state } }) => state === "open" || state === "live";
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

function tick(kind) {
  if (isStranger.value) askToJoin();
  else act("give_feedback", { kind });
}

const TAKING_BACK = {
  line: (id) => act("retract_line", { line: id }),
  question: (id) => act("withdraw_question", { question: id }),
};

async function takeBack(kind, id) {
  if (await TAKING_BACK[kind](id)) say(t("feed.retracted"));
}

function ownActions(id, item) {
  const { attendee, items: own, own: unnamed } = live.me.peek();
  const isOwn = (attendee && item.by.id === attendee) || unnamed?.[id];
  if (!isOwn || !(item.kind === "line" || (item.kind === "question" && own?.[id]))) return null;
  return html`<button type="button" class="quiet" onClick=${() => takeBack(item.kind, id)}>${t("feed.retract")}</button>`;
}

/** What a row of the feed shows of the question it asked: the same vote as in the ballot. */
const ballotOf = (view) => (id) => {
  const question = view.questions[id];
  if (question?.state !== "open") return undefined;
  return { ...votes.shown(id, question.votes), canVote: isTaking(view), onVote: vote };
};

const EMPTY_FEED = { scheduled: "feed.emptyBefore", ended: "feed.emptyEnded" };

const Ended = () => html`
  <section class="dock dock-ended" aria-label=${t("room.dock")}>
    <p>${t("room.ended")}</p>
    <a class="button primary" target="_self" href=${`/talks/${talk}/replay`}>${t("room.toReplay")}</a>
  </section>`;

const joined = () => live.again();

/** Somebody muted may read, vote and react; what they write comes back to them. */
const Muted = ({ until }) =>
  new Date(until) > Date.now() && html`
    <p class="connection" role="status">
      ${until < "9999" ? t("room.mutedUntil", { at: timeOfDay(until) }) : t("room.muted")}</p>`;

function Dock({ view }) {
  const { state, kinds } = view.talk;
  if (state === "ended") return html`<${Ended} />`;
  const isOpen = isTaking(view);
  return html`
    <section class="dock" aria-label=${t("room.dock")}>
      ${isOpen && html`
        <${FeedbackBar} kinds=${kinds} pulse=${view.pulse} onTick=${tick} isOpen=${state === "live"} />`}
      <${Muted} until=${live.me.value.muted_until ?? ""} />
      ${isJoined.value && html`
        <${Composer} send=${(kind, text) => saying.say(kind, text)} isOpen=${isOpen} />`}
      ${isStranger.value && html`<${Join} onJoined=${joined} />`}
    </section>`;
}

const Crew = ({ roles = {} }) =>
  (roles.host || roles.moderator)
  && html`<p class="stage-links"><a href=${`/talks/${talk}/desk`}>${t("room.toDesk")}</a></p>`;

function Room() {
  const view = live.view.value;
  const status = live.status.value;
  if (status === "missing") return html`<${Still} what="missing" />`;
  if (status === "refused" && !view) return html`<${Still} what="refused"><${Join} onJoined=${joined} /><//>`;
  if (!view) return html`<${Loading} status=${status} />`;

  const open = Object.values(view.questions).filter(({ state }) => state === "open").length;
  return html`
    <div class="room" data-pane=${pane.value}>
      <${Stage} live=${live}><${Crew} roles=${live.me.value.roles} /><//>
      <${Panes} label=${t("room.panes")} chosen=${pane} counts=${{ ballot: open }}
        options=${{ feed: t("room.feed"), ballot: t("room.ballot") }} />
      <main class="room-feed">
        <h2 class="unseen">${t("room.feed")}</h2>
        <${FeedFilter} choice=${choice} />
        <${Missed} minutes=${missed.value} view=${view} />
        <${Feed} items=${items.value} pending=${saying.rows.value} me=${live.me.value.attendee}
          choice=${choice.value} actions=${ownActions} ballot=${ballotOf(view)}
          empty=${t(EMPTY_FEED[view.talk.state] ?? "feed.empty")} />
      </main>
      <aside class="room-ballot" aria-label=${t("room.ballot")}>
        <h2>${t("room.ballot")}</h2>
        <${Ballot} questions=${view.questions} order=${order} votes=${(id, tally) => votes.shown(id, tally)}
          canVote=${isTaking(view)} onVote=${vote}
          empty=${t(view.talk.state === "ended" ? "ballot.emptyEnded" : "ballot.empty")} />
      </aside>
      <${Dock} view=${view} />
      <${Announcer} words=${announced} />
    </div>
    <${Toast} />`;
}

/** Tell an author, once, that a moderator has hidden or not let through what they said. */
function tellWhatWasHidden() {
  let known = null;
  effect(() => {
    const { attendee, items: own = {} } = live.me.value;
    if (!attendee) return;
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
effect(() => {
  const title = live.view.value?.talk.title;
  document.title = title ? `${title} · Hearhear` : "Hearhear";
});
render(html`<${Room} />`, document.getElementById("page"));
if (isEmbedded) await (await import("./embedding.js")).meetHost();
await redeemCode();
live.open();
