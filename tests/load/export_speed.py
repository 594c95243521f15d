"""How fast a large talk is told: series by bucket, and exports beside the raw cursor.

    python tests/load/export_speed.py [--ticks 1000000] [--people 2000] [--repeat 2] [--only-fill]
        [--views sqlite:////tmp/kept.db|mysql+pymysql://root@127.0.0.1:3306/a_database]

Ticks of one hour, six topics and five kinds are written as the projector writes them. Where
``--views`` names a database, they are kept there for the next time.
"""
# ruff: noqa: T201 - figures are what it is for

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from builders import NOON, later
from pymysql.cursors import SSCursor
from sqlalchemy import Engine, func, select

from domain.clock import iso
from domain.store.engine import reading, writing
from gateway.sheet_files import FORMS, Listed
from projections import place, rows, tables
from projections.projector import open_views
from projections.pulling import BATCH, Pseudonyms, Pull, pulled
from projections.reading import Views
from projections.records import Person, TalkCard, Tick, Topic
from projections.sheets import SHEETS

TALK = "7d8f1c3a-2b4e-4f6a-9c0d-1e2f3a4b5c44"
KINDS = ("agree", "insightful", "funny", "disagree", "lost")
HOUR_S = 3600
SERIES: Mapping[str, Mapping[str, Any]] = {
    "series of 1 s": {"bucket_s": 1},
    "series of 1 s, together": {"bucket_s": 1, "together": True},
    "series of 10 s": {"bucket_s": 10},
    "series of 60 s": {"bucket_s": 60},
    "series of 60 s, cut": {"bucket_s": 60, "since": 3, "until": 3550},
}


def fill(engine: Engine, count: int, people: int) -> None:
    """Write the rows of a talk, unless they are there."""
    with reading(engine) as connection:
        if connection.execute(select(func.count()).select_from(tables.ticks)).scalar() == count:
            return
    chance = random.Random(7)
    crowd = [f"{chance.getrandbits(128):032x}" for _ in range(people)]
    topics = [f"topic-{number:026}" for number in range(6)]
    with writing(engine) as connection:
        begun = place.begin(connection, "load")
        place.hand_over(connection, begun, head=0)
        told = [TalkCard(title="Load", state="ended", started_at=iso(NOON))]
        told += [Topic(one, f"Topic {number}", number + 1) for number, one in enumerate(topics)]
        told += [Person(one, f"Person {n}", joined_at=iso(NOON)) for n, one in enumerate(crowd)]
        rows.write(connection, begun.generation, [(TALK, told)])
    seconds = sorted(chance.uniform(0, HOUR_S) for _ in range(count))
    for start in range(0, count, 10_000):
        ticks = [
            Tick(
                int(at),
                position,
                chance.choice(crowd),
                topics[int(at) * 6 // HOUR_S],
                chance.choice(KINDS),
                iso(later(at)),
                -1.0,
            )
            for position, at in enumerate(seconds[start : start + 10_000], start=start + 1)
        ]
        with writing(engine) as connection:
            rows.write(connection, begun.generation, [(TALK, ticks)])


def raw_cursor(engine: Engine) -> int:
    """Read all columns of all ticks with the driver's own cursor, and nothing else."""
    with reading(engine) as connection:
        sheet = SHEETS["ticks"]
        names = ", ".join(column.name for column in sheet.columns)
        kinds = () if engine.dialect.name == "sqlite" else (SSCursor,)
        cursor = connection.connection.driver_connection.cursor(*kinds)
        cursor.execute(f"SELECT {names} FROM ticks WHERE talk = '{TALK}' ORDER BY second, position")
        read = 0
        while batch := cursor.fetchmany(BATCH):
            read += len(batch)
        return read


def export(engine: Engine, form: str) -> int:
    """Write all ticks in a form; tell how many bytes it took."""
    pull = Pull(SHEETS["ticks"], (TALK,))
    with pulled(engine, pull, Pseudonyms("a secret of the load")) as found:
        return sum(map(len, FORMS[form].write(found)))


def measured(engine: Engine, views: Views, ticks: int) -> Iterator[str]:
    """Measure everything once."""
    began, began_cpu = time.perf_counter(), time.process_time()
    assert raw_cursor(engine) == ticks
    raw_s, raw_cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    yield f"raw cursor      {ticks / raw_s:>11,.0f} rows/s"
    for form in FORMS:
        began, began_cpu = time.perf_counter(), time.process_time()
        size = export(engine, form)
        took_s, took_cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
        share = f"{raw_s / took_s:5.0%} of the raw cursor, {raw_cpu_s / took_cpu_s:.0%} of its work"
        yield f"{form:<16}{ticks / took_s:>11,.0f} rows/s  {share}  {size / 1e6:.0f} MB"
    for name, chosen in SERIES.items():
        began = time.perf_counter()
        told = len(views.feedback(TALK, **chosen))
        yield f"{name:<24}{time.perf_counter() - began:8.3f} s  {told} rows"
    for sheet in ("v_feedback_per_topic", "v_participation", "v_funnel"):
        began = time.perf_counter()
        with pulled(engine, Pull(SHEETS[sheet], (TALK,)), Pseudonyms("a secret")) as found:
            told = sum(map(len, found.each({})))
        yield f"{sheet:<24}{time.perf_counter() - began:8.3f} s  {told} rows"


def main() -> None:
    """Fill, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--views", default="")
    parser.add_argument("--only-fill", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.views or f"sqlite:///{folder}/views.db"
        engine, views = open_views(url), Views(url)
        fill(engine, chosen.ticks, chosen.people)
        if chosen.only_fill:
            return
        list(FORMS["parquet"].write(Listed({"n": int}, [(1,)])))  # imports what it takes
        idle_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for _ in range(chosen.repeat):
            for line in measured(engine, views, chosen.ticks):
                print(line, flush=True)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory     {peak_mb - idle_mb:.0f} MB above {idle_mb:.0f} MB at the start")
        views.close()
        engine.dispose()


if __name__ == "__main__":
    main()
