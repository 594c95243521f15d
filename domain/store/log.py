"""The log: every fact at its position, read from any position, appended under one lock."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import Connection, Engine, Select, Table, func, insert, select, update

from domain.clock import utc_now
from domain.store.engine import create_tables, is_sqlite, writing
from domain.store.schema import (
    ITEM,
    STREAM,
    TALK,
    commands,
    events,
    items,
    log_head,
    may_be_an_id,
)
from domain.store.schema import log as tables

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact as it lies in the log; ``state`` is what the mapper made of it."""

    position: int
    talk: str
    stream: str
    version: int
    name: str
    state: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact on its way into the log; ``item`` is the line, question or post it introduces."""

    talk: str
    stream: str
    version: int
    name: str
    state: bytes
    item: str = ""


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What an accepted command is answered; ``facts`` counts the batch's facts up to its last.

    ``facts`` is ``None`` when the command recorded nothing.
    """

    actor: str
    command_id: str
    talk: str
    body_hash: str
    facts: int | None
    result: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What a command was answered when it was accepted."""

    body_hash: str
    position: int | None
    result: dict[str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """How many facts a talk has, and the positions of the first and of the last."""

    facts: int
    first: int
    last: int

    def passed(self, position: int) -> int:
        """Estimate how many lie behind somebody who has read up to a position."""
        share = (position - self.first + 1) / (self.last - self.first + 1)
        return round(self.facts * min(share, 1.0))


class Log:
    """All facts of an installation, in one order. Thread-safe.

    Whoever appends holds the head from :meth:`reserve` until the commit, so positions
    are given in the order of commits, and a rollback gives back what it took.
    """

    def __init__(self, engine: Engine, *, now: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self._now = now
        self._insert_sql: dict[Table, str] = {}
        self.mark = "?" if is_sqlite(engine) else "%s"  # of a value in SQL, as the driver takes it

    def create_tables(self) -> None:
        """Create what is missing, the head row included."""
        create_tables(self.engine, tables)
        first = insert(log_head).prefix_with("IGNORE", dialect="mysql")
        with writing(self.engine) as connection:
            connection.execute(
                first.prefix_with("OR IGNORE", dialect="sqlite"),
                {"id": 1, "position": 0, "log_id": uuid4().hex},
            )

    # Reading.

    def head(self) -> int:
        """Tell the position of the last fact; 0 when there is none."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(log_head.c.position)).scalar_one())

    def log_id(self) -> str:
        """Tell the identity of this log; one restored from a backup is given a new one."""
        with self.engine.connect() as connection:
            return str(connection.execute(select(log_head.c.log_id)).scalar_one())

    def renew_id(self) -> str:
        """Give the log a new identity: what others remember of its positions is void."""
        log_id = uuid4().hex
        with writing(self.engine) as connection:
            connection.execute(update(log_head).values(log_id=log_id))
        return log_id

    def read(
        self,
        after: int,
        limit: int,
        *,
        talk: str | None = None,
        names: Collection[str] | None = None,
    ) -> list[StoredFact]:
        """Read the facts behind a position, of one talk or of all, of some names or of all."""
        if talk is None and names is None:
            return self._facts_behind(after, limit)
        wanted = select(events).where(events.c.position > after)
        if talk is not None:
            if not may_be_an_id(talk, TALK):
                return []
            wanted = wanted.where(events.c.talk == talk)
        if names is not None:
            wanted = wanted.where(events.c.name.in_(names))
        return self._facts(wanted.order_by(events.c.position).limit(limit))

    def last_positions(self, after: int) -> dict[str, int]:
        """Tell, for each talk with facts behind a position, where its last one is."""
        last = select(events.c.talk, func.max(events.c.position))
        wanted = last.where(events.c.position > after, events.c.talk != "").group_by(events.c.talk)
        with self.engine.connect() as connection:
            return {talk: int(position) for talk, position in connection.execute(wanted)}

    def spans(self) -> dict[str, Span]:
        """Tell, for each talk, how many facts it has and where they lie."""
        position = events.c.position
        counted = select(events.c.talk, func.count(), func.min(position), func.max(position))
        wanted = counted.where(events.c.talk != "").group_by(events.c.talk)
        with self.engine.connect() as connection:
            return {talk: Span(*numbers) for talk, *numbers in connection.execute(wanted)}

    def stream(self, stream: str, after_version: int = 0) -> list[StoredFact]:
        """Read the facts of one stream, in order."""
        if not may_be_an_id(stream, STREAM):
            return []
        wanted = select(events).where(events.c.stream == stream, events.c.version > after_version)
        return self._facts(wanted.order_by(events.c.version))

    def item_stream(self, item: str) -> str | None:
        """Tell which stream holds a line or a question."""
        if not may_be_an_id(item, ITEM):
            return None
        with self.engine.connect() as connection:
            found = connection.execute(select(items.c.stream).where(items.c.item == item))
            return found.scalar()

    def last_of(self, talk: str, until: int) -> int:
        """Tell the position of the last fact of a talk up to a position; 0 when there is none."""
        if not may_be_an_id(talk, TALK):
            return 0
        wanted = select(func.max(events.c.position)).where(
            events.c.talk == talk, events.c.position <= until
        )
        with self.engine.connect() as connection:
            return int(connection.execute(wanted).scalar() or 0)

    def has_any(self, talk: str, names: Collection[str], *, after: int) -> bool:
        """Tell whether facts of some stored names came in a talk behind a position."""
        wanted = select(events.c.position).where(
            events.c.talk == talk, events.c.position > after, events.c.name.in_(names)
        )
        with self.engine.connect() as connection:
            return connection.execute(wanted.limit(1)).first() is not None

    def has_others(self, talk: str, names: Collection[str], *, after: int) -> bool:
        """Tell whether facts of any other stored names came in a talk behind a position."""
        wanted = select(events.c.position).where(
            events.c.talk == talk, events.c.position > after, events.c.name.not_in(names)
        )
        with self.engine.connect() as connection:
            return connection.execute(wanted.limit(1)).first() is not None

    def has_answered(self, actor: str) -> bool:
        """Tell whether a command was accepted; ``actor`` stands for its person and id."""
        wanted = select(commands.c.actor).where(commands.c.actor == actor)
        with self.engine.connect() as connection:
            return connection.execute(wanted).first() is not None

    def _facts(self, wanted: Select[Any]) -> list[StoredFact]:
        with self.engine.connect() as connection:
            return [stored_fact(row) for row in connection.execute(wanted)]

    def _facts_behind(self, after: int, limit: int) -> list[StoredFact]:
        """Read as followers do many times a second.

        Micro-optimisation: building the same SELECT anew took more time than running it.
        """
        columns = ", ".join(column.name for column in events.columns)
        sql = (
            f"SELECT {columns} FROM events WHERE position > {self.mark}"  # noqa: S608 - ours
            f" ORDER BY position LIMIT {self.mark}"
        )
        with self.engine.connect() as connection:
            return [stored_fact(row) for row in connection.exec_driver_sql(sql, (after, limit))]

    # Appending, on a connection from ``engine.to_write`` or ``engine.writing``.

    def reserve(self, connection: Connection, count: int) -> int:
        """Take the head until the commit; returns the last position before the new ones."""
        if is_sqlite(self.engine):
            moved = log_head.c.position + count
            connection.execute(update(log_head).values(position=moved))
            return int(connection.execute(select(log_head.c.position)).scalar_one()) - count
        sql = "UPDATE log_head SET position = LAST_INSERT_ID(position + %s)"
        return int(connection.exec_driver_sql(sql, (count,)).lastrowid) - count

    def append(
        self, connection: Connection, facts: Sequence[NewFact], answers: Sequence[NewAnswer] = ()
    ) -> int:
        """Append under the head's lock; returns the last position before the new facts."""
        base = self.reserve(connection, len(facts))
        self.insert(connection, base, facts, answers)
        return base

    def insert(
        self,
        connection: Connection,
        base: int,
        facts: Sequence[NewFact],
        answers: Sequence[NewAnswer] = (),
    ) -> None:
        """Insert what was reserved: facts from ``base + 1`` on, their items, and answers."""
        for table, rows in self.rows(facts, answers, lambda nth: base + nth).items():
            connection.exec_driver_sql(self.insert_sql(table), rows)

    def rows(
        self,
        facts: Sequence[NewFact],
        answers: Sequence[NewAnswer],
        position_of: Callable[[int], object],
    ) -> dict[Table, Rows]:
        """Lay out what is to be inserted: the rows of each table that gets any.

        ``position_of`` tells what stands for the position of the batch's nth fact.
        """
        at = self._now().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        recorded: Rows = [
            (position_of(nth), fact.talk, fact.stream, fact.version, fact.name, fact.state, at)
            for nth, fact in enumerate(facts, start=1)
        ]
        introduced: Rows = [(fact.item, fact.talk, fact.stream) for fact in facts if fact.item]
        answered: Rows = [_answer_row(answer, position_of, at) for answer in answers]
        laid_out = {events: recorded, items: introduced, commands: answered}
        return {table: rows for table, rows in laid_out.items() if rows}

    def insert_sql(self, table: Table) -> str:
        """Write the statement in the form that lets the driver send many rows as one."""
        if table not in self._insert_sql:
            columns = ", ".join(column.name for column in table.columns)
            marks = ", ".join([self.mark] * len(table.columns))
            sql = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 - ours
            self._insert_sql[table] = sql
        return self._insert_sql[table]


def _answer_row(
    answer: NewAnswer, position_of: Callable[[int], object], at: str
) -> tuple[object, ...]:
    position = None if answer.facts is None else position_of(answer.facts)
    result = orjson.dumps(answer.result).decode()
    return (
        answer.actor,
        answer.command_id,
        answer.talk,
        answer.body_hash,
        position,
        result,
        at,
    )


def stored_fact(row: Sequence[Any]) -> StoredFact:
    """Read a row of the table, its columns in their order."""
    position, talk, stream, version, name, state, recorded_at = row
    at = _moment(recorded_at)
    return StoredFact(position, talk, stream, version, name, state, at)


def _moment(recorded_at: datetime | str) -> datetime:
    """Read the driver's form of a moment (SQLite's is text)."""
    if isinstance(recorded_at, str):
        recorded_at = datetime.fromisoformat(recorded_at)
    return recorded_at.replace(tzinfo=UTC)
