import numpy as np
import pytest

from replay.signal import per_second, smoothed, sums, thinned


def counted(*ticks: tuple[float, int]) -> list[tuple[float, int]]:
    at_s, person = thinned(np.array([t for t, _ in ticks]), np.array([p for _, p in ticks]))
    return list(zip(at_s.tolist(), person.tolist(), strict=True))


def test_a_second_tick_of_a_person_within_fifteen_seconds_does_not_count() -> None:
    assert counted((1.0, 7), (15.999, 7), (16.0, 7)) == [(1.0, 7), (16.0, 7)]


def test_the_gap_runs_from_the_last_tick_that_counted() -> None:
    assert counted((0.0, 7), (10.0, 7), (20.0, 7), (30.0, 7)) == [(0.0, 7), (20.0, 7)]


def test_people_do_not_thin_each_other() -> None:
    assert counted((3.0, 2), (1.0, 1), (2.0, 3)) == [(1.0, 1), (2.0, 3), (3.0, 2)]


def test_nobody_ticking_is_nothing_to_count() -> None:
    assert counted() == []


def test_thinning_agrees_with_a_walk_in_plain_words() -> None:
    chance = np.random.default_rng(1)
    at_s = np.round(chance.uniform(0, 600, 5000), 3)
    person = chance.integers(0, 40, 5000)

    last: dict[int, float] = {}
    plain = []
    for at, who in sorted(zip(at_s.tolist(), person.tolist(), strict=True)):
        if round((at - last.get(who, -99.0)) * 1000) >= 15_000:
            last[who] = at
            plain.append((at, who))

    kept = thinned(at_s, person)
    assert list(zip(*(column.tolist() for column in kept), strict=True)) == plain


def test_times_are_counted_by_the_second_and_at_the_edges() -> None:
    assert per_second(np.array([-1.0, 0.5, 1.0, 9.0]), 3).tolist() == [2.0, 1.0, 1.0]


def test_a_sum_takes_what_lies_within_the_talk() -> None:
    assert sums(np.array([1.0, 2.0, 4.0]), np.array([-1, 0, 1, 2]), 2).tolist() == [1, 3, 6, 4]


def test_smoothing_keeps_the_total() -> None:
    values = np.zeros(100)
    values[50] = 3.0

    assert smoothed(values, 4.0).sum() == pytest.approx(3.0)
