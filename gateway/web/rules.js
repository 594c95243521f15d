// The rules of the talk: what waits, how fast people may speak, under which names, who votes,
// and for whom the talk is.
import { act, desk } from "./acting.js";
import { say } from "./toast.js";
import { html } from "./vendor/preact.js";
import { t } from "./words.js";

const CHOICES = {
  hold: ["off", "hold", "release"],
  hold_posts: ["off", "hold", "release"],
  names: ["named", "nickname", "anonymous"],
  votes: ["anyone", "ticket", "signed_in"],
  access: ["public", "private"],
};

/** @param words the rule whose values are called the same */
const Choice = ({ rule, policy, words = rule }) => html`
  <fieldset>
    <legend>${t(`rules.${rule}`)}</legend>
    ${CHOICES[rule].map((value) => html`
      <label key=${value} class="choice">
        <input type="radio" name=${rule} value=${value} defaultChecked=${value === policy[rule]} />${t(`rules.${words}.${value}`)}
      </label>`)}
  </fieldset>`;

/** Each once, without the blank lines. */
const linesOf = (text) => [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];

async function save(submit) {
  submit.preventDefault();
  const fields = new FormData(submit.target);
  const chosen = Object.fromEntries(Object.keys(CHOICES).map((rule) => [rule, fields.get(rule)]));
  const isDone = await act("set_policy", {
    ...chosen,
    names_at_desk: fields.has("names_at_desk"),
    names_in_replay: fields.has("names_in_replay"),
    release_after_s: Number(fields.get("release_after_s")),
    slow_s: Number(fields.get("slow_s")),
    terms: linesOf(fields.get("terms")),
    hashtags: fields.get("hashtags").split(/[\s,#]+/).filter(Boolean),
  });
  if (isDone) say(t("rules.saved"));
}

/**
 * The policy as last set; only hosts change it. It is drawn anew when somebody else does, for
 * a form that is saved over unseen rules would take them back.
 */
export function Rules({ isHost }) {
  const { policy } = desk.view.value;
  return html`
    <section class="rules" aria-labelledby="rules">
      <h2 id="rules">${t("rules.name")}</h2>
      ${!isHost && html`<p class="hint">${t("rules.hostsOnly")}</p>`}
      <form key=${JSON.stringify(policy)} onSubmit=${save}>
        <fieldset class="rules-form" disabled=${!isHost}>
          <legend class="unseen">${t("rules.name")}</legend>
          <${Choice} rule="hold" policy=${policy} />
          <${Choice} rule="hold_posts" words="hold" policy=${policy} />
          <label>${t("rules.releaseAfter")}
            <input type="number" name="release_after_s" min="1" max="3600" required defaultValue=${policy.release_after_s} /></label>
          <label>${t("rules.terms")}
            <textarea name="terms" rows="3" dir="auto" aria-describedby="terms-hint" defaultValue=${policy.terms.join("\n")}></textarea></label>
          <p class="hint" id="terms-hint">${t("rules.termsHint")}</p>
          <label>${t("rules.hashtags")}
            <input name="hashtags" dir="auto" defaultValue=${policy.hashtags.map((tag) => `#${tag}`).join(" ")} /></label>
          <label>${t("rules.slow")}
            <input type="number" name="slow_s" min="0" max="3600" required defaultValue=${policy.slow_s} /></label>
          <${Choice} rule="names" policy=${policy} />
          <label class="choice">
            <input type="checkbox" name="names_at_desk" defaultChecked=${policy.names_at_desk} />${t("rules.namesAtDesk")}</label>
          <label class="choice">
            <input type="checkbox" name="names_in_replay" defaultChecked=${policy.names_in_replay} />${t("rules.namesInReplay")}</label>
          <${Choice} rule="votes" policy=${policy} />
          <${Choice} rule="access" policy=${policy} />
          ${isHost && html`<button class="button primary">${t("rules.save")}</button>`}
        </fieldset>
      </form>
    </section>`;
}

/** A word to everybody. */
export function Announce() {
  const announce = (submit) => {
    submit.preventDefault();
    const form = submit.target;
    const text = new FormData(form).get("text").trim();
    if (text) act("announce", { text }).then((isDone) => isDone && form.reset());
  };
  return html`
    <section aria-labelledby="announce">
      <h2 id="announce">${t("rules.announce")}</h2>
      <form class="join-line" onSubmit=${announce}>
        <label class="unseen" for="notice">${t("rules.announceLabel")}</label>
        <input id="notice" name="text" maxlength="2000" autocomplete="off" placeholder=${t("rules.announceLabel")} />
        <button class="button">${t("rules.announceDo")}</button>
      </form>
    </section>`;
}
