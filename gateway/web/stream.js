// The stream of a talk while it is live: YouTube, Vimeo, HLS, or a file that the browser plays itself.
// What the policy of the page does not allow is a link; see HEARHEAR_FRAME_SOURCES and _MEDIA_SOURCES.
import { FramePlayer } from "./frameplayer.js";
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { t } from "./words.js";

const YOUTUBE = /^(?:www\.|m\.)?youtube(?:-nocookie)?\.com$|^youtu\.be$/;
const VIMEO = /^(?:www\.|player\.)?vimeo\.com$/;
const VIMEO_PATH = /(\d+)(?:\/embed)?(?:\/([\da-f]+))?\/?$/;
const AUDIO = /\.(mp3|m4a|aac|ogg|oga|opus|wav|flac)$/i;

/** What an address leads to: `{how: "youtube" | "vimeo" | "hls" | "audio" | "video", src}`. */
export function sourceOf(address) {
  const url = new URL(address, location.href);
  const path = url.pathname.split("/").filter(Boolean);
  if (YOUTUBE.test(url.hostname)) {
    const id = url.searchParams.get("v") ?? path.at(-1) ?? "";
    const settings = new URLSearchParams({ enablejsapi: 1, playsinline: 1, rel: 0, origin: location.origin });
    return { how: "youtube", src: `https://www.youtube-nocookie.com/embed/${encodeURIComponent(id)}?${settings}` };
  }
  if (VIMEO.test(url.hostname)) {
    const [, id = "", inPath] = VIMEO_PATH.exec(url.pathname) ?? [];
    const key = inPath ?? encodeURIComponent(url.searchParams.get("h") ?? "");    // what is not listed is shown to who has its key
    const isEvent = path.includes("event");
    return { how: "vimeo", src: isEvent ? `https://vimeo.com/event/${id}/embed${key && `/${key}`}` : `https://player.vimeo.com/video/${id}?dnt=1${key && `&h=${key}`}` };
  }
  if (url.pathname.endsWith(".m3u8")) return { how: "hls", src: url.href };
  return { how: AUDIO.test(url.pathname) ? "audio" : "video", src: url.href };
}

export const isFramed = (how) => how === "youtube" || how === "vimeo";

/** Whether this page's policy lets it show a source; the browser would refuse, and complain. */
export async function isAllowed({ how, src }) {
  const directive = isFramed(how) ? "frame-src" : "media-src";
  const { headers } = await fetch(location.pathname, { method: "HEAD" });
  const policy = headers.get("Content-Security-Policy") ?? "";
  const sources = policy.split(";").map((part) => part.trim().split(/\s+/)).find(([name]) => name === directive) ?? [];
  const { origin, hostname, protocol } = new URL(src);
  const fits = (source) =>
    [origin, hostname, protocol].includes(source)
    || (source === "'self'" && origin === location.origin)
    || (source.includes("//*.") && origin.endsWith(source.slice(source.indexOf("*") + 1)));
  return sources.slice(1).some(fits);
}

/** Where the stream is, in seconds of its own clock; −1 when it rests, or nobody can tell. */
let position = () => -1;
export const positionOf = () => position();

/** Second 0 of the media is at `startedAt`: what the player shows is of that moment, minus this one. */
const since = (startedAt, date) => (startedAt && date ? (date - new Date(startedAt)) / 1_000 : -1);

function followMedia(element, startedAt, dateOf = () => 0) {
  position = () => {
    if (element.paused) return -1;
    const date = dateOf();
    if (date) return since(startedAt, date);
    // What never ends counts from when it was tuned in to, which says nothing about the talk.
    return Number.isFinite(element.duration) && !element.dataset.live ? element.currentTime : -1;
  };
}

async function playHls(element, src, startedAt) {
  const { attachHls } = await import("./hls.js");
  followMedia(element, startedAt, await attachHls(element, src, { needsDate: true }));
}

function Media({ how, src, startedAt }) {
  const element = useRef();
  useEffect(() => {
    if (how === "hls") playHls(element.current, src, startedAt);
    else followMedia(element.current, startedAt);
  }, [src]);
  const Tag = how === "audio" ? "audio" : "video";
  return html`<${Tag} class="stream-media" ref=${element} src=${how === "hls" ? undefined : src} controls playsinline />`;
}

function followFrame(frame, how) {
  const player = new FramePlayer(frame, how);
  position = () => player.position();
  return () => player.close();
}

/** @param follow is given the frame, and returns what ends it */
export function Frame({ how, src, follow = followFrame }) {
  const frame = useRef();
  useEffect(() => follow(frame.current, how), [src]);
  return html`
    <iframe class="stream-media" ref=${frame} src=${src} title=${t("stream.name")} referrerpolicy="strict-origin-when-cross-origin"
      allow="autoplay; encrypted-media; fullscreen; picture-in-picture"></iframe>`;
}

export const Elsewhere = ({ url }) => html`
  <a class="button" href=${url} target="_blank" rel="noopener">${t("stream.watch", { site: new URL(url, location.href).hostname })}</a>`;

/** @param media `{url, started_at}` as the room's view tells it */
export function Stream({ media: { url, started_at: startedAt } }) {
  const [isShown, setShown] = useState(null);
  const source = sourceOf(url);
  const { how, src } = source;
  useEffect(() => {
    isAllowed(source).then(setShown, () => setShown(false));
    return () => (position = () => -1);
  }, [src]);
  if (isShown === null) return null;
  return html`
    <section class="stream" data-how=${how} aria-label=${t("stream.name")}>
      ${isShown ? html`<${isFramed(how) ? Frame : Media} key=${src} ...${{ how, src, startedAt }} />` : html`<${Elsewhere} url=${url} />`}
    </section>`;
}
