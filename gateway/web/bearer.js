// Who is speaking, in a page within a page of another site: browsers keep cookies from it, so the
// token stands here and goes along with every request. The other pages have the session cookie.
import { inTab } from "./kept.js";

const KEY = "hearhear:token";

export const isEmbedded = location.pathname.startsWith("/embed/");

export const bearer = () => (isEmbedded ? inTab.get(KEY) ?? "" : "");

export function keepBearer(token) {
  if (isEmbedded) inTab.set(KEY, token);
}

/** Forget a token that is no good; tells whether there was one. */
export function dropBearer() {
  const had = bearer() !== "";
  inTab.remove(KEY);
  return had;
}
