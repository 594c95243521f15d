"""How many facts per second an analyst's own view is folded from, and in how much memory.

    python tests/load/own_view_speed.py [--facts 200000] [--people 500] [--only-fill]
        [--store sqlite:////tmp/kept.db|mysql+pymysql://root@127.0.0.1:3306/a_database]

The view is the one of the how-to; the facts are those of ``projector_speed.py``. Where
``--store`` names a database, they are kept there for the next time.
"""
# ruff: noqa: T201 - figures are what it is for

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import ClassVar

from projector_speed import fill

from domain.store import Store, open_store
from projections.own_view import Fact, build
from projections.projector import open_views


class Laughs:
    """How many people laughed in each minute of a talk."""

    columns: ClassVar = {"minute": int, "people": int}
    facts: ClassVar = ["participation.feedback-given"]

    def __init__(self) -> None:
        self.people: defaultdict[int, set[str]] = defaultdict(set)

    def apply(self, fact: Fact) -> None:
        """Take a tick in."""
        if fact.data["kind"] == "funny":
            self.people[int(fact.second // 60)].add(fact.by)

    def rows(self) -> Iterator[tuple[int, int]]:
        """Tell each minute's people."""
        for minute, people in sorted(self.people.items()):
            yield minute, len(people)


def peak_mb() -> float:
    """Tell the most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(store: Store, views_url: str) -> None:
    """Build the view twice, and tell how that went."""
    engine = open_views(views_url)
    store.log.read(0, 1)
    idle_mb = peak_mb()
    for _ in range(2):
        began = time.perf_counter()
        read = build(store, engine, "laughs", Laughs, holder="load")
        speed = read / (time.perf_counter() - began)
        print(
            f"{read} facts: {speed:,.0f} facts/s; {peak_mb() - idle_mb:.0f} MB above {idle_mb:.0f}"
        )
    engine.dispose()


def main() -> None:
    """Fill, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--store", default="")
    parser.add_argument("--only-fill", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store_url = chosen.store or f"sqlite:///{folder}/store.db"
        is_file = store_url.startswith("sqlite")
        with open_store(store_url) as store:
            if store.log.head() < chosen.facts:
                fill(store, chosen.people, chosen.facts)
            if not chosen.only_fill:
                measure(store, f"sqlite:///{folder}/views.db" if is_file else store_url)


if __name__ == "__main__":
    main()
