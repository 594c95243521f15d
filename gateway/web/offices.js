// Which roles this person has in the talk: granted in it, or vouched for by their token.
import { read } from "./api.js";
import { computed, effect, signal } from "./vendor/preact.js";

const ORDER = ["attendee", "panelist", "moderator", "host"];    // each may do what those before it may

/** @returns signals: `isKnown` once both have been asked, `includes(role)` as far as is known */
export function officesOf(live) {
  const vouched = signal(null);

  const ask = async () => {
    const me = await read("/api/me").catch(() => ({ roles: [], talk_roles: {} }));
    vouched.value = [...me.roles, ...(me.talk_roles[live.talk] ?? [])];
  };
  effect(() => {
    if (live.me.value.attendee && vouched.peek() === null) ask();
  });

  const all = computed(() => [...Object.keys(live.me.value.roles ?? {}), ...(vouched.value ?? [])]);
  return {
    isKnown: computed(() => live.hasMet.value && (!live.me.value.attendee || vouched.value !== null)),
    includes: (role) => all.value.some((one) => ORDER.indexOf(one) >= ORDER.indexOf(role)),
  };
}
