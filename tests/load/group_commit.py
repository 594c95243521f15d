"""How fast commands become durable: group commit against one transaction per command.

    python tests/load/group_commit.py [URL of an empty database] [--seconds 5] [--profile]

Without a URL it starts a MariaDB of its own that flushes at each commit. Callers wait for
each answer before they ask again. The last lines compare batches of 100 facts with a raw
multi-row INSERT of the same rows. Not part of any test run.
"""
# ruff: noqa: T201 - figures are what it is for

import argparse
import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
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
from domain.store import GroupCommit, Store, Work, open_store, writing  # noqa: E402
from domain.store.log import NewAnswer, NewFact  # noqa: E402

CALLERS = 16
ROUNDS = 5
LINE = "x" * 100


def main() -> None:
    arguments = parsed()
    with ExitStack() as stack:
        url = arguments.url
        if not url:
            server = stack.enter_context(MariaDB())
            server.start()
            url = server.fresh_database()
        store = stack.enter_context(open_store(url))
        single, grouped = [], []
        for _ in range(ROUNDS):  # in turn, since other work on the machine comes and goes
            single.append(rate(arguments.seconds / ROUNDS, one_by_one(store)))
            grouped.append(rate_of_writer(store, arguments.seconds / ROUNDS))
        one, many = statistics.median(single), statistics.median(grouped)
        print(f"one transaction per command, {CALLERS} callers: {one:8.0f} commands/s")
        print(f"group commit, {CALLERS} callers:                {many:8.0f} commands/s")
        print(f"ratio: {many / one:.1f}")
        if arguments.profile:
            rate_of_writer(store, arguments.seconds, is_profiled=True)
        batches(store)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


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


def rate_of_writer(store: Store, seconds: float, *, is_profiled: bool = False) -> float:
    commits: list[int] = []
    people = uuid4()  # new ones, whose parts are short
    cpu = time.process_time()
    profile = cProfile.Profile()
    decide = Saying(store)
    with GroupCommit(store, decide=decide, on_commit=commits.append) as writer:
        if is_profiled:
            writer.submit(Ask()).result()
            profile_thread(writer, profile)
        found = rate(
            seconds,
            lambda caller: writer.submit(Ask(actor=f"{people}-{caller}", text=LINE)).result(),
        )
    print(
        f"  batches of {found * seconds / len(commits):.1f}, "
        f"{1e6 * (time.process_time() - cpu) / (found * seconds):.0f} µs of this process's CPU each"
    )
    if is_profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    return found


def profile_thread(writer: GroupCommit[Ask], profile: cProfile.Profile) -> None:
    """Let the profile see the writer's own thread."""
    attempt = writer._attempt

    def profiled(*arguments: object, **options: object) -> None:
        profile.enable()
        try:
            attempt(*arguments, **options)  # type: ignore[arg-type]
        finally:
            profile.disable()

    writer._attempt = profiled  # type: ignore[method-assign]


def stored(store: Store, fact: Fact) -> NewFact:
    event = store.mapper.to_stored_event(fact)
    stream = fact.originator_id
    item = getattr(fact, fact.ITEM) if fact.ITEM else ""
    return NewFact(
        talk_of(stream), stream, event.originator_version, event.topic, event.state, item
    )


def batches(store: Store, *, size: int = 100, rounds: int = 60) -> None:
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
    for what, durations in times.items():
        typical = statistics.median(durations)
        per_second = f"{typical * 1000:6.2f} ms, {size / typical:8.0f} facts/s"
        print(f"{what:16} of {size}: {per_second}, {raw / typical:4.0%} of raw")


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
