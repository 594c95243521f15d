"""What all exports of other platforms have in common."""

from datetime import UTC, datetime
from typing import Any


class UnreadableExportError(ValueError):
    """A file is no such export; the text tells where and why, in one line."""


def start(at: datetime | None) -> dict[str, Any]:
    """Make the record that begins a session, with its moment when that is known."""
    moment = {"happened_at": at.astimezone(UTC).isoformat()} if at else {}
    return {"t": 0, "kind": "start", **moment}


def seconds(t: float) -> float | int:
    """Write seconds as short as they are, to the millisecond."""
    rounded = round(t, 3)
    return int(rounded) if rounded.is_integer() else rounded
