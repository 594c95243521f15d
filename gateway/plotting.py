"""A timeline as a picture. Needs matplotlib: the extra ``plot``."""

from pathlib import Path
from typing import TYPE_CHECKING

from replay.exports import SURE
from replay.timeline import Timeline, clock_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"all": "#555555", "loved": "#d6336c", "funny": "#e8890c", "lost": "#1971c2"}
WIDTH_IN, HEIGHT_IN, DPI = 14.0, 4.5, 100


def save(timeline: Timeline, file: Path, *, title: str = "") -> None:
    """Draw heat, chapters and highlights into a file; its name tells the form (png, svg, pdf).

    Raises ``ImportError`` without matplotlib, ``ValueError`` for a form it does not know, and
    ``OSError`` when the file can't be written.
    """
    drawn(timeline, title=title).savefig(file, dpi=DPI)


def drawn(timeline: Timeline, *, title: str = "") -> "Figure":
    """Draw a timeline."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    axes = figure.add_subplot(xlim=(0, max(timeline.duration_s, 1.0)), ylim=(0, 1), title=title)
    _draw_chapters(axes, timeline)
    _draw_heat(axes, timeline)
    _draw_highlights(axes, timeline)
    axes.xaxis.set_major_formatter(lambda second, _: clock_time(max(second, 0.0)))
    axes.set_ylabel("confidence")
    axes.legend(loc="upper right", ncols=len(COLOURS))
    return figure


def _draw_chapters(axes: "Axes", timeline: Timeline) -> None:
    """Write titles as they are: a dollar in one begins no formula."""
    for chapter in timeline.chapters:
        axes.axvline(chapter.start_s, color="#bbbbbb", linewidth=0.8)
        axes.text(
            chapter.start_s, 1.0, f" {chapter.title[:24]}", fontsize=7, va="top", parse_math=False
        )


def _draw_heat(axes: "Axes", timeline: Timeline) -> None:
    for curve, values in timeline.heat.curves.items():
        seconds = [number * timeline.heat.step_s for number in range(len(values))]
        axes.plot(seconds, values, color=COLOURS.get(curve), linewidth=1.0, label=curve)
    axes.axhline(SURE, color="#bbbbbb", linestyle=":", linewidth=0.8)


def _draw_highlights(axes: "Axes", timeline: Timeline) -> None:
    for number, one in enumerate(timeline.highlights, 1):
        strength = 0.35 if one.confidence >= SURE else 0.12
        axes.axvspan(one.start_s, one.end_s, color="#f2c94c", alpha=strength)
        axes.text(one.start_s, one.confidence, f"{number}", fontsize=8, parse_math=False)
