"""Buckets of seconds, with the people in them counted once, kept as soon as a bucket is over.

To count the people of a million ticks takes seconds; to read them from here, milliseconds. The
bucket that holds a talk's last tick is counted when it is asked for, so that a tick costs
nothing but its row until then. Who ticks late has its bucket counted anew.
"""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, func, select

from projections import tables

WIDTHS_S = (10, 60)

Reached = Mapping[str, int]
"""The second of the last tick, by talk."""


def reached(connection: Connection, generation: int, talks: Iterable[str]) -> Reached:
    """Tell how far the ticks of talks go; -1 where there are none."""
    return {talk: _last(connection, generation, talk) for talk in talks}


def count(
    connection: Connection, generation: int, touched: Mapping[str, set[int]], before: Reached
) -> None:
    """Count the buckets that are over, of those that seconds got ticks in.

    ``before`` is how far each talk had come: the bucket that was its last may be over by now.
    """
    for talk, seconds in touched.items():
        last = max(before[talk], *seconds)
        maybe_over = {*seconds, before[talk]} - {-1}
        for width_s in WIDTHS_S:
            buckets = {second - second % width_s for second in maybe_over}
            over = sorted(buckets - {last - last % width_s})
            for first, end in _runs(over, width_s):
                for is_together in (False, True):
                    sql = _sql(connection, width_s, is_together=is_together)
                    connection.exec_driver_sql(sql, (generation, talk, first, end))


def is_kept(connection: Connection, generation: int, talk: str, width_s: int) -> bool:
    """Tell whether buckets were kept from a talk's first tick on; an older version kept none."""
    ticks, kept = tables.ticks.c, tables.ticks_per_bucket.c
    first = select(func.min(ticks.second)).where(ticks.generation == generation, ticks.talk == talk)
    first_kept = select(func.min(kept.second)).where(
        kept.generation == generation, kept.talk == talk, kept.width_s == width_s
    )
    second = connection.execute(first).scalar()
    return second is not None and (
        connection.execute(first_kept).scalar() == second - second % width_s
    )


def open_since(connection: Connection, generation: int, talk: str, width_s: int) -> int:
    """Tell where the bucket begins that is not over yet."""
    last = max(_last(connection, generation, talk), 0)
    return last - last % width_s


def _last(connection: Connection, generation: int, talk: str) -> int:
    ticks = tables.ticks.c
    wanted = select(func.max(ticks.second)).where(
        ticks.generation == generation, ticks.talk == talk
    )
    found = connection.execute(wanted).scalar()
    return -1 if found is None else int(found)


def _runs(buckets: Iterable[int], width_s: int) -> Iterator[tuple[int, int]]:
    """Put neighbouring buckets together: yield from which to before which second they go."""
    first = end = None
    for bucket in buckets:
        if bucket != end:
            if first is not None and end is not None:
                yield first, end
            first = bucket
        end = bucket + width_s
    if first is not None and end is not None:
        yield first, end


def _sql(connection: Connection, width_s: int, *, is_together: bool) -> str:
    is_sqlite = connection.dialect.name == "sqlite"
    mark, modulo = ("?", "%") if is_sqlite else ("%s", "%%")
    bucket = f"second - second {modulo} {width_s}"
    key = "generation, talk, width_s, together, second, topic, kind"
    # Nothing from outside is in this text.
    counted = (
        f"INSERT INTO tick_bucket_rows ({key}, ticks, people)"  # noqa: S608
        f" SELECT generation, talk, {width_s}, {int(is_together)}, {bucket},"
        f" {_EMPTY if is_together else 'topic'}, kind, COUNT(*), COUNT(DISTINCT attendee)"
        f" FROM tick_rows WHERE generation = {mark} AND talk = {mark}"
        f" AND second >= {mark} AND second < {mark}"
        f" GROUP BY generation, talk, {bucket}, {'' if is_together else 'topic, '}kind"
    )
    if is_sqlite:
        updated = "ticks = excluded.ticks, people = excluded.people"
        return f"{counted} ON CONFLICT ({key}) DO UPDATE SET {updated}"
    return f"{counted} ON DUPLICATE KEY UPDATE ticks = VALUES(ticks), people = VALUES(people)"


_EMPTY = "''"
