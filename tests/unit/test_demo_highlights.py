"""What the demo promises: the moments its audience loves are found, and nothing else is."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.demo.audience import Act, evening
from gateway.demo.programme import BRIDGES
from replay.recorded import highlights_of

LENGTH_S = 180.0
AS_KIND = {"line": "chat"}


def found(moments: Sequence[float], *, seed: int) -> list[dict[str, Any]]:
    acts = evening(BRIDGES, seed=seed, people=200, moments=moments, length_s=LENGTH_S)
    lines = [record(act) for act in acts]
    highlights = highlights_of([*lines, json.dumps({"t": LENGTH_S, "kind": "end"})])["highlights"]
    assert isinstance(highlights, list)
    return highlights


def record(act: Act) -> str:
    kind = AS_KIND.get(act.doing, act.doing)
    text = str(act.about) if act.doing == "vote" else act.what
    return json.dumps({"t": act.at_s, "kind": kind, "user": f"u{act.who}", "text": text})


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_the_loved_moments_are_met_within_ten_seconds(seed: int) -> None:
    moments = (40.0, 100.0, 170.0)

    starts = [highlight["start"] for highlight in found(moments, seed=seed)]

    assert all(any(abs(start - moment) <= 10 for start in starts) for moment in moments)


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_an_audience_told_to_love_nothing_gives_no_confident_highlight(seed: int) -> None:
    assert [one for one in found((), seed=seed) if one["confidence"] >= 0.5] == []
