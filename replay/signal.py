"""From reactions to a signal: how many people reacted in each second, and how many could have.

People are counted, not clicks: what an act counts grows with the time since the same
person's act before. So nobody makes a highlight alone, however fast they click, a voice
long silent weighs most, and the order in which acts arrive means nothing.

Weights are kept in whole units, so that sums are exact and the same acts give the same
bits in whatever order they are added.
"""

from dataclasses import dataclass

import numpy as np

from replay.facts import Floats, Ints

UNITS = 1000
"""Weights are counted in thousandths of a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """What the audience did, second by second."""

    counts: Floats
    """People who reacted, by weight."""
    audience: Floats
    """Different people who reacted within ten minutes before or after."""


def freshness(at_s: Floats, person: Ints, silence_s: float) -> Floats:
    """What each act counts: the longer since its person's act before, the nearer to 1.

    A first act follows the silence since the talk began. Rows are sorted by person, then
    time. In any stretch of t seconds one person's acts
    weigh less than ``1 + 0.41 * t / silence_s``, however many they are; clicks in quick
    succession weigh nothing.
    """
    since = np.diff(at_s, prepend=0.0)
    first = first_of_each(person)
    since[first] = at_s[first]
    return np.asarray((1 - np.exp(-since / silence_s)) ** 2)


def first_of_each(sorted_values: Ints) -> Ints:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.diff(sorted_values, prepend=sorted_values[:1] - 1))


def per_second(at_s: Floats, weight: Floats, seconds: int) -> Floats:
    """The weight of the acts in each second; what lies outside counts at the edge."""
    second = np.clip(at_s.astype(np.int64), 0, seconds - 1)
    units = np.bincount(second, weights=np.rint(weight * UNITS), minlength=seconds)
    return np.asarray(units / UNITS)


def people_around(at_s: Floats, person: Ints, seconds: int, reach_s: int) -> Floats:
    """Different people with an act within ``reach_s`` of each second (rows sorted as above).

    Before there was time enough for that, those of the first ``2 * reach_s`` seconds: who
    comes alive in the first minutes was mostly there from the start.
    """
    at = at_s.astype(np.int64)
    comes, goes = np.maximum(at - reach_s, 0), np.minimum(at + reach_s + 1, seconds)
    known = np.concatenate([[0], goes[:-1]])
    known[first_of_each(person)] = 0
    comes = np.minimum(np.maximum(comes, known), seconds)
    steps = np.bincount(comes, minlength=seconds + 1) - np.bincount(
        np.maximum(goes, comes), minlength=seconds + 1
    )
    around = np.cumsum(steps[:seconds]).astype(float)
    settled = min(reach_s, seconds - 1)
    around[:settled] = np.maximum(around[:settled], around[settled])
    return around


def sums(counts: Floats, begin: Ints, width: int) -> Floats:
    """The sum of ``counts[begin : begin + width]`` for each begin; outside is empty."""
    total = np.concatenate([[0.0], np.cumsum(counts)])
    last = len(counts)
    return np.asarray(total[np.clip(begin + width, 0, last)] - total[np.clip(begin, 0, last)])


def smoothed(values: Floats, sigma_s: float) -> Floats:
    """The values under a Gaussian of ``sigma_s`` seconds; the same length."""
    reach = round(4 * sigma_s)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_s) ** 2)
    return np.convolve(np.pad(values, reach, mode="edge"), bell / bell.sum(), mode="valid")
