// One short word about what just happened, for the eye and for the screen reader; it goes by itself.
import { html, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const said = signal("");
let going = 0;

export function say(words) {
  said.value = words;
  clearTimeout(going);
  going = setTimeout(() => (said.value = ""), 6_000);
}

/** A refusal in the reader's words, for invalid input by its field; the gateway's own detail when we have none. */
export function sayRefused({ reason, field, message }) {
  const known = t(`refused.${reason === "invalid" ? field : reason}`);
  say(known.startsWith("refused.") ? message : known);
}

export const Toast = () => html`
  <div class="toast" role="status" data-shown=${said.value !== ""}>${said.value}</div>`;
