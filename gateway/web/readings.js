// The pulse in numbers, for those who run the talk, sit on the panel, or look at the wall.
import { Icon } from "./icons.js";
import { kindLabel, kindsInOrder, share, useWarmth } from "./pulse.js";
import { html, useEffect, useRef } from "./vendor/preact.js";
import { count, t } from "./words.js";

/** A bar behind each kind, as long as its share: the sheet of each page says in which direction. */
const Share = ({ of }) => {
  const bar = useRef();
  useEffect(() => bar.current.style.setProperty("--share", of), [of]);
  return html`<span class="share" ref=${bar} aria-hidden="true"></span>`;
};

/** People per kind in the pulse's window; nobody once it has cooled down. */
export function Readings({ kinds, pulse }) {
  const told = useWarmth(pulse) ? pulse.kinds : {};
  const all = Object.values(told).reduce((sum, { people }) => sum + people, 0);
  return html`
    <section class="readings" aria-labelledby="pulse">
      <h2 id="pulse">${t("desk.pulse")}</h2>
      <dl class="pulse">
        ${kindsInOrder(kinds).map((kind) => {
          const people = told[kind.id]?.people ?? 0;
          return html`
            <div key=${kind.id} data-curve=${kind.curve} data-kind=${kind.id}>
              <dt><${Share} of=${share(people, all)} /><${Icon} name=${kind.id} />${kindLabel(kind)}</dt>
              <dd>${count(people)}</dd>
            </div>`;
        })}
      </dl>
    </section>`;
}
