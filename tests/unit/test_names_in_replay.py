"""Whom the replay names: nobody, unless the policy says so; but who spoke in public stays named."""

from projections.replay import Lens

LINE = {"kind": "line", "by": {"id": "ann", "name": "Ann"}, "text": "Hi", "position": 4}
POST = {"kind": "post", "by": {"id": "cat", "name": "@cat"}, "text": "Hi", "position": 5}
NOBODY = {"id": "", "name": ""}
ROOM = {"feed": {"l": LINE, "p": POST}, "questions": {"q": LINE}, "pulse": {}}


def test_listeners_are_not_told_who_said_what() -> None:
    told = Lens().document(ROOM)

    assert told["feed"]["l"] == {**LINE, "by": NOBODY}
    assert told["questions"]["q"]["by"] == NOBODY


def test_who_posted_elsewhere_stays_named() -> None:
    assert Lens().document(ROOM)["feed"]["p"] == POST


def test_a_policy_may_have_everybody_named() -> None:
    told = Lens(is_named=True).document(ROOM)

    assert told["feed"] == ROOM["feed"]
    assert told["questions"]["q"]["by"] == LINE["by"]


def test_what_leaves_and_what_changes_without_its_author_is_passed_on() -> None:
    change = {"feed": {"l": None, "m": {"text": "Ho"}, "n": {"by": {"name": "Bob"}}}}

    assert Lens().change(change) == {
        "feed": {"l": None, "m": {"text": "Ho"}, "n": {"by": {"name": ""}}}
    }
