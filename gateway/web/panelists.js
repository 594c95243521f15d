// Who sits on the panel: presented by a host, shown to everybody.
import { act } from "./acting.js";
import { html } from "./vendor/preact.js";
import { t } from "./words.js";

export function Panelists({ panelists, mayAdd }) {
  const rows = Object.entries(panelists).sort(([, one], [, other]) => one.order - other.order);
  const introduce = (submit) => {
    submit.preventDefault();
    const form = submit.target;
    const [name, about] = ["name", "about"].map((field) => new FormData(form).get(field).trim());
    act("introduce_panelist", { name, about }).then((isDone) => isDone && form.reset());
  };
  return html`
    <section class="panelists" aria-labelledby="panelists">
      <h2 id="panelists">${t("panelists.name")}</h2>
      ${rows.length === 0 && html`<p class="empty">${t("panelists.empty")}</p>`}
      <ul>${rows.map(([id, { name, about }]) => html`
        <li key=${id}><bdi class="name">${name}</bdi>${about && html` <span class="hint" dir="auto">${about}</span>`}</li>`)}</ul>
      ${mayAdd && html`
        <form class="two-lines" onSubmit=${introduce}>
          <label class="unseen" for="panelist-name">${t("panelists.new")}</label>
          <input id="panelist-name" name="name" maxlength="80" required autocomplete="off" placeholder=${t("panelists.new")} />
          <label class="unseen" for="panelist-about">${t("panelists.about")}</label>
          <input id="panelist-about" name="about" maxlength="300" autocomplete="off" placeholder=${t("panelists.about")} />
          <button class="button">${t("panelists.introduce")}</button>
        </form>`}
    </section>`;
}
