// Commands on their way: each keeps its id until it is answered, so that sending it again after a
// lost connection, a sleep or a reload records nothing twice.
import { Refused } from "./api.js";
import { newId } from "./ids.js";

const TICKS_LAST_MS = 60_000;   // feedback told later than this says nothing about the moment

export class Outbox {
  /**
   * @param storage where waiting commands outlive a reload: one of kept.js
   * @param {string} key their name there
   * @param {(refused: Refused, frame: object) => void} onRefused told when nobody waits for the answer
   */
  constructor(storage, key, onRefused) {
    this.storage = storage;
    this.key = key;
    this.onRefused = onRefused;
    this.waiting = new Map(this.#kept().map((entry) => [entry.frame.command_id, entry]));
  }

  /** A new command, and the promise of its answer `{position, result}`. */
  put(command, args) {
    const frame = { type: "command", command, command_id: newId(), ...args };
    const entry = { frame, madeAt: Date.now() };
    const answer = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    this.waiting.set(frame.command_id, entry);
    this.#keep();
    return { frame, answer };
  }

  /** What to send (again), oldest first; stale feedback is dropped here. */
  due(now = Date.now()) {
    for (const [id, { frame, madeAt }] of this.waiting) {
      if (frame.command === "give_feedback" && now - madeAt > TICKS_LAST_MS) this.waiting.delete(id);
    }
    this.#keep();
    return [...this.waiting.values()].map((entry) => entry.frame);
  }

  /** Take an `ack` or `refused` frame; returns the command if its refusal will pass and it waits on. */
  settle(answer) {
    const entry = this.waiting.get(answer.command_id);
    if (!entry) return null;
    if (answer.reason === "unavailable") return entry.frame;
    this.waiting.delete(answer.command_id);
    this.#keep();
    if (answer.type === "ack") entry.resolve?.(answer);
    else if (entry.reject) entry.reject(new Refused(answer));
    else this.onRefused(new Refused(answer), entry.frame);
    return null;
  }

  #kept() {
    return JSON.parse(this.storage.get(this.key) ?? "[]");
  }

  #keep() {
    const entries = [...this.waiting.values()].map(({ frame, madeAt }) => ({ frame, madeAt }));
    if (entries.length) this.storage.set(this.key, JSON.stringify(entries));
    else this.storage.remove(this.key);
  }
}
