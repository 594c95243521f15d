"""The replay as listeners read it: whole, at a second, and stretch by stretch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from auditorium import Auditorium, Seconds
from builders import later

from domain import commands as c
from domain.clock import iso
from domain.errors import NotFound
from domain.store import Store, open_store
from gateway.moments import Moments
from gateway.timelines import FRESH_S, Timelines
from projections.history import view_at
from projections.patch import apply


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/hearhear.db") as store:
        yield store


@pytest.fixture
def hall(store: Store) -> Iterator[Auditorium]:
    """A talk of ten minutes in which Ann's question is answered, recorded from 30 s on."""
    hall = Auditorium(store)
    hall.second = 60
    question = hall.do("ann", c.AskQuestion(text="Why so dear?"))["question"]
    for number in range(20):
        hall.second = 100 + 10 * number
        hall.do("bob", c.PostLine(text=f"At {hall.second:g}"))
        hall.do("bob", c.GiveFeedback(kind="funny"))
    hall.second = 320
    hall.do("cy", c.CastVote(question=question))
    hall.do("hal", c.StartAnswering(question=question))
    hall.second = 380
    hall.do("hal", c.FinishAnswering(question=question))
    hall.second = 600
    hall.do("hal", c.EndTalk())
    hall.do("hal", c.AttachRecording(url="/talk.mp3", started_at=iso(later(30))))
    hall.question = question  # type: ignore[attr-defined]
    yield hall
    hall.app.close()


def question_at(store: Store, hall: Auditorium, at_s: float) -> dict[str, Any]:
    found = Moments(store).at_second(hall.talk, "replay", at_s).view
    return dict(found["questions"][hall.question])  # type: ignore[attr-defined]


def test_seconds_of_a_moment_are_those_of_the_recording(store: Store, hall: Auditorium) -> None:
    moments = Moments(store)

    texts = [
        one["text"] for one in moments.at_second(hall.talk, "replay", 90).view["feed"].values()
    ]

    assert texts == ["Why so dear?", "At 100", "At 110", "At 120"]
    assert moments.at_second(hall.talk, "replay", 90).view["pulse"]["from_s"] == 90


def test_a_question_tells_where_it_is_answered_before_it_is(store: Store, hall: Auditorium) -> None:
    before, during = question_at(store, hall, 100), question_at(store, hall, 300)

    assert (before["state"], before["answered_from_s"], before["moment_s"]) == ("open", -1, 290)
    assert (during["state"], during["answered_from_s"], during["moment_s"]) == (
        "answering",
        290,
        290,
    )


def test_a_moment_is_the_same_however_often_it_is_asked_and_what_is_hidden_goes(
    store: Store, hall: Auditorium
) -> None:
    moments = Moments(store)
    line = next(iter(moments.at_second(hall.talk, "room", 71).view["feed"].values()))
    assert line["text"] == "Why so dear?"

    for _ in range(2):
        assert moments.at_second(hall.talk, "room", 200) == view_at(
            store, hall.talk, "room", at_s=200
        )
    before = moments.version(hall.talk)
    hall.do("hal", c.Hide(item=hall.question, why="rude"))  # type: ignore[attr-defined]

    assert moments.version(hall.talk) > before
    hidden = moments.at_second(hall.talk, "room", 200)
    assert hidden.view["questions"] == {}
    assert hidden == view_at(store, hall.talk, "room", at_s=200)


def test_what_listeners_do_leaves_the_version_as_it_is(store: Store, hall: Auditorium) -> None:
    moments = Moments(store)
    before = moments.version(hall.talk)

    hall.do("ann", c.TickReplay(kind="funny", media_s=61.5))
    assert moments.version(hall.talk) == before

    hall.do("hal", c.CorrectClock(shift_s=10))
    assert moments.version(hall.talk) > before
    assert question_at(store, hall, 100)["moment_s"] == 300


def test_a_stretch_leads_from_its_first_second_to_its_last(store: Store, hall: Auditorium) -> None:
    moments = Moments(store)
    stretch = moments.stretch(hall.talk, 75.5, 400)

    document, seconds = stretch.begin.view, [step.at_s for step in stretch.steps]
    for step in stretch.steps:
        document = apply(document, step.patch)

    assert document == moments.at_second(hall.talk, "replay", 400).view
    assert seconds == sorted(seconds)
    assert seconds[0] == 80
    assert stretch.begin == moments.at_second(hall.talk, "replay", 75.5)


def test_between_its_changes_a_stretch_shows_what_the_fold_shows(store: Store) -> None:
    hall = Auditorium(store)
    moments = Moments(store)
    try:
        for second in (20.0004, 20.07, 20.15, 20.3, 20.99, 21.05):
            hall.second = second
            hall.do("ann", c.PostLine(text=f"At {second}"))
        hall.do("hal", c.EndTalk())
        stretch = moments.stretch(hall.talk, 0, 60)
        blurred = 0
        for ms in range(19_900, 21_200, 10):
            at_s, document = ms / 1_000, stretch.begin.view
            for step in stretch.steps:
                document = apply(document, step.patch) if step.at_s <= at_s else document
            exact = moments.at_second(hall.talk, "replay", at_s).view
            if any(step.at_s <= at_s < step.until_s for step in stretch.steps):
                blurred += document != exact
            else:
                assert document == exact, at_s
    finally:
        hall.app.close()
    assert blurred, "changes so near to each other are told as one"


def test_a_live_talk_is_followed_as_it_goes_on(store: Store) -> None:
    hall = Auditorium(store)
    moments = Moments(store)
    try:
        for second in (10, 20, 19, 30):  # the clock of another gateway is a second behind
            hall.second = second
            hall.do("ann", c.PostLine(text=f"At {second}"))
            now = moments.at_second(hall.talk, "room", 30)
            assert now.view == view_at(store, hall.talk, "room").view  # type: ignore[union-attr]
        assert len(moments.at_second(hall.talk, "desk", 10).view["items"]) == 0
    finally:
        hall.app.close()


def test_there_is_no_moment_of_a_talk_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotFound):
        Moments(store).at_second("nowhere", "room", 1)


def test_a_timeline_followed_live_is_at_the_end_the_one_worked_out_anew(store: Store) -> None:
    hall, now = Auditorium(store), Seconds()
    followed = Timelines(store, clock=now)

    def then(who: str, command: c.Command) -> None:
        now.now += FRESH_S
        hall.do(who, command)
        followed.of(hall.talk)

    for second in range(100, 160, 3):
        hall.second = second
        then(f"p{second}", c.GiveFeedback(kind="funny"))
    hall.second = 300
    then("hal", c.EndTalk())
    then("hal", c.CorrectClock(shift_s=10))
    for person in range(5):
        then(f"l{person}", c.TickReplay(kind="funny", media_s=100 + person))

    told, anew = followed.of(hall.talk), Timelines(store).of(hall.talk)
    hall.app.close()
    assert (told.position, told.timeline) == (anew.position, anew.timeline)
    assert told.timeline.listeners.people == 5
    assert told.timeline.highlights
