"""Laws of names: who spoke anonymously is told to nobody, by no view, patch, frame or export."""

import json
from typing import Any

from builders import TALK
from hypothesis import example, given
from hypothesis import strategies as st
from playing import PEOPLE, Act, Placed, Play, acts, histories
from shelf import Shelf

from domain.standing import Standing
from gateway.exporting import Export
from projections.history import view_at
from projections.talk_views import DESK, ROOM, TalkViews

_office = frozenset({"grant", "ungrant", "accept", "write_answer", "policy", "panelist", "catch"})
"""Acts by name, whatever the rule: for the desk, on the panel, elsewhere; or that change it."""


def played_under(names: str, at_desk: bool, chosen: list[Act]) -> list[Placed]:  # noqa: FBT001
    """Play acts of attendees alone, under one rule from the beginning."""
    play = Play()
    play.play("policy", names, at_desk)
    for act in chosen:
        if act[0] not in _office:
            play.play(*act)
    return play.facts


_chosen = st.lists(acts, max_size=50)


def tells_of_somebody(told: Any) -> bool:
    """Tell whether an attendee can be recognised in what somebody else is told."""
    text = json.dumps(told)
    return any(f'"{one}"' in text or f"name of {one}" in text for one in PEOPLE)


@given(_chosen, st.integers(1, 9))
def test_nobody_is_recognised_where_the_rule_is_anonymous(chosen: list[Act], size: int) -> None:
    history = played_under("anonymous", False, chosen)
    views = TalkViews(TALK)

    for at in range(0, len(history), size):
        for position, fact in history[at : at + size]:
            views.fold(fact, position)
        changes = views.change()
        for view, change in changes.views.items():
            assert not tells_of_somebody(change)
            assert not tells_of_somebody(views.document(view))
        for attendee, mine in changes.me.items():
            others = set(PEOPLE) - {attendee}
            assert not any(f"name of {one}" in json.dumps(mine) for one in others)


@given(_chosen)
def test_the_room_recognises_nobody_even_where_the_desk_may(chosen: list[Act]) -> None:
    views = TalkViews(TALK)
    for position, fact in played_under("anonymous", True, chosen):
        views.fold(fact, position)
        assert not tells_of_somebody(views.change().views[ROOM])


@given(_chosen)
def test_no_name_is_told_where_nicknames_are_the_rule(chosen: list[Act]) -> None:
    views = TalkViews(TALK)
    for position, fact in played_under("nickname", False, chosen):
        views.fold(fact, position)
    views.change()

    told = json.dumps([views.document(ROOM), views.document(DESK)])

    assert not any(f"name of {one}" in told.replace("nickname of", "") for one in PEOPLE)


def ruled_after_it_was_said() -> list[Placed]:
    """An imported line keeps its time; the rule it was imported under is younger."""
    play = Play()
    for act in (("wait", 60.0), ("policy", "anonymous", False), ("wait", -50.0), ("post", "ann")):
        play.play(*act)
    return play.facts


@given(histories, st.floats(-5, 200))
@example(ruled_after_it_was_said(), 30.0)
def test_a_view_of_an_earlier_moment_names_nobody_whom_the_view_of_now_does_not(
    history: list[Placed], at_s: float
) -> None:
    store: Any = Shelf(history)
    now = TalkViews(TALK)
    for position, fact in history:
        now.fold(fact, position)

    found = view_at(store, TALK, ROOM, at_s=at_s)

    assert found is not None
    said = {**found.view["feed"], **found.view["questions"]}
    anonymous = {item for item, told in now.feed.items.items() if told.names == "anonymous"}
    assert all(said[item]["by"] == {"id": "", "name": ""} for item in said.keys() & anonymous)


@given(histories)
def test_an_export_gives_what_is_anonymous_a_user_of_its_own(history: list[Placed]) -> None:
    views, standing = TalkViews(TALK), Standing()
    for position, fact in history:
        views.fold(fact, position)
        standing.apply(fact)
    export = Export(standing)

    records = [(fact, export.record(fact)) for _, fact in history]

    users = [
        record["user"]
        for fact, record in records
        if record and record["kind"] in {"chat", "question"}
        if views.feed.items[getattr(fact, fact.ITEM)].names == "anonymous"
        if not getattr(fact, "line", "") or record["kind"] == "chat"
    ]
    assert len(set(users)) == len(users)
    assert not set(users) & set(export.users.values())
