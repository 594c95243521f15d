"""What the demo promises: the moments its audience loves are found, and nothing else is."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.demo.audience import evening, names
from gateway.demo.programme import BRIDGES
from gateway.demo.session import lines
from replay.recorded import highlights_of

LENGTH_S = 180.0


def found(moments: Sequence[float], *, seed: int) -> list[dict[str, Any]]:
    acts = evening(BRIDGES, seed=seed, people=200, moments=moments, length_s=LENGTH_S)
    highlights = highlights_of(lines(BRIDGES, acts, names(200), length_s=LENGTH_S))["highlights"]
    assert isinstance(highlights, list)
    return highlights


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_the_loved_moments_are_met_within_ten_seconds(seed: int) -> None:
    moments = (40.0, 100.0, 170.0)

    starts = [highlight["start"] for highlight in found(moments, seed=seed)]

    assert all(any(abs(start - moment) <= 10 for start in starts) for moment in moments)


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_an_audience_told_to_love_nothing_gives_no_confident_highlight(seed: int) -> None:
    assert [one for one in found((), seed=seed) if one["confidence"] >= 0.5] == []
