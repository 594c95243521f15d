// The plain door: JSON over HTTP, and what a refusal looks like.
import { bearer } from "./bearer.js";

/** A command or request the gateway refused: nothing was recorded. */
export class Refused extends Error {
  constructor({ status = 0, reason = "unreachable", detail = "", field = "", retryAfter = 0 }) {
    super(detail || reason);
    Object.assign(this, { status, reason, detail, field, retryAfter });
  }
}

async function asked(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(bearer() && { Authorization: `Bearer ${bearer()}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused({});
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  throw new Refused({ reason: "unavailable", ...answer, status: response.status, retryAfter });
}

export const read = (path) => asked("GET", path);
export const send = (path, body, method = "POST") => asked(method, path, body);

/** The API's address of a talk, or of something inside it. */
export const talkPath = (talk, rest = "") => `/api/talks/${encodeURIComponent(talk)}${rest}`;

/** The talk this page is about: `/talks/{talk}/…`. */
export const talkOfPage = () => decodeURIComponent(location.pathname.split("/")[2] ?? "");
