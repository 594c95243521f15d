"""From the signal to highlights: where far more people reacted than usual.

``Surprise`` asks, for each second and a few widths, how much likelier the observed
count is under its own rate than under the usual one (a Poisson scan statistic).
``highlights`` picks its peaks, the highest first, far enough apart.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from replay.facts import Floats, Ints
from replay.signal import smoothed, sums

Score = TypeVar("Score", float, Floats)


@dataclass(frozen=True, slots=True)
class Method:
    """The few numbers of the method, each with its reason."""

    widths_s: tuple[int, ...] = (8, 12, 18, 27)
    """A burst of laughter to a long applause, each 1.5 times the one before."""
    around_s: int = 300
    """The usual rate is that of the ten minutes around: longer than any highlight."""
    here: float = 0.6
    """Weight of the rate around against that of the whole talk: an audience that grows
    changes the usual slowly, a quiet stretch must not make every cough a highlight."""
    smooth_s: float = 4.0
    """Reaction times of people scatter by about this much."""
    apart_s: float = 45.0
    """Two highlights closer than this are one to a listener."""
    hello_s: float = 60.0
    bye_s: float = 75.0
    """Greetings and farewells are bursts without a moment: scores there are halved."""
    half_confident: float = 8.0
    """The surprise at which a peak is as likely a highlight as not."""
    most: int = 20
    """No listener follows more."""


METHOD = Method()


@dataclass(frozen=True, slots=True)
class Peak:
    """A stretch in which far more people reacted than usual; seconds of reacting."""

    at_s: float
    width_s: int
    score: float
    confidence: float
    observed: float
    """Reactions counted in it."""
    usual: float
    """Reactions that would be usual in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Surprise:
    """How surprising the reactions from each second on are, and at which width most."""

    score: Floats
    width_s: Ints
    observed: Floats
    usual: Floats
    """Reactions at that width: counted, and usual around there."""


def surprise(counts: Floats, method: Method = METHOD) -> Surprise:
    """Scan the counts per second; costs a few passes over the talk's seconds."""
    second = np.arange(len(counts))
    usual = _usual(counts, method)
    before = (sums(counts, second - 30, 30) + 20 * usual) / 50
    rate = 0.6 * usual + 0.4 * np.maximum(before, usual)
    observed = np.array([sums(counts, second, width) for width in method.widths_s])
    scores = [
        _excess(seen, rate * width, width)
        for seen, width in zip(observed, method.widths_s, strict=True)
    ]
    best = np.argmax(scores, axis=0)
    width_s = np.array(method.widths_s)[best]
    return Surprise(
        score=smoothed(np.max(scores, axis=0), method.smooth_s),
        width_s=width_s,
        observed=observed[best, second],
        usual=usual * width_s,
    )


def _usual(counts: Floats, method: Method) -> Floats:
    second, reach = np.arange(len(counts)), method.around_s
    seen = sums(np.ones(len(counts)), second - reach, 2 * reach + 1)
    around = sums(counts, second - reach, 2 * reach + 1) / seen
    return np.asarray(np.maximum(method.here * around + (1 - method.here) * counts.mean(), 1e-4))


def _excess(observed: Floats, expected: Floats, width_s: int) -> Floats:
    """Poisson log-likelihood ratio where more was seen than expected, else 0."""
    more = np.maximum(observed, expected)
    ratio = more * np.log(more / expected) - (more - expected)
    return np.asarray(ratio / (width_s / 20) ** 0.25)


def highlights(found: Surprise, method: Method = METHOD) -> list[Peak]:
    """The peaks, best first, at least ``apart_s`` from each other."""
    length = len(found.score)
    second = np.arange(length)
    edge = (second < method.hello_s) | (second > length - method.bye_s)
    score = np.where(edge, found.score / 2, found.score)
    peaks: list[Peak] = []
    for at in np.lexsort((second, -score)):
        if score[at] <= 0 or len(peaks) == method.most:
            break
        if all(abs(at - peak.at_s) >= method.apart_s for peak in peaks):
            peaks.append(_peak(found, int(at), float(score[at]), method))
    return peaks


def _peak(found: Surprise, at: int, score: float, method: Method) -> Peak:
    return Peak(
        at_s=float(at),
        width_s=int(found.width_s[at]),
        score=score,
        confidence=float(confidence(score, method)),
        observed=float(found.observed[at]),
        usual=float(found.usual[at]),
    )


def confidence(score: Score, method: Method = METHOD) -> Score:
    """From 0 (nothing) towards 1 (certain)."""
    return score / (score + method.half_confident)
