// The way in, to show to whoever sits beside me: a code to type, a QR code to scan, a link to send.
import { read, talkPath } from "./api.js";
import { Box } from "./ask.js";
import { copyLink } from "./link.js";
import { html, useEffect, useState } from "./vendor/preact.js";
import { t } from "./words.js";

export function WayIn({ talk, onClose }) {
  const [way, setWay] = useState({ code: "", url: location.href });
  useEffect(() => void read(talkPath(talk, "/join")).then(setWay, () => {}), [talk]);
  const site = new URL(way.url).host;
  return html`
    <${Box} title=${t("way.title")} isOpen=${true} onClose=${onClose}>
      <div class="way">
        <h2>${t("way.title")}</h2>
        <img src=${talkPath(talk, "/join.svg")} alt=${t("screen.qr")} width="220" height="220" />
        <p>${t("way.words", { site })}</p>
        <p class="way-code">${way.code}</p>
        <p class="ask-choice">
          <button type="button" class="button" onClick=${() => copyLink(way.url, t("way.copied"))}>${t("way.copy")}</button>
          <button type="button" class="button primary" onClick=${onClose}>${t("way.close")}</button>
        </p>
      </div>
    <//>`;
}
