from datetime import timedelta

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import iso
from domain.media import NEAR_S, MediaClock

_steps = st.lists(
    st.tuples(st.floats(0.5, 500).map(lambda s: round(s, 2)), st.floats(0, 500)), max_size=5
)


def recorded(begun_s: float, *cuts: tuple[float, float], **correction: object) -> MediaClock:
    recording = {
        "started_at": iso(NOON + timedelta(seconds=begun_s)),
        "cuts": [{"start_s": start, "end_s": end} for start, end in cuts],
    }
    return MediaClock.of(recording, correction, NOON)


@st.composite
def clocks(draw: st.DrawFn) -> MediaClock:
    pieces = [(draw(st.floats(-100, 100)), draw(st.floats(0, 100)))]
    for further_s, media_s in draw(_steps):
        pieces.append((pieces[-1][0] + further_s, pieces[-1][1] + media_s))
    return MediaClock(tuple(pieces))


def test_without_a_recording_media_time_counts_from_the_start() -> None:
    clock = MediaClock.of({}, {}, NOON)

    assert (clock.media_at(12.5), clock.offset_at(12.5)) == (12.5, 12.5)


@pytest.mark.parametrize("begun_s", [-NEAR_S - 1, NEAR_S + 1])
def test_a_recording_with_a_slip_in_its_date_counts_from_the_start(begun_s: float) -> None:
    assert recorded(begun_s).media_at(12.5) == 12.5
    assert recorded(begun_s / 2).media_at(12.5) != 12.5


def test_a_cut_maps_to_one_second_of_the_recording_and_back_to_its_end() -> None:
    clock = recorded(100.0, (200.0, 260.0))

    offsets = (0.0, 100.0, 299.0, 300.0, 330.0, 360.0, 400.0)
    assert [clock.media_at(at) for at in offsets] == [0.0, 0.0, 199.0, 200.0, 200.0, 200.0, 240.0]
    assert [clock.shows(at) for at in offsets] == [False, True, True, False, False, True, True]
    assert [clock.offset_at(at) for at in (0.0, 199.0, 200.0, 240.0)] == [100, 299, 360, 400]


def test_a_cut_within_another_changes_nothing() -> None:
    assert recorded(0.0, (10.0, 50.0), (20.0, 30.0)) == recorded(0.0, (10.0, 50.0))


def test_a_shift_moves_everything_and_pieces_replace_what_was_told() -> None:
    pieces = [{"offset_s": 0.0, "media_s": 30.0}, {"offset_s": 60.0, "media_s": 90.0}]

    assert recorded(100.0, shift_s=5.0).media_at(110.0) == 15.0
    assert recorded(100.0, pieces=pieces).media_at(70.0) == 100.0
    assert recorded(100.0, pieces=pieces, shift_s=-40.0).pieces == ((0.0, -10.0), (60.0, 50.0))


@given(clocks(), st.floats(-50, 3000))
def test_what_the_recording_shows_is_found_again(clock: MediaClock, offset_s: float) -> None:
    if clock.shows(offset_s) and offset_s >= clock.pieces[0][0]:
        assert abs(clock.offset_at(clock.media_at(offset_s)) - offset_s) < 1e-6


@given(clocks(), st.floats(0, 3000), st.floats(0, 100))
def test_neither_clock_ever_runs_back(clock: MediaClock, at: float, further: float) -> None:
    assert clock.media_at(at) <= clock.media_at(at + further)
    assert clock.offset_at(at) <= clock.offset_at(at + further)
