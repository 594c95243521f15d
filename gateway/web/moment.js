// The room as it was at the second that is played: stretches of the talk are read ahead, and unrolled as time passes.
import { read, talkPath } from "./api.js";
import { patched } from "./patch.js";
import { effect, signal } from "./vendor/preact.js";

const AHEAD_S = 120;
const SETTLE_MS = 120;      // a drag along the strip asks once, where it rests
const AGAIN_MS = 2_000;

/** A stretch of the talk: the room at its beginning, and what changed it second by second. */
class Stretch {
  #unrolled = 0;

  constructor({ from_s: from, to_s: to, view, changes }) {
    Object.assign(this, { from, to, first: view, changes, view });
  }

  holds(second) {
    return this.from <= second && second <= this.to;
  }

  /** Whether what changed about a second is told as one, so that only the gateway knows the room between. */
  isBlurredAt(second) {
    if (second === this.from) return false;
    return this.changes.some(({ at_s: at, until_s: until }) => at <= second && second < until);
  }

  /** The room at a second of it; going back begins anew, which costs as much as the changes before it. */
  at(second) {
    if (second === this.from) return this.first;
    if (this.changes[this.#unrolled - 1]?.at_s > second) {
      this.#unrolled = 0;
      this.view = this.first;
    }
    const own = new WeakSet();
    while (this.changes[this.#unrolled]?.at_s <= second) {
      this.view = patched(this.view, this.changes[this.#unrolled].patch, own);
      this.#unrolled += 1;
    }
    return this.view;
  }
}

/** Follow the player of an ended talk; returns the signal of the replay view at its second. */
export function momentOf(talk, player) {
  const view = signal(null);
  let stretch = null;
  let isAsking = false;
  let later = 0;

  const isShown = () => {
    const second = player.now.peek();
    if (!stretch?.holds(second)) return false;
    if (!player.isPlaying.peek() && stretch.isBlurredAt(second)) return false;    // one who rests looks closely
    view.value = stretch.at(second);
    return true;
  };

  const ask = async () => {
    if (isAsking || isShown()) return;
    isAsking = true;
    const from = player.now.peek();
    let wait = SETTLE_MS;
    try {
      stretch = new Stretch(await read(talkPath(talk, `/replay?from_s=${from}&to_s=${from + AHEAD_S}`)));
    } catch {
      wait = AGAIN_MS;    // the room of an earlier second stays meanwhile
    }
    isAsking = false;
    if (!isShown()) soon(wait);
  };

  const soon = (wait) => {
    clearTimeout(later);
    later = setTimeout(ask, wait);
  };

  effect(() => {
    player.now.value;
    player.isPlaying.value;
    if (!isShown()) soon(SETTLE_MS);
  });
  return view;
}
