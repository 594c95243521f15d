"""Rebuilding beside the old views, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from auditorium import Auditorium, Stepping
from sqlalchemy import func, select, text, update

from domain import commands
from domain.store import Store, writing
from projections import tables
from projections.lease import Lease
from projections.place import LogIsBehind
from projections.projector import open_views
from projections.reading import Views
from projections.rebuild import AlreadyRebuilding, rebuild


@pytest.fixture
def views_url(store_url: str, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/views.db" if store_url.startswith("sqlite") else store_url


@pytest.fixture
def hall(store: Store) -> Iterator[Auditorium]:
    hall = Auditorium(store)
    for number in range(12):
        hall.do("ann", commands.PostLine(text=f"Number {number}"))
        hall.do("ann", commands.GiveFeedback(kind="agree"))
        hall.second += 4
    yield hall
    hall.app.close()


@pytest.fixture
def stepping(store: Store, views_url: str) -> Iterator[Stepping]:
    stepping = Stepping(store, views_url)
    stepping.catch_up()
    yield stepping
    stepping.close()


@pytest.fixture
def views(views_url: str) -> Iterator[Views]:
    views = Views(views_url)
    yield views
    views.close()


def spoil(stepping: Stepping) -> None:
    """Let the rows tell something that never happened."""
    with writing(stepping.engine) as connection:
        connection.execute(update(tables.ticks_per_second).values(ticks=99))


def test_a_rebuilt_view_tells_what_the_log_says(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    right = views.feedback(hall.talk, bucket_s=1)
    before = views.snapshot(hall.talk, "room")
    spoil(stepping)
    progress: list[tuple[int, int]] = []

    place = rebuild(
        store, stepping.engine, holder="me", batch=5, on_progress=lambda *at: progress.append(at)
    )

    after = views.snapshot(hall.talk, "room")
    assert before is not None
    assert after is not None
    assert (after.view, after.position) == (before.view, before.position)
    assert after.epoch != before.epoch
    assert after.epoch == place.epoch
    assert views.feedback(hall.talk, bucket_s=1) == right
    assert progress[-1] == (store.log.head(), store.log.head())


def test_the_projector_goes_on_in_the_new_generation(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    rebuild(store, stepping.engine, holder="me")
    hall.do("ann", commands.PostLine(text="More"))
    stepping.told.messages.clear()

    stepping.catch_up()

    [patch] = stepping.told.patches(hall.talk)
    assert patch["epoch"] == views.epoch()
    room = views.snapshot(hall.talk, "room")
    assert room is not None
    assert "More" in [item["text"] for item in room.view["feed"].values()]


def test_readers_see_the_old_views_until_the_new_ones_are_whole(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    before = views.snapshot(hall.talk, "room")
    seen = []

    def look(_: int, __: int) -> None:
        stepping.projector.step()
        seen.append(views.snapshot(hall.talk, "room"))

    rebuild(store, stepping.engine, holder="me", batch=5, on_progress=look)

    assert len(seen) > 3
    assert all(one == before for one in seen)


@pytest.mark.usefixtures("hall")
def test_nothing_is_left_of_the_old_generation(store: Store, stepping: Stepping) -> None:
    place = rebuild(store, stepping.engine, holder="me")

    with stepping.engine.connect() as connection:
        for table in (*tables.OF_A_GENERATION, tables.tracking):
            old = select(func.count()).where(table.c.generation != place.generation)
            assert connection.execute(old).scalar_one() == 0


def test_one_rebuilds_at_a_time(store: Store, stepping: Stepping) -> None:
    Lease(stepping.engine, "rebuild", "somebody").take()

    with pytest.raises(AlreadyRebuilding):
        rebuild(store, stepping.engine, holder="me")


@pytest.mark.usefixtures("hall")
def test_rebuilding_cures_views_of_a_log_that_was_restored(
    store: Store, stepping: Stepping, views: Views
) -> None:
    with writing(stepping.engine) as connection:
        connection.execute(update(tables.tracking).values(position=1_000_000))
    store.log.renew_id()
    stepping.clock.now += 1
    stepping.projector.step()
    with pytest.raises(LogIsBehind):
        stepping.projector.step()

    rebuild(store, stepping.engine, holder="me")
    stepping.catch_up()

    assert views.tracking() == store.log.head()
    assert views.epoch() == f"{store.log_id()}-2"


@pytest.mark.usefixtures("hall")
def test_rows_of_another_version_give_way_to_new_ones(
    store: Store, stepping: Stepping, views: Views, views_url: str
) -> None:
    before = views.talks()
    spoil(stepping)
    with writing(stepping.engine) as connection:
        connection.execute(text("UPDATE view_shape SET shape = 'of an earlier version'"))

    later = Stepping(store, views_url, holder="one")

    assert views.talks() == []
    assert views.epoch() == f"{store.log_id()}-2"
    later.catch_up()
    assert views.talks() == before
    assert sum(row["ticks"] for row in views.feedback(before[0]["id"], bucket_s=1)) == 12
    open_views(views_url).dispose()  # of the right shape now: nothing begins anew
    assert views.tracking() == store.log.head()
    later.close()
