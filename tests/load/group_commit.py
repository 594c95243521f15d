"""How fast commands become durable: group commit against one transaction per command.

    python tests/load/group_commit.py [URL of an empty database] [--seconds 10] [--slow-disk]
        [--profile]

Without a URL it starts a MariaDB of its own that flushes at each commit; on a slow disk it
keeps a binary log as well, and each flush takes 2 ms longer (slow_disk.c). Callers wait for
each answer before they ask again, or have up to 64 commands under way each, as a gateway has
for its sockets. The last lines compare batches of 100 facts with a raw multi-row INSERT of
the same rows. Not part of any test run.
"""
# ruff: noqa: T201 - figures are what it is for

import argparse
import cProfile
import pstats
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from builders import NOON  # noqa: E402
from saying import Ask, Saying  # noqa: E402
from servers import MariaDB  # noqa: E402
from sqlalchemy import Connection  # noqa: E402

from domain.aggregate import Fact, talk_of  # noqa: E402
from domain.participation import Participation  # noqa: E402
from domain.store import Answer, GroupCommit, Store, Work, open_store, writing  # noqa: E402
from domain.store.log import NewAnswer, NewFact  # noqa: E402

CALLERS = 16
UNDER_WAY = 64
ROUNDS = 5
LINE = "x" * 100
SIZES = {"innodb_buffer_pool_size": "128M", "innodb_log_file_size": "96M"}  # MariaDB's own


@dataclass(frozen=True)
class Rates:
    """Durable commands per second: medians of ``ROUNDS``."""

    one_by_one: float
    waiting: float  # group commit, callers that wait for each answer
    flowing: float  # group commit, callers with many commands under way


def main() -> None:
    arguments = parsed()
    with opened(arguments.url, is_slow=arguments.slow_disk) as store:
        found = rates(store, arguments.seconds)
        print(f"one transaction per command, {CALLERS} callers: {found.one_by_one:8.0f} commands/s")
        for what, rate in (("waiting", found.waiting), ("flowing", found.flowing)):
            ratio = rate / found.one_by_one
            print(f"group commit, {CALLERS} callers, {what}: {rate:8.0f} commands/s, {ratio:.1f}x")
        if arguments.profile:
            rate_of_writer(store, arguments.seconds, under_way=UNDER_WAY, is_profiled=True)
        for what, told in batches(store).items():
            print(f"{what:16} of 100: {told}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--slow-disk", action="store_true")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


@contextmanager
def opened(url: str | None = None, *, is_slow: bool = False) -> Iterator[Store]:
    """Open a store in the database at a URL, else in a server of its own."""
    with ExitStack() as stack:
        if not url:
            server = stack.enter_context(slow_server() if is_slow else MariaDB(**SIZES))
            server.start()
            url = server.fresh_database()
        yield stack.enter_context(open_store(url))


