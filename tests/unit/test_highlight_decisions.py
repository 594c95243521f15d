"""What hosts decide about highlights, and how it lies over the timeline that was found."""

import pytest
from builders import HAL
from deciding_room import Watched

from domain import commands as c
from domain.errors import Invalid, NotFound
from gateway.collecting import decisions
from replay.decisions import Decisions, Pinned, decided
from replay.facts import TalkFacts
from replay.reasons import Evidence
from replay.timeline import Chapter, Highlight, Timeline, build

NONE = Evidence(0, 0, 0, 0.0, 0.0, 0.0, 0.0, {}, "", "", 0, [])


def found(id: str, start_s: float, end_s: float) -> Highlight:  # noqa: A002 - as the field
    return Highlight(id, start_s, end_s, 3.0, 0.7, f"found {id}", "41 of 210 people", NONE)


@pytest.fixture
def timeline() -> Timeline:
    empty = build(TalkFacts(duration_s=600.0))
    chapters = [Chapter(0.0, 300.0, "One"), Chapter(300.0, 600.0, "Two")]
    highlights = [found("h94", 90.0, 100.0), found("h400", 395.0, 410.0)]
    return Timeline(600.0, chapters, highlights, empty.heat)


def told(timeline: Timeline) -> list[tuple[str, str]]:
    return [(one.id, one.title) for one in timeline.highlights]


def test_a_dropped_highlight_is_left_out(timeline: Timeline) -> None:
    assert told(decided(timeline, Decisions(dropped=frozenset({"h94"})))) == [
        ("h400", "found h400")
    ]


def test_a_renamed_highlight_has_the_hosts_title(timeline: Timeline) -> None:
    renamed = decided(timeline, Decisions(titles={"h94": "The wobble", "h400": ""}))

    assert told(renamed) == [("h94", "The wobble"), ("h400", "found h400")]


def test_a_pin_comes_first_and_replaces_what_was_found_there(timeline: Timeline) -> None:
    pins = (Pinned("p1", 95.0, 120.0), Pinned("p2", 500.0, 700.0))

    pinned = decided(timeline, Decisions(pins, {"p1": "The wobble"}))

    assert told(pinned) == [("p1", "The wobble"), ("p2", "Two"), ("h400", "found h400")]
    first, second, _ = pinned.highlights
    assert first.why == "chosen by the host; 41 of 210 people"
    assert (second.end_s, second.confidence) == (600.0, 1.0)


def test_a_dropped_pin_gives_way_to_what_was_found(timeline: Timeline) -> None:
    pins = (Pinned("p1", 95.0, 120.0),)

    dropped = decided(timeline, Decisions(pins, {"p1": "The wobble"}, frozenset({"p1"})))

    assert dropped == timeline


def test_decisions_are_facts_that_can_be_undone() -> None:
    room = Watched()
    pin = room(HAL, c.PinHighlight(start_s=5, end_s=9, title="The wobble"))["highlight"]
    room(HAL, c.RenameHighlight(highlight="h94", title="Wow"))
    room(HAL, c.DropHighlight(highlight="h400"))
    assert decisions(room.work.facts) == Decisions(
        (Pinned(pin, 5, 9),), {pin: "The wobble", "h94": "Wow"}, frozenset({"h400"})
    )

    for back in range(3):
        room(HAL, c.Undo(position=room.position - 2 * back))

    assert decisions(room.work.facts) == Decisions(
        (Pinned(pin, 5, 9),), {pin: "The wobble", "h94": ""}, frozenset({pin})
    )


def test_the_same_decision_again_records_nothing() -> None:
    room = Watched()
    room(HAL, c.DropHighlight(highlight="h400"))
    room(HAL, c.RenameHighlight(highlight="h94", title="Wow"))
    before = room.position

    room(HAL, c.DropHighlight(highlight="h400"))
    room(HAL, c.RenameHighlight(highlight="h94", title="Wow"))
    room(HAL, c.RestoreHighlight(highlight="h94"))

    assert room.position == before


def test_what_can_be_no_highlight_is_not_found() -> None:
    room = Watched()

    with pytest.raises(NotFound) as refused:
        room(HAL, c.DropHighlight(highlight="nowhere"))
    assert refused.value.field == "highlight"
    with pytest.raises(Invalid) as invalid:
        room(HAL, c.PinHighlight(start_s=9, end_s=9, title="Nothing"))
    assert invalid.value.field == "end_s"
