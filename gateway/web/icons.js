// Line icons on a 24 × 24 grid, drawn in the colour of the text around them; words stand beside them.
import { html } from "./vendor/preact.js";

/** Paths by name; `controls.js` adds those of the desk and the replay. */
export const PATHS = {
  agree: "M7 11v9H4v-9h3Zm0 0 4-8c1.4 0 2.4 1 2.4 2.4V9H19a2 2 0 0 1 2 2.3l-1.1 7A2 2 0 0 1 18 20H7",
  disagree: "M17 13V4h3v9h-3Zm0 0-4 8c-1.4 0-2.4-1-2.4-2.4V15H5a2 2 0 0 1-2-2.3l1.1-7A2 2 0 0 1 6 4h11",
  insightful: "M9 18h6m-5 3h4m-5-3c0-3-3-4-3-8a6 6 0 0 1 12 0c0 4-3 5-3 8",
  funny: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-4-8h8c0 2.4-1.8 4-4 4s-4-1.6-4-4Zm.5-4h.01m6.99 0h.01",
  lost: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-2.5-11.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8m0 3h.01",
  tick: "M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10Z",
  up: "m6 14 6-6 6 6",
  check: "m5 12 5 5 9-10",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 9c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.4a3.5 3.5 0 0 1 0 6.3m1.8 3.7c2.2.8 3.7 2.8 3.7 5.6",
  pin: "M9 4h6l-1 6 3 3H7l3-3-1-6Zm3 9v7",
  qr: "M4 4h6v6H4V4Zm10 0h6v6h-6V4ZM4 14h6v6H4v-6Zm10 0h2v2h-2v-2Zm4 4h2v2h-2v-2Zm0-4h2m-6 6h2",
  mic: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm-6-3a6 6 0 0 0 12 0m-6 6v3",
};

export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name] ?? PATHS.tick} /></svg>`;
