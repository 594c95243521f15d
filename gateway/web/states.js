// What a page shows while it has nothing to show: loading, no such talk, not allowed, a failure.
import { html } from "./vendor/preact.js";
import { t } from "./words.js";

/** @param status of the connection: without one there is more to say than that we wait */
export const Loading = ({ status }) => html`
  <main class="still" aria-busy="true">
    <h1 class="unseen">Hearhear</h1>
    <p class=${status === "offline" ? "connection" : "unseen"} role="status">
      ${t(status === "offline" ? "state.noConnection" : "state.loading")}</p>
    <div class="skeleton" aria-hidden="true"><span></span><span></span><span></span><span></span></div>
  </main>`;

/** @param what the key of a title and its explanation in the catalogue */
export const Still = ({ what, children }) => html`
  <main class="still">
    <a class="brand" href="/">Hearhear</a>
    <h1>${t(`state.${what}.title`)}</h1>
    <p>${t(`state.${what}.words`)}</p>
    ${children ?? html`<p><a class="button" href="/">${t("state.toTalks")}</a></p>`}
  </main>`;
