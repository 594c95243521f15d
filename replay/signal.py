"""From ticks to a signal: how many people reacted in each second of the talk.

People are counted, not clicks: a person's tick counts only when it comes at least
``THIN_S`` after that person's last counted one. So nobody makes a highlight alone,
however fast they click, and the order in which ticks arrive means nothing.
"""

import numpy as np
from numpy.typing import NDArray

from replay.facts import Floats, Ints

THIN_S = 15.0
"""One reaction per person and quarter of a minute: about the width of a highlight.
Real reactions lose nothing by it; a flood of one person's clicks becomes one in 15 s."""


def thinned(at_s: Floats, person: Ints, gap_s: float = THIN_S) -> tuple[Floats, Ints]:
    """The ticks that count, by time: of each person the first, then each ``gap_s`` later.

    Integer milliseconds keep the choice exact. A million ticks take about 0.2 s: all people
    walk at once from one counted tick to their next.
    """
    at_ms = np.rint(at_s * 1000).astype(np.int64)
    order = np.lexsort((at_ms, person))
    at_ms, person = at_ms[order], person[order]
    counted = np.flatnonzero(_reachable(at_ms, person, round(gap_s * 1000)))
    by_time = counted[np.lexsort((person[counted], at_ms[counted]))]
    return at_ms[by_time] / 1000, person[by_time]


def _reachable(at_ms: Ints, person: Ints, gap_ms: int) -> NDArray[np.bool_]:
    """Which rows (sorted by person, then time) the greedy walk of their person stops at."""
    stops = np.zeros(len(at_ms), bool)
    if not len(at_ms):
        return stops
    first = np.flatnonzero(np.diff(person, prepend=person[0] - 1))
    end_of = np.append(first[1:], len(person))
    run = np.repeat(np.arange(len(first)), end_of - first)
    span = int(at_ms.max() - at_ms.min()) + gap_ms + 1
    key = run * span + (at_ms - at_ms.min())
    following = np.minimum(np.searchsorted(key, key + gap_ms), end_of[run])
    at, end = first, end_of
    while len(at):
        stops[at] = True
        at = following[at]
        walking = at < end
        at, end = at[walking], end[walking]
    return stops


def per_second(at_s: Floats, seconds: int) -> Floats:
    """How many of the times fall in each second; those outside count at the edge."""
    second = np.clip(at_s.astype(np.int64), 0, seconds - 1)
    return np.bincount(second, minlength=seconds).astype(float)


def sums(counts: Floats, begin: Ints, width: int) -> Floats:
    """The sum of ``counts[begin : begin + width]`` for each begin; outside is empty."""
    total = np.concatenate([[0.0], np.cumsum(counts)])
    last = len(counts)
    return np.asarray(total[np.clip(begin + width, 0, last)] - total[np.clip(begin, 0, last)])


def smoothed(values: Floats, sigma_s: float) -> Floats:
    """The values under a Gaussian of ``sigma_s`` seconds; the same length."""
    reach = round(4 * sigma_s)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_s) ** 2)
    return np.convolve(np.pad(values, reach), bell / bell.sum(), mode="valid")
