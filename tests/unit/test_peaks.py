import numpy as np
import pytest

from replay.facts import Floats
from replay.method import METHOD
from replay.peaks import Peak, confidence, excess, highlights
from replay.signal import Signal

SECONDS = 3000


def steady(rate: float = 0.5) -> Floats:
    return np.random.default_rng(5).poisson(rate, SECONDS).astype(float)


def found(counts: Floats, audience: Floats | None = None, *, has_ended: bool = True) -> list[Peak]:
    around = np.full(len(counts), 100.0) if audience is None else audience
    return highlights(excess(Signal(counts, around)), has_ended=has_ended)


def test_a_burst_is_the_first_highlight_and_its_middle_is_told() -> None:
    counts = steady()
    counts[1000:1010] += 5

    best = found(counts)[0]

    assert best.at_s == pytest.approx(1005, abs=2)
    assert best.confidence > 0.5
    assert best.reactions > 5 * best.usual


def test_a_longer_reaction_has_a_longer_stretch() -> None:
    short, long = steady(), steady()
    short[1000:1008] += 5
    long[1000:1040] += 5

    assert found(short)[0].width_s < 20
    assert found(long)[0].width_s > 25


def test_a_talk_as_usual_has_no_confident_highlight() -> None:
    assert all(peak.confidence < 0.5 for peak in found(steady()))


def test_highlights_keep_their_distance_and_come_best_first() -> None:
    peaks = found(steady())

    at_s = sorted(peak.at_s for peak in peaks)
    assert min(np.diff(at_s)) >= METHOD.apart_s
    assert [peak.score for peak in peaks] == sorted((peak.score for peak in peaks), reverse=True)
    assert len(peaks) <= METHOD.most


def test_a_fuller_room_does_not_drown_what_came_before() -> None:
    counts, audience = steady(), np.full(SECONDS, 100.0)
    counts[500:510] += 5
    counts[2000:2010] += 5
    counts[1500:] *= 4
    audience[1500:] *= 4

    first, second = found(counts, audience)[:2]

    assert sorted([first.at_s, second.at_s]) == pytest.approx([505, 2005], abs=3)
    assert min(first.score, second.score) > 0.6 * max(first.score, second.score)


def test_goodbye_counts_half_once_the_talk_has_ended() -> None:
    counts = steady()
    counts[-15:] += 5

    live, ended = found(counts, has_ended=False)[0], found(counts)[0]

    assert ended.score == pytest.approx(live.score / 2)


def test_a_silent_talk_has_no_highlight() -> None:
    assert found(np.zeros(SECONDS)) == []
    assert found(np.zeros(1), np.zeros(1)) == []


def test_the_longer_the_talk_the_higher_a_peak_must_be() -> None:
    assert confidence(2.5, 180) > 0.5 > confidence(2.5, 7200)
