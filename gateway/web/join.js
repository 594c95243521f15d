// The one question before somebody may write: what shall we call you?
import { joinAs } from "./session.js";
import { sayRefused } from "./toast.js";
import { html, useState } from "./vendor/preact.js";
import { t } from "./words.js";

export function Join({ onJoined }) {
  const [isJoining, setJoining] = useState(false);

  const join = async (submit) => {
    submit.preventDefault();
    const name = new FormData(submit.target).get("name").trim();
    if (!name) return;
    setJoining(true);
    try {
      await joinAs(name);
      onJoined();
    } catch (refused) {
      sayRefused(refused);
      setJoining(false);
    }
  };

  return html`
    <form class="join" onSubmit=${join}>
      <label for="join-name">${t("join.question")}</label>
      <div class="join-line">
        <input id="join-name" name="name" maxlength="80" required autocomplete="nickname" enterkeyhint="go"
          placeholder=${t("join.name")} />
        <button class="button primary" disabled=${isJoining}>${t("join.go")}</button>
      </div>
    </form>`;
}
