// Who is speaking: a guest's name or a one-time code, exchanged for the session cookie.
import { send } from "./api.js";
import { keepBearer } from "./bearer.js";
import { inBrowser } from "./kept.js";

export const MARK = "hearhear:session";    // scripts cannot see the cookie; this says that there should be one

let ticket;    // the code of an invitation that waits for a name

/** Become a guest with this name, and use the ticket that was brought along. */
export async function joinAs(name) {
  begin(await send("/api/sessions", { name, code: ticket }));
  ticket = undefined;
}

/** Use the code of a host's or invitation link (`#code=…`) once; it leaves the address and the history. */
export async function redeemCode(tries = 6) {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return;
  try {
    begin(await send("/api/sessions", { code }));
  } catch (refused) {
    // A used code: the cookie it gave may be here already, and the gateway will tell.
    if (refused.field === "name") ticket = code;
    if (refused.reason === "unavailable" && tries) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return redeemCode(tries - 1);
    }
  }
  history.replaceState(null, "", location.pathname + location.search);
}

function begin({ token }) {
  keepBearer(token);
  inBrowser.set(MARK, "1");
}
