"""What the desk is warned by: who ticked within the latest five minutes that hold a tick."""

from builders import ANN, BOB, MIA
from telling import Telling


def test_before_any_tick_nobody_was_lost() -> None:
    assert Telling().views.document("desk")["lately"] == {
        "to_s": -1,
        "window_s": 300,
        "people": 0,
        "kinds": {},
    }


def test_people_are_counted_once_for_each_kind_and_once_in_all() -> None:
    told = Telling()

    told.ticks(ANN, "lost", second=1)
    told.ticks(ANN, "lost", second=200)
    told.ticks(ANN, "agree", second=210)
    told.ticks(BOB, "lost", second=290)

    assert told.desk() == {
        "lately": {"to_s": 300, "people": 2, "kinds": {"lost": 2, "agree": 1}},
    }


def test_who_ticked_more_than_five_minutes_before_the_latest_tick_counts_no_more() -> None:
    told = Telling()
    told.ticks(ANN, "lost", second=5)
    told.ticks(BOB, "lost", second=15)
    told.change()

    told.ticks(MIA, "agree", second=305)

    assert told.desk() == {"lately": {"to_s": 310, "kinds": {"lost": 1, "agree": 1}}}


def test_ticks_may_come_in_any_order() -> None:
    seconds = [(ANN, 5), (BOB, 15), (ANN, 306), (MIA, 100)]
    one, other = Telling(), Telling()

    for who, second in seconds:
        one.ticks(who, "lost", second=second)
    for who, second in reversed(seconds):
        other.ticks(who, "lost", second=second)

    assert (
        one.desk()
        == other.desk()
        == {
            "lately": {"to_s": 310, "people": 3, "kinds": {"lost": 3}},
        }
    )
