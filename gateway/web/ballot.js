// The ballot: open questions by votes, the one being answered above them all.
import { Icon } from "./icons.js";
import { memo } from "./memo.js";
import { Name, Text } from "./text.js";
import { html } from "./vendor/preact.js";
import { count, t } from "./words.js";

const all = (questions) => Object.entries(questions ?? {}).map(([id, question]) => ({ id, question }));
const byVotes = (one, other) =>
  other.question.votes - one.question.votes || one.question.position - other.question.position;
const newestFirst = (one, other) => other.question.position - one.question.position;

const isOpen = ({ question }) => question.state === "open";
const isAnswered = ({ question }) => question.state === "answered";

export const beingAnswered = (questions) => all(questions).filter(({ question }) => question.state === "answering");

/** The orders a reader may choose. */
export const ORDERS = {
  votes: (questions) => all(questions).filter(isOpen).sort(byVotes),
  new: (questions) => all(questions).filter(isOpen).sort(newestFirst),
  answered: (questions) => all(questions).filter(isAnswered).sort(newestFirst),
};

export const VoteButton = memo(({ id, votes, voted, canVote, onVote, text }) => html`
  <button type="button" class="vote" aria-pressed=${voted} disabled=${!canVote} onClick=${() => onVote(id)}
    aria-label=${t("ballot.voteFor", { n: votes, text: text.slice(0, 80) })}>
    <${Icon} name=${voted ? "check" : "up"} /><span class="votes">${count(votes)}</span>
  </button>`);

const Question = memo(({ id, question, votes, voted, canVote, onVote, actions }) => html`
  <li class="question" data-state=${question.state} data-question=${id}>
    ${onVote
      ? html`<${VoteButton} id=${id} votes=${votes} voted=${voted} canVote=${canVote} onVote=${onVote} text=${question.text} />`
      : html`<span class="vote" aria-label=${t("ballot.votes", { n: votes })} role="img"><span class="votes">${count(votes)}</span></span>`}
    <div class="question-body">
      ${question.state === "answering" && html`<span class="tag tag-now"><${Icon} name="mic" />${t("ballot.answering")}</span>`}
      ${question.state === "answered" && html`<span class="tag"><${Icon} name="check" />${t("ballot.answered")}</span>`}
      <p class="question-text" dir="auto"><${Text} text=${question.text} /></p>
      <p class="question-by"><${Name} by=${question.by} /></p>
      ${question.answer && html`<p class="answer" dir="auto"><${Text} text=${question.answer} /></p>`}
      ${actions?.(id, question)}
    </div>
  </li>`);

/** @param votes what to show for (id, tally): `{voted, votes}`; without it the ballot is read only */
export function Ballot({ questions, order, votes, canVote = false, onVote, actions, empty }) {
  const rows = [...beingAnswered(questions), ...ORDERS[order.value](questions)];
  return html`
    <div class="ballot">
      <div class="chips" role="group" aria-label=${t("ballot.order")}>
        ${Object.keys(ORDERS).map((name) => html`
          <button key=${name} type="button" class="chip" aria-pressed=${order.value === name}
            onClick=${() => (order.value = name)}>${t(`ballot.by.${name}`)}</button>`)}
      </div>
      <ol class="questions" tabindex="-1">
        ${rows.map(({ id, question }) => {
          const shown = votes?.(id, question.votes) ?? { votes: question.votes, voted: false };
          return html`<${Question} key=${id} id=${id} question=${question} votes=${shown.votes} voted=${shown.voted}
            canVote=${canVote} onVote=${onVote} actions=${actions} />`;
        })}
      </ol>
      ${rows.length === 0 && html`<p class="empty">${empty ?? t("ballot.empty")}</p>`}
    </div>`;
}
