"""What the log promises, on each database."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Connection, text

from domain.store import Log, Store, StoredFact, open_store, reading, writing
from domain.store.engine import retrying
from domain.store.log import NewFact

COUNT = text("SELECT count(*) FROM events")


def fact(stream: str, version: int = 1, *, talk: str = "one", item: str = "") -> NewFact:
    return NewFact(talk, stream, version, "talk.started", b"{}", item)


def append(log: Log, *facts: NewFact) -> None:
    retrying(log.engine, lambda connection: log.append(connection, facts))


def roll_back(log: Log, *facts: NewFact) -> None:
    def append_and_break_off(connection: Connection) -> None:
        log.append(connection, facts)
        raise ZeroDivisionError

    with suppress(ZeroDivisionError):
        retrying(log.engine, append_and_break_off)


def places(facts: list[StoredFact]) -> list[tuple[int, str]]:
    return [(fact.position, fact.stream) for fact in facts]


def test_a_new_log_is_empty(store: Store) -> None:
    assert store.log.head() == 0
    assert store.log.read(0, 10) == []
    assert store.log.stream("talk/one") == []
    assert store.log.item_stream("line-1") is None


def test_facts_come_back_as_they_were_written(store_url: str) -> None:
    at = datetime(2026, 3, 14, 12, 0, 0, 123456, UTC)
    state = bytes(range(256)) * 300  # more than a BLOB of MariaDB holds
    with open_store(store_url, now=lambda: at) as store:
        with writing(store.log.engine) as connection:
            store.log.append(connection, [NewFact("one", "talk/one", 1, "talk.started", state)])

        [found] = store.log.read(0, 10)

    assert found == StoredFact(1, "one", "talk/one", 1, "talk.started", state, at)


def test_reading_goes_on_behind_a_position_and_may_keep_to_one_talk(store: Store) -> None:
    append(store.log, fact("a"), fact("b", talk="two"), fact("c"))
    append(store.log, fact("d"))

    assert places(store.log.read(1, 2)) == [(2, "b"), (3, "c")]
    assert places(store.log.read(0, 10, talk="one")) == [(1, "a"), (3, "c"), (4, "d")]
    assert store.log.read(4, 10) == []
    assert store.log.head() == 4


def test_a_stream_is_read_in_order_from_any_version(store: Store) -> None:
    append(store.log, fact("a", 1), fact("b", 1), fact("a", 2), fact("a", 3))

    assert [fact.version for fact in store.log.stream("a")] == [1, 2, 3]
    assert [fact.version for fact in store.log.stream("a", after_version=2)] == [3]


def test_streams_differ_by_every_byte(store: Store) -> None:
    append(store.log, fact("Talk/one"), fact("talk/one"))

    assert places(store.log.stream("talk/one")) == [(2, "talk/one")]


def test_an_item_is_found_in_its_stream(store: Store) -> None:
    append(store.log, fact("a", item="line-1"))

    assert store.log.item_stream("line-1") == "a"
    assert store.log.item_stream("LINE-1") is None


def test_there_is_nothing_under_an_id_that_can_not_be(store: Store) -> None:
    append(store.log, fact("a", item="line-1"))

    for odd in ("é", "🙂", "x" * 300, "\ud800"):
        assert store.log.stream(odd) == store.log.read(0, 10, talk=odd) == []
        assert store.log.item_stream(odd) is None


def test_a_rollback_leaves_no_hole(store: Store) -> None:
    append(store.log, fact("a"))
    roll_back(store.log, fact("b"), fact("c"))

    append(store.log, fact("d"))

    assert places(store.log.read(0, 10)) == [(1, "a"), (2, "d")]


def test_the_log_keeps_its_identity_until_it_is_renewed(store: Store, store_url: str) -> None:
    first = store.log_id()
    with open_store(store_url) as again:
        assert again.log_id() == first

    assert store.log.renew_id() != first
    assert store.log_id() != first


def test_many_may_open_a_new_store_at_once(store_url: str) -> None:
    def opened(_: int) -> str:
        with open_store(store_url) as store:
            return store.log_id()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(opened, range(8)))) == 1


def test_a_reading_transaction_sees_one_moment(store: Store) -> None:
    append(store.log, fact("a"))
    with reading(store.log.engine) as connection:
        before = connection.execute(COUNT).scalar()
        append(store.log, fact("b"))

        assert connection.execute(COUNT).scalar() == before == 1

    with store.log.engine.connect() as connection:
        assert connection.execute(COUNT).scalar() == 2


WRITERS = 16
APPENDS = 12


class Follower:
    """Reads what is new until it is told to stop, as a projector does."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.read: list[int] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _follow(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._is_over.is_set()
            while new := self._new():
                self.read += new

    def _new(self) -> list[int]:
        after = self.read[-1] if self.read else 0
        return [fact.position for fact in self.log.read(after, 20)]


def test_a_follower_sees_every_position_once_whatever_writers_roll_back(store: Store) -> None:
    def write(writer: int) -> int:
        chance = random.Random(writer)
        kept = 0
        for n in range(APPENDS):
            facts = [fact(f"{writer}/{n}/{i}") for i in range(chance.randint(1, 3))]
            if chance.random() < 0.3:
                roll_back(store.log, *facts)
            else:
                append(store.log, *facts)
                kept += len(facts)
        return kept

    with Follower(store.log) as follower, ThreadPoolExecutor(WRITERS) as pool:
        kept = sum(pool.map(write, range(WRITERS)))

    assert follower.read == list(range(1, kept + 1))
    assert extent(store) == (kept, kept)


def extent(store: Store) -> tuple[int, int]:
    with store.log.engine.connect() as connection:
        row = connection.execute(text("SELECT max(position), count(*) FROM events")).one()
        return row[0], row[1]
