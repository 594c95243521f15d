// HLS in a media element; only loaded with such a stream.

/**
 * Play a stream by the browser itself where it can, else by the library.
 * @param needsDate whether the date of what is shown must be known: then only Safari is trusted to play
 * @returns what tells that date, or nothing when the stream has none
 */
export async function attachHls(element, src, { needsDate }) {
  const plays = element.canPlayType("application/vnd.apple.mpegurl") !== "";
  if (plays && (element.getStartDate || !needsDate)) {
    element.src = src;
    return () => dateIn(element);
  }
  const { Hls } = await import("./vendor/hls.js");
  const hls = new Hls({ enableWorker: false });    // the policy of our pages allows no worker made of text
  hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => (element.dataset.live = details.live ? "1" : ""));
  hls.on(Hls.Events.ERROR, (_, { fatal }) => fatal && element.dispatchEvent(new Event("error")));
  hls.loadSource(src);
  hls.attachMedia(element);
  return () => hls.playingDate;
}

function dateIn(element) {
  const start = element.getStartDate?.().getTime();
  return start && start + element.currentTime * 1_000;
}
