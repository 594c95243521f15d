"""Moments: one form on every wire, and no year that arithmetic falls off from."""

from datetime import UTC, datetime

import pytest

from domain.clock import iso, parse


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-14T12:00:00Z",
        "2026-03-14T13:00:00+01:00",
        "2026-03-14T12:00:00",
        "2026-03-14T12:00:00.000Z",
    ],
)
def test_a_moment_is_read_in_utc_and_written_in_one_form(text: str) -> None:
    assert parse(text) == datetime(2026, 3, 14, 12, tzinfo=UTC)
    assert iso(parse(text)) == "2026-03-14T12:00:00.000Z"


@pytest.mark.parametrize(
    "text", ["", "soon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_what_is_no_moment_of_ours_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_no_moment_is_the_empty_text() -> None:
    assert iso(None) == ""
