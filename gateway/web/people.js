// People: who was met at the desk, and what a moderator may do about somebody.
import { Act } from "./act.js";
import { act, desk, room } from "./acting.js";
import { Box } from "./ask.js";
import { Name } from "./text.js";
import { html, signal } from "./vendor/preact.js";
import { t, timeOfDay } from "./words.js";

const FOREVER = "9999";     // how the date of a mute begins that nobody has limited
const SHORT_MIN = 5;
const LONG_MIN = 30;
const GRANTED = ["panelist", "moderator", "host"];

const person = signal(null);        // {id, name} of whom the box is about

export const choosePerson = (id, name) => (person.value = { id, name });

export const isMuted = (until) => Boolean(until) && new Date(until) > Date.now();

/** Until when somebody is muted, in words. */
const mutedWords = (until) =>
  (until.startsWith(FOREVER) ? t("people.mutedForever") : t("people.mutedUntil", { at: timeOfDay(until) }));

const MEASURES = {
  short: (attendee, why) => act("mute", { attendee, why, minutes: SHORT_MIN }),
  long: (attendee, why) => act("mute", { attendee, why, minutes: LONG_MIN }),
  forever: (attendee, why) => act("mute", { attendee, why }),
  ban: (attendee, why) => act("ban", { attendee, why }),
  nickname: (attendee, why) => act("clear_nickname", { attendee, why }),
};

const hasNicknames = () => room.view.value.talk.policy.names === "nickname";

/** What the button says that opens the box: all that can be done there. */
export const actWords = () => t(hasNicknames() ? "people.actOrName" : "people.act");

/** What a host may make of somebody, or take back; it holds in this talk. */
function Offices({ id, onDone }) {
  const roles = desk.view.value.people[id]?.roles ?? {};
  const press = (role) => {
    act(roles[role] ? "withdraw_role" : "grant_role", { attendee: id, role });
    onDone();
  };
  return html`
    <p class="row-state">${t("people.roleMeans")}</p>
    <div class="measures">
      ${GRANTED.map((role) => html`
        <button key=${role} type="button" class="button" onClick=${() => press(role)}>
          ${t(roles[role] ? "people.withdraw" : "people.grant", { role: t(`role.${role}`) })}</button>`)}
    </div>`;
}

/** The box that mutes, bans or takes a nickname away: each needs a reason, and says what it means. */
export function PersonBox({ isHost }) {
  const close = () => (person.value = null);
  const decide = (submit) => {
    submit.preventDefault();
    const why = new FormData(submit.target).get("why").trim();
    MEASURES[submit.submitter.value](person.value.id, why);
    close();
  };
  const name = person.value?.name ?? "";
  return html`
    <${Box} title=${t("people.about", { name })} isOpen=${person.value !== null} onClose=${close}>
      <form onSubmit=${decide}>
        <h2 dir="auto">${t("people.about", { name })}</h2>
        <label>${t("desk.hideWhy")}<input name="why" maxlength="300" required autofocus /></label>
        <p class="row-state">${t("people.muteMeans")}</p>
        <div class="measures">
          <button class="button" value="short">${t("people.mute", { n: SHORT_MIN })}</button>
          <button class="button" value="long">${t("people.mute", { n: LONG_MIN })}</button>
          <button class="button" value="forever">${t("people.muteForever")}</button>
        </div>
        ${hasNicknames() && html`
          <p class="row-state">${t("people.nicknameMeans")}</p>
          <div class="measures">
            <button class="button" value="nickname">${t("people.clearNickname")}</button>
          </div>`}
        ${isHost && html`<${Offices} id=${person.value?.id} onDone=${close} />`}
        <p class="row-state">${t("people.banMeans")}</p>
        <p class="ask-choice">
          <button type="button" class="button" onClick=${close}>${t("people.leave")}</button>
          <button class="button danger" value="ban">${t("people.ban")}</button>
        </p>
      </form>
    <//>`;
}

const Tags = ({ who }) => html`
  ${Object.keys(who.roles).map((role) => html`<span key=${role} class="tag">${t(`role.${role}`)}</span>`)}
  ${who.banned && html`<span class="tag tag-warn">${t("people.banned")}</span>`}
  ${isMuted(who.muted_until) && html`<span class="tag tag-warn">${mutedWords(who.muted_until)}</span>`}`;

const Person = ({ id, who, isMe }) => html`
  <li class="person" data-person=${id}>
    <p class="row-head"><${Name} by=${who} /><${Tags} who=${who} /></p>
    <div class="person-choice">
      ${isMuted(who.muted_until) && html`<${Act} command="unmute" args=${{ attendee: id }}>${t("people.unmute")}<//>`}
      ${who.banned && html`<${Act} command="unban" args=${{ attendee: id }}>${t("people.unban")}<//>`}
      ${!isMe && !who.banned && html`
        <button type="button" class="quiet" onClick=${() => choosePerson(id, who.name || t("name.none"))}>${actWords()}</button>`}
    </div>
  </li>`;

const byWeight = ([, one], [, other]) =>
  Number(other.banned) - Number(one.banned)
  || Number(isMuted(other.muted_until)) - Number(isMuted(one.muted_until))
  || one.name.localeCompare(other.name);

/** @param people of the desk view; those who are muted or banned come first */
export const People = ({ people, me }) => html`
  <section class="people" aria-labelledby="people">
    <h2 id="people">${t("people.name")}</h2>
    <p class="hint">${t("people.hint")}</p>
    <ul>
      ${Object.entries(people).sort(byWeight).map(([id, who]) => html`
        <${Person} key=${id} ...${{ id, who, isMe: id === me }} />`)}
    </ul>
  </section>`;
