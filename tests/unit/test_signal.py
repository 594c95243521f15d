import numpy as np
import pytest

from replay.signal import freshness, people_around, per_second, smoothed, sums


def weights(*ticks: tuple[float, int]) -> list[float]:
    at_s, person = (np.array(column) for column in zip(*sorted(ticks, key=by_person), strict=True))
    return freshness(at_s.astype(float), person, 25.0).tolist()


def by_person(tick: tuple[float, int]) -> tuple[int, float]:
    return tick[1], tick[0]


def test_an_act_counts_more_the_longer_its_person_was_silent() -> None:
    _, soon, late = weights((100.0, 7), (105.0, 7), (205.0, 7))

    assert soon < 0.05
    assert late > 0.95


def test_a_flood_of_one_person_weighs_no_more_than_a_person_a_minute() -> None:
    flood = weights(*((600.0 + i / 50, 7) for i in range(3000)))

    assert sum(flood) < 2


def test_people_do_not_silence_each_other() -> None:
    assert weights((500.0, 1), (500.1, 2)) == pytest.approx([1.0, 1.0])


def test_nobody_is_fresh_when_the_talk_has_just_begun() -> None:
    assert weights((1.0, 1), (60.0, 2)) == pytest.approx([0.0015, 0.83], abs=0.01)


def test_weights_are_added_by_the_second_and_at_the_edges() -> None:
    at_s, weight = np.array([-1.0, 0.5, 1.0, 9.0]), np.array([1.0, 0.5, 1.0, 0.25])

    assert per_second(at_s, weight, 3).tolist() == [1.5, 1.0, 0.25]


def test_different_people_are_around_while_they_reacted_within_reach() -> None:
    at_s, person = np.array([20.0, 24.0, 26.0]), np.array([1, 1, 2])

    assert people_around(at_s, person, 40, 3).tolist()[15:32] == [
        *(0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1),
        *(0, 0),
    ]


def test_those_of_the_first_minutes_were_there_from_the_start() -> None:
    at_s, person = np.array([5.0, 15.0]), np.array([1, 2])

    assert people_around(at_s, person, 60, 10).tolist()[:12] == [2] * 12


def test_a_sum_takes_what_lies_within_the_talk() -> None:
    assert sums(np.array([1.0, 2.0, 4.0]), np.array([-1, 0, 1, 2]), 2).tolist() == [1, 3, 6, 4]


def test_smoothing_keeps_the_total() -> None:
    values = np.zeros(100)
    values[50] = 3.0

    assert smoothed(values, 4.0).sum() == pytest.approx(3.0)
