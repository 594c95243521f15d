// The heat strip: what the room felt over the whole talk, to be read at a glance and moved along.
import { clockTime } from "./clocktime.js";
import { memo } from "./memo.js";
import { why } from "./reasons.js";
import { html, useEffect, useMemo, useRef, useState } from "./vendor/preact.js";
import { t } from "./words.js";

const DETAIL = 480;     // more points than this are finer than the strip is wide
const HEIGHT = 100;
const HEADROOM = 8;
const MOST_CHAPTERS = 40;  // more of them are no more than stripes
const CURVES = ["all", "loved", "lost", "funny", "listeners"];    // each drawn over those before it

/** A curve with at most `DETAIL` points; each keeps the highest value of those it stands for. */
function coarse(curve) {
  const step = Math.max(1, Math.ceil(curve.length / DETAIL));
  const points = [];
  for (let start = 0; start < curve.length; start += step) points.push(Math.max(...curve.slice(start, start + step)));
  return points;
}

function area(curve, highest) {
  const points = coarse(curve);
  const step = DETAIL / Math.max(1, points.length - 1);
  const scale = (HEIGHT - HEADROOM) / highest;
  const line = points.map((value, index) => `${(index * step).toFixed(1)},${(HEIGHT - value * scale).toFixed(1)}`);
  return `M0,${HEIGHT}L${line.join("L")}L${DETAIL},${HEIGHT}Z`;
}

/** A talk may have kinds of feedback of its own that are on no curve but that of all. */
const curvesShown = (curves) => CURVES.filter((name) => curves[name]?.some((value) => value > 0));

const Curves = memo(({ curves }) => {
  const shown = curvesShown(curves);
  const highest = Math.max(1e-9, ...shown.flatMap((name) => coarse(curves[name])));
  return html`
    <svg class="curves" viewBox=${`0 0 ${DETAIL} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      ${shown.map((name) => html`<path key=${name} data-curve=${name} d=${area(curves[name], highest)} />`)}
    </svg>`;
});

/** A stretch of the talk, placed by its share of the duration; by script, for the CSP allows no style attribute. */
function Stretch({ from, to, of, className, children }) {
  const box = useRef();
  useEffect(() => {
    const share = (seconds) => `${(100 * seconds) / Math.max(of, 1e-9)}%`;
    box.current.style.insetInlineStart = share(from);
    if (to !== undefined) box.current.style.width = share(to - from);
  }, [from, to, of]);
  return html`<span class=${className} ref=${box}>${children}</span>`;
}

const Chapters = memo(({ chapters, of }) => html`
  <div class="heat-chapters" aria-hidden="true">
    ${chapters.map(({ start_s: from, end_s: to, title }) => html`
      <${Stretch} key=${from} className="heat-chapter" from=${from} to=${to} of=${of}>${title}<//>`)}
  </div>`);

/** Which second lies under a pointer. */
function secondUnder({ clientX, currentTarget }, duration) {
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.max(0, Math.min(1, (clientX - left) / width)) * duration;
}

/** What a pointer would jump to: the second, and the highlight that lies there. */
const Tip = ({ at, marks, of }) => {
  const mark = marks.find(({ start_s: from, end_s: to }) => from <= at && at <= to);
  const side = at > of / 2 ? "heat-tip heat-tip-left" : "heat-tip";
  return html`
    <${Stretch} className=${side} from=${at} of=${of}>
      <span class="heat-tip-words" aria-hidden="true">
        <b>${clockTime(at)}</b>${mark && html`<b dir="auto">${mark.title}</b><span dir="auto">${why(mark)}</span>`}
      </span>
    <//>`;
};

/**
 * @param marks the highlights to mark
 * @param hasClock whether to tell the time: a native player tells it already
 */
export function HeatStrip({ timeline, marks, now, hasClock, onSeek }) {
  const { duration_s: duration, heat, listeners, chapters } = timeline;
  const curves = useMemo(() => ({ ...heat.curves, listeners: listeners.curves.reactions }), [timeline]);
  const [pointed, setPointed] = useState(null);
  const place = t("replay.positionWords", { now: clockTime(now), all: clockTime(duration) });
  return html`
    <div class="heat">
      <div class="heat-strip">
        <${Curves} curves=${curves} />
        ${marks.map(({ id, start_s: from, end_s: to }) => html`
          <${Stretch} key=${id} className="heat-mark" from=${from} to=${to} of=${duration} />`)}
        <${Stretch} className="heat-now" from=${Math.min(now, duration)} of=${duration} />
        <input class="heat-seek" type="range" min="0" max=${Math.ceil(duration)} step="1" value=${Math.round(now)}
          aria-label=${t("replay.position")} aria-valuetext=${place}
          onPointerMove=${(event) => setPointed(secondUnder(event, duration))} onPointerLeave=${() => setPointed(null)}
          onInput=${(event) => onSeek(Number(event.target.value))} />
      </div>
      ${pointed !== null && html`<${Tip} at=${pointed} marks=${marks} of=${duration} />`}
      ${chapters.length <= MOST_CHAPTERS && html`<${Chapters} chapters=${chapters} of=${duration} />`}
      <p class="heat-legend">
        ${curvesShown(curves).map((name) => html`<span key=${name} data-curve=${name}>${t(`heat.${name}`)}</span>`)}
        ${hasClock && html`<span class="heat-clock">${clockTime(now)} / ${clockTime(duration)}</span>`}
      </p>
    </div>`;
}
