// The two views the desk keeps open, and how it acts; every act is told to those who keep a trail.
import { talkOfPage } from "./api.js";
import { Live } from "./live.js";
import { sayRefused } from "./toast.js";
import { effect, signal } from "./vendor/preact.js";

export const talk = talkOfPage();
export const room = new Live(talk, "room");                 // what everybody sees
export const desk = new Live(talk, "desk", sayRefused);     // what the room does not see; commands go here
export const acts = signal(0);                              // how often this desk has acted
export const lagMs = signal(null);                          // from its latest act until that was in a view

/** Wait until a view has come as far as the fact that an act recorded. */
function clockUntil(position, began) {
  const stop = effect(() => {
    if (Math.max(room.position.value, desk.position.value) < position) return;
    lagMs.value = performance.now() - began;
    queueMicrotask(() => stop());
  });
}

/** Do it, and tell whether it was done; a refusal is said. */
export async function act(command, args) {
  const began = performance.now();
  try {
    const { position } = await desk.command(command, args);
    if (position !== null) clockUntil(position, began);
    acts.value += 1;
    return true;
  } catch (refused) {
    sayRefused(refused);
    return false;
  }
}
