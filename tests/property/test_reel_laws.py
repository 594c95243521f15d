"""Laws of reels: at every moment they show what folding the facts up to there shows."""

from builders import TALK
from hypothesis import given
from hypothesis import strategies as st
from playing import Placed, histories
from shelf import Shelf

from projections import reel as reels
from projections.history import Happening, History, facts_of, fold
from projections.patch import apply
from projections.reel import Reel
from projections.talk_views import DESK, ROOM

views = st.sampled_from([ROOM, DESK])


def history_of(played: list[Placed]) -> History:
    return History.of(TALK, facts_of(Shelf(played), TALK))  # type: ignore[arg-type]


def reel_of(history: History, view: str, happenings: list[Happening]) -> Reel:
    return Reel(history, view, happenings)


def up_to(happenings: list[Happening], at: float) -> list[Happening]:
    return [one for one in happenings if one.at <= at]


@given(histories, views, st.floats(-5, 200), st.integers(1, 5))
def test_a_reel_shows_at_a_second_what_the_fold_up_to_it_shows(
    played: list[Placed], view: str, at_s: float, scene: int
) -> None:
    history = history_of(played)
    happenings = history.in_time()
    reels.SCENE, kept = scene, reels.SCENE
    try:
        reel = reel_of(history, view, happenings)

        found = reel.moment(at_s)
    finally:
        reels.SCENE = kept

    assert found == fold(history, view, up_to(happenings, at_s))


@given(histories, views, st.integers(0, 80))
def test_a_reel_of_the_log_shows_at_a_position_what_the_fold_up_to_it_shows(
    played: list[Placed], view: str, position: int
) -> None:
    history = history_of(played)
    happenings = history.in_log()

    found = reel_of(history, view, happenings).moment(position)

    assert found == fold(history, view, up_to(happenings, position))


@given(histories, views, st.floats(0, 100), st.floats(0, 100))
def test_the_changes_between_two_moments_lead_from_one_to_the_other(
    played: list[Placed], view: str, after: float, further: float
) -> None:
    history = history_of(played)
    reel = reel_of(history, view, history.in_time())

    document = reel.moment(after).view
    for at, change in reel.changes(after, after + further):
        assert after < at <= after + further
        document = apply(document, change)

    assert document == reel.moment(after + further).view


@given(histories, views, st.integers(1, 80))
def test_a_reel_that_went_on_is_the_one_made_anew(
    played: list[Placed], view: str, begun: int
) -> None:
    before, whole = history_of(played[:begun]), history_of(played)
    reel = reel_of(before, view, before.in_log())

    went_on = reel.extend(whole.in_log()[len(before.in_log()) :])

    if went_on:
        anew = reel_of(whole, view, whole.in_log())
        moments = range(len(played) + 1)
        assert [reel.moment(at) for at in moments] == [anew.moment(at) for at in moments]
