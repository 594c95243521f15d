// A chart of curves over the seconds of a talk: drawn by uPlot, in the page's own colours, and read aloud by its table.
import { clockTime } from "./clocktime.js";
import { html, useEffect, useRef } from "./vendor/preact.js";
import uPlot from "./vendor/uplot.js";
import { count } from "./words.js";

const HEIGHT = 240;
const DASHES = [[], [8, 5], [2, 4]];
const COLOURS = ["--loved", "--lost", "--funny", "--live", "--ink-soft"];

/** Curves differ by colour and by dash: nobody has to tell colours apart. */
export const styleOf = (place) => ({ colour: COLOURS[place % COLOURS.length], dash: place % DASHES.length });

const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

function optionsOf({ names, places, shown, marks, steps, onRead, onZoom }, width) {
  const line = colour("--line");
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    scales: { x: { time: false } },
    cursor: { y: false, drag: { x: true, y: false, setScale: false } },
    axes: [
      { ...axis, values: (_, seconds) => seconds.map(clockTime), space: 64, size: 30 },
      { ...axis, values: (_, counts) => counts.map((value) => (Number.isInteger(value) ? count(value) : "")), size: 44 },
    ],
    series: [{}, ...names.map((name, index) => {
      const { colour: ink, dash } = styleOf(places[index]);
      return {
        label: name, show: shown[index], stroke: colour(ink), width: 2, dash: DASHES[dash], points: { show: false },
        paths: steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
      };
    })],
    hooks: {
      setCursor: [({ cursor: { idx } }) => onRead(idx ?? -1)],
      setSelect: [(plot) => {
        const { left, width: wide } = plot.select;
        if (wide > 4) onZoom(plot.posToVal(left, "x"), plot.posToVal(left + wide, "x"));
        plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
      drawClear: [(plot) => drawMarks(plot, marks, line)],
    },
  };
}

/** Where a topic was opened: a line behind the curves. */
function drawMarks(plot, marks, ink) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ink;
  ctx.lineWidth = 2;
  for (const second of marks) {
    const x = Math.round(plot.valToPos(second, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/**
 * @param seconds the seconds of the values
 * @param curves the keys of the curves in `values`, drawn as `names` in the styles of `places`, but for those `hidden`
 * @param range the seconds to show: [from, to], or null for all
 * @param marks seconds to mark
 * @param steps whether a value holds until the next
 */
export function Chart({ seconds, values, curves, names, places, hidden, range, marks = [], steps = false, words, onRead, onZoom }) {
  const box = useRef();
  const plot = useRef();
  const told = useRef({});
  told.current = { onRead, onZoom };
  useEffect(() => {
    const draw = () => {
      plot.current?.destroy();
      const options = optionsOf({
        names, places, marks, steps,
        shown: curves.map((key) => !hidden.includes(key)),
        onRead: (index) => told.current.onRead(index),
        onZoom: (from, to) => told.current.onZoom(from, to),
      }, box.current.clientWidth);
      plot.current = new uPlot(options, [seconds, ...curves.map((key) => values[key])], box.current);
      if (range) plot.current.setScale("x", { min: range[0], max: range[1] });
    };
    draw();
    const widths = new ResizeObserver(() => plot.current.setSize({ width: box.current.clientWidth, height: HEIGHT }));
    widths.observe(box.current);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      widths.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current.destroy();
      plot.current = null;
    };
  }, [values, curves.join(), hidden.join(), range, marks.join()]);
  return html`<div class="insight-chart" ref=${box} role="img" aria-label=${words}></div>`;
}
