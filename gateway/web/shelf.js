// What a moderator may do with a question, a line or a post: keep it in sight, merge it, answer it in writing.
import { Act } from "./act.js";
import { act, desk, room } from "./acting.js";
import { Box } from "./ask.js";
import { actWords, choosePerson } from "./people.js";
import { html, signal, useEffect } from "./vendor/preact.js";
import { count, t } from "./words.js";

const chosen = signal(null);            // {id, item, kind} of what the box is about
export const merging = signal(null);    // {id, text} of the question that looks for another to join

export const MoreButton = ({ id, item, kind }) => html`
  <button type="button" class="quiet" aria-haspopup="dialog" onClick=${() => (chosen.value = { id, item, kind })}>
    ${t("more.name")}</button>`;

const close = () => (chosen.value = null);

function Written({ id, question }) {
  const answer = (submit) => {
    submit.preventDefault();
    const text = new FormData(submit.target).get("text").trim();
    act(question.answer ? "edit_answer" : "answer_in_writing", { question: id, text });
    close();
  };
  return html`
    <form onSubmit=${answer}>
      <label>${t("more.answer")}
        <textarea name="text" rows="3" maxlength="2000" required dir="auto" defaultValue=${question.answer}></textarea></label>
      <button class="button">${t("more.publish")}</button>
    </form>`;
}

/** Guests can come back as somebody else, so a host may want to know who voted. */
const Tallies = ({ tally }) => tally && html`
  <p class="hint">${t("more.tallies", { guests: count(tally.guests), signed: count(tally.signed_in) })}</p>`;

/** One button of the box, which goes first: what comes next may want the focus. */
function Choice({ command, args, children, onPress = () => act(command, args) }) {
  const press = ({ currentTarget }) => {
    currentTarget.closest("dialog").close();
    onPress();
  };
  return html`<button type="button" class="button" onClick=${press}>${children}</button>`;
}

/** Who said it, as far as the rules let the desk know; without a name, the item stands for them. */
const authorOf = (id, item) => {
  const { id: person, name } = desk.view.value.authors?.[id] ?? item.by;
  return { id: person || id, name: name || t("people.unnamed") };
};

/** All that may be done with one item, and with who said it. */
export function ItemBox() {
  const { id, item, kind } = chosen.value ?? {};
  const author = item && authorOf(id, item);
  return html`
    <${Box} title=${t("more.title")} isOpen=${chosen.value !== null} onClose=${close}>
      <div class="more">
        <h2>${t("more.title")}</h2>
        <blockquote dir="auto">${item?.text}</blockquote>
        ${author && html`<p class="hint">${t("more.by")} <bdi>${author.name}</bdi></p>`}
        ${kind === "question" && html`<${Tallies} tally=${desk.view.value.tallies?.[id]} />`}
        <div class="measures">
          ${["line", "question", "post"].includes(kind) && html`
            <${Choice} command=${item.pinned ? "unpin" : "pin"} args=${{ item: id }}>
              ${t(item.pinned ? "more.unpin" : "more.pin")}<//>`}
          ${kind === "line" && html`<${Choice} command="promote_line" args=${{ line: id }}>${t("more.promote")}<//>`}
          ${kind === "question" && item.state === "open" && html`
            <${Choice} onPress=${() => (merging.value = { id, text: item.text })}>${t("more.merge")}<//>`}
          ${author && html`<${Choice} onPress=${() => choosePerson(author.id, author.name)}>${actWords()}<//>`}
        </div>
        ${kind === "question" && html`<${Written} id=${id} question=${item} />`}
        <p class="ask-choice"><button type="button" class="button" onClick=${close}>${t("more.close")}</button></p>
      </div>
    <//>`;
}

/** Said above the ballot while a question looks for another; Escape gives it up. */
export function MergeHint() {
  const isMerging = merging.value !== null;
  useEffect(() => {
    if (!isMerging) return undefined;
    document.querySelector(".merge-target")?.focus();
    const giveUp = (key) => key.key === "Escape" && (merging.value = null);
    addEventListener("keydown", giveUp);
    return () => removeEventListener("keydown", giveUp);
  }, [isMerging]);
  if (!isMerging) return null;
  return html`
    <div class="merge-hint" role="status">
      <p>${t("more.mergeWhich")} <q dir="auto">${merging.value.text}</q></p>
      <button type="button" class="button" onClick=${() => (merging.value = null)}>${t("more.cancel")}</button>
    </div>`;
}

function mergeInto(into) {
  const { id } = merging.value;
  merging.value = null;
  act("merge_questions", { question: id, into });
}

export const MergeTarget = ({ id }) => html`
  <div class="question-actions">
    ${id !== merging.value.id && html`
      <button type="button" class="button primary merge-target" onClick=${() => mergeInto(id)}>${t("more.mergeHere")}</button>`}
  </div>`;

const away = (questions) =>
  Object.entries(questions)
    .filter(([, { state }]) => state === "merged" || state === "archived")
    .sort(([, one], [, other]) => one.position - other.position);

const Away = ({ id, question, questions }) => html`
  <li class="hidden-item" data-away=${id}>
    <p class="row-text" dir="auto">${question.text}</p>
    ${question.state === "merged"
      ? html`
        <p class="row-state">${t("more.mergedInto")} <q dir="auto">${questions[question.merged_into]?.text}</q></p>
        <${Act} command="unmerge_question" args=${{ question: id }} icon="restore" className="quiet">${t("more.unmerge")}<//>`
      : html`
        <p class="row-state">${t("more.archived")}</p>
        <${Act} command="restore_question" args=${{ question: id }} icon="restore" className="quiet">${t("desk.restore")}<//>`}
  </li>`;

/** Questions that were merged or archived, with the way back. */
export function PutAway() {
  const { questions } = room.view.value;
  const rows = away(questions);
  if (rows.length === 0) return null;
  return html`
    <section class="put-away" aria-labelledby="put-away">
      <h2 id="put-away">${t("more.putAway")}</h2>
      <ul>${rows.map(([id, question]) => html`<${Away} key=${id} ...${{ id, question, questions }} />`)}</ul>
    </section>`;
}
