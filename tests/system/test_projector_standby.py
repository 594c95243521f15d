"""Two projector processes: when the one at work is killed, the other takes over within 5 s."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from auditorium import Auditorium
from servers import MariaDB, ProcessGroup
from sqlalchemy import select
from waiting import eventually

from domain import commands
from domain.store import Store, open_store
from projections import tables
from projections.fanout import MemoryFanout
from projections.projector import Projector, open_views
from projections.reading import Views
from projections.talk_views import TalkViews

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from domain.store import open_store
from projections.fanout import open_fanout
from projections.projector import Projector, open_views

fanout = open_fanout("memory://")
store, engine = open_store(sys.argv[2]), open_views(sys.argv[3])
Projector(store, engine, fanout.publisher(), fanout.waker(), holder=sys.argv[4]).run()
"""


class Pair:
    """Two projectors of one installation, each in a process of its own."""

    def __init__(self, store_url: str, views_url: str, folder: Path) -> None:
        self.engine = open_views(views_url)
        self.processes = {
            name: ProcessGroup(
                [sys.executable, "-c", PROGRAM, str(ROOT), store_url, views_url, name],
                env={"PATH": "/usr/bin:/bin"},
                log=folder / f"{name}.log",
            )
            for name in ("one", "two")
        }

    def active(self) -> str:
        """Tell which one holds the lease."""
        with self.engine.connect() as connection:
            found = connection.execute(select(tables.leases.c.holder)).scalar()
        return found or ""

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
        self.engine.dispose()


@pytest.fixture
def views_url(store_url: str, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/views.db" if store_url.startswith("sqlite") else store_url


@pytest.fixture
def pair(store: Store, store_url: str, views_url: str, tmp_path: Path) -> Iterator[Pair]:
    del store  # made before its readers
    pair = Pair(store_url, views_url, tmp_path)
    yield pair
    pair.close()


def test_a_killed_projector_is_replaced_within_five_seconds_and_nothing_is_missed_or_doubled(
    store: Store, pair: Pair, views_url: str
) -> None:
    hall, views = Auditorium(store), Views(views_url)
    for number in range(30):
        hall.do("ann", commands.GiveFeedback(kind="agree"))
        hall.do("bob", commands.PostLine(text=f"Number {number}"))
        hall.second += 2
    first = eventually(pair.active, within_s=20)
    eventually(lambda: views.tracking() > 0, within_s=20)

    pair.processes[first].kill()
    killed_at = time.monotonic()
    for number in range(30):
        hall.do("ann", commands.GiveFeedback(kind="lost"))
        hall.do("bob", commands.PostLine(text=f"Later number {number}"))
        hall.second += 2
    eventually(lambda: views.tracking() == store.log.head(), within_s=10)

    assert time.monotonic() - killed_at <= 5
    assert pair.active() not in {"", first}
    room = views.snapshot(hall.talk, "room")
    assert room is not None
    whole = TalkViews(hall.talk)
    for recorded in store.read(0, 10_000, talk=hall.talk):
        whole.fold(recorded.fact, recorded.position)
    whole.change()
    assert room.view == whole.document("room")
    assert sum(row["ticks"] for row in views.feedback(hall.talk, bucket_s=1)) == 60
    hall.app.close()
    views.close()


def test_a_projector_goes_on_when_its_database_was_killed_and_came_back(
    own_mariadb: MariaDB,
) -> None:
    url = own_mariadb.fresh_database()
    with open_store(url) as store:
        hall, views = Auditorium(store), Views(url)
        fanout = MemoryFanout()
        projector = Projector(
            store, open_views(url), fanout.publisher(), fanout.waker(), holder="one"
        )
        working = threading.Thread(target=projector.run)
        working.start()
        hall.do("ann", commands.PostLine(text="Before"))
        eventually(lambda: views.tracking() == store.log.head())

        own_mariadb.kill()
        eventually(lambda: projector.progress.troubles > 0, within_s=20)
        own_mariadb.start()
        hall.do("ann", commands.PostLine(text="After"))

        eventually(lambda: views.tracking() == store.log.head(), within_s=20)
        room = views.snapshot(hall.talk, "room")
        assert room is not None
        assert [item["text"] for item in room.view["feed"].values()] == ["Before", "After"]
        projector.stop()
        working.join(10)
        hall.app.close()
        views.close()
