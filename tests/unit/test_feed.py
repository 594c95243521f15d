"""The feed: the last 200 visible items, by position of posting."""

from builders import ANN, BOB, HAL
from telling import Telling

from domain.participation import Participation
from domain.question import Question


def hide(told: Telling, line: str) -> None:
    told.person(Participation.LineHidden, BOB, by=HAL, line=line, why="rude")


def test_a_line_is_told_with_its_author_and_place() -> None:
    told = Telling()
    told.joins(BOB)

    told.posts("l1", second=5)

    assert told.room() == {
        "feed": {
            "l1": {
                "kind": "line",
                "by": {"id": "bob", "name": "Bob"},
                "text": "Says l1",
                "at": "2026-03-14T12:00:05.000Z",
                "position": 5,
                "about": "",
                "source": "",
                "url": "",
                "edited": False,
                "pinned": False,
            }
        }
    }


def test_questions_stand_among_the_lines() -> None:
    told = Telling()
    told.posts("l1")
    told.asks("q1")

    told.change()

    feed = told.views.feed.shown.records
    assert [(key, item["kind"]) for key, item in feed.items()] == [
        ("l1", "line"),
        ("q1", "question"),
    ]


def test_an_edit_keeps_its_place() -> None:
    told = Telling()
    told.posts("l1")
    told.change()

    told.person(Participation.LineEdited, line="l1", text="Better")

    assert told.room() == {"feed": {"l1": {"text": "Better", "edited": True}}}


def test_only_the_last_200_are_shown() -> None:
    told = Telling()
    for number in range(201):
        told.posts(f"l{number}")

    told.change()

    shown = told.views.feed.shown.records
    assert len(shown) == 200
    assert "l0" not in shown


def test_an_older_item_comes_back_in_for_a_hidden_one() -> None:
    told = Telling()
    for number in range(201):
        told.posts(f"l{number}")
    told.change()

    hide(told, "l100")

    feed = told.room()["feed"]
    assert feed["l100"] is None
    assert feed["l0"]["text"] == "Says l0"
    assert len(feed) == 2


def test_a_restored_item_takes_its_old_place() -> None:
    told = Telling()
    for number in range(201):
        told.posts(f"l{number}")
    hide(told, "l100")
    told.change()

    told.person(Participation.LineRestored, by=HAL, line="l100")

    feed = told.room()["feed"]
    assert feed["l0"] is None
    assert feed["l100"]["position"] == 104


def test_hiding_what_has_left_the_window_still_redacts_earlier_patches() -> None:
    told = Telling()
    for number in range(201):
        told.posts(f"l{number}")
    told.change()

    hide(told, "l0")

    changes = told.change()
    assert changes.views["room"] == {}
    assert changes.redacts


def test_what_is_hidden_before_anybody_was_told_never_shows() -> None:
    told = Telling()
    told.posts("l1")

    hide(told, "l1")

    assert told.room() == {}


def test_a_retracted_line_is_gone_with_its_text() -> None:
    told = Telling()
    told.posts("l1")
    told.change()

    told.person(Participation.LineRetracted, line="l1")

    assert told.room() == {"feed": {"l1": None}}
    assert told.views.feed.items["l1"].text == ""


def test_restoring_does_not_bring_back_what_its_author_retracted() -> None:
    told = Telling()
    told.posts("l1")
    hide(told, "l1")
    told.person(Participation.LineRetracted, line="l1")
    told.change()

    told.person(Participation.LineRestored, by=HAL, line="l1")

    assert told.room() == {}


def test_an_imported_line_without_text_counts_but_shows_nothing() -> None:
    told = Telling()

    told.person(Participation.LinePosted, line="l1", text="")

    changes = told.change()
    assert changes.views["room"] == {}
    assert [record.item for record in changes.records] == ["l1"]  # type: ignore[union-attr]


def test_everything_an_erased_person_said_is_gone_and_the_rest_stays() -> None:
    told = Telling()
    told.posts("l1", BOB)
    told.asks("q1", BOB)
    told.posts("l2", ANN)
    told.change()

    told.person(Participation.Erased, BOB)

    changes = told.change()
    assert changes.views["room"] == {"feed": {"l1": None, "q1": None}, "questions": {"q1": None}}
    assert changes.redacts


def test_a_hidden_question_leaves_the_feed_and_the_ballot() -> None:
    told = Telling()
    told.asks("q1")
    told.change()

    told.question(Question.Hidden, "q1", why="again?")

    assert told.room() == {"feed": {"q1": None}, "questions": {"q1": None}}


def test_a_name_taken_later_does_not_change_what_was_said() -> None:
    told = Telling()
    told.joins(BOB)
    told.posts("l1")
    told.person(Participation.Renamed, name="Robert")
    told.posts("l2")

    told.change()

    feed = told.views.feed.shown.records
    assert [feed[line]["by"]["name"] for line in ("l1", "l2")] == ["Bob", "Robert"]
