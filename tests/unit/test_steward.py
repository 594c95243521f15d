"""The steward takes samples of attendance, and releases what was held long enough."""

from collections.abc import Mapping
from datetime import datetime

from builders import later

from domain.commands import Command, ReleaseItem, SampleAttendance
from domain.errors import NotOpen
from projections.steward import Steward


class Site:
    """Where the steward works: what it asked for is kept by command id, as the store does."""

    def __init__(self) -> None:
        self.second = 0.0
        self.live = ["talk-1"]
        self.present: Mapping[str, int] = {"talk-1": 3}
        self.sampled: dict[str, int] = {}
        self.held: list[tuple[str, str, str]] = []
        self.released: dict[str, str] = {}
        self.refuses = False

    def steward(self) -> Steward:
        return Steward(
            live=lambda: self.live,
            present=lambda: self.present,
            to_release=lambda by: self.held if by >= later(10) else [],
            submit=self.submit,
            now=lambda: later(self.second),
        )

    def submit(self, talk: str, command: Command, command_id: str, at: datetime) -> None:
        if self.refuses:
            raise NotOpen("the talk has ended")
        assert (talk, at) == ("talk-1", later(self.second))
        match command:
            case SampleAttendance():
                self.sampled.setdefault(command_id, command.present)
            case ReleaseItem():
                self.released.setdefault(command_id, command.item)


def test_attendance_is_sampled_at_most_every_ten_seconds() -> None:
    site = Site()
    steward = site.steward()

    for second in range(35):
        site.second, site.present = second, {"talk-1": second}
        steward.step()

    assert list(site.sampled.values()) == [1, 10, 20, 30]


def test_a_talk_that_nobody_came_to_is_not_sampled_but_one_that_all_left_is() -> None:
    site = Site()
    site.live = ["talk-1"]
    steward = site.steward()

    for site.second, count in ((0, 0), (10, 0), (20, 5), (30, 0)):
        site.present = {"talk-1": count}
        steward.step()

    assert list(site.sampled.values()) == [5, 0]


def test_the_same_number_is_not_told_twice() -> None:
    site = Site()
    steward = site.steward()

    for site.second in (0, 10, 20):
        steward.step()

    assert list(site.sampled.values()) == [3]


def test_a_steward_that_takes_over_doubles_no_sample() -> None:
    site = Site()
    site.steward().step()

    site.steward().step()

    assert len(site.sampled) == 1


def test_a_refusal_is_not_repeated_every_second() -> None:
    site = Site()
    site.refuses = True
    steward = site.steward()
    steward.step()
    site.refuses = False

    site.second = 1
    steward.step()

    assert site.sampled == {}


def test_a_held_item_is_released_once_however_often_stewards_look() -> None:
    site = Site()
    site.held = [("talk-1", "l1", "12:00"), ("talk-1", "q1", "12:00")]

    for second in (9, 10, 11):
        site.second = second
        site.steward().step()

    assert sorted(site.released.values()) == ["l1", "q1"]
