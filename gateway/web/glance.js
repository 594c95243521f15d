// What is read at a glance, on the panel's table and on the wall: the question being answered,
// the next ones, and the last known state when the line is dead.
import { ORDERS, inState } from "./ballot.js";
import { html } from "./vendor/preact.js";
import { t } from "./words.js";

/** `{id, question}` of what the panel took up last and has not finished, or nothing. */
export const answering = (questions) =>
  inState(questions, "answering")
    .sort((one, other) => other.question.answered_from_s - one.question.answered_from_s)[0];

/** The open questions that most people want answered, pinned ones first. */
export const wanted = (questions, most) => ORDERS.unanswered(questions).slice(0, most);

/** How large a text may be drawn: by its length, so that the longest fits as well. */
export function sizeOf(text) {
  if (text.length <= 70) return "short";
  if (text.length <= 160) return "medium";
  return text.length <= 400 ? "long" : "longest";
}

/** Nothing here is sent, so there is less to say than in the room: this is how it stood. */
export const LastKnown = ({ status }) =>
  status === "offline" && html`<p class="connection" role="status">${t("glance.offline")}</p>`;
