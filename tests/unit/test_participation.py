import pytest
from builders import BOB, MIA, NOON, attending, later, recorded

from domain.errors import NotFound, NotOpen, TooFast
from domain.pace import SAYING, TICKING, VOTING


def test_a_second_vote_by_the_same_voter_changes_nothing() -> None:
    bob = attending(BOB)
    bob.cast_vote("q1", at=NOON)

    bob.cast_vote("q1", at=later(1))

    assert recorded(bob) == ["VoteCast"]


def test_withdrawing_a_vote_that_is_not_there_changes_nothing() -> None:
    bob = attending(BOB)

    bob.withdraw_vote("q1", at=NOON)

    assert recorded(bob) == []


def test_a_withdrawn_vote_can_be_cast_again() -> None:
    bob = attending(BOB)

    bob.cast_vote("q1", at=NOON)
    bob.withdraw_vote("q1", at=later(1))
    bob.cast_vote("q1", at=later(2))

    assert recorded(bob) == ["VoteCast", "VoteWithdrawn", "VoteCast"]


def test_an_edit_to_the_same_text_records_nothing() -> None:
    bob = attending(BOB)
    bob.post_line("l1", "Hello", at=NOON)

    bob.edit_line("l1", "Hello", at=later(1))

    assert recorded(bob) == ["LinePosted"]


def test_a_retracted_line_takes_no_edit() -> None:
    bob = attending(BOB)
    bob.post_line("l1", "Hello", at=NOON)
    bob.retract_line("l1", at=later(1))

    with pytest.raises(NotOpen, match="retracted"):
        bob.edit_line("l1", "Hello there", at=later(2))


def test_hiding_and_restoring_twice_change_nothing_the_second_time() -> None:
    bob = attending(BOB)
    bob.post_line("l1", "Hello", at=NOON)

    line = bob.moderated("l1")
    for _ in range(2):
        line.hide("rude", by=MIA, at=later(1))
    for _ in range(2):
        line.reveal(by=MIA, at=later(2))

    assert recorded(bob) == ["LinePosted", "LineHidden", "LineRestored"]


def test_a_line_of_somebody_else_is_not_found() -> None:
    with pytest.raises(NotFound):
        attending(BOB).retract_line("l1", at=NOON)


def test_the_eleventh_line_within_ten_seconds_is_too_fast() -> None:
    bob = attending(BOB)
    for number in range(SAYING.acts):
        bob.must_keep_pace(SAYING, later(number))
        bob.post_line(f"l{number}", "Hello", at=later(number))

    with pytest.raises(TooFast) as refused:
        bob.must_keep_pace(SAYING, later(9.5))

    assert refused.value.retry_after_s == pytest.approx(0.5)
    bob.must_keep_pace(SAYING, later(10))


def test_paces_do_not_count_for_each_other() -> None:
    bob = attending(BOB)
    for number in range(TICKING.acts):
        bob.give_feedback("agree", "", -1.0, at=later(number / 100))

    bob.must_keep_pace(VOTING, later(1))
    bob.must_keep_pace(SAYING, later(1))
    with pytest.raises(TooFast):
        bob.must_keep_pace(TICKING, later(1))


def test_a_question_uses_a_turn_of_saying() -> None:
    bob = attending(BOB)
    for number in range(SAYING.acts):
        bob.ask_question(f"q{number}", at=NOON)

    with pytest.raises(TooFast):
        bob.must_keep_pace(SAYING, later(1))


def test_going_by_the_same_name_records_nothing() -> None:
    bob = attending(BOB)

    bob.rename("Bob", at=NOON)
    bob.rename("Robert", at=later(1))

    assert recorded(bob) == ["Renamed"]


def test_being_erased_twice_is_recorded_once() -> None:
    bob = attending(BOB)

    bob.erase(at=NOON)
    bob.erase(at=later(1))

    assert recorded(bob) == ["Erased"]
