"""Listeners of the replay, and the clock of the recording: the commands and what comes of them."""

import pytest
from builders import HAL
from deciding_room import Watched

from domain import commands as c
from domain.errors import Invalid, NotAllowed, NotOpen, TooFast
from domain.listening import Listening
from domain.pace import TICKING
from domain.talk import UNCORRECTED, Talk
from gateway.collecting import collected
from replay.timeline import build


@pytest.fixture
def ended() -> Watched:
    room = Watched()
    for person in range(5):
        room(f"p{person}", c.GiveFeedback(kind="funny"), at=100 + person)
    room(HAL, c.EndTalk(), at=600)
    return room


def kinds(room: Watched, kind: type[Listening.Event]) -> list[Listening.Event]:
    return [fact for fact in room.work.facts if isinstance(fact, kind)]


def test_listening_is_for_ended_talks() -> None:
    room = Watched()

    with pytest.raises(NotOpen):
        room("ann", c.TickReplay(kind="funny", media_s=5))
    with pytest.raises(NotOpen):
        room("ann", c.SeekReplay(from_s=0, to_s=5))


def test_a_tick_of_a_listener_knows_its_second(ended: Watched) -> None:
    ended("ann", c.TickReplay(kind="funny", media_s=61.5), at=9_000)
    ended("ann", c.SeekReplay(from_s=61.5, to_s=100), at=9_010)
    ended("ann", c.SeekReplay(from_s=100, to_s=100), at=9_020)

    (tick,), (jump,) = kinds(ended, Listening.Ticked), kinds(ended, Listening.Sought)
    assert (tick.by, tick.kind, tick.media_s) == ("ann", "funny", 61.5)  # type: ignore[attr-defined]
    assert (jump.from_s, jump.to_s) == (61.5, 100)  # type: ignore[attr-defined]


def test_listeners_keep_a_pace_and_are_not_banned(ended: Watched) -> None:
    ended(HAL, c.Ban(attendee="p1", why="rude"))
    with pytest.raises(NotAllowed):
        ended("p1", c.TickReplay(kind="funny", media_s=5))
    with pytest.raises(Invalid):
        ended("ann", c.TickReplay(kind="bored", media_s=5))

    for _ in range(TICKING.acts):
        ended("ann", c.TickReplay(kind="funny", media_s=5), at=700)
    with pytest.raises(TooFast):
        ended("ann", c.TickReplay(kind="funny", media_s=5), at=700)


def test_what_listeners_do_stands_apart_from_what_the_room_chose(ended: Watched) -> None:
    before = build(collected(ended.work.facts))
    for person in range(40):
        ended(f"l{person}", c.TickReplay(kind="funny", media_s=300 + person / 10), at=9_000)
        ended(f"l{person}", c.SeekReplay(from_s=5, to_s=450), at=9_000)

    after = build(collected(ended.work.facts))

    assert (after.highlights, after.heat) == (before.highlights, before.heat)
    assert after.listeners.people == 40
    hottest = {
        curve: after.listeners.step_s * values.index(max(values))
        for curve, values in after.listeners.curves.items()
    }
    assert hottest == {"reactions": pytest.approx(296, abs=6), "jumps": pytest.approx(446, abs=6)}
    assert max(max(values) for values in before.listeners.curves.values()) == 0


def test_a_corrected_clock_is_a_fact_and_its_undo_brings_the_former_back(ended: Watched) -> None:
    pieces = [c.ClockPiece(offset_s=0, media_s=30), c.ClockPiece(offset_s=60, media_s=90)]
    ended(HAL, c.CorrectClock(shift_s=5, delay_s=12))
    ended(HAL, c.CorrectClock(pieces=pieces))
    corrected = ended.position
    assert ended.document()["talk"]["media"]["clock"] == {
        "shift_s": 0,
        "pieces": [{"offset_s": 0, "media_s": 30}, {"offset_s": 60, "media_s": 90}],
        "delay_s": -1,
    }

    ended(HAL, c.Undo(position=corrected))
    assert ended.talk.clock == {"shift_s": 5, "pieces": [], "delay_s": 12}
    ended(HAL, c.Undo(position=corrected - 1))
    assert ended.talk.clock == UNCORRECTED


def test_the_same_clock_again_records_nothing_and_one_that_runs_back_is_refused(
    ended: Watched,
) -> None:
    ended(HAL, c.CorrectClock(shift_s=5))
    before = ended.position
    ended(HAL, c.CorrectClock(shift_s=5))
    assert ended.position == before

    back = [c.ClockPiece(offset_s=0, media_s=30), c.ClockPiece(offset_s=60, media_s=29)]
    with pytest.raises(Invalid) as refused:
        ended(HAL, c.CorrectClock(pieces=back))
    assert refused.value.field == "pieces"


def test_everything_moves_with_the_clock_that_a_host_corrects(ended: Watched) -> None:
    (was,) = build(collected(ended.work.facts)).highlights
    ended(HAL, c.CorrectClock(shift_s=50, delay_s=13))

    (now,) = build(collected(ended.work.facts)).highlights

    assert now.start_s == pytest.approx(was.start_s + 50 - 10, abs=0.5)


def test_a_players_position_is_of_the_media_that_was_attached_then() -> None:
    room = Watched()
    live, cut = "https://live.example.org/1.m3u8", "https://media.example.org/cut.mp4"
    room(HAL, c.AttachRecording(url=live, started_at="2026-03-14T12:00:00Z"))
    for person in range(5):  # their players are 20 s behind
        room(f"p{person}", c.GiveFeedback(kind="funny", media_s=300.0 + person), at=320 + person)
    room(HAL, c.EndTalk(), at=600)
    (direct,) = build(collected(room.work.facts)).highlights

    cuts = [c.Cut(start_s=100, end_s=160)]
    room(HAL, c.AttachRecording(url=cut, started_at="2026-03-14T12:00:00Z", cuts=cuts))
    (mapped,) = build(collected(room.work.facts)).highlights

    assert direct.start_s == pytest.approx(300 - 8, abs=4)
    assert mapped.start_s == pytest.approx(direct.start_s - 60, abs=0.5)
    assert isinstance(room.work.facts[-1], Talk.RecordingAttached)
