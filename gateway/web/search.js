// Find what somebody said in the whole talk, and jump to the second at which it was said.
import { read, talkPath } from "./api.js";
import { clockTime } from "./clocktime.js";
import { jumpTo, talk } from "./replaying.js";
import { Name } from "./text.js";
import { sayRefused } from "./toast.js";
import { html, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const PAUSE_MS = 250;
const LEAST = 2;        // characters

const found = signal(null);     // what fits, in order; null while nothing is looked for
let asked = "";
let later = 0;

async function look(words) {
  try {
    const { items } = await read(talkPath(talk, `/search?q=${encodeURIComponent(words)}`));
    if (words === asked) found.value = items;
  } catch (refused) {
    sayRefused(refused);
  }
}

function type({ currentTarget }) {
  asked = currentTarget.value.trim();
  clearTimeout(later);
  if (asked.length < LEAST) found.value = null;
  else later = setTimeout(look, PAUSE_MS, asked);
}

const Found = ({ item }) => html`
  <li class="jump">
    <button type="button" class="jump-to" onClick=${() => jumpTo(item.at_s)}>
      <span class="jump-at">${clockTime(item.at_s)}</span>
      <span class="jump-words"><strong><${Name} by=${item.by} /></strong><span dir="auto">${item.text}</span></span>
    </button>
  </li>`;

export const Search = () => html`
  <search class="search">
    <label class="unseen" for="search">${t("search.name")}</label>
    <input id="search" type="search" placeholder=${t("search.name")} autocomplete="off" enterkeyhint="search" onInput=${type} />
    <p class="unseen" role="status">${found.value && t("search.found", { n: found.value.length })}</p>
    ${found.value && html`
      <div class="search-found">
        ${found.value.length === 0 && html`<p class="empty">${t("search.nothing")}</p>`}
        <ol>${found.value.map((item) => html`<${Found} key=${item.id} item=${item} />`)}</ol>
      </div>`}
  </search>`;
