// The rules of the house, told where people write: under which name, how often, what waits.
import { sayRefused } from "./toast.js";
import { html, useState } from "./vendor/preact.js";
import { t } from "./words.js";

/** Who may vote, unless everybody may. */
export const VOTERS = { ticket: "house.votersTicket", signed_in: "house.votersSignedIn" };

function Nickname({ nickname, choose }) {
  const [isChoosing, setChoosing] = useState(false);
  const decide = async (submit) => {
    submit.preventDefault();
    try {
      await choose(new FormData(submit.target).get("nickname").trim());
      setChoosing(false);
    } catch (refused) {
      sayRefused(refused);
    }
  };
  if (nickname && !isChoosing) {
    return html`
      <p class="house">${t("house.nickname")} <bdi class="name">${nickname}</bdi>
        <button type="button" class="quiet" onClick=${() => setChoosing(true)}>${t("house.change")}</button></p>`;
  }
  return html`
    <form class="join" onSubmit=${decide}>
      <label for="nickname">${t("house.chooseNickname")}</label>
      <div class="join-line">
        <input id="nickname" name="nickname" maxlength="80" required autocomplete="off" />
        <button class="button">${t("house.choose")}</button>
      </div>
    </form>`;
}

/** @param choose takes a nickname; rejects when it is refused */
export function House({ policy, nickname, choose }) {
  const told = [
    policy.names === "anonymous" && t(policy.names_at_desk ? "house.anonymousButDesk" : "house.anonymous"),
    policy.hold !== "off" && t("house.held"),
    policy.slow_s > 0 && t("house.slow", { n: policy.slow_s }),
  ].filter(Boolean);
  return html`
    ${policy.names === "nickname" && html`<${Nickname} ...${{ nickname, choose }} />`}
    ${told.length > 0 && html`<p class="house">${told.join(" ")}</p>`}`;
}
