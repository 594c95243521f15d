"""What those who listen later find worth it: a second heat, apart from that of the live audience.

The same arithmetic as for the room, on the clock of the recording alone: listeners come at
different times, but they react at the same seconds.
"""

from dataclasses import dataclass

import numpy as np

from replay import peaks
from replay.facts import Ticks
from replay.heat import resampled
from replay.method import METHOD
from replay.signal import Signal, first_of_each, freshness, people_around, per_second

JUMP = "(jump)"
"""The kind of a listener's jump to a second; all others are ticks."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """How listeners reacted (``reactions``) and where they jumped to (``jumps``), from 0 to 1."""

    people: int
    step_s: int
    curves: dict[str, list[float]]


NOBODY = Listeners(0, 1, {})


def listeners(listened: Ticks, duration_s: float, step_s: int) -> Listeners:
    """The heat of what listeners did: ticks and jumps with the second of the recording."""
    seconds = max(1, int(np.ceil(duration_s)))
    within = np.flatnonzero(listened.media_s <= seconds)
    jumped = np.array([name == JUMP for name in listened.kinds], bool)[listened.kind[within]]
    return Listeners(
        people=len(np.unique(listened.person[within])),
        step_s=step_s,
        curves={
            "reactions": _heat(listened, within[~jumped], seconds, METHOD.reaction_s, step_s),
            "jumps": _heat(listened, within[jumped], seconds, 0.0, step_s),
        },
    )


def _heat(
    listened: Ticks, rows: np.ndarray, seconds: int, delay_s: float, step_s: int
) -> list[float]:
    rows = rows[np.lexsort((listened.media_s[rows], listened.person[rows]))]
    at_s, person = listened.media_s[rows], listened.person[rows]
    if not len(first_of_each(person)):
        return [0.0] * len(range(0, seconds, step_s))
    fresh = freshness(at_s, person, METHOD.silence_s)
    signal = Signal(
        counts=per_second(at_s, fresh, seconds),
        audience=people_around(at_s, person, seconds, METHOD.audience_s),
    )
    return resampled(peaks.excess(signal).score, delay_s, step_s)
