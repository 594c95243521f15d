// The trail: who of the desk did what, when and why, each act with the button that takes it back.
import { act, acts, desk, room, talk } from "./acting.js";
import { read, talkPath } from "./api.js";
import { Icon } from "./icons.js";
import { sayRefused } from "./toast.js";
import { html, signal, useEffect } from "./vendor/preact.js";
import { t, timeOfDay } from "./words.js";

const SHOWN = 100;
const PAGE = 1_000;

const trail = signal([]);
let isReading = false;
let isStale = false;

/** Read on from the oldest act shown: what came later may have undone it. Asked meanwhile, read again. */
async function readOn() {
  isStale = true;
  if (isReading) return;
  isReading = true;
  try {
    while (isStale) {
      isStale = false;
      const known = trail.peek().slice(0, -SHOWN);
      const { items } = await read(talkPath(talk, `/audit?after=${known.at(-1)?.position ?? 0}&limit=${PAGE}`));
      trail.value = [...known, ...items];
      isStale ||= items.length === PAGE;
    }
  } catch (refused) {
    sayRefused(refused);
  } finally {
    isReading = false;
  }
}

/** `participation.line-hidden` and `question.hidden` are one word to people. */
const actWords = (name) => {
  const [about, what] = name.split(".");
  const special = about === "person" || what === "notice-announced";
  return t(`trail.${special ? what : what.replace(/^(line|notice)-/, "")}`);
};

/** What it was done to, in its own words, if the desk knows them. */
function told(item) {
  const view = room.view.value;
  const behind = desk.view.value;
  const found = behind.items[item] ?? view.feed[item] ?? view.questions[item];
  return found?.text ?? behind.people[item]?.name ?? view.talk.topics[item]?.title ?? "";
}

const Done = ({ done }) => html`
  <li class="trail-act" data-position=${done.position}>
    <div>
      <p class="row-head"><bdi class="name">${done.by.name || t("trail.itself")}</bdi>
        <time dateTime=${done.at}>${timeOfDay(done.at)}</time></p>
      <p>${actWords(done.act)} <q dir="auto">${told(done.item)}</q></p>
      ${done.why && html`<p class="row-state" dir="auto">${done.why}</p>`}
    </div>
    ${done.can_undo && html`
      <button type="button" class="button" onClick=${() => act("undo", { position: done.position })}
        aria-label=${`${t("trail.undo")}: ${actWords(done.act)} ${told(done.item)}`}>
        <${Icon} name="restore" />${t("trail.undo")}</button>`}
  </li>`;

/** Read when it is opened, when this desk acts, and when others do. */
export function Trail() {
  useEffect(() => void readOn(), [acts.value, desk.view.value]);
  return html`
    <section class="trail" aria-labelledby="trail">
      <h2 id="trail">${t("trail.name")}</h2>
      <p><a class="quiet" href=${talkPath(talk, "/audit.csv")} download>${t("trail.csv")}</a></p>
      <ol>
        ${trail.value.slice(-SHOWN).reverse().map((done) => html`<${Done} key=${done.position} done=${done} />`)}
      </ol>
    </section>`;
}
