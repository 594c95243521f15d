"""A row of the table of figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure: as measured, the least it should be, what is aimed at, and what lies behind."""

    figure: str
    measured: str
    floor: str
    goal: str
    behind: str = ""


def table(rows: list[Row]) -> str:
    """Write rows as Markdown."""
    lines = ["| figure | measured | floor | goal | behind it |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.figure} | **{row.measured}** | {row.floor} | {row.goal} | {row.behind} |"
        for row in rows
    ]
    return "\n".join(lines)
