// Puts a talk into a page of another site, live or, once it has ended, its replay:
//   <script src="https://talks.example.org/embed.js" data-talk="TALK"></script>
// data-at      the second of the replay to begin at
// data-token   who is looking, if the site knows: a token that it signed, or one of ours
// data-title   what screen readers call the frame
// data-height  a fixed height in pixels; without it the frame is as high as the talk needs
// data-lang    en, de or fr; without it the language of the browser
(() => {
  "use strict";
  const script = document.currentScript;
  const { talk, token = "", title = "Live talk", height = "", lang = "", at = "" } = script.dataset;
  const address = new URL(`embed/${encodeURIComponent(talk)}`, new URL(".", script.src));
  address.searchParams.set("hosted", "");
  if (lang) address.searchParams.set("lang", lang);
  if (at) address.searchParams.set("t", at);

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title;
  frame.allow = "autoplay; clipboard-write; encrypted-media; fullscreen; picture-in-picture";
  Object.assign(frame.style, { display: "block", width: "100%", border: "0", height: `${height || 640}px` });

  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== address.origin) return;
    if (data?.hearhear === "ready") {
      frame.contentWindow.postMessage({ hearhear: "welcome", token, fits: !height }, address.origin);
    }
    if (data?.hearhear === "height" && !height) frame.style.height = `${Number(data.px) || 640}px`;
  });
  script.after(frame);
})();
