"""Exports of other platforms become sessions that can be imported."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.converting import FORMS, slido, youtube
from gateway.converting.export import UnreadableExportError

FIXTURES = Path(__file__).parents[1] / "fixtures"


def test_a_live_chat_becomes_lines_at_their_offsets_less_what_was_taken_back() -> None:
    records = list(youtube.records_of(FIXTURES / "live_chat.json"))

    assert records == [
        {"t": 0, "kind": "start", "happened_at": "2026-03-14T12:00:00+00:00"},
        {"t": 0, "kind": "chat", "user": "@ann", "text": "early 👋"},
        {"t": 5.25, "kind": "chat", "user": "@bob", "text": "Hello :yay:"},
        {"t": 12, "kind": "chat", "user": "@cem", "text": "Well said"},
        {"t": 90.5, "kind": "chat", "user": "@dee"},
        {"t": 90.5, "kind": "end"},
    ]


def test_slidos_questions_keep_their_order_tallies_and_answers() -> None:
    records = list(slido.records_of(FIXTURES / "slido.csv"))

    assert records[0] == {"t": 0, "kind": "start", "happened_at": "2026-03-14T12:00:00+00:00"}
    assert [one for one in records if one["kind"] == "question"] == [
        asked(0, "Anonymous", "How long will it last?", "q0"),
        asked(180, "Dee", "Why so late?", "q1"),
        asked(330, "Bob", 'Is it "dear", or not?', "q2"),
    ]
    votes = [(one["user"], one["text"]) for one in records if one["kind"] == "vote"]
    assert votes == [("Slido voter 1", "q0"), *((f"Slido voter {n}", "q2") for n in (1, 2, 3))]
    assert records[-2:] == [
        {"t": 330, "kind": "answer", "user": "Slido host", "text": "It is, a bit", "ref": "q2"},
        {"t": 330, "kind": "end"},
    ]


def asked(t: float, user: str, text: str, ref: str) -> dict[str, Any]:
    return {"t": t, "kind": "question", "user": user, "text": text, "ref": ref}


@pytest.mark.parametrize(
    "moment", ["2026-03-14T12:00:00Z", "14.03.2026 12:00", "03/14/2026 12:00", "3/14/2026 12:00 PM"]
)
def test_slidos_dates_are_read_in_several_forms(tmp_path: Path, moment: str) -> None:
    file = tmp_path / "slido.csv"
    file.write_text(f"Question text;Date\nWhy?;{moment}\n", encoding="utf-8-sig")

    start, question, _ = slido.records_of(file)

    assert start["happened_at"] == "2026-03-14T12:00:00+00:00"
    assert question["text"] == "Why?"


def test_a_column_of_questions_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "slido.csv"
    file.write_text("Question\nWhy?\nHow?\n")

    assert [one.get("text") for one in slido.records_of(file)] == [None, "Why?", "How?", None]


@pytest.mark.parametrize(
    ("form", "content", "why"),
    [
        ("youtube", b"", "no action of a live chat"),
        ("youtube", b'{"t": 1}\n', "line 1 is no action"),
        ("youtube", b'{"replayChatItemAction": {"actions": 7}}', "line 1 is no action"),
        ("youtube", b"\xff\xfe", "line 1 is no action"),
        ("slido", b"", "names no column of questions"),
        ("slido", b"Name,Votes\nBob,3\n", "names no column of questions"),
        ("slido", b"PK\x03\x04", "save its sheet"),
        ("slido", b"\xff\xff,\xfe", "no CSV in UTF-8"),
        ("slido", b"Question,Date\nWhy?,soon\n", "row 2: the date"),
    ],
)
def test_what_is_no_such_export_is_told_in_one_line(
    tmp_path: Path, form: str, content: bytes, why: str
) -> None:
    file = tmp_path / "export"
    file.write_bytes(content)

    with pytest.raises(UnreadableExportError, match=why) as told:
        list(FORMS[form](file))

    assert "\n" not in str(told.value)


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any-export"
    file.write_bytes(content)

    for read in FORMS.values():
        try:
            records = list(read(file))
        except UnreadableExportError:
            continue
        assert records[0]["kind"] == "start"
