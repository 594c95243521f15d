"""Feedback as a series: ticks and people per bucket of seconds, topic and kind.

As much as can be is read from what is kept; ticks are counted only where a bucket is not over
yet, or is cut, and where people are counted together whose ticks are of several topics.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, Integer, Table, and_, distinct, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from projections import buckets, tables
from projections.place import Place

Count: TypeAlias = list[Any]
"""The first second of a bucket, topic, kind, ticks, people."""

_READ_TOGETHER_S = 60  # seconds of a talk in one text
_COUNTED_AT_ONCE = 300  # seconds that are named in one statement


@dataclass(frozen=True, slots=True)
class Asked:
    """Which counts of feedback somebody asks for; see ``Views.feedback``."""

    at: Place
    talk: str
    bucket_s: int
    kind: str
    topic: str
    since: float | None
    until: float | None
    after: int
    together: bool

    @property
    def whole_from(self) -> int:
        """The first second from which on buckets are asked for whole."""
        return math.ceil((self.since or 0) / self.bucket_s) * self.bucket_s

    def whole_until(self, open_since: int) -> int:
        """Tell before which second buckets are over, and asked for whole."""
        until = open_since if self.until is None else min(self.until, open_since)
        return math.floor(until / self.bucket_s) * self.bucket_s

    def of(self, table: Table) -> ColumnElement[bool]:
        """Tell which rows of a table with seconds, topics and kinds are asked for."""
        conditions = [table.c.generation == self.at.generation, table.c.talk == self.talk]
        conditions += [table.c.kind == self.kind] if self.kind else []
        conditions += [table.c.topic == self.topic] if self.topic else []
        conditions += [table.c.second >= self.since] if self.since is not None else []
        conditions += [table.c.second < self.until] if self.until is not None else []
        if self.after:
            conditions.append(self._touched(table.c.second))
        return and_(*conditions)

    def _touched(self, second: ColumnElement[int]) -> ColumnElement[bool]:
        """Tell seconds of the buckets that hold a tick after a position, as the counts know it."""
        rolled = tables.ticks_per_second.alias()
        touched = select(_bucket(rolled.c.second, self.bucket_s)).where(
            rolled.c.generation == self.at.generation,
            rolled.c.talk == self.talk,
            rolled.c.position > self.after,
        )
        return _bucket(second, self.bucket_s).in_(touched)


def counts(connection: Connection, asked: Asked) -> list[Count]:
    """Tell the counts that are asked for, in order of second, topic and kind."""
    if asked.bucket_s == 1:
        return _seconds(connection, asked)
    here = connection, asked.at.generation, asked.talk, asked.bucket_s
    second = tables.ticks.c.second
    if not buckets.is_kept(*here):
        return _counted(connection, asked)
    first, end = asked.whole_from, asked.whole_until(buckets.open_since(*here))
    if first >= end:
        return _counted(connection, asked)
    return [
        *_counted(connection, asked, second < first),
        *_kept_buckets(connection, asked, first, end),
        *_counted(connection, asked, second >= end),
    ]


def _seconds(connection: Connection, asked: Asked) -> list[Count]:
    table = tables.ticks_per_second
    kept = _kept(connection, table, asked.of(table))
    if not asked.together:
        return kept
    topics = Counter((second, kind) for second, _, kind, *_ in kept)
    mixed = {second for (second, _), number in topics.items() if number > 1}
    told = [_of_no_topic(count) for count in kept if count[0] not in mixed]
    for some in _slices(sorted(mixed)):
        told += _counted(connection, asked, tables.ticks.c.second.in_(some))
    return sorted(told)


def _kept_buckets(connection: Connection, asked: Asked, first: int, end: int) -> list[Count]:
    table = tables.ticks_per_bucket
    wanted = and_(
        asked.of(table),
        table.c.width_s == asked.bucket_s,
        table.c.second >= first,
        table.c.second < end,
        table.c.together == (asked.together and not asked.topic),
    )
    kept = _kept(connection, table, wanted)
    return [_of_no_topic(count) for count in kept] if asked.together else kept


def _kept(connection: Connection, table: Table, is_wanted: ColumnElement[bool]) -> list[Count]:
    """Read counts that are kept.

    Micro-optimisation: many rows come as one text of JSON, for PyMySQL takes longer for a row
    than MariaDB does (2x).
    """
    is_sqlite = connection.dialect.name == "sqlite"
    listed = func.json_group_array if is_sqlite else func.json_arrayagg
    count = func.json_array(*(table.c[name] for name in _COLUMNS))
    some = _bucket(table.c.second, _READ_TOGETHER_S)
    texts = connection.execute(select(listed(count)).where(is_wanted).group_by(some)).scalars()
    return sorted(count for text in texts for count in orjson.loads(text))


_COLUMNS = ("second", "topic", "kind", "ticks", "people")


def _counted(connection: Connection, asked: Asked, *conditions: ColumnElement[bool]) -> list[Count]:
    """Count ticks now."""
    ticks = tables.ticks
    begins = _bucket(ticks.c.second, asked.bucket_s).label("begins")
    totals = (func.count(), func.count(distinct(ticks.c.attendee)))
    topic: ColumnElement[str] = literal("").label("topic") if asked.together else ticks.c.topic
    key = (begins, ticks.c.kind) if asked.together else (begins, ticks.c.topic, ticks.c.kind)
    grouped = select(begins, topic, ticks.c.kind, *totals).where(asked.of(ticks), *conditions)
    return [list(row) for row in connection.execute(grouped.group_by(*key).order_by(*key))]


def _of_no_topic(count: Count) -> Count:
    second, _, *rest = count
    return [second, "", *rest]


def _bucket(second: ColumnElement[int], width_s: int) -> ColumnElement[int]:
    return second - second % literal(width_s, Integer)


def _slices(seconds: Sequence[int]) -> Iterator[Iterable[int]]:
    for begin in range(0, len(seconds), _COUNTED_AT_ONCE):
        yield seconds[begin : begin + _COUNTED_AT_ONCE]
