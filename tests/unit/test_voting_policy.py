"""Who may vote, and how the desk is told whose votes they are."""

from collections.abc import Iterator
from itertools import count

import pytest
from builders import ANN, BOB, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.errors import NotAllowed
from projections.talk_views import DESK


@pytest.fixture
def room() -> Watched:
    return Watched()


@pytest.fixture
def question(room: Watched) -> str:
    return room(HAL, c.AskQuestion(text="Why?"))["question"]


def test_everybody_votes_unless_the_policy_says_otherwise(room: Watched, question: str) -> None:
    room(ANN, c.CastVote(question=question))

    assert room.votes(question) == 1


def test_guests_do_not_vote_where_one_is_to_be_signed_in(room: Watched, question: str) -> None:
    room(HAL, c.SetPolicy(votes="signed_in"))

    with pytest.raises(NotAllowed, match="signed in"):
        room(ANN, c.CastVote(question=question))
    with pytest.raises(NotAllowed, match="signed in"):
        room(HAL, c.CastVote(question=question))
    room(BOB, c.CastVote(question=question), signed_in=True)

    assert room.votes(question) == 1


def test_whoever_was_invited_or_signed_in_has_a_ticket(room: Watched, question: str) -> None:
    room(HAL, c.SetPolicy(votes="ticket"))

    with pytest.raises(NotAllowed, match="invited"):
        room(ANN, c.CastVote(question=question))
    room(BOB, c.CastVote(question=question), signed_in=True)
    room(MIA, c.CastVote(question=question))  # who has a role was let in by somebody

    assert room.votes(question) == 2


def test_a_vote_is_taken_back_whatever_the_policy(room: Watched, question: str) -> None:
    room(ANN, c.CastVote(question=question))
    room(HAL, c.SetPolicy(votes="signed_in"))

    room(ANN, c.WithdrawVote(question=question))

    assert room.votes(question) == 0


def test_the_votes_of_a_recorded_session_were_cast_elsewhere(room: Watched, question: str) -> None:
    room(HAL, c.SetPolicy(votes="signed_in"))

    room(ANN, c.CastVote(question=question), imported=True)

    assert room.votes(question) == 1


def test_the_desk_sees_guests_and_people_signed_in_apart(room: Watched, question: str) -> None:
    numbers: Iterator[int] = count(1)
    for signed_in in (False, False, True):
        room(f"voter-{next(numbers)}", c.CastVote(question=question), signed_in=signed_in)

    assert room.document(DESK)["tallies"] == {question: {"guests": 2, "signed_in": 1}}
    assert room.votes(question) == 3
    assert "signed_in" not in room.document()["questions"][question]


def test_tallies_of_merged_questions_count_each_person_once(room: Watched, question: str) -> None:
    other = room(HAL, c.AskQuestion(text="How?"))["question"]
    for who, signed_in in ((ANN, False), (BOB, True)):
        for one in (question, other):
            room(who, c.CastVote(question=one), signed_in=signed_in)

    room(MIA, c.MergeQuestions(question=other, into=question))

    assert room.document(DESK)["tallies"][question] == {"guests": 1, "signed_in": 1}
