"""Laws of views of earlier moments: the fold up to there, less what may not be seen by now."""

from typing import Any

from builders import TALK
from hypothesis import given
from hypothesis import strategies as st
from playing import Placed, histories
from shelf import Shelf

from projections.history import History, facts_of, view_at
from projections.talk_views import DESK, ROOM, TalkViews


def folded(history: list[Placed]) -> TalkViews:
    views = TalkViews(TALK)
    for position, fact in history:
        views.fold(fact, position)
    views.change()
    return views


def ids_of(document: dict[str, Any]) -> set[str]:
    return set().union(*(document.get(name, {}) for name in ("feed", "questions", "items")))


@given(histories, st.integers(1, 80))
def test_a_room_of_an_earlier_moment_shows_what_it_showed_less_what_is_gone_by_now(
    history: list[Placed], position: int
) -> None:
    store: Any = Shelf(history)

    found = view_at(store, TALK, ROOM, position=position)

    assert found is not None
    then, now = folded(history[:position]), folded(history)
    still = {item for item in now.feed.items if now.feed.items[item].is_visible}
    room = then.document(ROOM)
    assert ids_of(found.view) == ids_of(room) & still
    assert found.view["talk"] == room["talk"]
    assert found.view["pulse"] == room["pulse"]
    for question, asked in found.view["questions"].items():
        assert asked["votes"] == room["questions"][question]["votes"]
        if f"{question}.answer" not in still:
            assert asked["answer"] == ""


@given(histories, st.integers(1, 80))
def test_a_desk_of_an_earlier_moment_shows_nothing_that_is_gone_for_good(
    history: list[Placed], position: int
) -> None:
    store: Any = Shelf(history)

    found = view_at(store, TALK, DESK, position=position)

    assert found is not None
    items = folded(history).feed.items
    assert not any(items[item].retracted or items[item].erased for item in ids_of(found.view))


@given(histories, st.floats(-5, 200))
def test_a_room_at_a_second_holds_only_what_was_said_by_then(
    history: list[Placed], at_s: float
) -> None:
    store: Any = Shelf(history)

    found = view_at(store, TALK, ROOM, at_s=at_s)

    assert found is not None
    items = folded(history).feed.items
    rounded = 0.001  # seconds are told in milliseconds
    until_s = History.of(TALK, facts_of(store, TALK)).clock.offset_at(at_s)
    assert all(items[item].second <= until_s + rounded for item in ids_of(found.view))
