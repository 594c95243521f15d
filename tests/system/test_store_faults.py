"""What the writer promises while its database is frozen, killed, restarted or restored."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Self

import pytest
from saying import Ask, saying
from servers import MariaDB
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError
from waiting import eventually

from domain.errors import Unavailable
from domain.store import Answer, GroupCommit, Store, open_store, writing
from domain.store import writer as writer_module
from domain.store.engine import to_write
from domain.store.schema import events, log_head
from domain.store.tail import Tail, open_tail


@contextmanager
def opened(server: MariaDB) -> Iterator[Store]:
    with open_store(server.fresh_database()) as store:
        yield store


def lines(store: Store) -> int:
    return sum(fact.name == "participation.line-posted" for fact in store.log.read(0, 100_000))


def is_dense(store: Store) -> bool:
    with store.log.engine.connect() as connection:
        row = connection.execute(text("SELECT max(position), count(*) FROM events")).one()
    return bool(row[0] == row[1] == store.log.head())


def test_a_client_frozen_inside_its_transaction_holds_others_for_3_s_at_most(
    new_mariadb: Callable[..., MariaDB],
) -> None:
    server = new_mariadb(idle_write_transaction_timeout=0)  # what counts is what we set
    with opened(server) as store, saying(store) as writer:
        writer.submit(Ask()).result(10)
        frozen = to_write(store.log.engine.connect())
        store.log.reserve(frozen, 100)
        since = time.monotonic()

        answer = writer.submit(Ask()).result(10)

        assert time.monotonic() - since < 3
        assert answer.position == 3
        frozen.invalidate()


def test_a_lock_held_longer_than_anybody_waits_is_waited_for_again(mariadb: MariaDB) -> None:
    with opened(mariadb) as store, saying(store) as writer:
        writer.submit(Ask()).result(10)
        with busy_transaction(store) as busy:
            future = writer.submit(Ask())
            eventually(lambda: time.monotonic() - busy.since > 2.5, within_s=5)

        assert future.result(10).position == 3


def test_what_the_database_does_not_take_in_time_is_unavailable_and_may_be_retried(
    mariadb: MariaDB,
) -> None:
    with opened(mariadb) as store, saying(store, patience_s=0.1) as writer:
        ask = Ask()
        with busy_transaction(store), pytest.raises(Unavailable):
            writer.submit(ask).result(10)

        assert writer.submit(ask).result(10).position == 2
        assert lines(store) == 1


class busy_transaction:  # noqa: N801 - used as a context
    """Hold the head with a client that is not idle."""

    def __init__(self, store: Store) -> None:
        self.since = time.monotonic()
        self._store = store
        self._is_over = threading.Event()
        self._has_head = threading.Event()
        self._thread = threading.Thread(target=self._hold)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._has_head.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _hold(self) -> None:
        with self._store.log.engine.connect() as connection:
            self._store.log.reserve(connection, 0)
            self._has_head.set()
            while not self._is_over.wait(0.2):
                connection.execute(text("SELECT 1"))
            connection.rollback()


def test_lost_connections_are_made_anew(mariadb: MariaDB) -> None:
    with opened(mariadb) as store, saying(store) as writer:
        writer.submit(Ask()).result(10)
        for (number,) in mariadb.execute(
            f"SELECT id FROM information_schema.processlist WHERE db = '{store.url[-17:]}'"
        ):
            mariadb.execute(f"KILL {number}")

        assert writer.submit(Ask()).result(10).position == 3


class LosingTail:
    """The end of a log that commits, and then loses the answer on the way."""

    def __init__(self, tail: Tail) -> None:
        self._tail = tail

    def __getattr__(self, name: str) -> object:
        return getattr(self._tail, name)

    def commit(self, base: int) -> None:
        self._tail.commit(base)
        raise OperationalError("COMMIT", None, Exception("lost"), connection_invalidated=True)


def test_a_commit_whose_answer_was_lost_is_found_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = iter([LosingTail, lambda tail: tail])
    monkeypatch.setattr(writer_module, "open_tail", lambda log: next(kinds)(open_tail(log)))

    with saying(store) as writer:
        answer = writer.submit(Ask()).result(10)

    assert answer == Answer(2, answer.result)
    assert len(store.log.read(0, 10)) == 2


IN_FLIGHT = 60


def test_acks_stand_and_retries_double_nothing_when_the_database_is_killed(
    own_mariadb: MariaDB,
) -> None:
    with opened(own_mariadb) as store, saying(store, patience_s=0.5) as writer:
        acked: dict[str, Answer] = {}
        for round_ in range(3):
            asks = [Ask(actor=f"person-{n % 20}") for n in range(IN_FLIGHT)]
            before = store.log.head()
            futures = [writer.submit(ask) for ask in asks]
            eventually(lambda before=before: store.log.head() > before, every_s=0.001)
            later = [Ask(actor=f"person-{n % 20}") for n in range(IN_FLIGHT)]
            futures += [writer.submit(ask) for ask in later]
            own_mariadb.kill()
            settled(futures)
            own_mariadb.start()

            for ask, answer in zip([*asks, *later], retried(writer, [*asks, *later]), strict=True):
                acked[ask.command_id] = answer
            for ask, future in zip([*asks, *later], futures, strict=True):
                if future.exception() is None:
                    assert same(future.result(), acked[ask.command_id]), round_

        assert lines(store) == len(acked) == 3 * 2 * IN_FLIGHT
        assert is_dense(store)
        found = {store.log.item_stream(answer.result["line"]) for answer in acked.values()}
        assert None not in found


def settled(futures: Sequence["Future[Answer]"]) -> None:
    for future in futures:
        assert isinstance(future.exception(20), Unavailable | None)


def retried(writer: GroupCommit[Ask], asks: Sequence[Ask]) -> list[Answer]:
    def retry() -> list[Answer]:
        futures = [writer.submit(ask) for ask in asks]
        settled(futures)
        return [future.result() for future in futures if future.exception() is None]

    return eventually(lambda: all_or_none(retry(), len(asks)), within_s=20)


def all_or_none(answers: list[Answer], wanted: int) -> list[Answer]:
    return answers if len(answers) == wanted else []


def same(one: Answer, other: Answer) -> bool:
    return (one.position, one.result) == (other.position, other.result)


def test_a_log_that_lost_its_end_is_recognised(mariadb: MariaDB) -> None:
    with opened(mariadb) as store, saying(store) as writer:
        writer.submit(Ask(what="topic", text="Kept")).result(10)
        writer.submit(Ask(what="topic", text="Lost")).result(10)
        with writing(store.log.engine) as connection:
            connection.execute(events.delete().where(events.c.position > 2))
            connection.execute(update(log_head).values(position=2))

        answer = writer.submit(Ask(what="topic", text="New")).result(10)

        assert answer == Answer(3, {"topic": "1"})
        assert is_dense(store)


def test_hosts_are_tried_in_order(mariadb: MariaDB) -> None:
    url = mariadb.fresh_database().replace("@", "@127.0.0.1:1,")

    with open_store(url) as store, saying(store) as writer:
        assert writer.submit(Ask()).result(10).position == 2
