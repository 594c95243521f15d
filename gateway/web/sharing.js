// The links of a talk: for everybody, for the wall, for speakers, and invitations to a role.
import { act, desk, room, talk } from "./acting.js";
import { Refused, read, talkPath } from "./api.js";
import { copyLink } from "./link.js";
import { sayRefused } from "./toast.js";
import { html, signal, useEffect } from "./vendor/preact.js";
import { dayAndTime, t } from "./words.js";

const PLACES = { room: "", screen: "/screen", overlay: "/screen?overlay", panel: "/panel" };
const ROLES = ["panelist", "moderator", "host", "attendee"];
const HOUR_S = 3_600;
const LASTS_S = { hour: HOUR_S, day: 24 * HOUR_S, week: 168 * HOUR_S };

const way = signal(null);       // {code, url} of the short way in
const invited = signal(null);   // {link, role, drawn} of the latest invitation: its code is told once

export const addressOf = (place) => new URL(`/talks/${encodeURIComponent(talk)}${PLACES[place]}`, location.origin).href;

const Copy = ({ address, name }) => html`
  <button type="button" class="quiet" onClick=${() => copyLink(address, t("share.copied"))}
    aria-label=${`${t("share.copy")}: ${name}`}>${t("share.copy")}</button>`;

const Place = ({ place }) => html`
  <li class="share-place">
    <div><a href=${addressOf(place)} target="_blank" rel="noopener">${t(`share.${place}`)}</a>
      <p class="hint">${t(`share.${place}.for`)}</p></div>
    <${Copy} address=${addressOf(place)} name=${t(`share.${place}`)} />
  </li>`;

/** The way in for phones: the same picture that the screen shows. */
const WayIn = () => html`
  <div class="share-way">
    <img class="share-qr" src=${talkPath(talk, "/join.svg")} alt=${t("screen.qr")} />
    ${way.value && html`<p><strong class="share-code">${way.value.code}</strong><br />
      <bdi>${way.value.url}</bdi><br /><${Copy} address=${way.value.url} name=${t("share.code")} /></p>`}
  </div>`;

/** A link with a code must not stand in an address, so it is sent to be drawn. */
async function drawn(text) {
  const answer = await fetch("/api/qr", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text }),
  });
  if (!answer.ok) throw new Refused({ reason: "unavailable", status: answer.status });
  return `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
}

async function invite(role, lastsS) {
  try {
    const { result } = await desk.command("invite", { role, expires_in_s: lastsS });
    invited.value = { role, link: result.link, drawn: await drawn(result.link) };
  } catch (refused) {
    sayRefused(refused);
  }
}

const Invited = ({ invited: { role, link, drawn: picture } }) => html`
  <div class="share-way" role="status">
    <img class="share-qr" src=${picture} alt=${t("share.inviteQr")} />
    <div><strong>${t("share.invited", { role: t(`role.${role}`) })}</strong>
      <p class="hint">${t("share.once")}</p>
      <input readonly value=${link} aria-label=${t("share.inviteLink")} onFocus=${({ target }) => target.select()} />
      <${Copy} address=${link} name=${t("share.inviteLink")} /></div>
  </div>`;

const Sent = ({ invite: { role, expires_at: expiresAt, state, position } }) => html`
  <li class="share-place">
    <div>${t(`role.${role}`)} <span class="tag">${t(`share.state.${state}`)}</span>
      <p class="hint">${t("share.until", { when: dayAndTime(expiresAt) })}</p></div>
    ${state === "open" && html`
      <button type="button" class="quiet" onClick=${() => act("undo", { position })}>${t("share.withdraw")}</button>`}
  </li>`;

function Invitations({ invites }) {
  const send = (submit) => {
    submit.preventDefault();
    const fields = new FormData(submit.target);
    invite(fields.get("role"), LASTS_S[fields.get("lasts")]);
  };
  const rows = Object.entries(invites).sort(([, one], [, other]) => other.position - one.position);
  return html`
    <section aria-labelledby="invitations">
      <h2 id="invitations">${t("share.invitations")}</h2>
      <form class="share-invite" onSubmit=${send}>
        <label>${t("share.role")}
          <select name="role">${ROLES.map((role) => html`<option key=${role} value=${role}>${t(`role.${role}`)}</option>`)}</select></label>
        <label>${t("share.lasts")}
          <select name="lasts">${Object.keys(LASTS_S).map((lasts) => html`<option key=${lasts} value=${lasts} selected=${lasts === "day"}>${t(`share.lasts.${lasts}`)}</option>`)}</select></label>
        <button class="button">${t("share.invite")}</button>
      </form>
      ${invited.value && html`<${Invited} invited=${invited.value} />`}
      <ul>${rows.map(([id, sent]) => html`<${Sent} key=${id} invite=${sent} />`)}</ul>
    </section>`;
}

export function Sharing({ isHost }) {
  useEffect(() => {
    if (!way.peek()) read(talkPath(talk, "/join")).then((found) => (way.value = found), sayRefused);
  }, []);
  const hasEnded = room.view.value.talk.state === "ended";
  return html`
    <section class="share" aria-labelledby="share">
      <h2 id="share">${t("share.name")}</h2>
      <${WayIn} />
      <ul>${Object.keys(PLACES).map((place) => html`<${Place} key=${place} place=${place} />`)}</ul>
    </section>
    ${isHost && !hasEnded && html`<${Invitations} invites=${desk.view.value.invites ?? {}} />`}`;
}
