"""Rows of one generation: records of a talk to rows, and back."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Literal, TypeAlias, TypeVar

import orjson
from sqlalchemy import Connection, Table, func, select

from projections import buckets, tables
from projections.lately import SLOT_S, WINDOW_S
from projections.records import (
    Asked,
    DeskAct,
    Invite,
    Item,
    Panelist,
    Person,
    Sample,
    TalkCard,
    Tick,
    Topic,
    Vote,
)
from projections.talk_views import Kept, Record

_TABLES: Mapping[type, Table] = {
    TalkCard: tables.talks,
    Topic: tables.topics,
    Panelist: tables.panelists,
    Person: tables.people,
    Item: tables.items,
    Asked: tables.questions,
    Invite: tables.invites,
    Vote: tables.votes,
    Tick: tables.ticks,
    Sample: tables.attendance,
    DeskAct: tables.acts,
}
_APPENDED = (Vote, Tick, Sample, DeskAct)
"""What is only ever added; the others change."""
_AT_ONCE = 300  # seconds of a talk in one statement

_AnyRecord = TypeVar("_AnyRecord")
_OfKnown: TypeAlias = Literal["replace", "refuse", "add"]
Row = tuple[Any, ...]


def write(
    connection: Connection, generation: int, changed: Iterable[tuple[str, Sequence[Record]]]
) -> None:
    """Write the changed records of talks, and count anew the seconds that got ticks."""
    rows: dict[type, list[Row]] = {kind: [] for kind in _TABLES}
    for talk, records in changed:
        for record in records:
            kind = type(record)
            rows[kind].append((generation, talk, *_VALUES[kind](record)))
    touched = _touched_seconds(rows[Tick])
    reached = buckets.reached(connection, generation, touched)
    for kind, some in rows.items():
        put(connection, _TABLES[kind], some, known="refuse" if kind in _APPENDED else "replace")
    put(connection, tables.ticks_per_person, _per_person(rows[Tick]), known="add")
    _count_ticks(connection, generation, touched)
    buckets.count(connection, generation, touched, reached)


def put(
    connection: Connection, table: Table, rows: Sequence[Row], *, known: _OfKnown = "replace"
) -> None:
    """Insert rows in one statement (PyMySQL joins them).

    One whose key is known already is replaced, or refused, or its numbers are added up.
    """
    if rows:
        connection.exec_driver_sql(_statement(connection, table, known), list(rows))


def _statement(connection: Connection, table: Table, known: _OfKnown) -> str:
    is_sqlite = connection.dialect.name == "sqlite"
    asked = (is_sqlite, table.name, known)
    if asked not in _STATEMENTS:
        _STATEMENTS[asked] = _written(connection, table, known, is_sqlite=is_sqlite)
    return _STATEMENTS[asked]


_STATEMENTS: dict[tuple[bool, str, str], str] = {}


def _written(connection: Connection, table: Table, known: _OfKnown, *, is_sqlite: bool) -> str:
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.columns)
    marks = ", ".join("?" if is_sqlite else "%s" for _ in table.columns)
    sql = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 - names of ours
    if known == "refuse":
        return sql
    others = [quote(column.name) for column in table.columns if not column.primary_key]
    new = "excluded.{name}" if is_sqlite else "VALUES({name})"
    value = f"{{name}} + {new}" if known == "add" else new
    values = ", ".join(f"{name} = {value.format(name=name)}" for name in others)
    if is_sqlite:
        key = ", ".join(quote(column.name) for column in table.primary_key)
        return f"{sql} ON CONFLICT ({key}) DO UPDATE SET {values}"
    return f"{sql} ON DUPLICATE KEY UPDATE {values}"


def _per_person(ticks: Iterable[Row]) -> list[Row]:
    """Count new ticks by who gave them; each is written once, for the place moves with it."""
    given = Counter(
        (generation, talk, topic, kind, attendee)
        for generation, talk, _, _, attendee, topic, kind, *_ in ticks
    )
    return [(*key, count) for key, count in sorted(given.items())]


def _touched_seconds(rows: list[Row]) -> dict[str, set[int]]:
    """Tell the seconds that got ticks, by talk."""
    touched: dict[str, set[int]] = {}
    for _, talk, second, *_ in rows:
        touched.setdefault(talk, set()).add(second)
    return touched


def _count_ticks(connection: Connection, generation: int, touched: Mapping[str, set[int]]) -> None:
    """Count the ticks and people of every touched second from its ticks, in whatever order."""
    sql = _COUNT_SQLITE if connection.dialect.name == "sqlite" else _COUNT_MYSQL
    for talk, seconds in touched.items():
        ordered = sorted(seconds)
        for at in range(0, len(ordered), _AT_ONCE):
            chosen = ", ".join(map(str, ordered[at : at + _AT_ONCE]))
            connection.exec_driver_sql(sql.format(seconds=chosen), (generation, talk))


_COUNT = (
    "INSERT INTO tick_second_rows (generation, talk, second, topic, kind, ticks, people, position)"
    " SELECT generation, talk, second, topic, kind,"
    " COUNT(*), COUNT(DISTINCT attendee), MAX(position)"
    " FROM tick_rows WHERE generation = {mark} AND talk = {mark} AND second IN ({{seconds}})"
    " GROUP BY generation, talk, second, topic, kind"
)
_COUNT_SQLITE = (
    _COUNT.format(mark="?")
    + " ON CONFLICT (generation, talk, second, topic, kind)"
    + " DO UPDATE SET ticks = excluded.ticks, people = excluded.people,"
    + " position = excluded.position"
)
_COUNT_MYSQL = (
    _COUNT.format(mark="%s")
    + " ON DUPLICATE KEY UPDATE ticks = VALUES(ticks), people = VALUES(people),"
    + " position = VALUES(position)"
)


def load(connection: Connection, generation: int, talk: str, position: int) -> Kept | None:
    """Read what is kept of a talk; ``None`` when there is nothing."""
    cards = read(TalkCard, connection, generation, talk)
    if not cards:
        return None
    return Kept(
        position=position,
        card=cards[0],
        topics=sorted(read(Topic, connection, generation, talk), key=attrgetter("order")),
        panelists=sorted(read(Panelist, connection, generation, talk), key=attrgetter("order")),
        invites=read(Invite, connection, generation, talk),
        people=read(Person, connection, generation, talk),
        items=read(Item, connection, generation, talk),
        questions=read(Asked, connection, generation, talk),
        votes=read(Vote, connection, generation, talk),
        latest_ticks=_latest_ticks(connection, generation, talk),
    )


def _latest_ticks(connection: Connection, generation: int, talk: str) -> list[Tick]:
    second = tables.ticks.c.second
    last = connection.execute(
        select(func.max(second)).where(
            tables.ticks.c.generation == generation, tables.ticks.c.talk == talk
        )
    ).scalar()
    if last is None:
        return []
    return read(
        Tick, connection, generation, talk, second >= last - last % SLOT_S + SLOT_S - WINDOW_S
    )


def read(
    kind: type[_AnyRecord],
    connection: Connection,
    generation: int,
    talk: str,
    *conditions: Any,
    order_by: Any = None,
    limit: int | None = None,
) -> list[_AnyRecord]:
    """Read the records of one kind, of one talk: all, or so many in an order."""
    table = _TABLES[kind]
    wanted = (
        select(*list(table.columns)[2:])
        .where(table.c.generation == generation, table.c.talk == talk, *conditions)
        .order_by(order_by)
        .limit(limit)
    )
    parsed = _JSON[kind]
    return [
        kind(*(orjson.loads(value) if at in parsed else value for at, value in enumerate(row)))
        for row in connection.execute(wanted)
    ]


def _json_fields(kind: type) -> set[int]:
    columns = list(_TABLES[kind].columns)[2:]
    return {at for at, column in enumerate(columns) if column.info.get("json")}


def _values(kind: type) -> Callable[[Any], Row]:
    """Make what turns a record into the values of its row."""
    names = [one.name for one in fields(kind)]
    columns = [column.name for column in _TABLES[kind].columns][2:]
    if names != columns:
        raise TypeError(f"{kind.__name__} has other fields than its table: {names} {columns}")
    plain: Callable[[Any], Row] = attrgetter(*names)
    as_json = _JSON[kind]
    if not as_json:
        return plain

    def values(record: Any) -> Row:
        return tuple(
            orjson.dumps(value).decode() if at in as_json else value
            for at, value in enumerate(plain(record))
        )

    return values


_JSON = {kind: _json_fields(kind) for kind in _TABLES}
_VALUES = {kind: _values(kind) for kind in _TABLES}
