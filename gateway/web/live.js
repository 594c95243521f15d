// The live door: one view of one talk, kept current over a WebSocket that may come and go.
import { Refused, read, talkPath } from "./api.js";
import { bearer, dropBearer } from "./bearer.js";
import { Drawing } from "./drawing.js";
import { inTab } from "./kept.js";
import { Outbox } from "./outbox.js";
import { patched } from "./patch.js";
import { batch, computed, signal } from "./vendor/preact.js";

const BEHIND_MS = 3_000;      // this long behind the gateway's beat: read the view again
const LATE_MS = 900;          // this long behind: say so
const SILENT_MS = 8_000;      // beats come each second: a socket silent this long is dead
const FIRST_WAIT_MS = 300;
const BUSY_S = 2;             // until a command is tried again that found the service unavailable
const LONGEST_WAIT_MS = 15_000;

/**
 * @property view     the view document, `null` until the first snapshot
 * @property me       what concerns this person alone: votes, items, roles; empty for who only reads
 * @property hasMet   whether it is known who is here: until then nobody is asked for a name
 * @property status   loading | live | catching-up | offline | refused | missing
 * @property behind   positions between what is shown and what the gateway has
 * @property present  how many people are connected
 * @property crew     at the desk: who else has it open, by attendee id
 */
export class Live {
  view = signal(null);
  me = signal({});
  hasMet = signal(false);
  status = signal("loading");
  behind = signal(0);
  present = signal(0);
  crew = signal([]);
  position = signal(0);
  refusal = signal(null);

  // The parts of a room, for what is drawn again only when its own part changed.
  stage = computed(() => this.view.value?.talk);
  feed = computed(() => this.view.value?.feed);
  questions = computed(() => this.view.value?.questions);
  pulse = computed(() => this.view.value?.pulse);

  #state = { epoch: "", position: 0, view: null, me: {}, hasMet: false, present: 0, crew: [] };
  #socket = null;
  #cursor = {};           // from where this socket goes on: {epoch, after}, or nothing for all anew
  #isGreeted = false;
  #failures = 0;
  #meIsWhole = true;      // the next `me` frame is the whole of it, not a patch
  #behindSince = 0;
  #heardAt = 0;
  #drawing = new Drawing(() => this.#show());
  #undrawn = new WeakSet();   // records the page has not been given yet
  #retry = 0;
  #askedToWaitMs = 0;     // said by the gateway with its `bye`
  #watch = 0;

  /** @param {(refused: Refused, frame: object) => void} onRefused for commands sent before a reload */
  constructor(talk, as, onRefused = () => {}) {
    this.talk = talk;
    this.as = as;
    this.outbox = new Outbox(inTab, `hearhear:${talk}:${as}`, onRefused);
  }

