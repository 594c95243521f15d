// What I said and nobody has seen yet: shown at once, until the feed has it or it is refused.
import { newId } from "./ids.js";
import { computed, signal } from "./vendor/preact.js";

const SHOWN_AFTER_ACK_MS = 5_000;   // by then the feed has the line, or has lost it to a moderator

const NONE = [];
const COMMANDS = { line: "post_line", question: "ask_question" };

/** Rows of what I said and a moderator has not let through (yet). */
const waiting = ({ attendee, name, items = {} }) =>
  Object.entries(items)
    .filter(([, { state }]) => state !== "hidden")
    .map(([id, { kind, text, state, why }]) => ({ id, state, item: { kind, text, why, by: { id: attendee, name }, at: "" } }));

export class Saying {
  #said = signal([]);

  constructor(live) {
    this.live = live;
    /** Rows for the end of the feed. */
    this.rows = computed(() => {
      const feed = live.feed.value ?? {};
      const own = live.me.value.items ?? {};
      const rows = [...waiting(live.me.value), ...this.#said.value.filter(({ known }) => !(known in feed || known in own))];
      return rows.length ? rows : NONE;
    });
  }

  /** Say a line or ask a question; rejects when it is refused. */
  async say(kind, text) {
    const id = newId();
    const by = { id: "", name: this.live.me.peek().name };
    const item = { kind, text, by, at: new Date().toISOString() };
    this.#said.value = [...this.#said.peek(), { id, item, known: "", state: "sending" }];
    try {
      const { result } = await this.live.command(COMMANDS[kind], { text });
      this.#change(id, { known: result.line ?? result.question, state: "sent" });
      setTimeout(() => this.#forget(id), SHOWN_AFTER_ACK_MS);
    } catch (refused) {
      this.#forget(id);
      throw refused;
    }
  }

  #change(id, change) {
    this.#said.value = this.#said.peek().map((one) => (one.id === id ? { ...one, ...change } : one));
  }

  #forget(id) {
    this.#said.value = this.#said.peek().filter((one) => one.id !== id);
  }
}
