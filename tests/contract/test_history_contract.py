"""Views as they stood, less what may not be seen by now."""

from collections.abc import Iterator

import pytest
from auditorium import Auditorium

from domain import commands
from domain.store import Store
from projections.history import view_at


@pytest.fixture
def hall(store: Store) -> Iterator[Auditorium]:
    hall = Auditorium(store)
    yield hall
    hall.app.close()


def texts(store: Store, hall: Auditorium, **moment: float) -> list[str]:
    found = view_at(store, hall.talk, "room", **moment)  # type: ignore[arg-type]
    assert found is not None
    return [item["text"] for item in found.view["feed"].values()]


def test_a_view_at_a_second_holds_what_had_been_said_by_then(
    store: Store, hall: Auditorium
) -> None:
    for second in (10, 20, 30):
        hall.second = second
        hall.do("ann", commands.PostLine(text=f"At {second}"))

    assert texts(store, hall, at_s=5.0) == []
    assert texts(store, hall, at_s=20.0) == ["At 10", "At 20"]
    assert texts(store, hall) == ["At 10", "At 20", "At 30"]


def test_a_view_at_a_position_is_the_fold_up_to_it(store: Store, hall: Auditorium) -> None:
    first = hall.do("ann", commands.PostLine(text="Before"))["line"]
    position = store.log.head()
    hall.do("ann", commands.EditLine(line=first, text="After"))

    found = view_at(store, hall.talk, "room", position=position)

    assert found is not None
    assert found.position == position
    assert found.view["feed"][first]["text"] == "Before"


def test_what_is_taken_out_by_now_is_not_shown_at_any_moment(
    store: Store, hall: Auditorium
) -> None:
    hidden = hall.do("ann", commands.PostLine(text="Hidden later"))["line"]
    retracted = hall.do("ann", commands.PostLine(text="Retracted later"))["line"]
    question = hall.do("cy", commands.AskQuestion(text="Withdrawn later"))["question"]
    hall.do("bob", commands.PostLine(text="Erased later"))
    hall.do("dee", commands.PostLine(text="Stays"))
    hall.second = 60
    hall.do("hal", commands.Hide(item=hidden, why="rude"))
    hall.do("ann", commands.RetractLine(line=retracted))
    hall.do("cy", commands.WithdrawQuestion(question=question))
    hall.app.erase("person-bob")

    assert texts(store, hall, at_s=30.0) == ["Stays"]
    room = view_at(store, hall.talk, "room", at_s=30.0)
    assert room is not None
    assert room.view["questions"] == {}


def test_there_is_no_view_of_a_talk_that_is_not_there(store: Store) -> None:
    assert view_at(store, "nowhere", "room") is None
