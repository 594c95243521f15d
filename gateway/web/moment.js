// The room as it was at the second that is played: asked for at rest at once, while playing now and then.
import { read, talkPath } from "./api.js";
import { computed, effect, signal } from "./vendor/preact.js";

const SETTLE_MS = 150;              // a drag along the strip asks once, where it rests
const WHILE_PLAYING_MS = 2_000;

/** Follow a player; returns the signal of the view document at its second. */
export function momentOf(talk, player) {
  const view = signal(null);
  const second = computed(() => Math.floor(player.now.value));
  let shown = -1;
  let asking = false;
  let askedAt = -WHILE_PLAYING_MS;
  let later = 0;

  const ask = async () => {
    const wanted = second.peek();
    if (asking || wanted === shown) return;
    asking = true;
    askedAt = performance.now();
    try {
      view.value = (await read(talkPath(talk, `/view?as=replay&at=${wanted}`))).view;
      shown = wanted;
    } catch {
      // The room of an earlier second stays; the next movement asks again.
    }
    asking = false;
    if (second.peek() !== wanted) soon();
  };
  const soon = () => {
    clearTimeout(later);
    const pause = player.isPlaying.peek() ? askedAt + WHILE_PLAYING_MS - performance.now() : 0;
    later = setTimeout(ask, Math.max(SETTLE_MS, pause));
  };

  effect(() => {
    second.value;
    soon();
  });
  return view;
}
