"""The writer's end of the log: one connection, asked as seldom as possible.

Every question costs a round trip, and after each the writer has to get back its turn
among the threads of the process. So a batch asks MariaDB three things: what is new, the
head, and all inserts together with the commit; and where nobody else writes, one: to do
it all if the head has not moved. Belongs to the writer's thread.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
import pymysql
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from domain.store.engine import is_sqlite
from domain.store.log import (
    FirstAnswer,
    Log,
    NewAnswer,
    NewFact,
    Rows,
    StoredFact,
    stored_fact,
)
from domain.store.schema import events

_ANSWERS = "SELECT actor, body_hash, position, result FROM commands WHERE actor"
_COLUMNS = ", ".join(column.name for column in events.columns)
_FACTS = f"SELECT {_COLUMNS} FROM events WHERE stream"  # noqa: S608 - names of ours

Question = tuple[str, Sequence[object]]
Found = Sequence[Sequence[Any]]


class Moved(NamedTuple):
    """Where a fact of any process went."""

    position: int
    stream: str
    version: int


class News(NamedTuple):
    """What is new behind a position, what commands were answered before, and whole streams."""

    moved: list[Moved]
    answers: dict[str, FirstAnswer]
    facts: list[StoredFact]


def open_tail(log: Log) -> "Tail":
    """Connect to the end of a log."""
    return _SQLiteTail(log) if is_sqlite(log.engine) else _MySQLTail(log)


class Tail(ABC):
    """One connection that looks and appends; between the two it holds no transaction.

    Raises SQLAlchemy's errors, as all else does.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._dialect = log.engine.dialect
        self._is_open = False  # whether a transaction holds the head
        self._connection: Any = None
        with self._errors():
            proxied = log.engine.raw_connection()
            proxied.detach()  # what is set on it must not go back to the pool
            self._connection = proxied.dbapi_connection
            self._prepare()

    def look(self, seen: int, actors: Sequence[str], streams: Sequence[str], *, limit: int) -> News:
        """Ask what others have written behind a position, for first answers, and for streams."""
        questions = [self._behind(seen, limit), self._among(_ANSWERS, actors)]
        if streams:
            questions.append(self._among(_FACTS, streams, "ORDER BY stream, version"))
        with self._errors():
            moved, answers, *facts = self._ask(questions)
        first = {
            actor: FirstAnswer(body_hash, position, orjson.loads(result))
            for actor, body_hash, position, result in answers
        }
        stored = [stored_fact(row) for rows in facts for row in rows]
        return News([Moved(*row) for row in moved], first, stored)

    def moved(self, seen: int, *, limit: int) -> list[Moved]:
        """Ask what others have written behind a position."""
        with self._errors():
            [rows] = self._ask([self._behind(seen, limit)])
        return [Moved(*row) for row in rows]

    def reserve(self, count: int) -> int:
        """Take the head until the commit; returns the last position before the new ones."""
        with self._errors():
            position = self._reserve(count)
        self._is_open = True
        return position - count

    @abstractmethod
    def prepare(self, facts: Sequence[NewFact], answers: Sequence[NewAnswer]) -> None:
        """Lay out what is to be inserted, while nobody waits for the head."""

    def commit(self, base: int) -> None:
        """Insert what was prepared behind a position, and commit."""
        with self._errors():
            self._commit(base)
        self._is_open = False

    def commit_if_at(self, head: int, count: int) -> bool:
        """Insert what was prepared and commit, at once, if the head stands where it is thought to.

        Returns False, with nothing done, when it does not, or a command was answered before.
        """
        self._is_open = True
        with self._errors():
            is_done = self._commit_if_at(head, count)
        if is_done:
            self._is_open = False
        else:
            self.roll_back()
        return is_done

    def roll_back(self) -> None:
        """Give back what was reserved."""
        if self._is_open:
            with self._errors():
                self._connection.rollback()
            self._is_open = False

    def close(self) -> None:
        """Let go; what was not committed is rolled back by the database."""
        self._connection.close()

    def _behind(self, seen: int, limit: int) -> Question:
        columns = "SELECT position, stream, version FROM events"
        mark = self._log.mark
        sql = f"{columns} WHERE position > {mark} ORDER BY position LIMIT {mark}"
        return sql, (seen, limit)

    def _among(self, sql: str, values: Sequence[str], order: str = "") -> Question:
        marks = ", ".join([self._log.mark] * len(values))
        return f"{sql} IN ({marks}) {order}", values

    @contextmanager
    def _errors(self) -> Iterator[None]:
        driver = self._log.engine.dialect.loaded_dbapi
        try:
            yield
        except driver.Error as error:
            is_lost = self._dialect.is_disconnect(error, self._connection, None)
            raise DBAPIError.instance(
                None, None, error, driver.Error, connection_invalidated=is_lost
            ) from error

    @abstractmethod
    def _prepare(self) -> None:
        """Let statements outside a transaction see the latest commits."""

    @abstractmethod
    def _ask(self, questions: Sequence[Question]) -> Sequence[Found]:
        """Ask several things at once."""

    @abstractmethod
    def _reserve(self, count: int) -> int:
        """Begin, unless begun, and move the head; returns the new one."""

    @abstractmethod
    def _commit(self, base: int) -> None:
        """Insert what was prepared, and commit."""

    @abstractmethod
    def _commit_if_at(self, head: int, count: int) -> bool:
        """Begin, move the head, insert and commit; False when any of it can't be."""


