"""Laws of the views over any history: batching, redelivery, and what the room never shows."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from playing import Placed, histories

from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.talk import Talk
from projections.patch import Document, apply, merge
from projections.talk_views import DESK, ROOM, VIEWS, TalkViews

TALK = "talk-1"
Followed = dict[str, Document]


def rebuilt(history: list[Placed]) -> TalkViews:
    """Fold a history in one go."""
    views = TalkViews(TALK)
    for position, fact in history:
        views.fold(fact, position)
    views.change()
    return views


def batches(history: list[Placed], sizes: list[int]) -> list[list[Placed]]:
    """Cut a history into batches of these sizes, over and over."""
    found, at = [], 0
    while at < len(history):
        size = sizes[len(found) % len(sizes)]
        found.append(history[at : at + size])
        at += size
    return found


def plain(document: Document) -> Document:
    """Take a document as the wire has it."""
    plain: Document = json.loads(json.dumps(document))
    return plain


_sizes = st.lists(st.integers(1, 20), min_size=1, max_size=5)


@given(histories, _sizes)
def test_views_kept_live_in_any_batching_equal_views_rebuilt_from_zero(
    history: list[Placed], sizes: list[int]
) -> None:
    live, followed = TalkViews(TALK), {view: {} for view in VIEWS}

    for batch in batches(history, sizes):
        for position, fact in batch:
            live.fold(fact, position)
        for view, patch in live.change().views.items():
            followed[view] = apply(followed[view], plain(patch))

    whole = rebuilt(history)
    for view in VIEWS:
        assert followed[view] == plain(whole.document(view)) == plain(live.document(view))


@given(histories)
def test_redelivery_changes_nothing(history: list[Placed]) -> None:
    views = rebuilt(history)
    before = {view: plain(views.document(view)) for view in VIEWS}

    for position, fact in history:
        views.fold(fact, position)
    changes = views.change()

    assert (changes.records, changes.me, changes.redacts) == ([], {}, False)
    assert all(patch == {} for patch in changes.views.values())
    assert {view: plain(views.document(view)) for view in VIEWS} == before


@given(histories, _sizes)
def test_merged_patches_of_a_real_history_compose(history: list[Placed], sizes: list[int]) -> None:
    live = TalkViews(TALK)
    merged: dict[str, Any] = {view: {} for view in VIEWS}

    for batch in batches(history, sizes):
        for position, fact in batch:
            live.fold(fact, position)
        for view, patch in live.change().views.items():
            merged[view] = merge(merged[view], plain(patch))

    for view in VIEWS:
        assert apply({}, merged[view]) == plain(live.document(view))


def gone(history: list[Placed]) -> set[str]:  # noqa: C901, PLR0912 - a case for each kind of fact
    """List the items that the room must not show after this history."""
    hidden: set[str] = set()
    held: set[str] = set()
    final: set[str] = set()
    authors: dict[str, str] = {}
    for _, fact in history:
        item = getattr(fact, "line", "") or fact.originator_id.rpartition("/")[2]
        match fact:
            case Question.Promoted():
                authors[fact.question] = fact.author
            case Participation.LinePosted() | Participation.ReplyPosted():
                authors[item] = fact.by
            case Participation.LineHeld():
                authors[item] = fact.by
                held.add(item)
            case Question.Asked():
                authors[item] = fact.author
            case Question.Held():
                authors[item] = fact.author
                held.add(item)
            case SocialPost.Caught():
                authors[item] = fact.author
            case SocialPost.Held():
                authors[item] = fact.author
                held.add(item)
            case SocialPost.Withdrawn():
                final.add(item)
            case Question.AnsweredInWriting():
                authors[f"{item}.answer"] = fact.by
            case Participation.LineHeldAgain() | Question.HeldAgain():
                held.add(item)
            case Participation.LineReturned() | Question.Returned() | SocialPost.Returned():
                held.add(item)
            case (
                Participation.LineApproved()
                | Participation.LineReleased()
                | Question.Approved()
                | Question.Released()
                | SocialPost.Approved()
                | SocialPost.Released()
            ):
                held.discard(item)
            case Talk.NoticeHidden():
                hidden.add(fact.notice)
            case Participation.LineHidden() | Question.Hidden() | SocialPost.Hidden():
                hidden.add(item)
            case Participation.LineRestored() | Question.Revealed() | SocialPost.Revealed():
                hidden.discard(item)
            case Participation.LineRetracted() | Question.Withdrawn():
                final.add(item)
            case Participation.Erased():
                final |= {one for one, author in authors.items() if author == item}
    away = hidden | held | final
    return away | {f"{one}.answer" for one in away if f"{one}.answer" in authors}


def ever_shown(history: list[Placed]) -> set[str]:
    """List the items that the room has shown at some time."""
    return {
        item
        for at in range(1, len(history) + 1)
        for item in items_of(history[:at]) - gone(history[:at])
    }


def items_of(history: list[Placed]) -> set[str]:
    """List everything that was said, by its id."""
    kinds = (Participation.LinePosted, Participation.ReplyPosted, Participation.LineHeld)
    lines = {fact.line for _, fact in history if isinstance(fact, kinds)}
    asked = (Question.Asked, Question.Held, Question.Promoted)
    caught = (SocialPost.Caught, SocialPost.Held)
    posts = {fact.post for _, fact in history if isinstance(fact, caught)}
    return lines | posts | {fact.question for _, fact in history if isinstance(fact, asked)}


@given(histories, _sizes)
def test_the_room_never_tells_what_is_hidden_retracted_or_erased(
    history: list[Placed], sizes: list[int]
) -> None:
    views, before = TalkViews(TALK), 0

    for batch in batches(history, sizes):
        for position, fact in batch:
            views.fold(fact, position)
        changes = views.change()
        before += len(batch)
        told = [changes.views[ROOM], views.document(ROOM)]

        for item in gone(history[:before]):
            for document in told:
                assert f'words of {item}"' not in json.dumps(document)
                assert f"words of {item}," not in json.dumps(document)
                assert f"https://example.social/{item}" not in json.dumps(document)
                assert not document.get("feed", {}).get(item)
                assert not document.get("questions", {}).get(item)


@given(histories)
def test_an_erased_name_is_told_nowhere(history: list[Placed]) -> None:
    views = rebuilt(history)
    erased = {
        fact.originator_id.rpartition("/")[2]
        for _, fact in history
        if isinstance(fact, Participation.Erased)
    }

    told = json.dumps([views.document(ROOM), views.document(DESK)])

    assert not any(f"name of {attendee}" in told for attendee in erased)


@given(histories, _sizes)
def test_taking_something_from_peoples_eyes_is_marked(
    history: list[Placed], sizes: list[int]
) -> None:
    views, told = TalkViews(TALK), 0

    for batch in batches(history, sizes):
        was = gone(history[:told])
        for position, fact in batch:
            views.fold(fact, position)
        changes = views.change()
        told += len(batch)
        if (gone(history[:told]) - was) & ever_shown(history[:told]):
            assert changes.redacts


@given(histories)
def test_no_view_holds_null_and_every_record_has_the_same_fields(history: list[Placed]) -> None:
    views = rebuilt(history)

    for view in VIEWS:
        document = plain(views.document(view))
        assert "null" not in json.dumps(document)
        for name in ("feed", "questions", "items", "people"):
            shapes = {tuple(record) for record in document.get(name, {}).values()}
            assert len(shapes) <= 1
