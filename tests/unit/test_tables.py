"""Rows as CSV and JSON lines."""

import csv
import io
import json

import pytest

from gateway.http.tables import csv_of, lines_of_json


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    written = csv_of(("kind", "ticks"), [{"kind": text, "ticks": -3}])

    assert list(csv.reader(io.StringIO(written, newline=""))) == [
        ["kind", "ticks"],
        [f"'{text}", "-3"],
    ]


def test_commas_quotes_and_line_breaks_stay_in_their_cell() -> None:
    text = 'a,"b"\nc'

    written = csv_of(("kind",), [{"kind": text}])

    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [text]


def test_a_json_line_is_one_line_for_every_reader() -> None:
    rows = [{"text": "a\u2028b\u2029c\x85d\ne"}, {"text": "f"}]

    written = lines_of_json(rows)

    assert [json.loads(line) for line in written.decode().splitlines()] == rows
