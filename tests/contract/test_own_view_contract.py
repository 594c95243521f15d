"""Views of analysts' own, on each database: folded beside what is read, swapped at once."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from auditorium import Auditorium, Stepping
from sqlalchemy import Engine, inspect, text

from domain import commands
from domain.store import Store
from projections.lease import Lease
from projections.own_view import Fact, OwnViewFailed, build
from projections.rebuild import AlreadyRebuilding


class Laughs:
    """How often each kind was ticked, and when last."""

    columns: ClassVar = {"kind": str, "ticks": int, "last": float, "often": bool}
    facts: ClassVar = ["participation.feedback-given", "participation.line-posted"]

    def __init__(self) -> None:
        self.ticks: Counter[str] = Counter()
        self.last: dict[str, float] = {}

    def apply(self, fact: Fact) -> None:
        kind = fact.data.get("kind", "line")
        assert "text" not in fact.data
        self.ticks[kind] += 1
        self.last[kind] = fact.second

    def rows(self) -> Iterable[tuple[Any, ...]]:
        for kind, ticks in sorted(self.ticks.items()):
            yield kind, ticks, self.last[kind], ticks > 1


class Counted:
    columns: ClassVar = {"order": int}
    facts: ClassVar = ["participation.feedback-given"]

    def __init__(self) -> None:
        self.count = 0

    def apply(self, _: Fact) -> None:
        self.count += 1

    def rows(self) -> Iterable[tuple[Any, ...]]:
        yield (self.count,)


class Broken(Counted):
    def rows(self) -> Iterable[tuple[Any, ...]]:
        raise KeyError(self.count)


@pytest.fixture
def engine(store: Store, store_url: str, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path}/views.db" if store_url.startswith("sqlite") else store_url
    stepping = Stepping(store, url)
    yield stepping.engine
    stepping.close()


@pytest.fixture
def hall(store: Store) -> Iterator[Auditorium]:
    hall = Auditorium(store)
    for second, kind in ((1, "agree"), (2.5, "funny"), (4, "funny")):
        hall.second = second
        hall.do("ann", commands.GiveFeedback(kind=kind))
    hall.do("ann", commands.PostLine(text="Hello"))
    yield hall
    hall.app.close()


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_each_talk_gets_a_view_of_its_own(store: Store, hall: Auditorium, engine: Engine) -> None:
    other = hall.another_talk()
    hall.do("bob", commands.GiveFeedback(kind="lost"), talk=other)

    progress: list[tuple[int, int]] = []

    read = build(
        store, engine, "laughs", Laughs, holder="me", on_progress=lambda *at: progress.append(at)
    )

    told = rows(engine, "SELECT talk, kind, ticks, last, often FROM laughs ORDER BY talk, kind")
    assert sorted(told) == sorted(
        [
            (hall.talk, "agree", 1, 1.0, 0),
            (hall.talk, "funny", 2, 4.0, 1),
            (hall.talk, "line", 1, 4.0, 0),
            (other, "lost", 1, 4.0, 0),
        ]
    )
    assert read == store.log.head()
    assert progress == sorted(progress)
    assert progress[-1] == (read, read)
    assert progress[0][0] < read


@pytest.mark.usefixtures("hall")
def test_readers_never_see_an_empty_moment_nor_the_old_table_for_ever(
    store: Store, engine: Engine
) -> None:
    build(store, engine, "laughs", Laughs, holder="me")
    seen: set[int] = set()
    failed: list[Exception] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                seen.add(rows(engine, "SELECT COUNT(*) FROM laughs")[0][0])
            except Exception as error:  # noqa: BLE001 - what the test looks for
                failed.append(error)

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(5):
        build(store, engine, "laughs", Laughs, holder="me")
    done.set()
    looking.join()

    assert (seen, failed) == ({3}, [])
    own = [name for name in inspect(engine).get_table_names() if name.startswith("own_laughs_")]
    assert own == ["own_laughs_6"]


def test_a_view_may_get_other_columns(store: Store, hall: Auditorium, engine: Engine) -> None:
    build(store, engine, "mine", Laughs, holder="me")

    build(store, engine, "mine", Counted, holder="me")

    assert rows(engine, "SELECT * FROM mine") == [(hall.talk, 3)]


def test_a_view_that_fails_leaves_what_readers_had(
    store: Store, hall: Auditorium, engine: Engine
) -> None:
    build(store, engine, "mine", Counted, holder="me")

    with pytest.raises(OwnViewFailed, match="KeyError"):
        build(store, engine, "mine", Broken, holder="me")

    assert rows(engine, "SELECT * FROM mine") == [(hall.talk, 3)]
    build(store, engine, "mine", Counted, holder="me")
    own = [name for name in inspect(engine).get_table_names() if name.startswith("own_mine_")]
    assert len(own) == 1


def test_one_builds_a_view_at_a_time(store: Store, engine: Engine) -> None:
    assert Lease(engine, "own.mine", "somebody else").take()

    with pytest.raises(AlreadyRebuilding):
        build(store, engine, "mine", Counted, holder="me")
