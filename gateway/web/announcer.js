// Reads the newest line of the feed to a screen reader: politely, at most one per five seconds,
// never the history. (The log itself stays silent: fifty lines a second are no speech.)
import { effect, html, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const PAUSE_MS = 5_000;

/** Follow a signal of `{id, item}` in order; returns the signal of what to say. */
export function announcing(items) {
  const words = signal("");
  let heard = null;        // position of the last item known; null before the history came
  let missed = 0;
  let resting = 0;
  let newest = null;

  const speak = () => {
    resting = 0;
    if (!newest) return;
    const more = missed > 1 ? ` ${t("announce.more", { n: missed - 1 })}` : "";
    words.value = `${newest.by?.name || t(`kind.${newest.kind}`)}: ${newest.text}${more}`;
    newest = null;
    missed = 0;
    resting = setTimeout(speak, PAUSE_MS);
  };

  effect(() => {
    const list = items.value;
    const last = list.at(-1)?.item.position ?? 0;
    if (heard !== null && last > heard) {
      newest = list.at(-1).item;
      missed += list.filter(({ item }) => item.position > heard).length;
      if (!resting) speak();
    }
    if (list.length) heard = Math.max(last, heard ?? 0);
  });
  return words;
}

export const Announcer = ({ words }) => html`<p class="unseen" role="status" aria-live="polite">${words.value}</p>`;
