"""How fast facts are recorded and folded."""

import statistics
import tempfile
from collections.abc import Iterator

import group_commit
import projector_speed
from rows import Row
from servers import MariaDB

from domain.store import open_store

SECONDS = 8.0  # of one round
FACTS, PEOPLE, BATCH = 20_000, 500, 1_000


def commits(rounds: int, *, is_slow: bool) -> Iterator[Row]:
    """Compare group commit with one transaction per command, on MariaDB."""
    with group_commit.opened(is_slow=is_slow) as store:
        found = group_commit.rates(store, rounds * SECONDS)
    waiting, flowing = (rate / found.one_by_one for rate in (found.waiting, found.flowing))
    where = "with binlog and 2 ms per flush" if is_slow else "flush at commit"
    yield Row(
        f"durable commands/s of 16 callers against one transaction per command, {where}",
        f"{flowing:.1f}x",
        "20x" if is_slow else "4x",
        "40x" if is_slow else "8x",
        f"{found.flowing:.0f} against {found.one_by_one:.0f} commands/s; callers that wait for "
        f"each answer before the next command: {found.waiting:.0f}, {waiting:.1f}x (16x at most)",
    )
    if not is_slow:
        with group_commit.opened() as store:  # a new one: both tables begin empty
            raw = group_commit.batches(store)
        yield Row(
            "a batch of 100 facts, sealed and appended, against a raw multi-row INSERT",
            raw["seal and append"].rpartition(", ")[2].removesuffix(" of raw").strip(),
            "50 %",
            "",
            raw["seal and append"].rpartition(", ")[0],
        )


def projector(rounds: int) -> Iterator[Row]:
    """Tell how many facts a second are folded, kept and told of."""
    with tempfile.TemporaryDirectory() as folder, MariaDB(**group_commit.SIZES) as server:
        server.start()
        files = [f"sqlite:///{folder}/{n}.db" for n in range(rounds)]
        sqlite = statistics.median(_facts_per_second(url) for url in files)
        bases = [server.fresh_database() for _ in range(rounds)]
        mariadb = statistics.median(_facts_per_second(url) for url in bases)
    yield Row(
        "facts/s of the projector into MariaDB · SQLite",
        f"{mariadb:,.0f} · {sqlite:,.0f}",
        "5,000 · 8,000",
        "",
        f"batches of {BATCH:,}, one talk of {PEOPLE} people",
    )


def _facts_per_second(url: str) -> float:
    views = url.replace(".db", "-views.db")
    with open_store(url) as store:
        facts = projector_speed.fill(store, PEOPLE, FACTS)
        seconds, _ = projector_speed.measure(store, views, BATCH)
    return facts / seconds
