"""The ballot: questions with their tallies; votes stand whatever becomes of a question."""

from builders import ANN, BOB
from telling import Telling

from domain.participation import Participation
from domain.question import Question


def test_a_question_is_told_with_every_field() -> None:
    told = Telling()
    told.joins(BOB)

    told.asks("q1")

    assert told.room()["questions"] == {
        "q1": {
            "text": "Asks q1",
            "by": {"id": "bob", "name": "Bob"},
            "votes": 0,
            "state": "open",
            "merged_into": "",
            "answer": "",
            "pinned": False,
            "position": 5,
            "answered_from_s": -1,
            "answered_to_s": -1,
        }
    }


def test_a_tally_counts_the_people_whose_votes_stand() -> None:
    told = Telling()
    told.asks("q1")
    told.change()

    told.votes(ANN, "q1")
    told.votes(BOB, "q1")
    told.votes("cy", "q1")
    told.person(Participation.VoteWithdrawn, "cy", question="q1")

    assert told.room() == {"questions": {"q1": {"votes": 2}}}


def test_votes_that_came_to_nothing_change_nothing() -> None:
    told = Telling()
    told.asks("q1")
    told.change()

    told.votes(ANN, "q1")
    told.person(Participation.VoteWithdrawn, ANN, question="q1")

    changes = told.change()
    assert changes.views["room"] == {}
    assert sorted(record.change for record in changes.records if hasattr(record, "change")) == [
        -1,
        1,
    ]


def test_the_stretch_of_answering_is_kept() -> None:
    told = Telling()
    told.asks("q1")
    told.question(Question.AnsweringStarted, "q1", second=60)
    told.change()

    told.question(Question.AnsweringFinished, "q1", second=95.5)

    answered = {"state": "answered", "answered_to_s": 95.5}
    assert told.room() == {"questions": {"q1": answered}}
    assert told.views.ballot.shown.records["q1"]["answered_from_s"] == 60


def test_an_archived_question_shows_its_state_again_when_restored() -> None:
    told = Telling()
    told.asks("q1")
    told.votes(ANN, "q1")
    told.question(Question.AnsweringStarted, "q1")
    told.question(Question.Archived, "q1")
    told.votes(BOB, "q1")
    told.change()
    assert told.views.ballot.shown.records["q1"]["state"] == "archived"

    told.question(Question.Restored, "q1")

    assert told.room() == {"questions": {"q1": {"state": "answering"}}}
    assert told.views.ballot.shown.records["q1"]["votes"] == 2


def test_votes_survive_hiding() -> None:
    told = Telling()
    told.asks("q1")
    told.votes(ANN, "q1")
    told.question(Question.Hidden, "q1", why="again?")
    told.votes(BOB, "q1")
    told.change()

    told.question(Question.Revealed, "q1")

    assert told.room()["questions"]["q1"]["votes"] == 2


def test_at_most_100_are_shown_and_votes_decide_which() -> None:
    told = Telling()
    for number in range(101):
        told.asks(f"q{number}")
    told.change()
    assert "q100" not in told.views.ballot.shown.records

    told.votes(ANN, "q100")

    questions = told.room()["questions"]
    assert questions["q100"]["votes"] == 1
    assert questions["q99"] is None


def test_archived_questions_give_way_to_open_ones() -> None:
    told = Telling()
    for number in range(101):
        told.asks(f"q{number}")
    told.votes(ANN, "q0")
    told.change()

    told.question(Question.Archived, "q0")

    questions = told.room()["questions"]
    assert questions["q0"] is None
    assert "q100" in questions


def test_the_question_being_answered_is_always_shown() -> None:
    told = Telling()
    for number in range(101):
        told.asks(f"q{number}")
        told.votes(ANN, f"q{number}" if number < 100 else "q0")
    told.change()

    told.question(Question.AnsweringStarted, "q100")

    assert told.room()["questions"]["q100"]["state"] == "answering"
