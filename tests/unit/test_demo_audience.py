"""The simulated audience: one seed, one evening, and what its people do is allowed and human."""

from collections import Counter
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.audience import Act, evening, names
from gateway.demo.programme import BRIDGES

LENGTH_S = 180.0
MOMENTS = (40.0, 100.0, 170.0)


def an_evening(
    *, seed: int = 7, people: int = 200, moments: tuple[float, ...] = MOMENTS
) -> list[Act]:
    return evening(BRIDGES, seed=seed, people=people, moments=moments, length_s=LENGTH_S)


def ticks_between(acts: list[Act], begin_s: float, end_s: float) -> int:
    return sum(act.doing == "feedback" and begin_s <= act.at_s < end_s for act in acts)


def test_the_same_seed_gives_the_same_evening_and_another_seed_another() -> None:
    assert an_evening(seed=7) == an_evening(seed=7)
    assert an_evening(seed=7) != an_evening(seed=8)


@pytest.mark.parametrize("moment_s", MOMENTS)
def test_many_people_react_within_ten_seconds_of_a_moment_they_love(moment_s: float) -> None:
    acts = an_evening()

    usual = mean(ticks_between(acts, at, at + 10) for at in (50, 60, 70, 110, 120, 130))

    assert ticks_between(acts, moment_s, moment_s + 10) > 2 * usual


def test_without_moments_no_ten_seconds_stand_out() -> None:
    acts = an_evening(moments=())

    ticks = [ticks_between(acts, at, at + 10) for at in range(20, 170, 10)]

    assert max(ticks) < 2 * mean(ticks)


@given(seed=st.integers(0, 10_000), people=st.integers(0, 40))
def test_acts_come_in_order_within_the_talk_by_people_who_are_there(seed: int, people: int) -> None:
    acts = an_evening(seed=seed, people=people)

    assert [act.at_s for act in acts] == sorted(act.at_s for act in acts)
    assert all(0 <= act.at_s < LENGTH_S for act in acts)
    assert all(-1 <= act.who < people for act in acts)


def test_nobody_votes_before_the_question_is_asked_or_twice() -> None:
    asked_s: dict[int, float] = {}
    votes: Counter[tuple[int, int]] = Counter()

    for act in an_evening():
        if act.doing == "question":
            asked_s[act.about] = act.at_s
        if act.doing == "vote":
            assert asked_s[act.about] < act.at_s
            votes[act.who, act.about] += 1

    assert set(votes.values()) == {1}


def test_nobody_is_faster_than_the_talk_allows() -> None:
    paces = {"line": 10, "question": 10, "vote": 60, "feedback": 20}
    acts = an_evening()

    for act in acts:
        near = [other for other in acts if act.at_s <= other.at_s < act.at_s + 10]
        alike = sum(other.who == act.who and other.doing == act.doing for other in near)
        assert act.doing in {"topic", "post"} or alike <= paces[act.doing]


def test_no_two_people_share_a_name() -> None:
    assert len(set(names(2_000))) == 2_000
