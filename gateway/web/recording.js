// The stream of the talk, or its recording: where it is, and when its first second was.
import { act } from "./acting.js";
import { say } from "./toast.js";
import { html } from "./vendor/preact.js";
import { t } from "./words.js";

/** A moment as a local date field takes it, to the second. */
function localTime(moment) {
  const at = new Date(moment);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

export function Recording({ talk: { media, started_at: startedAt } }) {
  const attach = async (submit) => {
    submit.preventDefault();
    const fields = new FormData(submit.target);
    const began = new Date(fields.get("started_at")).toISOString();
    if (await act("attach_recording", { url: fields.get("url").trim(), started_at: began })) say(t("recording.attached"));
  };
  const began = media.started_at || startedAt || new Date();
  return html`
    <section class="recording-form" aria-labelledby="recording">
      <h2 id="recording">${t("recording.name")}</h2>
      <form class="two-lines" key=${JSON.stringify(media)} onSubmit=${attach}>
        <label>${t("recording.url")}<input name="url" type="url" required inputmode="url" defaultValue=${media.url} /></label>
        <label>${t("recording.began")}
          <input name="started_at" type="datetime-local" step="1" required defaultValue=${localTime(began)} /></label>
        <button class="button">${t("recording.attach")}</button>
      </form>
    </section>`;
}
