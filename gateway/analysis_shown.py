"""An analysis for people: as tables on a terminal, and as a picture."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.errors import Invalid
from gateway.analysing import Analysis, sparks

NO_PLOT = "a plot takes matplotlib: install hearhear[plot]"
_QUESTIONS = 10


def show(console: Console, told: Analysis) -> None:
    """Print the tables of an analysis."""
    minutes, seconds = divmod(int(told.duration_s), 60)
    console.print(Text(f"{told.title} ({told.state}, {minutes}:{seconds:02})", style="bold"))
    steps = ((step, _count(people)) for step, people in told.funnel.items())
    console.print(_table("How far people came", ("step", "people"), steps))
    if any(told.attendance):
        console.print(Text(f"present  {sparks(told.attendance)}  at most {max(told.attendance)}"))
    landed = (
        (one.title or "(no topic)", one.kind, one.ticks, one.people, sparks(one.over_time))
        for one in told.feedback
    )
    head = ("topic", "kind", "ticks", "people", "people over the talk")
    console.print(_table("How topics landed", head, landed))
    asked = (
        (one.text or "(not shown)", one.state, one.votes, sparks(one.over_time))
        for one in told.questions[:_QUESTIONS]
    )
    console.print(_table("Questions", ("question", "state", "votes", "votes over the talk"), asked))
    moments = (
        (_clock(one["start_s"]), _clock(one["end_s"]), one["title"], one["why"])
        for one in told.highlights
    )
    console.print(_table("Highlights", ("from", "to", "title", "why"), moments))


def show_rows(console: Console, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print the rows of a query."""
    console.print(_table("", names, rows))


def plot(told: Analysis, path: Path) -> None:
    """Draw how topics landed and how many were present, over the talk.

    Raises ``Invalid`` without matplotlib, for a form it does not know, and when the file can't
    be written.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        raise Invalid(NO_PLOT) from None
    figure = Figure(figsize=(10, 6), layout="constrained")
    felt, present = figure.subplots(2, 1, sharex=True)
    kinds: dict[str, list[int]] = {}
    for one in told.feedback:
        before = kinds.get(one.kind, [0] * len(one.over_time))
        kinds[one.kind] = [max(pair) for pair in zip(before, one.over_time, strict=True)]
    for kind, people in kinds.items():
        felt.plot(_minutes(told, people), people, drawstyle="steps-mid", label=kind)
    felt.set(title=told.title, ylabel="people within a minute")
    if kinds:
        felt.legend()
    present.plot(_minutes(told, told.attendance), told.attendance, color="0.3")
    present.set(xlabel="minutes", ylabel="people present")
    try:
        figure.savefig(path)
    except (ValueError, OSError) as error:
        raise Invalid(f"no plot at {path}: {error}") from None


def _minutes(told: Analysis, values: Sequence[int]) -> list[float]:
    return [told.duration_s * place / len(values) / 60 for place in range(len(values))]


def _table(title: str, head: Sequence[str], rows: Iterable[Iterable[Any]]) -> Table:
    table = Table(title=title or None, title_justify="left")
    for name in head:
        table.add_column(name, no_wrap=name.endswith("over the talk"))
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # what people wrote is no markup
    return table


def _count(people: int) -> str:
    return "fewer than 5" if people < 0 else str(people)


def _clock(second: float) -> str:
    minutes, seconds = divmod(int(second), 60)
    return f"{minutes}:{seconds:02}"
