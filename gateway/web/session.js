// Who is speaking: a guest's name or a one-time code, exchanged for the session cookie.
import { read, send } from "./api.js";
import { signal } from "./vendor/preact.js";

/** The person of this browser, `null` while nobody has said who they are. */
export const person = signal(null);

/** Look up the session; a code in the address (`#code=…`) is used once and leaves the history. */
export async function recognise() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) {
    history.replaceState(null, "", location.pathname + location.search);
    await send("/api/sessions", { code }).catch(() => {});   // a used code: the cookie may be here already
  }
  person.value = await whoAmI();
}

async function whoAmI() {
  const me = await read("/api/me").catch(() => null);
  return me?.person ? me : null;
}

/** Become a guest with this name. */
export async function joinAs(name) {
  await send("/api/sessions", { name });
  person.value = await whoAmI();
}
