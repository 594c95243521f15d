// What people wrote, as text nodes; addresses become links, and nothing else becomes anything.
import { html } from "./vendor/preact.js";
import { memo } from "./memo.js";
import { t } from "./words.js";

const ADDRESS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/g;

function link(address) {
  if (!URL.canParse(address)) return address;
  return html`<a href=${address} target="_blank" rel="noopener nofollow ugc">${address}</a>`;
}

/** Every second piece of the split is an address. */
export const Text = memo(({ text }) =>
  text.split(ADDRESS).map((piece, index) => (index % 2 ? link(piece) : piece)));

/** A name is somebody else's writing direction, kept to itself. */
export const Name = ({ by }) => html`<bdi class="name">${by.name || t("name.none")}</bdi>`;
