// The recording of a talk: a file, an HLS stream, or the player of a video site. Without one the clock plays.
import { talkPath } from "./api.js";
import { ClockPlayer, FramedPlayer, MediaPlayer } from "./player.js";
import { begin, hasEnded, talk, timeline } from "./replaying.js";
import { Elsewhere, Frame, isAllowed, isFramed, sourceOf } from "./stream.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact.js";
import { language, t } from "./words.js";

function Clock({ children }) {
  useLayoutEffect(() => begin(new ClockPlayer(timeline.peek().duration_s)), []);
  return children;
}

function Medium({ how, src, onError }) {
  const box = useRef();
  useLayoutEffect(() => begin(new MediaPlayer(box.current)), []);    // before anybody can press a key
  useEffect(() => {
    if (how === "hls") import("./hls.js").then(({ attachHls }) => attachHls(box.current, src, { needsDate: false }));
  }, []);
  const Tag = how === "audio" ? "audio" : "video";
  return html`
    <${Tag} class="recording" ref=${box} src=${how === "hls" ? undefined : src} controls preload="auto" playsinline onError=${onError}>
      <track kind="chapters" src=${talkPath(talk, "/timeline.vtt")} srclang=${language} />
    <//>`;
}

const Framed = (source) => html`<${Frame} ...${source} follow=${(frame, how) => begin(new FramedPlayer(frame, how))} />`;

/** What is served with this page is always allowed; for the rest the policy is looked up. */
const isOurs = ({ src }) => new URL(src).origin === location.origin;

function Shown({ url }) {
  const source = sourceOf(url);
  const [isShown, setShown] = useState(isOurs(source) || null);
  const [isBroken, setBroken] = useState(false);    // gone, or nothing that this browser plays: the clock takes over
  useEffect(() => {
    if (isShown === null) isAllowed(source).then(setShown, () => setShown(false));
  }, []);
  if (isShown === null) return null;
  if (!isShown || isBroken) return html`
    <${Clock}><p class="recording-elsewhere">
      ${isBroken && html`<span role="status">${t("replay.broken")}</span>`} <${Elsewhere} url=${url} />
    </p><//>`;
  return html`<${isFramed(source.how) ? Framed : Medium} ...${source} onError=${() => setBroken(true)} />`;
}

export const Playback = ({ url }) =>
  url ? html`<${Shown} key=${url} url=${url} />`
    : html`<${Clock}>${hasEnded.value && html`<p class="recording-none">${t("replay.noMedia")}</p>`}<//>`;
