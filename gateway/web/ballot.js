// The ballot: open questions by votes, the one being answered above them all.
import { Chips } from "./choices.js";
import { Icon } from "./icons.js";
import { memo } from "./memo.js";
import { Name, Text } from "./text.js";
import { html } from "./vendor/preact.js";
import { count, t } from "./words.js";

const TOLD_OF_TEXT = 80;    // characters of a question that its button says

export const inState = (questions, state) =>
  Object.entries(questions ?? {})
    .filter(([, question]) => question.state === state)
    .map(([id, question]) => ({ id, question }));
const byVotes = (one, other) =>
  Number(other.question.pinned) - Number(one.question.pinned)
  || other.question.votes - one.question.votes || one.question.position - other.question.position;
const newestFirst = (one, other) => other.question.position - one.question.position;

/** The orders a reader may choose; what is being answered stands above them all. */
export const ORDERS = {
  votes: (questions) => [...ORDERS.unanswered(questions), ...inState(questions, "answered").sort(byVotes)],
  new: (questions) => [...inState(questions, "open"), ...inState(questions, "answered")].sort(newestFirst),
  unanswered: (questions) => inState(questions, "open").sort(byVotes),
  answered: (questions) => inState(questions, "answered").sort(newestFirst),
};

export const VoteButton = memo(({ id, votes, voted, canVote, onVote, text }) => html`
  <button type="button" class="vote" aria-pressed=${voted} disabled=${!canVote} onClick=${() => onVote(id)}
    aria-label=${t("ballot.voteFor", { n: votes, text: text.slice(0, TOLD_OF_TEXT) })}>
    <${Icon} name=${voted ? "check" : "up"} /><span class="votes">${count(votes)}</span>
  </button>`);

const Tally = ({ votes }) => html`
  <span class="vote" role="img" aria-label=${t("ballot.votes", { n: votes })}>
    <span class="votes">${count(votes)}</span>
  </span>`;

const State = ({ state }) => {
  if (state === "answering") return html`<span class="tag tag-now"><${Icon} name="mic" />${t("ballot.answering")}</span>`;
  if (state === "answered") return html`<span class="tag"><${Icon} name="check" />${t("ballot.answered")}</span>`;
  return null;
};

const Question = memo(({ id, question, votes, voted, canVote, onVote, actions, handling }) => html`
  <li class="question" data-state=${question.state} data-question=${id} ...${handling?.(id, question)}>
    ${onVote
      ? html`<${VoteButton} ...${{ id, votes, voted, canVote, onVote, text: question.text }} />`
      : html`<${Tally} votes=${votes} />`}
    <div class="question-body">
      <${State} state=${question.state} />
      ${question.pinned && html`<span class="tag"><${Icon} name="pin" />${t("feed.pinned")}</span>`}
      <p class="question-text" dir="auto"><${Text} text=${question.text} /></p>
      <p class="question-by"><${Name} by=${question.by} /></p>
      ${question.answer && html`<p class="answer" dir="auto"><${Text} text=${question.answer} /></p>`}
      ${actions?.(id, question)}
    </div>
  </li>`);

/**
 * @param order signal of a name in `ORDERS`
 * @param votes what to show for (id, tally): `{voted, votes}`
 * @param onVote without it the ballot is read only
 * @param actions more buttons for (id, question)
 * @param handling what else a row of (id, question) listens to, as properties of its element
 */
export function Ballot({ questions, order, votes, canVote = false, onVote, actions, handling, empty }) {
  const rows = [...inState(questions, "answering"), ...ORDERS[order.value](questions)];
  const orders = Object.fromEntries(Object.keys(ORDERS).map((name) => [name, t(`ballot.by.${name}`)]));
  return html`
    <div class="ballot">
      <${Chips} label=${t("ballot.order")} chosen=${order} options=${orders} />
      <ol class="questions">
        ${rows.map(({ id, question }) => {
          const shown = votes?.(id, question.votes) ?? { votes: question.votes, voted: false };
          return html`<${Question} key=${id} ...${{ id, question, canVote, onVote, actions, handling, ...shown }} />`;
        })}
      </ol>
      ${rows.length === 0 && html`<p class="empty">${empty}</p>`}
    </div>`;
}
