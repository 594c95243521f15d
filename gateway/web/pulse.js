// The pulse: how the current topic lands, per kind of feedback, and the buttons that tell it.
import { hasTimeToSpare } from "./drawing.js";
import { Icon } from "./icons.js";
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { count, t } from "./words.js";

const FADES_AFTER_MS = 12_000;
const RISES_MS = 1_800;
const RISES_EACH_MS = 600;    // at most, of one kind

/** Kinds of feedback in the order their talk gives them. */
export const kindsInOrder = (kinds) =>
  Object.entries(kinds ?? {})
    .map(([id, kind]) => ({ id, ...kind }))
    .sort((one, other) => one.order - other.order);

/** The default kinds are named in the reader's language, a talk's own ones as the talk names them. */
export function kindLabel({ id, label }) {
  const ours = t(`feedback.${id}`);
  return ours.startsWith("feedback.") ? label : ours;
}

/** Whether the pulse is still warm: the views do not say so, for no fact makes it cool down. */
export function useWarmth(pulse) {
  const [isWarm, setWarm] = useState(true);
  useEffect(() => {
    setWarm(true);
    const cooling = setTimeout(() => setWarm(false), FADES_AFTER_MS);
    return () => clearTimeout(cooling);
  }, [pulse]);
  return isWarm;
}

export const share = (people, all) => (all > 0 ? Math.min(1, people / all) : 0);

const still = matchMedia("(prefers-reduced-motion: reduce)");
const mayMove = () => !still.matches && !document.hidden && hasTimeToSpare();

/** A bar behind each kind, as high as the share of those who reacted; it fades until somebody else does. */
const Level = ({ height, ticks }) => {
  const bar = useRef();
  useEffect(() => {
    bar.current.style.transform = `scaleY(${height})`;
    if (!ticks || !mayMove()) return undefined;
    const fading = bar.current.animate({ opacity: [1, 1, 0.25] }, { duration: FADES_AFTER_MS, fill: "forwards" });
    return () => fading.cancel();
  }, [height, ticks]);
  return html`<span class="level" ref=${bar} aria-hidden="true"></span>`;
};

/** When somebody in the room reacts, a copy of the icon rises from its button and is gone. */
function useRising(ticks) {
  const button = useRef();
  const known = useRef({ ticks, at: 0 });
  useEffect(() => {
    const { ticks: before, at } = known.current;
    known.current.ticks = ticks;
    if (ticks <= before || performance.now() - at < RISES_EACH_MS || !mayMove()) return;
    known.current.at = performance.now();
    const icon = button.current.querySelector(".icon").cloneNode(true);
    icon.classList.add("rising");
    button.current.after(icon);
    const aside = `${Math.round(Math.random() * 40 - 20)}px`;
    const path = [{ opacity: 0 }, { opacity: 0.9, offset: 0.2 }, { opacity: 0, transform: `translate(${aside}, -6rem)` }];
    icon.animate(path, { duration: RISES_MS, easing: "ease-out" }).onfinish = () => icon.remove();
  }, [ticks]);
  return button;
}

const Kind = ({ kind, people, ticks, height, isPressed, isOpen, onTick }) => html`
  <div class="kind" data-curve=${kind.curve}>
    <button type="button" class="tick" ref=${useRising(ticks)} data-pressed=${isPressed} disabled=${!isOpen}
      onClick=${() => onTick(kind.id)}>
      <${Level} ...${{ height, ticks }} />
      <${Icon} name=${kind.id} />
      <span class="tick-label">${kindLabel(kind)}</span>
      <span class="tick-people" aria-hidden="true">${people > 0 ? count(people) : ""}</span>
    </button>
  </div>`;

/** The buttons of an attendee, with the room's reactions gently behind them. */
export function FeedbackBar({ kinds, pulse, onTick, isOpen }) {
  const isWarm = useWarmth(pulse);
  const [pressed, setPressed] = useState("");
  const told = isWarm ? pulse.kinds : {};
  const all = Object.values(told).reduce((sum, { people }) => sum + people, 0);

  const tick = (kind) => {
    setPressed("");
    requestAnimationFrame(() => setPressed(kind));    // pressed again: the movement begins anew
    onTick(kind);
  };

  return html`
    <div class="feedback" role="group" aria-label=${t("feedback.name")}>
      ${kindsInOrder(kinds).map((kind) => {
        const { people = 0, ticks = 0 } = told[kind.id] ?? {};
        const height = share(people, all);
        return html`<${Kind} key=${kind.id} onTick=${tick} isPressed=${pressed === kind.id}
          ...${{ kind, people, ticks, height, isOpen }} />`;
      })}
    </div>`;
}
