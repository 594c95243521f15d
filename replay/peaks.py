"""From the signal to highlights: where far more people reacted than usual.

``excess`` asks for each second how far the reactions around it exceed the usual, over several
widths: the root of twice the Poisson log-likelihood ratio, which in a room of
steady habits is a number of standard deviations. ``highlights`` picks its peaks, the
highest first, far enough apart.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from replay.facts import Floats
from replay.method import METHOD, Method
from replay.signal import Signal, smoothed, sums

Score = TypeVar("Score", float, Floats)
FIT_SMOOTH_S = 3.0
"""A start moves little when one reaction more or less makes another width fit best."""


@dataclass(frozen=True, slots=True)
class Peak:
    """A stretch in which far more people reacted than usual, in seconds of reacting."""

    at_s: float
    """The middle of it."""
    width_s: float
    score: float
    confidence: float
    reactions: float
    """People who reacted in it, as weighed."""
    usual: float
    """As many as react in a stretch of this length of the talk on average."""

    @property
    def begin_s(self) -> float:
        return self.at_s - self.width_s / 2

    @property
    def end_s(self) -> float:
        return self.at_s + self.width_s / 2


@dataclass(frozen=True, slots=True, eq=False)
class Excess:
    """How far the reactions around each second exceed the usual."""

    score: Floats
    """In standard deviations, the mean over the widths."""
    width_s: Floats
    """How long they last there."""
    counts: Floats
    """Reactions in each second, relative to the audience."""
    usual: float
    """Their mean."""


def excess(seen: Signal, method: Method = METHOD) -> Excess:
    """Scan the signal; costs a few passes over the talk's seconds."""
    counts = seen.counts * _share(seen.audience, method)
    usual = max(float(counts.mean()), method.least_rate)
    rate = _rising(counts, usual, method)
    scans = [_scan(counts, rate, width) for width in method.widths_s]
    beyond = np.array([_beyond(observed, expected) for observed, expected in scans])
    width_s = _fitting_width(beyond, method)
    score = smoothed(beyond.mean(axis=0), method.smooth_s)
    return Excess(score, width_s, counts, usual)


def _fitting_width(beyond: Floats, method: Method) -> Floats:
    """How long the reaction around each second lasts: the widths, weighed by how they fit."""
    fit = beyond**4
    weighed = (fit * np.array(method.widths_s, float)[:, np.newaxis]).sum(axis=0)
    total = np.maximum(smoothed(fit.sum(axis=0), FIT_SMOOTH_S), 1e-9)
    return np.asarray(smoothed(weighed, FIT_SMOOTH_S) / total)


def _scan(counts: Floats, rate: Floats, width: int) -> tuple[Floats, Floats]:
    """Reactions in the stretch of that width around each second, and those expected."""
    begin = np.arange(len(counts)) - width // 2
    there = sums(np.ones(len(counts)), begin, width)
    return sums(counts, begin, width), there * rate[np.maximum(begin, 0)]


def _share(audience: Floats, method: Method) -> Floats:
    """What a reaction weighs in an audience of that size; 1 on average."""
    if not audience.any():
        return np.ones(len(audience))
    return np.asarray((audience.mean() / np.maximum(audience, 1.0)) ** method.audience_power)


def _rising(counts: Floats, usual: float, method: Method) -> Floats:
    """The rate to exceed: more than usual where reactions went on before."""
    second, before_s = np.arange(len(counts)), method.before_s
    steadied = (sums(counts, second - before_s, before_s) + 20 * usual) / (before_s + 20)
    return np.asarray(usual + method.before * np.maximum(steadied - usual, 0))


def _beyond(observed: Floats, expected: Floats) -> Floats:
    """Poisson deviance residual where more was seen than expected, else 0."""
    more = np.maximum(observed, expected)
    return np.sqrt(np.maximum(2 * (more * np.log(more / expected) - (more - expected)), 0))


def highlights(found: Excess, *, has_ended: bool, method: Method = METHOD) -> list[Peak]:
    """The peaks that are more than noise, best first, at least ``apart_s`` from each other."""
    seconds = len(found.score)
    bye_s = min(method.bye_s, seconds / 24) if has_ended else 0.0
    peaks = [
        _peak(found, at, 0.5 if at > seconds - bye_s else 1.0, method)
        for at in _summits(found.score, method)
    ]
    best = sorted(peaks, key=lambda peak: (-peak.score, peak.at_s))
    least = [method.least_confidence] * method.few + [method.more_confidence] * method.most
    return [peak for peak, sure in zip(best, least, strict=False) if peak.confidence >= sure]


def _summits(score: Floats, method: Method) -> Iterator[int]:
    left = score.copy()
    for _ in range(method.most):
        at = int(left.argmax())
        if left[at] <= 0:
            return
        yield at
        left[max(0, at - method.apart_s + 1) : at + method.apart_s] = 0


def _peak(found: Excess, at: int, weight: float, method: Method) -> Peak:
    score = float(found.score[at]) * weight
    width_s = max(float(found.width_s[at]), float(method.widths_s[0]))
    begin, length = round(at - width_s / 2), round(width_s)
    reactions = sums(found.counts, np.array([begin]), length)
    return Peak(
        at_s=float(at),
        width_s=width_s,
        score=score,
        confidence=float(confidence(score, len(found.score), method)),
        reactions=float(reactions[0]),
        usual=found.usual * length,
    )


def confidence(score: Score, seconds: int, method: Method = METHOD) -> Score:
    """From 0 (nothing) towards 1 (certain); one half for what luck alone may reach."""
    by_chance = luck(seconds, method)
    return score**2 / (score**2 + by_chance**2)


def luck(seconds: int, method: Method = METHOD) -> float:
    """The score that the highest peak of a talk of this length may reach without a reason.

    The longer a talk, the higher: like the largest of so many normal deviates.
    """
    chances = max(seconds, 60) / method.chance_every_s
    return method.luck * math.sqrt(2 * math.log(chances))