  open() {
    this.#connect();
    this.#watch = setInterval(() => this.#look(), 1_000);
    addEventListener("online", () => this.#wake());
    addEventListener("offline", () => (this.status.value = "offline"));
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  close() {
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#hangUp();
  }

  /** Connect anew, as somebody else perhaps; what is shown stays. */
  again() {
    this.#failures = 0;
    this.refusal.value = null;
    this.#connect();
  }

  /** Send a command now, or as soon as there is a connection; resolves to `{position, result}`. */
  command(name, args = {}) {
    const { frame, answer } = this.outbox.put(name, args);
    if (this.#isGreeted) this.#say(frame);    // also when the browser calls itself offline: a short gap leaves sockets open
    return answer;
  }

  #connect({ resume = true } = {}) {
    this.#hangUp();
    clearTimeout(this.#retry);
    const url = new URL(talkPath(this.talk, "/live"), location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const { view, epoch, position } = this.#state;
    this.#cursor = resume && view ? { epoch, after: position } : {};
    url.search = new URLSearchParams({ as: this.as, ...this.#cursor });
    this.#meIsWhole = true;
    this.#behindSince = 0;
    this.#heardAt = Date.now();
    this.#isGreeted = false;
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data));
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  /** One message: a frame, or an array of them. */
  #hear(message) {
    const socket = this.#socket;
    this.#heardAt = Date.now();
    for (const frame of [message].flat()) {
      this.#take(frame);
      if (socket !== this.#socket) return;    // it was given up over this frame
      if (!this.#isGreeted && ["snapshot", "me", "beat"].includes(frame.type)) this.#greeted();
    }
  }

  /** After the first word of the room the gateway takes commands. */
  #greeted() {
    this.#isGreeted = true;
    this.#failures = 0;
    this.status.value = this.#state.view ? "live" : "catching-up";
    for (const frame of this.outbox.due()) this.#say(frame);
  }

  #take(frame) {
    const state = this.#state;
    switch (frame.type) {
      case "snapshot":
        Object.assign(state, { epoch: frame.epoch, position: frame.position, view: frame.view });
        this.#meIsWhole = true;
        this.#behindSince = 0;
        return this.#drawing.soon();
      case "patch":
        if (frame.position <= state.position && frame.epoch === state.epoch) return;
        if (frame.epoch !== state.epoch || frame.prev > state.position) return this.#readAgain();
        state.view = patched(state.view, frame.patch, this.#undrawn);
        state.position = frame.position;
        return this.#drawing.soon();
      case "me":
        state.me = patched(this.#meIsWhole ? {} : state.me, frame);
        state.hasMet = true;
        this.#meIsWhole = false;
        return this.#drawing.soon();
      case "beat":
        state.hasMet = true;    // who is here is said before the first beat
        state.present = frame.present;
        state.crew = frame.crew ?? [];
        return this.#beat(frame.position);
      case "who":
        state.hasMet = true;
        state.me = {};    // no cookie says who is here: signed out at the site, perhaps
        this.#drawing.soon();
        return this.#say({ type: "hello", token: bearer(), ...this.#cursor });
      case "ack":
        return this.outbox.settle(frame);
      case "refused":
        if (frame.command_id) return this.#answered(frame);
        if (frame.status === 401 && dropBearer()) return this.again();
        if (frame.reason === "unavailable") return;    // it closes, and is tried again after a while
        return this.#refused(new Refused(frame));
      case "bye":
        this.#askedToWaitMs = (frame.retry_in_s || 0) * 1_000;
    }
  }

  #answered(refused) {
    const waiting = this.outbox.settle(refused);
    if (waiting) setTimeout(() => this.#say(waiting), (refused.retry_after_s ?? BUSY_S) * 1_000);
  }

  #beat(position) {
    const behind = Math.max(0, position - this.#state.position);
    if (behind === 0) this.#behindSince = 0;
    else this.#behindSince ||= Date.now();
    const late = behind > 0 && Date.now() - this.#behindSince > LATE_MS;
    this.behind.value = late ? behind : 0;
    this.status.value = late ? "catching-up" : "live";
    if (behind > 0 && Date.now() - this.#behindSince >= BEHIND_MS) this.#readAgain();
    else this.#drawing.soon();
  }

  /** Something is missing: ask for the whole view. What is shown stays until it comes. */
  #readAgain() {
    this.status.value = "catching-up";
    this.#connect({ resume: false });
  }

  /** Hand the newest state to the page. */
  #show() {
    this.#undrawn = new WeakSet();
    batch(() => {
      this.view.value = this.#state.view;
      this.me.value = this.#state.me;
      this.hasMet.value = this.#state.hasMet;
      this.present.value = this.#state.present;
      this.crew.value = this.#state.crew;
      this.position.value = this.#state.position;
    });
  }

  async #lost() {
    this.#socket = null;
    if (this.refusal.value) return;
    if (!this.#isGreeted) {
      const refused = await this.#whyRefused();
      if (refused) return this.#refused(refused);
    }
    if (this.status.value !== "loading" || this.#failures > 0) this.status.value = "offline";
    this.#failures += 1;
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    const waitMs = this.#askedToWaitMs + ceiling * (0.5 + Math.random() / 2);
    this.#askedToWaitMs = 0;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), waitMs);
  }

  /** The door stays shut until somebody else knocks: `again()`. */
  #refused(refused) {
    this.refusal.value = refused;
    this.status.value = refused.status === 404 ? "missing" : "refused";
  }

  /** A failed upgrade does not say why; the view's plain address does. */
  async #whyRefused() {
    try {
      await read(talkPath(this.talk, `/view?as=${this.as}`));
      return null;
    } catch (refused) {
      return [401, 403, 404].includes(refused.status) ? refused : null;
    }
  }

  #wake() {
    if (this.refusal.value) return;
    if (!this.#isOpen() || Date.now() - this.#heardAt > BEHIND_MS) this.again();
  }

  #look() {
    if (this.#isOpen() && Date.now() - this.#heardAt > SILENT_MS) this.#connect();
  }

  #say(frame) {
    if (this.#isOpen()) this.#socket.send(JSON.stringify(frame));
  }

  #isOpen = () => this.#socket?.readyState === WebSocket.OPEN;

  #hangUp() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
