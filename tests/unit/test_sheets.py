"""The sheets of analysts: described whole, and shut where they name people."""

import pytest

from projections.meanings import MEANINGS
from projections.sheets import SHEETS, Sheet, Shown

EVERY = SHEETS.values()


def test_every_column_has_a_meaning_and_every_meaning_a_column() -> None:
    assert {column.name for sheet in EVERY for column in sheet.columns} == MEANINGS.keys()


@pytest.mark.parametrize("sheet", EVERY, ids=lambda sheet: sheet.name)
def test_no_id_and_no_name_of_a_person_is_shown_openly(sheet: Sheet) -> None:
    of_people = {"attendee", "host", "decided_by", "introduced_by", "roles"}
    of_people |= {"name"} - ({"name"} if sheet.name == "panelists" else set())

    told = {column.name for column in sheet.columns if column.shown is Shown.OPENLY}

    assert told & of_people == set()


@pytest.mark.parametrize("sheet", EVERY, ids=lambda sheet: sheet.name)
def test_what_the_room_shows_under_a_name_has_no_pseudonym(sheet: Sheet) -> None:
    shown = {column.shown for column in sheet.columns}

    assert not {Shown.WORDS, Shown.PSEUDONYM} <= shown


@pytest.mark.parametrize("sheet", EVERY, ids=lambda sheet: sheet.name)
def test_rows_are_ordered_by_their_own_columns(sheet: Sheet) -> None:
    assert set(sheet.key) <= {column.name for column in sheet.columns}