def slow_server() -> MariaDB:
    """A server with a binary log, on a disk that takes 2 ms longer for each flush."""
    server = MariaDB(log_bin="binlog", sync_binlog=1, server_id=1, **SIZES)
    library = server.folder / "slow_disk.so"
    source = Path(__file__).with_name("slow_disk.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    server.preload = str(library)
    return server


def rates(store: Store, seconds: float) -> Rates:
    """Measure all three in turn, since other work on the machine comes and goes."""
    found: list[list[float]] = []
    for _ in range(ROUNDS):
        each = seconds / ROUNDS / 3
        single = rate(each, one_by_one(store))
        found.append(
            [single, rate_of_writer(store, each), rate_of_writer(store, each, under_way=UNDER_WAY)]
        )
    return Rates(*(statistics.median(column) for column in zip(*found, strict=True)))


def rate(seconds: float, act: Callable[[int], object]) -> float:
    """Let all callers act as often as they can; returns acts per second."""

    def call(caller: int) -> int:
        act(caller)
        end = time.perf_counter() + seconds
        for n in count():
            if time.perf_counter() > end:
                return n
            act(caller)
        raise AssertionError

    with ThreadPoolExecutor(CALLERS) as pool:
        return sum(pool.map(call, range(CALLERS))) / seconds


def one_by_one(store: Store) -> Callable[[int], object]:
    """Decide, seal and record each command in a transaction of its own."""
    own = [Work(store) for _ in range(CALLERS)]

    def act(caller: int) -> None:
        ask = Ask(actor=f"single-{caller}", text=LINE)
        key = store.keys.key(ask.actor)
        Saying(store)(own[caller], ask)
        facts = [stored(store, fact) for fact in own[caller].take_facts()]
        answer = NewAnswer(
            actor=key.actor(ask.command_id),
            command_id=ask.command_id,
            talk=ask.talk,
            body_hash=key.body_hash(ask.body),
            facts=len(facts),
            result={},
        )
        with writing(store.log.engine) as connection:
            store.log.append(connection, facts, [answer])

    return act


def rate_of_writer(
    store: Store, seconds: float, *, under_way: int = 1, is_profiled: bool = False
) -> float:
    people = uuid4()  # new ones, whose parts are short
    profile = cProfile.Profile()
    waiting = [deque["Future[Answer]"]() for _ in range(CALLERS)]
    with GroupCommit(store, decide=Saying(store)) as writer:

        def act(caller: int) -> None:
            asked = Ask(actor=f"{people}-{caller}", text=LINE)
            waiting[caller].append(writer.submit(asked))
            if len(waiting[caller]) == under_way:
                waiting[caller].popleft().result()

        if is_profiled:
            profile_thread(writer, profile)
        found = rate(seconds, act)
    if is_profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    return found


def profile_thread(writer: GroupCommit[Ask], profile: cProfile.Profile) -> None:
    """Let the profile see the writer's own thread."""
    settle = writer._settle

    def profiled(*arguments: object) -> None:
        profile.enable()
        try:
            settle(*arguments)  # type: ignore[arg-type]
        finally:
            profile.disable()

    writer._settle = profiled  # type: ignore[method-assign]


def stored(store: Store, fact: Fact) -> NewFact:
    event = store.mapper.to_stored_event(fact)
    stream = fact.originator_id
    item = getattr(fact, fact.ITEM) if fact.ITEM else ""
    return NewFact(
        talk_of(stream), stream, event.originator_version, event.topic, event.state, item
    )


def batches(store: Store, *, size: int = 100, rounds: int = 60) -> dict[str, str]:
    """Compare a raw INSERT of 100 rows, the same under the head's lock, and all of a batch."""
    times: dict[str, list[float]] = {"raw INSERT": [], "append": [], "seal and append": []}
    with store.log.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE raw_events LIKE events")
        connection.commit()
        for n in range(rounds):
            facts = [stored(store, fact) for fact in posted(store, f"raw-{n}", size)]
            with timed(times["raw INSERT"]), connection.begin():
                insert_raw(connection, facts, n * size)
            facts = [stored(store, fact) for fact in posted(store, f"append-{n}", size)]
            with timed(times["append"]), connection.begin():
                store.log.append(connection, facts)
            fresh = posted(store, f"save-{n}", size)
            with timed(times["seal and append"]), connection.begin():
                store.log.append(connection, [stored(store, fact) for fact in fresh])
    raw = statistics.median(times["raw INSERT"])
    return {
        what: f"{1000 * typical:.2f} ms, {size / typical:.0f} facts/s, {raw / typical:4.0%} of raw"
        for what, typical in ((w, statistics.median(durations)) for w, durations in times.items())
    }


def insert_raw(connection: Connection, facts: list[NewFact], base: int) -> None:
    """Insert the same rows with one statement, and nothing else."""
    at = NOON.strftime("%Y-%m-%d %H:%M:%S.%f")
    rows = [
        (base + n, fact.talk, fact.stream, fact.version, fact.name, fact.state, at)
        for n, fact in enumerate(facts)
    ]
    columns = "position, talk, stream, version, name, state, recorded_at"
    sql = f"INSERT INTO raw_events ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)"
    connection.exec_driver_sql(sql, rows)


@contextmanager
def timed(durations: list[float]) -> Iterator[None]:
    since = time.perf_counter()
    yield
    durations.append(time.perf_counter() - since)


def posted(store: Store, person: str, size: int) -> list[Fact]:
    attendee = store.keys.attendee(person, "talk-2")
    participation = Participation.join("talk-2", attendee, person, signed_in=False, at=NOON)
    for _ in range(size - 1):
        participation.post_line(str(uuid4()), LINE, at=NOON)
    return list(participation.collect_events())  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
