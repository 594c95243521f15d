// What the page says, in the reader's language: `t("key", {n: 3})` from locales/*.json.
const LANGUAGES = ["en", "de", "fr"];

function preferred() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, ...navigator.languages].filter(Boolean).map((tag) => tag.slice(0, 2));
  return wanted.find((language) => LANGUAGES.includes(language)) ?? "en";
}

export const language = preferred();
document.documentElement.lang = language;

const address = new URL(`./locales/${language}.json`, import.meta.url);
const catalogue = await (await fetch(address)).json();
const plural = new Intl.PluralRules(language);

/** The words of `key`; `{name}` is filled from `values`, and `values.n` chooses `key_one` or `key_other`. */
export function t(key, values = {}) {
  const form = "n" in values ? catalogue[`${key}_${plural.select(values.n)}`] : undefined;
  const words = form ?? catalogue[`${key}_other`] ?? catalogue[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

const number = new Intl.NumberFormat(language);
const time = { hour: "2-digit", minute: "2-digit" };
const clock = new Intl.DateTimeFormat(language, time);
const day = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", ...time });

export const count = (value) => number.format(value);
export const timeOfDay = (at) => (at ? clock.format(new Date(at)) : "");
export const dayAndTime = (at) => (at ? day.format(new Date(at)) : "");
