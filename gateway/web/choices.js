// One of several: chips narrow a list down, panes choose what a phone shows.
import { html } from "./vendor/preact.js";

const Choice = ({ className, chosen, name, children }) => html`
  <button type="button" class=${className} aria-pressed=${chosen.value === name}
    onClick=${() => (chosen.value = name)}>${children}</button>`;

/** @param options words by name; `chosen` is the signal of a name */
export const Chips = ({ label, chosen, options }) => html`
  <div class="chips" role="group" aria-label=${label}>
    ${Object.entries(options).map(([name, words]) => html`
      <${Choice} key=${name} className="chip" chosen=${chosen} name=${name}>${words}<//>`)}
  </div>`;

/** @param counts numbers worth telling beside the words, by name */
export const Panes = ({ label, chosen, options, counts = {} }) => html`
  <nav class="panes" aria-label=${label}>
    ${Object.entries(options).map(([name, words]) => html`
      <${Choice} key=${name} className="pane-tab" chosen=${chosen} name=${name}>
        ${words}${counts[name] > 0 && html` <span class="n">${counts[name]}</span>`}
      <//>`)}
  </nav>`;
