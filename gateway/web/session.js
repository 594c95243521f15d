// Who is speaking: a guest's name or a one-time code, exchanged for the session cookie.
import { read, send } from "./api.js";

const MARK = "hearhear:session";    // scripts cannot see the cookie; this says that there should be one

/** Become a guest with this name. */
export async function joinAs(name) {
  await send("/api/sessions", { name });
  mark(true);
}

/** Use the code of a host's or invitation link (`#code=…`) once; it leaves the address and the history. */
export async function redeemCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    await send("/api/sessions", { code });
    mark(true);
  } catch {
    // A used code: the cookie it gave may be here already, and the gateway will tell.
  }
}

/** The person of this browser, or `null`; nobody is asked for who has never said a name here. */
export async function whoAmI() {
  if (!isMarked()) return null;
  const me = await read("/api/me").catch(() => null);
  if (!me?.person) mark(false);
  return me?.person ? me : null;
}

function mark(hasSession) {
  try {
    if (hasSession) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  } catch {
    // Without storage the name is asked for again, no more.
  }
}

function isMarked() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}
