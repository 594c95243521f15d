// The live page: one stream, the ballot, the pulse, and a place to say something.
import { talkOfPage } from "./api.js";
import { Announcer, announcing } from "./announcer.js";
import { Ballot } from "./ballot.js";
import { Composer } from "./composer.js";
import { Feed, FeedFilter, inOrder } from "./feed.js";
import { Join } from "./join.js";
import { Live } from "./live.js";
import { Missed, minutesMissed } from "./missed.js";
import { FeedbackBar } from "./pulse.js";
import { redeemCode } from "./session.js";
import { Stage } from "./stage.js";
import { Loading, Still } from "./states.js";
import { Toast, say, sayRefused } from "./toast.js";
import { Votes } from "./votes.js";
import { computed, effect, html, render, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const SHOWN_AFTER_ACK_MS = 5_000;   // by then the view has the line, or has lost it to a moderator

const talk = talkOfPage();
const live = new Live(talk, "room", sayRefused);
const votes = new Votes(live);

const pane = signal("feed");        // which of the two a phone shows
const choice = signal("all");
const order = signal("votes");
const pending = signal([]);         // what I said and nobody has seen yet

const items = computed(() => inOrder(live.view.value?.feed));
const unseen = computed(() => {
  const feed = live.view.value?.feed ?? {};
  return pending.value.filter(({ known }) => !(known in feed));
});
const announced = announcing(computed(() => items.value.map(({ item }) => item)));

const missed = signal(0);           // minutes before this person came
const stopWaiting = effect(() => {
  if (!live.view.value) return;
  missed.value = minutesMissed(live.view.value);
  stopWaiting();
});

const isJoined = () => Boolean(live.me.value.attendee);
const askToJoin = () => document.getElementById("join-name")?.focus();

async function post(kind, text) {
  const mine = { id: crypto.randomUUID(), known: "", state: "sending", item: { kind, text, by: { id: "", name: live.me.peek().name }, at: new Date().toISOString() } };
  pending.value = [...pending.value, mine];
  const forget = () => (pending.value = pending.value.filter(({ id }) => id !== mine.id));
  try {
    const { result } = await live.command(kind === "line" ? "post_line" : "ask_question", { text });
    const known = result.line ?? result.question;
    pending.value = pending.value.map((entry) => (entry.id === mine.id ? { ...entry, known, state: "sent" } : entry));
    setTimeout(forget, SHOWN_AFTER_ACK_MS);
  } catch (refused) {
    forget();
    sayRefused(refused);
    throw refused;
  }
}

function vote(question) {
  if (isJoined()) votes.toggle(question);
  else askToJoin();
}

async function tick(kind) {
  if (!isJoined()) return askToJoin();
  try {
    await live.command("give_feedback", { kind });
  } catch (refused) {
    sayRefused(refused);
  }
}

async function retract(id, item) {
  try {
    await live.command("retract_line", { line: id });
    say(t("feed.retracted"));
  } catch (refused) {
    sayRefused(refused);
  }
}

const ownActions = (id, item) =>
  item.kind === "line" && item.by?.id === live.me.peek().attendee && item.by?.id
    ? html`<button type="button" class="quiet" onClick=${() => retract(id, item)}>${t("feed.retract")}</button>`
    : null;

/** What a row of the feed shows of the question it asked: the same vote as in the ballot. */
const ballotOf = (view) => (id) => {
  const question = view.questions[id];
  if (question?.state !== "open") return undefined;
  return { ...votes.shown(id, question.votes), canVote: isTaking(view), onVote: vote };
};

const isTaking = ({ talk: { state } }) => state === "open" || state === "live";

const closedWords = (state) =>
  state === "ended" ? t("composer.ended") : t("composer.doorsClosed");

function Dock({ view }) {
  const { state, kinds } = view.talk;
  if (state === "ended") {
    return html`
      <section class="dock dock-ended" aria-label=${t("room.dock")}>
        <p>${t("room.ended")}</p>
        <a class="button primary" href=${`/talks/${talk}/replay`}>${t("room.toReplay")}</a>
      </section>`;
  }
  const isOpen = isTaking(view);
  return html`
    <section class="dock" aria-label=${t("room.dock")}>
      ${isOpen && html`<${FeedbackBar} kinds=${kinds} pulse=${view.pulse} onTick=${tick} isOpen=${state === "live"} />`}
      ${isJoined()
        ? html`<${Composer} send=${post} isOpen=${isOpen} closedWords=${closedWords(state)} />`
        : html`<${Join} onJoined=${() => live.again()} />`}
    </section>`;
}

const Pane = ({ name, n, children }) => html`
  <button type="button" class="pane-tab" aria-pressed=${pane.value === name} onClick=${() => (pane.value = name)}>
    ${children}${n > 0 && html` <span class="n">${n}</span>`}
  </button>`;

function Room() {
  const view = live.view.value;
  if (live.status.value === "missing") return html`<${Still} what="missing" />`;
  if (live.status.value === "refused" && !view) {
    return html`<${Still} what="refused"><${Join} onJoined=${() => live.again()} /><//>`;
  }
  if (!view) return html`<${Loading} />`;
  const { state } = view.talk;
  const openQuestions = Object.values(view.questions).filter((question) => question.state === "open").length;
  const { roles = {} } = live.me.value;
  return html`
    <div class="room" data-pane=${pane.value}>
      <${Stage} live=${live}>
        ${(roles.host || roles.moderator) && html`<p class="stage-links"><a href=${`/talks/${talk}/desk`}>${t("room.toDesk")}</a></p>`}
      <//>
      <nav class="panes" aria-label=${t("room.panes")}>
        <${Pane} name="feed">${t("room.feed")}<//>
        <${Pane} name="ballot" n=${openQuestions}>${t("room.ballot")}<//>
      </nav>
      <main class="room-feed" id="feed">
        <h2 class="unseen">${t("room.feed")}</h2>
        <${FeedFilter} choice=${choice} />
        <${Missed} minutes=${missed.value} view=${view} />
        <${Feed} items=${items.value} pending=${unseen.value} me=${live.me.value.attendee} choice=${choice.value}
          actions=${ownActions} ballot=${ballotOf(view)} empty=${t(state === "scheduled" ? "feed.emptyBefore" : "feed.empty")} />
      </main>
      <aside class="room-ballot" aria-label=${t("room.ballot")}>
        <h2>${t("room.ballot")}</h2>
        <${Ballot} questions=${view.questions} order=${order} votes=${(id, tally) => votes.shown(id, tally)}
          canVote=${isTaking(view)} onVote=${vote} />
      </aside>
      <${Dock} view=${view} />
      <${Announcer} words=${announced} />
    </div>
    <${Toast} />`;
}

effect(() => {
  const title = live.view.value?.talk.title;
  document.title = title ? `${title} · Hearhear` : "Hearhear";
});
render(html`<${Room} />`, document.getElementById("page"));
await redeemCode();
live.open();
