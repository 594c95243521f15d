"""Slido's export of questions, as CSV (the workbook's sheet of questions, saved as CSV).

Columns are found by their titles, whatever their order and case; only that of the
questions must be there. Slido tells how many voted, not who: the votes are given to
numbered voters, the same ones for every question.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.converting.export import UnreadableExportError, seconds, start

_TITLES: Mapping[str, Sequence[str]] = {
    "question": ("question", "question text", "text"),
    "author": ("author", "author name", "name", "user", "participant", "asked by"),
    "votes": ("upvotes", "votes", "likes", "score"),
    "at": ("date", "created", "created at", "submitted", "submitted at", "date created", "time"),
    "status": ("status", "state"),
    "answer": ("answer", "reply", "host reply"),
}
_UNSEEN = {"in review", "dismissed", "rejected", "deleted"}
_MOMENTS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
)
_MOST_VOTES = 10_000

Row = dict[str, str]


def records_of(file: Path) -> Iterator[dict[str, Any]]:
    """Tell the records of an export: questions in the order they were asked, votes, answers."""
    asked = [(_moment(row, number), row) for number, row in _rows(file)]
    asked.sort(key=lambda one: one[0] or datetime.min.replace(tzinfo=UTC))
    began = next((at for at, _ in asked if at), None)
    yield start(began)
    t = 0.0
    for place, (at, row) in enumerate(asked):
        t = (at - began).total_seconds() if at and began else t
        yield from _told(row, t, f"q{place}")
    yield {"t": seconds(t), "kind": "end"}


def _told(row: Row, t: float, ref: str) -> Iterator[dict[str, Any]]:
    at, author = seconds(t), row.get("author") or "Anonymous"
    yield {"t": at, "kind": "question", "user": author, "text": row["question"], "ref": ref}
    for voter in range(1, _votes(row) + 1):
        yield {"t": at, "kind": "vote", "user": f"Slido voter {voter}", "text": ref}
    if row.get("answer"):
        answer = {"user": "Slido host", "text": row["answer"], "ref": ref}
        yield {"t": at, "kind": "answer", **answer}


def _votes(row: Row) -> int:
    """Tell how many voted; a score below zero, or none at all, is nobody."""
    try:
        return min(max(int(float(row.get("votes") or 0)), 0), _MOST_VOTES)
    except (ValueError, OverflowError):
        return 0


def _rows(file: Path) -> Iterator[tuple[int, Row]]:
    """Read the rows that were on show, each with its line, as the fields known here."""
    if file.read_bytes()[:2] == b"PK":
        raise UnreadableExportError("it is a workbook: save its sheet of questions as CSV")
    try:
        text = file.read_text(encoding="utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableExportError("it is no CSV in UTF-8") from error
    columns = _columns(rows[0] if rows else [])
    for number, cells in enumerate(rows[1:], 2):
        row = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
        if row.get("question") and row.get("status", "").casefold() not in _UNSEEN:
            yield number, row


def _columns(titles: Sequence[str]) -> dict[str, int]:
    known = [title.strip().casefold() for title in titles]
    found = {
        name: known.index(title)
        for name, possible in _TITLES.items()
        for title in reversed(possible)
        if title in known
    }
    if "question" not in found:
        raise UnreadableExportError("its first line names no column of questions")
    return found


def _moment(row: Row, number: int) -> datetime | None:
    """Read when a question was asked; a time without a zone is UTC."""
    text = row.get("at", "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _written(text, number)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _written(text: str, number: int) -> datetime:
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise UnreadableExportError(
        f"row {number}: the date is written otherwise than 2026-03-14 12:00, 14.03.2026 12:00 "
        "or 03/14/2026 12:00"
    )
