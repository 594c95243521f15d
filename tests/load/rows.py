"""A row of the table of figures, and the table that rows of several runs make up."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADS = ("figure", "measured", "floor", "goal", "behind it", "part, rounds, day")


@dataclass(frozen=True)
class Row:
    """One figure: as measured, the least it should be, what is aimed at, and what lies behind."""

    figure: str
    measured: str
    floor: str
    goal: str
    behind: str = ""

    def line(self, taken: str) -> str:
        """Write it as a line of the table; ``taken`` tells how and when it was measured."""
        cells = (self.figure, f"**{self.measured}**", self.floor, self.goal, self.behind, taken)
        return f"| {' | '.join(cells)} |"


def table(lines: Iterable[str]) -> str:
    """Put lines below the heads of their columns."""
    return "\n".join([f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|", *lines])


def merged(former: str, lines: Iterable[str]) -> str:
    """Replace the lines of a table whose figures were measured again, and add the others."""
    kept = {figure_of(line): line for line in former.splitlines() if line.startswith("|")}
    rows = {figure: line for figure, line in kept.items() if figure not in {HEADS[0], "---"}}
    return table((rows | {figure_of(line): line for line in lines}).values())


def figure_of(line: str) -> str:
    """Tell which figure a line of the table is about."""
    return line.strip("| ").partition("|")[0].strip()
