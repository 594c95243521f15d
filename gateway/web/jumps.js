// Where to jump to: highlights with their reasons, chapters, and the answers to questions.
import { clockTime } from "./clocktime.js";
import { Correct } from "./correcting.js";
import { isHost, isIn, jumpTo, quieter, stops, timeline } from "./replaying.js";
import { why } from "./reasons.js";
import { html } from "./vendor/preact.js";
import { t } from "./words.js";

const Jump = ({ stretch, children }) => html`
  <li class="jump" aria-current=${isIn(stretch) ? "true" : undefined}>
    <button type="button" class="jump-to" onClick=${() => jumpTo(stretch.start_s)}>
      <span class="jump-at">${clockTime(stretch.start_s)}</span>
      <span class="jump-words">
        <strong dir="auto">${stretch.title}</strong>${stretch.why && html`<span dir="auto">${stretch.why}</span>`}
      </span>
    </button>
    ${children}
  </li>`;

const HighlightJumps = ({ to }) => html`
  <ol>
    ${to.map((one) => html`
      <${Jump} key=${one.id} stretch=${{ ...one, why: why(one) }}>${isHost.value && html`<${Correct} highlight=${one} />`}<//>`)}
  </ol>`;

export const Highlights = () => html`
  <section class="jumps" data-of="highlights" aria-labelledby="highlights">
    <h2 id="highlights">${t("replay.highlights")}</h2>
    ${stops.value.length === 0 && html`<p class="empty">${t("replay.highlightsEmpty")}</p>`}
    <${HighlightJumps} to=${stops.value} />
    ${quieter.value.length > 0 && html`
      <details>
        <summary>${t("replay.quieter", { n: quieter.value.length })}</summary>
        <${HighlightJumps} to=${quieter.value} />
      </details>`}
    <p class="keys">${t("replay.keys")}</p>
  </section>`;

export const Chapters = () => html`
  <section class="jumps" data-of="chapters" aria-labelledby="chapters">
    <h2 id="chapters">${t("replay.chapters")}</h2>
    ${timeline.value.chapters.length === 0 && html`<p class="empty">${t("replay.chaptersEmpty")}</p>`}
    <ol>${timeline.value.chapters.map((one) => html`<${Jump} key=${one.start_s} stretch=${one} />`)}</ol>
  </section>`;

const asStretch = ({ text, votes, ...stretch }) => ({ ...stretch, title: text, why: t("ballot.votes", { n: votes }) });

/** Each question that the panel took up, with those who stood behind it. */
export const Answered = () => timeline.value.questions.length > 0 && html`
  <section class="jumps" data-of="answered" aria-labelledby="answered">
    <h2 id="answered">${t("replay.answered")}</h2>
    <ol>
      ${timeline.value.questions.map((one) => html`
        <${Jump} key=${`${one.question} ${one.start_s}`} stretch=${asStretch(one)} />`)}
    </ol>
  </section>`;
