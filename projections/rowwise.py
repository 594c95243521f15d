"""Rows into what is written: by a small function per kind of row, or column by column.

The function is made at run time, for it runs once for millions of rows.

Micro-optimisation: a comprehension over unpacked tuples writes a row in two thirds of the time
that mapping whole columns takes (``tests/load/export_speed.py``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Rows: TypeAlias = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Cell:
    """One value of what comes out.

    It is the ``source``-th value of a row, looked up in ``told`` if that is given; without a
    source it is ``told`` itself.
    """

    source: int | None
    told: Any = None


def rowwise(cells: Sequence[Cell], templates: Sequence[str] = ()) -> Callable[[Rows], list[Any]]:
    """Make what turns rows into tuples, or into texts when there is a ``%s`` template per cell.

    Micro-optimisation: Python makes an f-string of a template that it reads as a literal (1.3x).
    """
    width = 1 + max(cell.source for cell in cells if cell.source is not None)
    taken = "".join(f"c{number}, " for number in range(width))
    known = {f"told{number}": cell.told for number, cell in enumerate(cells)}
    values = "".join(f"{_expression(number, cell)}, " for number, cell in enumerate(cells))
    made = f"({values})" if not templates else f"{''.join(templates)!r} % ({values})"
    # Nothing from outside is in this text: it is made of numbers, and of templates of ours.
    source = f"lambda rows: [{made} for {taken} in rows]"
    function: Callable[[Rows], list[Any]] = eval(  # noqa: S307
        source, {**known, "__builtins__": {}}
    )
    return function


def _expression(number: int, cell: Cell) -> str:
    if cell.source is None:
        return f"told{number}"
    return f"c{cell.source}" if cell.told is None else f"told{number}[c{cell.source}]"


def looked_up(cells: Sequence[Cell], lookups: Mapping[int, Any]) -> list[Cell]:
    """Give cells a lookup each, where they have none."""
    return [
        Cell(cell.source, lookups[number])
        if number in lookups and cell.source is not None and cell.told is None
        else cell
        for number, cell in enumerate(cells)
    ]


def columnwise(
    cells: Sequence[Cell], batches: Iterable[Rows], size: int
) -> Iterator[list[list[Any]]]:
    """Yield the columns of so many rows at a time.

    Micro-optimisation: of the rows themselves only a few are held, so the garbage collector
    has nothing to look through (3x).
    """
    columns: list[list[Any]] = [[] for _ in cells]
    held = 0
    for rows in filter(None, batches):
        taken = list(zip(*rows, strict=True))
        for column, cell in zip(columns, cells, strict=True):
            column.extend(_column(cell, taken, len(rows)))
        held += len(rows)
        if held >= size:
            yield columns
            columns, held = [[] for _ in cells], 0
    if held:
        yield columns


def _column(cell: Cell, taken: Sequence[Sequence[Any]], count: int) -> Iterable[Any]:
    if cell.source is None:
        return [cell.told] * count
    values = taken[cell.source]
    return values if cell.told is None else map(cell.told.__getitem__, values)
