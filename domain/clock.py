"""Moments as text: ISO 8601 in UTC with milliseconds, the one form on every wire."""

from datetime import UTC, datetime

EARLIEST_YEAR, LATEST_YEAR = 1900, 9000


def utc_now() -> datetime:
    """Tell the time; passed in wherever time matters, so that tests are exact."""
    return datetime.now(UTC)


def iso(at: datetime | None) -> str:
    """Write a moment as ``2026-11-23T23:01:02.123Z``; no moment is the empty text."""
    if at is None:
        return ""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """Read a moment written in ISO 8601; without an offset it is UTC.

    Raises ``ValueError`` when it is no such moment, or so far off that adding to it may
    leave the calendar.
    """
    at = datetime.fromisoformat(text)
    if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        raise ValueError(f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
