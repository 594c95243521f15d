// The start page: talks live now, coming and ended, and a form that holds a new one.
import { read, send, talkPath } from "./api.js";
import { newId } from "./ids.js";
import { inBrowser } from "./kept.js";
import { StateBadge } from "./stage.js";
import { Still } from "./states.js";
import { Toast, sayRefused } from "./toast.js";
import { MARK, joinAs, redeemCode } from "./session.js";
import { html, render, signal, useState } from "./vendor/preact.js";
import { dayAndTime, t } from "./words.js";

const talks = signal(null);
const person = signal(null);
const failed = signal(false);
const mayBeMore = signal(false);

const PAGE = 200;

const SECTIONS = [
  { name: "live", states: ["live", "open"], newest: "started_at" },
  { name: "coming", states: ["scheduled"], newest: "" },
  { name: "ended", states: ["ended"], newest: "ended_at" },
];

/** The person of this browser, or `null`; nobody is asked for who has never said a name here. */
async function whoAmI() {
  if (inBrowser.get(MARK) === null) return null;
  const me = await read("/api/me").catch(() => null);
  if (!me?.person) inBrowser.remove(MARK);
  return me?.person ? me : null;
}

/** Read the talks after those known, the latest announced first; a page that is not full is the last. */
async function readOn() {
  const known = talks.peek() ?? [];
  const after = known.length ? `&after=${encodeURIComponent(known.at(-1).id)}` : "";
  const { items } = await read(`/api/talks?limit=${PAGE}${after}`);
  talks.value = [...known, ...items];
  mayBeMore.value = items.length === PAGE;
}

const More = () => html`
  <button type="button" class="button more-talks" onClick=${() => readOn().catch(sayRefused)}>${t("talks.older")}</button>`;

const when = (talk) => dayAndTime(talk.ended_at || talk.started_at || talk.starts_at);

const addressOf = ({ id, state }) => `/talks/${id}${state === "ended" ? "/replay" : ""}`;

const Card = ({ talk }) => html`
  <li class="card" data-talk=${talk.id}>
    <a class="card-link" href=${addressOf(talk)} dir="auto">${talk.title}</a>
    <p class="card-facts"><${StateBadge} state=${talk.state} /><span>${when(talk)}</span></p>
  </li>`;

const Skeleton = () => html`
  <div class="skeleton" aria-hidden="true"><span></span><span></span><span></span></div>`;

/** A stream is a recording in the making: its second 0 is when the talk is to start, or now. */
const attachStream = (talk, { stream, starts_at: startsAt }) =>
  send(talkPath(talk, "/commands"), {
    command: "attach_recording", command_id: newId(), url: stream,
    started_at: (startsAt ? new Date(startsAt) : new Date()).toISOString(),
  });

const Section = ({ name, states, newest }) => {
  const shown = talks.value.filter(({ state }) => states.includes(state));
  if (newest) shown.sort((one, other) => other[newest].localeCompare(one[newest]));
  else shown.sort((one, other) => (one.starts_at || "~").localeCompare(other.starts_at || "~"));
  if (shown.length === 0) return null;
  return html`
    <section class="talks-section" aria-labelledby=${`talks-${name}`}>
      <h2 id=${`talks-${name}`}>${t(`talks.${name}`)}</h2>
      <ul class="cards">${shown.map((talk) => html`<${Card} key=${talk.id} talk=${talk} />`)}</ul>
    </section>`;
};

/** Where a code leads is known to the gateway; one that leads nowhere comes back here. */
function Code() {
  const unknown = new URLSearchParams(location.search).get("code");
  const follow = (submit) => {
    submit.preventDefault();
    const code = new FormData(submit.target).get("code").trim();
    if (code) location.assign(`/j/${encodeURIComponent(code)}`);
  };
  return html`
    <form class="code" onSubmit=${follow}>
      <label for="code">${t("talks.codeLabel")}</label>
      <div class="join-line">
        <input id="code" name="code" required maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck=${false}
          placeholder=${t("talks.codeHint")} aria-describedby=${unknown ? "code-unknown" : undefined} aria-invalid=${unknown ? "true" : undefined} />
        <button class="button primary">${t("talks.codeGo")}</button>
      </div>
      ${unknown && html`<p class="connection" id="code-unknown" role="alert">${t("talks.codeUnknown", { code: unknown })}</p>`}
    </form>`;
}

function Hold() {
  const [isSending, setSending] = useState(false);

  const hold = async (submit) => {
    submit.preventDefault();
    const fields = Object.fromEntries(new FormData(submit.target));
    const startsAt = fields.starts_at ? { starts_at: new Date(fields.starts_at).toISOString() } : {};
    setSending(true);
    try {
      if (!person.value) await joinAs(fields.name.trim());
      const { id } = await send("/api/talks", { title: fields.title.trim(), ...startsAt });
      if (fields.stream) await attachStream(id, fields);
      location.assign(`/talks/${id}/desk`);
    } catch (refused) {
      sayRefused(refused);
      setSending(false);
    }
  };

  return html`
    <form class="hold" onSubmit=${hold} aria-labelledby="hold-title">
      <h2 id="hold-title">${t("talks.createTitle")}</h2>
      <p>${t("talks.createWords")}</p>
      <label>${t("talks.titleLabel")}
        <input name="title" required maxlength="300" placeholder=${t("talks.titleHint")} /></label>
      ${!person.value && html`
        <label>${t("join.name")}
          <input name="name" required maxlength="80" autocomplete="nickname" /></label>`}
      <details>
        <summary>${t("talks.more")}</summary>
        <label>${t("talks.startsAt")}
          <input name="starts_at" type="datetime-local" /></label>
        <label>${t("talks.streamLabel")}
          <input name="stream" type="url" placeholder=${t("talks.streamHint")} /></label>
      </details>
      <button class="button primary" disabled=${isSending}>${t("talks.create")}</button>
    </form>`;
}

function Talks() {
  if (failed.value) return html`<${Still} what="failed" />`;
  return html`
    <div class="talks">
      <header class="talks-head">
        <h1 class="wordmark">Hearhear</h1>
        <p class="lead">${t("talks.lead")}</p>
        <${Code} />
      </header>
      <main class="talks-main">
        <div class="talks-lists" aria-busy=${talks.value === null}>
          ${talks.value === null && html`<${Skeleton} />`}
          ${talks.value?.length === 0 && html`<p class="empty">${t("talks.empty")}</p>`}
          ${talks.value && SECTIONS.map((section) => html`<${Section} key=${section.name} ...${section} />`)}
          ${mayBeMore.value && html`<${More} />`}
        </div>
        <${Hold} />
      </main>
    </div>
    <${Toast} />`;
}

render(html`<${Talks} />`, document.getElementById("page"));
await redeemCode();
person.value = await whoAmI();
try {
  await readOn();
} catch {
  failed.value = true;
}
