"""Rows as files: CSV that is safe in a spreadsheet, JSON lines, and Parquet.

Each form is written batch by batch as rows are read, so memory does not grow with them.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import orjson

from domain.errors import Invalid
from projections.rowwise import Cell, columnwise, looked_up, rowwise

Kinds: TypeAlias = Mapping[str, type]
"""The columns with their types: str, int, float or bool (written as 0 or 1)."""

CSV, LINES, PARQUET = "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"
NO_PARQUET = "Parquet takes pyarrow: install hearhear[parquet]"

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = frozenset(',"\r\n')
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
_SENT = 1_000  # rows in a piece of text
_GROUP = 20_000  # rows of Parquet together: columns compress well, and memory stays small
_REMEMBERED = 10_000  # texts, as they were written last
_UNIQUE = frozenset({"at", "line", "text", "why", "second"})  # values that seldom come again
_PLAIN = frozenset({"talk", "attendee", "question", "line", "at"})
"""Ids and moments of ours: no character in them needs care, and they seldom come again."""


class Source(Protocol):
    """Rows to be written, once."""

    @property
    def kinds(self) -> Kinds: ...

    def each(
        self, lookups: Mapping[int, Any], templates: Sequence[str] = ()
    ) -> Iterator[list[Any]]:
        """Yield batches of rows, as tuples or written after a template per cell."""

    def columns(self, size: int) -> Iterator[list[list[Any]]]:
        """Yield the columns of so many rows at a time."""


class Listed:
    """Rows that are in memory already."""

    def __init__(self, kinds: Kinds, rows: Sequence[tuple[Any, ...]]) -> None:
        self.kinds = kinds
        self._rows = rows
        self._cells = [Cell(number) for number in range(len(kinds))]

    def each(
        self, lookups: Mapping[int, Any], templates: Sequence[str] = ()
    ) -> Iterator[list[Any]]:
        """Yield all rows as one batch, if there are any."""
        if self._rows:
            yield rowwise(looked_up(self._cells, lookups), templates)(self._rows)

    def columns(self, size: int) -> Iterator[list[list[Any]]]:
        """Yield the columns of all rows, if there are any."""
        return columnwise(self._cells, [self._rows], size)


@dataclass(frozen=True)
class Form:
    """A form that rows are written in."""

    media_type: str
    write: Callable[[Source], Iterator[bytes]]


def csv(source: Source) -> Iterator[bytes]:
    """Write CSV (RFC 4180) with a head line.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    yield (",".join(source.kinds) + "\r\n").encode()
    templates = ["%s,"] * (len(source.kinds) - 1) + ["%s\r\n"]
    yield from _joined(source, templates, _csv_cell)


def json_lines(source: Source) -> Iterator[bytes]:
    """Write JSON lines, each on one line also for readers who know Unicode's other line ends."""
    fields = [f',"{name}":"%s"' if name in _PLAIN else f',"{name}":%s' for name in source.kinds]
    fields[0] = "{" + fields[0][1:]
    fields[-1] += "}\n"
    yield from _joined(source, fields, _json_cell)


def parquet(source: Source) -> Iterator[bytes]:
    """Write Parquet, in groups of rows. Raises ``Invalid`` at once when pyarrow is missing."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet as pq  # noqa: PLC0415
    except ImportError:
        raise Invalid(NO_PARQUET, field="format") from None
    return _parquet(pa, pq, source)


def _parquet(pa: Any, pq: Any, source: Source) -> Iterator[bytes]:
    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    again = pa.dictionary(pa.int32(), pa.string())  # readers get plain text nevertheless
    numbered = [name for name, kind in source.kinds.items() if kind is str and name not in _UNIQUE]
    schema = pa.schema(
        [(name, again if name in numbered else types[kind]) for name, kind in source.kinds.items()]
    )
    written = _Sink()
    # The least and the greatest of unique texts take long to find, and help nobody to skip rows.
    told = [name for name, kind in source.kinds.items() if kind is not str or name in numbered]
    with pq.ParquetWriter(
        written, schema, use_dictionary=numbered, write_statistics=told, store_schema=False
    ) as writer:
        for columns in source.columns(_GROUP):
            arrays = [_array(pa, *one) for one in zip(columns, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            yield written.taken()
    yield written.taken()


def _array(pa: Any, cells: Sequence[Any], field: Any) -> Any:
    """Make a column. Micro-optimisation: texts that come again are numbered first (2x)."""
    if pa.types.is_dictionary(field.type):
        if cells[0] == cells[-1] and cells.count(cells[0]) == len(cells):
            same = np.zeros(len(cells), np.int32)
            return pa.DictionaryArray.from_arrays(same, pa.array(cells[:1], pa.string()))
        numbers = _Numbers()
        indices = np.fromiter(map(numbers.__getitem__, cells), np.int32, len(cells))
        return pa.DictionaryArray.from_arrays(indices, pa.array(list(numbers), pa.string()))
    if field.type == pa.string():
        return pa.array(cells, field.type)
    return pa.array(np.fromiter(cells, field.type.to_pandas_dtype(), len(cells)), field.type)


class _Numbers(dict[str, int]):
    """Numbers texts in the order in which they come."""

    def __missing__(self, text: str) -> int:
        """Give a new text the next number."""
        number = self[text] = len(self)
        return number


FORMS: Mapping[str, Form] = {
    "csv": Form(CSV, csv),
    "jsonl": Form(LINES, json_lines),
    "parquet": Form(PARQUET, parquet),
}


class _Remembering(dict[Any, str]):
    """Writes values; the same ones come again and again."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: Any) -> str:
        """Write a value that is not remembered."""
        if len(self) >= _REMEMBERED:
            self.clear()
        written = self[value] = self._write(value)
        return written


def _joined(
    source: Source, templates: Sequence[str], write: Callable[[str], str]
) -> Iterator[bytes]:
    """Write rows after templates, in pieces that are worth sending."""
    texts, floats = _Remembering(write), _Remembering(repr)
    of_kind: Mapping[type, Any] = {str: texts, float: floats, bool: {False: 0, True: 1}}
    taken_as_they_are = {str: _PLAIN, float: _UNIQUE}
    lookups = {
        number: of_kind[kind]
        for number, (name, kind) in enumerate(source.kinds.items())
        if kind in of_kind and name not in taken_as_they_are.get(kind, ())
    }
    for lines in _gathered(source.each(lookups, templates), _SENT):
        yield "".join(lines).encode()


def _gathered(batches: Iterator[list[Any]], size: int) -> Iterator[list[Any]]:
    """Put batches together until they are of a size."""
    gathered: list[Any] = []
    for batch in batches:
        gathered += batch
        if len(gathered) >= size:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _csv_cell(text: str) -> str:
    safe = f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    if _QUOTED.isdisjoint(safe):
        return safe
    return '"' + safe.replace('"', '""') + '"'


def _json_cell(text: str) -> str:
    return orjson.dumps(text).decode().translate(_LINE_ENDS)


class _Sink(io.RawIOBase):
    """Where Parquet is written to: keeps what was not taken yet, and counts all of it."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Tell that it may be written to."""
        return True

    def write(self, content: Any) -> int:
        """Take some content in."""
        self._waiting.append(bytes(content))
        self._size += len(content)
        return len(content)

    def tell(self) -> int:
        """Tell how much was written in all."""
        return self._size

    def taken(self) -> bytes:
        """Take out what was written since the last time."""
        content = b"".join(self._waiting)
        self._waiting.clear()
        return content
