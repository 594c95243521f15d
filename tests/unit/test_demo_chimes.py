"""The demo's recording can be heard to be right: it is loud at its moments, and quiet between."""

import wave
from pathlib import Path

import numpy as np
import pytest

from gateway.demo import chimes

MOMENTS = (5.0, 12.0)


@pytest.fixture
def seconds(tmp_path: Path) -> list[float]:
    """How loud each second of a recording of 20 s is."""
    path = tmp_path / "talk.wav"
    chimes.write(path, length_s=20, topics_s=[0, 10], moments=MOMENTS)
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (1, chimes.RATE_HZ)
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    return [float(np.abs(second).mean()) for second in np.split(sound, 20)]


def test_the_recording_is_as_long_as_the_talk_and_never_silent(seconds: list[float]) -> None:
    assert len(seconds) == 20
    assert min(seconds) > 0


def test_the_seconds_of_the_moments_are_the_loudest(seconds: list[float]) -> None:
    loudest = sorted(range(20), key=lambda second: -seconds[second])[:2]

    assert sorted(loudest) == [5, 12]


def test_a_moment_at_the_very_end_fits(tmp_path: Path) -> None:
    chimes.write(tmp_path / "talk.wav", length_s=3, topics_s=[0], moments=[2.9])

    assert (tmp_path / "talk.wav").stat().st_size == 44 + 2 * 3 * chimes.RATE_HZ
