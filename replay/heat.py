"""Heat: a score laid over the moments that were reacted to, from 0 to 1."""

import numpy as np

from replay import peaks
from replay.facts import Floats
from replay.method import METHOD


def resampled(score: Floats, delay_s: float, step_s: int) -> list[float]:
    """The confidence at each step, shifted back to the moments that were reacted to."""
    steps = np.arange(0, len(score), step_s)
    at = np.minimum(steps + round(delay_s + METHOD.heat_lag_s), len(score) - 1)
    return [round(value, 4) for value in peaks.confidence(score[at], len(score)).tolist()]
