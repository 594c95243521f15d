// The two views the desk keeps open, and how it acts; every act is told to those who keep a trail.
import { talkOfPage } from "./api.js";
import { Live } from "./live.js";
import { sayRefused } from "./toast.js";
import { signal } from "./vendor/preact.js";

export const talk = talkOfPage();
export const room = new Live(talk, "room");                 // what everybody sees
export const desk = new Live(talk, "desk", sayRefused);     // what the room does not see; commands go here
export const acts = signal(0);                              // how often this desk has acted

/** Do it, and tell whether it was done; a refusal is said. */
export async function act(command, args) {
  try {
    await desk.command(command, args);
    acts.value += 1;
    return true;
  } catch (refused) {
    sayRefused(refused);
    return false;
  }
}
