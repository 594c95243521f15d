"""Views of analysts' own, folded from the log beside everything else.

An analyst writes a class; each talk gets a fresh one, hears its facts in order, and tells its
rows at the end. The rows of a new generation are written to a table of their own; then one
statement lets readers go over, so nobody sees an empty moment. Talks are taken one by one, so
memory does not grow with their number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Protocol

import orjson
import structlog
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeEngine

from domain.store import Span, Store, StoredFact
from domain.store.engine import is_sqlite, writing
from domain.talk import Talk
from projections import tables
from projections.lease import Lease
from projections.rebuild import AlreadyRebuilding, OnProgress
from projections.records import UNKNOWN_S

_BATCH = 5_000  # facts
_WRITTEN = 2_000  # rows in one transaction
_STORED: Mapping[type, Callable[[], TypeEngine[Any]]] = {
    str: Text,
    int: BigInteger,
    float: Double,
    bool: Boolean,
}
_ABOUT = frozenset({"timestamp", "by", "sealed", "originator_topic", "class_version"})

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Fact:
    """A fact as an own view hears it; sealed words and names are left out.

    ``second`` counts from the start of the talk, -1 before it; ``by`` is an attendee's id.
    """

    position: int
    name: str
    second: float
    by: str
    data: dict[str, Any]


class OwnView(Protocol):
    """What an analyst writes: one per talk is made."""

    columns: ClassVar[Mapping[str, type]]
    """The columns with their types: str, int, float or bool."""
    facts: ClassVar[Iterable[str]]
    """The stored names of the facts to hear."""

    def apply(self, fact: Fact) -> None:
        """Take a fact in."""

    def rows(self) -> Iterable[tuple[Any, ...]]:
        """Tell what came of the talk."""


class OwnViewFailed(Exception):  # noqa: N818 - named like the fact it tells
    """The analyst's own code raised; the text says what, and at which fact."""


def build(
    store: Store,
    engine: Engine,
    name: str,
    kind: type[OwnView],
    *,
    holder: str,
    on_progress: OnProgress = lambda _, __: None,
) -> int:
    """Fold all talks into a new generation of a view, and let readers go over to it.

    Tells how many facts the talks have. Raises ``AlreadyRebuilding`` when somebody else does,
    and ``OwnViewFailed``; then readers keep what they had.
    """
    lease = Lease(engine, f"own.{name}", holder)
    if not lease.take():
        raise AlreadyRebuilding("another process rebuilds this view")
    try:
        _remove(engine, name, but=_read(engine, name))
        table = _new_table(engine, name, kind.columns)
        spans = store.log.spans()
        facts = sum(span.facts for span in spans.values())
        for told in _told(store, spans, kind):
            if told.rows:
                with writing(engine) as connection:
                    connection.execute(insert(table), told.rows)
            lease.take()
            on_progress(told.facts, facts)
        _hand_over(engine, name, table)
        _remove(engine, name, but=table.name)
    finally:
        lease.give_back()
    return facts


@dataclass(frozen=True)
class _Told:
    facts: int
    """How many are behind us, with those that nobody wants to hear."""
    rows: list[dict[str, Any]]


def _told(store: Store, spans: Mapping[str, Span], kind: type[OwnView]) -> Iterator[_Told]:
    """Yield rows as talk after talk tells them."""
    number = before = 0
    for talk, span in spans.items():
        view = kind()
        for position in _heard(store, talk, view, frozenset(kind.facts)):
            yield _Told(before + span.passed(position), [])
        before += span.facts
        yield _Told(before, [])
        try:
            told = iter(view.rows())
            while some := list(islice(told, _WRITTEN)):
                kept = [_kept(talk, number + place, one, kind) for place, one in enumerate(some)]
                number += len(some)
                yield _Told(before, kept)
        except Exception as error:
            raise OwnViewFailed(f"{type(error).__name__}: {error}, in rows()") from error


def _kept(talk: str, number: int, row: tuple[Any, ...], kind: type[OwnView]) -> dict[str, Any]:
    values = zip(row, kind.columns.items(), strict=True)
    told = {name: made(value) for value, (name, made) in values}
    return {"number": number, "talk": talk, **told}


def _heard(store: Store, talk: str, view: OwnView, names: frozenset[str]) -> Iterator[int]:
    """Let a view hear the facts of a talk; yield how far in the log, batch by batch."""
    after, began = 0, 0.0
    read = names | {Talk.Started.TOPIC}  # seconds count from there
    while batch := store.log.read(after, _BATCH, talk=talk, names=read):
        for stored in batch:
            state = orjson.loads(stored.state)
            at = datetime.fromisoformat(state["timestamp"]).timestamp()
            if stored.name == Talk.Started.TOPIC:
                began = at
            if stored.name in names:
                _apply(view, stored, state, round(at - began, 3) if began else UNKNOWN_S)
        after = batch[-1].position
        yield after


def _apply(view: OwnView, stored: StoredFact, state: dict[str, Any], second: float) -> None:
    by = state["by"]
    data = {name: value for name, value in state.items() if name not in _ABOUT}
    try:
        view.apply(Fact(stored.position, stored.name, second, by, data))
    except Exception as error:
        where = f"at the {stored.name} of position {stored.position}"
        raise OwnViewFailed(f"{type(error).__name__}: {error}, {where}") from error


# Generations: each a table, one of them read.


def _read(engine: Engine, name: str) -> str:
    """Tell the table that readers see; empty when there is none."""
    if name not in inspect(engine).get_view_names():
        return ""
    definition = inspect(engine).get_view_definition(name) or ""
    return next((one for one in _tables(engine, name) if one in definition), "")


def _tables(engine: Engine, name: str) -> list[str]:
    there = inspect(engine).get_table_names()
    return [one for one in there if one.rpartition("_")[0] == f"own_{name}"]


def _new_table(engine: Engine, name: str, columns: Mapping[str, type]) -> Table:
    numbers = [int(one.rpartition("_")[2]) for one in _tables(engine, name)]
    table = Table(
        f"own_{name}_{max(numbers, default=0) + 1}",
        MetaData(),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("talk", tables.talks.c.talk.type, nullable=False, index=True),
        *(Column(one, _STORED[kind](), nullable=False) for one, kind in columns.items()),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with writing(engine) as connection:
        table.create(connection)
    return table


def _hand_over(engine: Engine, name: str, table: Table) -> None:
    """Let the view of this name read another table: one statement, or one transaction."""
    with writing(engine) as connection:
        quote = connection.dialect.identifier_preparer.quote
        names = ", ".join(quote(column.name) for column in list(table.columns)[1:])
        select = f"{name} AS SELECT {names} FROM {table.name}"  # noqa: S608 - names of ours
        if is_sqlite(engine):
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
            connection.exec_driver_sql(f"CREATE VIEW {select}")
        else:
            connection.exec_driver_sql(f"CREATE OR REPLACE VIEW {select}")


def _remove(engine: Engine, name: str, *, but: str) -> None:
    """Remove the tables that nobody reads; one that somebody still reads goes the next time."""
    for table in _tables(engine, name):
        if table == but:
            continue
        try:
            with writing(engine) as connection:
                if not is_sqlite(engine):
                    connection.exec_driver_sql("SET SESSION lock_wait_timeout = 2")
                connection.exec_driver_sql(f"DROP TABLE {table}")
        except OperationalError as error:
            _log.info("own_view.left", table=table, error=type(error.orig).__name__)
