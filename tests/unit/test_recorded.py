import random

import pytest
from talks import Room, as_lines, reactions

from replay.recorded import UnreadableError, highlights_of, read


def test_a_recorded_talk_gives_highlights_and_a_curve() -> None:
    room = Room(moments=(300.0,))

    found = highlights_of(as_lines(reactions(room, random.Random(5)), room.duration_s))

    best = found["highlights"][0]
    assert best["start"] == pytest.approx(300.0, abs=10)
    assert best["end"] > best["start"]
    assert {"score", "confidence", "title", "why", "evidence", "id"} <= set(best)
    assert found["curve"]["step"] == 1
    assert len(found["curve"]["values"]) == room.duration_s


def test_records_of_all_kinds_become_facts() -> None:
    facts = read(
        [
            b'{"t":0,"kind":"start","text":"PyCon"}',
            b'{"t":0,"kind":"presence","text":"3"}',
            b'{"t":1,"kind":"presence","text":"many"}',
            b'{"t":2,"kind":"topic","user":"","text":"Types"}',
            b'{"t":3,"kind":"chat","user":"ann"}',
            b'{"t":4,"kind":"question","user":"bob","text":"Why?","ref":"7"}',
            b'{"t":5,"kind":"vote","user":"ann","text":"7"}',
            b'{"t":6,"kind":"feedback","user":"ann","text":"+1"}',
            b'{"t":7,"kind":"tomorrow"}',
            b"",
            b'{"t":9,"kind":"end"}',
        ]
    )

    assert (facts.title, facts.duration_s, len(facts.ticks)) == ("PyCon", 9.0, 1)
    assert facts.attendance == ((0.0, 3),)
    assert [one.title for one in facts.topics] == ["Types"]
    assert [one.question for one in facts.votes] == ["7"]
    assert [one.text for one in facts.questions] == ["Why?"]
    assert [one.person for one in facts.lines] == ["ann"]


def test_a_tick_names_its_kind_by_id_or_label() -> None:
    facts = read(
        [
            b'{"t":1,"kind":"feedback","user":"ann","text":"lost"}',
            b'{"t":2,"kind":"feedback","user":"bob","text":"Lost me"}',
        ]
    )

    assert facts.ticks.kinds == ("lost",)


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"kind":"chat"}', b'{"t":"1","kind":"chat"}', b'{"t":1e12,"kind":"chat"}'],
)
def test_a_line_that_is_no_record_is_named(line: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"^line 2: "):
        read([b'{"t":0,"kind":"start"}', line])
