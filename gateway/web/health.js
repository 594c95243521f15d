// How this desk is connected, how long an act takes to be in the room, and who else is at the desk.
import { desk, lagMs, room } from "./acting.js";
import { Icon } from "./icons.js";
import { html } from "./vendor/preact.js";
import { count, t } from "./words.js";

const worst = (...statuses) => ["offline", "catching-up", "live"].find((status) => statuses.includes(status)) ?? "live";

function words(status) {
  if (status === "offline") return t("health.offline");
  const behind = Math.max(room.behind.value, desk.behind.value);
  if (status === "catching-up") return t("connection.behind", { n: behind });
  return lagMs.value === null ? t("health.connected") : t("health.lag", { ms: count(Math.round(lagMs.value)) });
}

export function Health() {
  const status = worst(room.status.value, desk.status.value);
  return html`<span class="health" data-status=${status} title=${t("health.means")}>${words(status)}</span>`;
}

/** The others at the desk, by name; those whose names are not known there are counted. */
export function Crew() {
  const me = desk.me.value.attendee;
  const others = desk.crew.value.filter((one) => one !== me);
  if (others.length === 0) return null;
  const { people } = desk.view.value;
  const names = others.map((one) => people[one]?.name || t("role.moderator"));
  return html`
    <span class="crew"><${Icon} name="people" /><span class="unseen">${t("health.crew")} </span>
      ${names.map((name, index) => html`${index > 0 && ", "}<bdi>${name}</bdi>`)}</span>`;
}