class _SQLiteTail(Tail):
    """SQLite has no round trips; its driver begins nothing by itself."""

    _rows_behind: Callable[[int], dict[Table, Rows]]

    def prepare(self, facts: Sequence[NewFact], answers: Sequence[NewAnswer]) -> None:
        self._rows_behind = lambda base: self._log.rows(facts, answers, lambda nth: base + nth)

    def _prepare(self) -> None:
        self._connection.isolation_level = None

    def _ask(self, questions: Sequence[Question]) -> Sequence[Found]:
        return [self._connection.execute(sql, values).fetchall() for sql, values in questions]

    def _reserve(self, count: int) -> int:
        if not self._is_open:
            self._connection.execute("BEGIN IMMEDIATE")
            self._is_open = True
        self._connection.execute("UPDATE log_head SET position = position + ?", (count,))
        [[position]] = self._connection.execute("SELECT position FROM log_head").fetchall()
        return int(position)

    def _commit(self, base: int) -> None:
        for table, values in self._rows_behind(base).items():
            self._connection.executemany(self._log.insert_sql(table), values)
        self._connection.execute("COMMIT")

    def _commit_if_at(self, head: int, count: int) -> bool:
        self._connection.execute("BEGIN IMMEDIATE")
        move = "UPDATE log_head SET position = ? WHERE position = ?"
        if not self._connection.execute(move, (head + count, head)).rowcount:
            return False
        try:
            self._commit(head)
        except sqlite3.IntegrityError:
            return False
        return True


class _Behind(int):
    """A position, counted from the one that the head will have been found at."""


class _MySQLTail(Tail):
    """MariaDB and MySQL take several statements in one packet."""

    _ROWS = 100  # in one statement: at most 2 MB
    _PACKET = 4_000_000  # characters; the server's limit is 16 MB, or more
    _inserts: list[str]

    def _prepare(self) -> None:
        self._connection.autocommit(True)

    def _ask(self, questions: Sequence[Question]) -> Sequence[Found]:
        return self._send([self._filled(*question) for question in questions])

    def _reserve(self, count: int) -> int:
        begin = [] if self._is_open else ["BEGIN"]
        move = "UPDATE log_head SET position = LAST_INSERT_ID(position + %s)"
        self._send([*begin, self._filled(move, [count])])
        return int(self._connection.insert_id())

    def prepare(self, facts: Sequence[NewFact], answers: Sequence[NewAnswer]) -> None:
        self._inserts = [
            self._insert(self._log.insert_sql(table), some)
            for table, values in self._log.rows(facts, answers, _Behind).items()
            for some in _cut(values, self._ROWS)
        ]

    def _commit(self, base: int) -> None:
        self._send_in_packets([f"SET @base = {base}", *self._inserts, "COMMIT"])

    def _commit_if_at(self, head: int, count: int) -> bool:
        # The first statement that fails ends the packet. Nothing but a failure would, so a head
        # that has moved is made one: a subquery may not have two rows where one is meant.
        move = "UPDATE log_head SET position = IF(position = %s, %s, (SELECT 1 UNION SELECT 2))"
        begin = ["BEGIN", self._filled(move, [head, head + count]), f"SET @base = {head}"]
        try:
            self._send_in_packets([*begin, *self._inserts, "COMMIT"])
        except pymysql.err.IntegrityError:
            return False
        except pymysql.err.OperationalError as error:
            if error.args[0] != pymysql.constants.ER.SUBQUERY_NO_1_ROW:
                raise
            return False
        return True

    def _send_in_packets(self, statements: list[str]) -> None:
        while sum(map(len, statements)) > self._PACKET:
            self._send([statements.pop(0)])
        self._send(statements)

    def _insert(self, sql: str, rows: Sequence[tuple[object, ...]]) -> str:
        head, _, one = sql.partition(" VALUES ")
        return head + " VALUES " + ", ".join(self._filled(one, row) for row in rows)

    def _filled(self, sql: str, values: Sequence[object]) -> str:
        return str(sql % tuple(map(self._literal, values)))

    def _literal(self, value: object) -> str:
        match value:  # micro-optimisation: the driver takes five times as long
            case str() if "'" not in value and "\\" not in value:
                return f"'{value}'"
            case bytes():
                return f"x'{value.hex()}'"
            case _Behind():
                return f"@base + {int(value)}"
            case _:
                return str(self._connection.escape(value))

    def _send(self, statements: Sequence[str]) -> Sequence[Found]:
        """Send all in one packet and read each answer; the first failure ends the rest."""
        with self._connection.cursor() as cursor:
            cursor.execute("; ".join(statements))
            found = [cursor.fetchall()]
            while cursor.nextset():
                found.append(cursor.fetchall())
            return found


def _cut(rows: Rows, size: int) -> Iterator[Rows]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
