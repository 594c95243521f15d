"""The pulse: the latest window of seconds that holds a tick."""

from builders import ANN, BOB
from telling import Telling


def test_people_are_counted_and_not_their_clicks() -> None:
    told = Telling()

    told.ticks(ANN, "agree", second=1)
    told.ticks(ANN, "agree", second=2)
    told.ticks(BOB, "agree", second=3)
    told.ticks(BOB, "lost", second=4)

    assert told.room() == {
        "pulse": {
            "from_s": 0,
            "kinds": {"agree": {"people": 2, "ticks": 3}, "lost": {"people": 1, "ticks": 1}},
        }
    }


def test_before_any_tick_there_is_no_window() -> None:
    assert Telling().views.pulse.document == {"from_s": -1, "window_s": 10, "kinds": {}}


def test_a_tick_in_a_later_window_begins_anew() -> None:
    told = Telling()
    told.ticks(ANN, "agree", second=9.9)
    told.change()

    told.ticks(ANN, "lost", second=30)

    kinds = {"agree": None, "lost": {"people": 1, "ticks": 1}}
    assert told.room() == {"pulse": {"from_s": 30, "kinds": kinds}}


def test_a_late_tick_of_an_earlier_window_changes_nothing_shown() -> None:
    told = Telling()
    told.ticks(ANN, "agree", second=30)
    told.change()

    told.ticks(BOB, "agree", second=9)

    changes = told.change()
    assert changes.views["room"] == {}
    assert [record.second for record in changes.records] == [9]  # type: ignore[union-attr]


def test_a_sample_of_attendance_changes_no_view() -> None:
    told = Telling()

    told.samples(17, second=10)

    changes = told.change()
    assert changes.views == {"room": {}, "desk": {}}
    assert [record.present for record in changes.records] == [17]  # type: ignore[union-attr]
