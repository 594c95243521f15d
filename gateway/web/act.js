// A button that does one thing at the desk.
import { act } from "./acting.js";
import { Icon } from "./icons.js";
import { html } from "./vendor/preact.js";

export const Act = ({ command, args, icon, className = "button", children }) => html`
  <button type="button" class=${className} onClick=${() => act(command, args)}>
    ${icon && html`<${Icon} name=${icon} />`}${children}</button>`;
