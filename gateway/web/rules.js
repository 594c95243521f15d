// The rules of the talk: what waits for a moderator, how fast people may speak, and which words wait.
import { act, desk, talk } from "./acting.js";
import { Refused, talkPath } from "./api.js";
import { say, sayRefused } from "./toast.js";
import { html, useState } from "./vendor/preact.js";
import { t } from "./words.js";

const HOLDS = ["off", "hold", "release"];

const Hold = ({ name, legend, chosen }) => html`
  <fieldset>
    <legend>${legend}</legend>
    ${HOLDS.map((hold) => html`
      <label key=${hold} class="choice">
        <input type="radio" name=${name} value=${hold} defaultChecked=${hold === chosen} />${t(`rules.hold.${hold}`)}
      </label>`)}
  </fieldset>`;

async function saved(changes) {
  if (await act("set_policy", changes)) say(t("rules.saved"));
}

/** The policy as last set; typing is not disturbed by what others set meanwhile. */
function Policy({ policy }) {
  const save = (submit) => {
    submit.preventDefault();
    const fields = new FormData(submit.target);
    saved({
      hold: fields.get("hold"),
      release_after_s: Number(fields.get("release_after_s")),
      slow_s: Number(fields.get("slow_s")),
      hold_posts: fields.get("hold_posts"),
      hashtags: fields.get("hashtags").split(/[\s,#]+/).filter(Boolean),
    });
  };
  return html`
    <form class="rules-form" key=${JSON.stringify(policy)} onSubmit=${save}>
      <${Hold} name="hold" legend=${t("rules.hold")} chosen=${policy.hold ?? "off"} />
      <${Hold} name="hold_posts" legend=${t("rules.holdPosts")} chosen=${policy.hold_posts ?? "hold"} />
      <label>${t("rules.releaseAfter")}
        <input type="number" name="release_after_s" min="1" max="3600" required defaultValue=${policy.release_after_s ?? 30} /></label>
      <label>${t("rules.slow")}
        <input type="number" name="slow_s" min="0" max="3600" required defaultValue=${policy.slow_s ?? 0} /></label>
      <label>${t("rules.hashtags")}
        <input name="hashtags" dir="auto" defaultValue=${(policy.hashtags ?? []).map((tag) => `#${tag}`).join(" ")} /></label>
      <button class="button primary">${t("rules.save")}</button>
    </form>`;
}

/** No view tells the terms, for nobody should read there how to get around them: the log does, to hosts. */
async function termsOfLog() {
  const answer = await fetch(talkPath(talk, "/log"));
  if (!answer.ok) throw new Refused({ reason: "unavailable", status: answer.status });
  const facts = (await answer.text()).trim().split("\n").map((line) => JSON.parse(line));
  return facts.reduce((terms, { data }) => data?.policy?.terms ?? terms, []);
}

function Terms() {
  const [terms, setTerms] = useState(null);
  const show = () => termsOfLog().then(setTerms, sayRefused);
  const save = (submit) => {
    submit.preventDefault();
    const lines = new FormData(submit.target).get("terms").split("\n").map((line) => line.trim());
    saved({ terms: [...new Set(lines.filter(Boolean))] });
  };
  if (terms === null) return html`<button type="button" class="button" onClick=${show}>${t("rules.showTerms")}</button>`;
  return html`
    <form class="rules-form" onSubmit=${save}>
      <label>${t("rules.terms")}<textarea name="terms" rows="4" dir="auto" defaultValue=${terms.join("\n")}></textarea></label>
      <p class="hint">${t("rules.termsHint")}</p>
      <button class="button">${t("rules.saveTerms")}</button>
    </form>`;
}

/** Only hosts change the rules; moderators read them in what waits. */
export const Rules = ({ policy }) => html`
  <section class="rules" aria-labelledby="rules">
    <h2 id="rules">${t("rules.name")}</h2>
    ${desk.me.value.roles?.host
      ? html`<${Policy} policy=${policy} /><${Terms} />`
      : html`<p class="empty">${t("rules.hostsOnly")}</p>`}
  </section>`;

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
