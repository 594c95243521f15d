// The pulse: how the current topic lands, per kind of feedback, and the buttons that tell it.
import { Icon } from "./icons.js";
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { count, t } from "./words.js";

const FADES_AFTER_MS = 12_000;

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

/** A bar behind each kind, as high as the share of those who reacted. */
const Level = ({ height }) => {
  const bar = useRef();
  useEffect(() => {
    bar.current.style.transform = `scaleY(${height})`;
  }, [height]);
  return html`<span class="level" ref=${bar} aria-hidden="true"></span>`;
};

const Kind = ({ kind, people, height, isPressed, isOpen, onTick }) => html`
  <button type="button" class="tick" data-curve=${kind.curve} data-pressed=${isPressed} disabled=${!isOpen}
    onClick=${() => onTick(kind.id)}>
    <${Level} height=${height} />
    <${Icon} name=${kind.id} />
    <span class="tick-label">${kindLabel(kind)}</span>
    <span class="tick-people" aria-hidden="true">${people > 0 ? count(people) : ""}</span>
  </button>`;

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
        const people = told[kind.id]?.people ?? 0;
        const height = share(people, all);
        return html`<${Kind} key=${kind.id} onTick=${tick} isPressed=${pressed === kind.id}
          ...${{ kind, people, height, isOpen }} />`;
      })}
    </div>`;
}
