// A talk as a guest in a page of another site: it hears from its host who is looking, and tells how
// high it is. Only sites of HEARHEAR_FRAME_ANCESTORS can be its host.
import { read, send, talkOfPage, talkPath } from "./api.js";
import { keepBearer } from "./bearer.js";

/** Wait for the word of embed.js, which says with `?hosted` that it will give it; a plain frame has no host. */
async function meetHost() {
  if (!new URLSearchParams(location.search).has("hosted") || parent === window) return;
  const { data: { token, fits }, origin } = await welcome();
  if (token) await takeToken(token);
  if (fits) tellHeight(origin);
}

const welcome = () =>
  new Promise((resolve) => {
    addEventListener("message", (message) => {
      if (message.source === parent && message.data?.hearhear === "welcome") resolve(message);
    });
    parent.postMessage({ hearhear: "ready" }, "*");
  });

/** What the host says counts more than a cookie of an earlier visit, which sister sites still get. */
async function takeToken(token) {
  await send("/api/sessions", undefined, "DELETE").catch(() => {});
  keepBearer(token);
}

function tellHeight(origin) {
  document.body.dataset.fits = "content";
  const page = document.getElementById("page");
  const tell = () => parent.postMessage({ hearhear: "height", px: Math.ceil(page.scrollHeight) }, origin);
  new ResizeObserver(tell).observe(page);
}

const PATIENCE_MS = 3_000;

/** Who comes after the end finds the replay at once; what can't be read in time is told by the room. */
async function isForListeners() {
  if (location.pathname.split("/")[3] === "replay") return true;
  const answer = read(talkPath(talkOfPage(), "/view")).catch(() => ({}));
  const { view } = await Promise.race([answer, new Promise((go) => setTimeout(go, PATIENCE_MS, {}))]);
  return view?.talk.state === "ended";
}

const [isReplay] = await Promise.all([isForListeners(), meetHost()]);
if (isReplay) await import("./replay.js");
else await import("./room.js");
