// What time it is at the gateway: the computers of lecture halls are often wrong by minutes.
import { signal } from "./vendor/preact.js";

const EXACT_TO_MS = 2_000;    // the answer tells whole seconds, and took a while: less is no difference

let behindMs = 0;

/** Milliseconds since 1970, each second anew. */
export const now = signal(Date.now());

const look = () => (now.value = Date.now() + behindMs);
setInterval(look, 1_000);

/** Set this clock by the gateway's; without an answer it goes on as it is. */
export async function setClock() {
  const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" }).catch(() => null);
  const difference = Date.parse(answer?.headers.get("Date") ?? "") - Date.now();
  behindMs = Math.abs(difference) > EXACT_TO_MS ? difference : 0;
  look();
}

/** Seconds since a moment; negative before it. */
export const secondsSince = (at) => (now.value - Date.parse(at)) / 1_000;
