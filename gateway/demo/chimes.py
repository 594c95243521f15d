"""The recording of the demo: a quiet chord for each topic, and a chime at each loved moment.

Made in code, so that a jump on the replay page can be heard to land where it should.
"""

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8_000
CHIME_S = 2.5
_CHIME_HZ = (1318.5, 1975.5, 2637.0)  # a bright fifth and its octave
_ROOTS_HZ = (110.0, 130.8, 98.0, 123.5)  # a chord a topic, low and quiet
_LOUDEST = 32_000

Samples = NDArray[np.float32]


def write(
    path: Path, *, length_s: float, topics_s: Sequence[float], moments: Sequence[float]
) -> None:
    """Write a WAV file (16 bit, mono) of the talk's length."""
    sound = background(length_s, topics_s)
    for moment_s in moments:
        begin = round(moment_s * RATE_HZ)
        bell = chime()[: max(0, len(sound) - begin)]
        sound[begin : begin + len(bell)] += bell
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * _LOUDEST).astype("<i2").tobytes())


def background(length_s: float, topics_s: Sequence[float]) -> Samples:
    """Make a soft chord that changes with the topic: silence might be taken for a fault."""
    sound = np.zeros(round(length_s * RATE_HZ), np.float32)
    ends = [round(at_s * RATE_HZ) for at_s in [*topics_s[1:], length_s]]
    begin = 0
    for number, end in enumerate(ends):
        time_s = np.arange(begin, end, dtype=np.float32) / RATE_HZ
        breath = 0.6 + 0.4 * np.sin(2 * np.pi * time_s / 8)
        root = _ROOTS_HZ[number % len(_ROOTS_HZ)]
        for ratio in (1.0, 1.5, 2.0):
            sound[begin:end] += 0.02 * breath * np.sin(2 * np.pi * root * ratio * time_s)
        begin = end
    return sound


def chime() -> Samples:
    """Strike a bell: loud at once, then fading."""
    time_s = np.arange(round(CHIME_S * RATE_HZ), dtype=np.float32) / RATE_HZ
    partials = [np.sin(2 * np.pi * hz * time_s) / n for n, hz in enumerate(_CHIME_HZ, 1)]
    bell: Samples = (0.35 * np.exp(-2 * time_s) * sum(partials)).astype(np.float32)
    return bell
