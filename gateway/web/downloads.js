// The timeline to take away, in the forms that players, podcast hosts, video sites and cutters read.
import { talkPath } from "./api.js";
import { talk } from "./replaying.js";
import { html } from "./vendor/preact.js";
import { t } from "./words.js";

const FORMS = ["vtt", "highlights.vtt", "chapters.json", "youtube.txt", "ffmeta", "ffconcat", "csv"];

export const Downloads = () => html`
  <details class="downloads">
    <summary class="chip">${t("replay.downloads")}</summary>
    <ul>
      ${FORMS.map((form) => html`
        <li key=${form}>
          <a href=${talkPath(talk, `/timeline.${form}`)} download=${`timeline.${form}`}>${t(`download.${form}`)}</a>
        </li>`)}
    </ul>
  </details>`;
