"""Rows as CSV and JSON lines, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import orjson

CSV = "text/csv"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as CSV (RFC 4180) with a head line.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return written.getvalue()


def lines_of_json(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Write rows as JSON lines, each on one line also for readers who know Unicode's others."""
    lines = b"".join(orjson.dumps(row, option=_LINE) for row in rows)
    for character, escaped in _LINE_ENDS.items():
        lines = lines.replace(character, escaped)
    return lines


_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\x85\u2028\u2029"}


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
