"""Sheets read row by row, as their reader may see them, in memory that does not grow.

Blocks: it belongs to worker threads.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from pymysql.cursors import SSCursor
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    case,
    column,
    func,
    not_,
    select,
    table,
)
from sqlalchemy.sql.expression import TableClause

from domain.store.engine import reading
from projections import place
from projections.place import Place
from projections.rowwise import Cell, Rows, columnwise, looked_up, rowwise
from projections.sheets import LEAST_PEOPLE, Column, Sheet, Shown

BATCH = 200
"""Rows that are held at a time: few enough to stay in a processor's cache."""
_REMEMBERED = 100_000  # pseudonyms


@dataclass(frozen=True)
class Pull:
    """What to read of a sheet: which talks (all, when none are named), and from where on.

    ``after`` leaves out rows of facts up to that position, where rows have positions; with a
    ``limit`` those come in the order of positions, so that the rest can be pulled later.
    ``raw`` shows everything; who asks for it was checked, and noted, by the door.
    """

    sheet: Sheet
    talks: tuple[str, ...] = ()
    after: int = 0
    limit: int | None = None
    raw: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that come out."""
        return self.sheet.seen(raw=self.raw)


class Pseudonyms(dict[str, str]):
    """Makes pseudonyms of attendees' ids; as those do, they differ from talk to talk.

    Whoever has not the secret can't tell whose they are, nor find them anew from an id.
    """

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._key = hashlib.blake2b(
            secret.encode(), digest_size=32, person=b"hh-pseudonyms"
        ).digest()

    def __missing__(self, attendee: str) -> str:
        """Make a pseudonym; nobody stays nobody."""
        if len(self) >= _REMEMBERED:
            self.clear()
        made = hashlib.blake2b(attendee.encode(), key=self._key, digest_size=16).hexdigest()
        self[attendee] = made if attendee else ""
        return self[attendee]


class Pulled:
    """A sheet as it is read: once, in batches, all of one moment.

    ``position`` is where to pull on from.
    """

    def __init__(self, pull: Pull, position: int, cursor: Any, pseudonyms: Pseudonyms) -> None:
        self.position = position
        self.kinds: Mapping[str, type] = {one.name: one.kind for one in pull.columns}
        self._cursor = cursor
        read = [one.name for one in _read(pull)]
        self._cells = [
            Cell(None, pull.talks[0])
            if one.name not in read
            else Cell(read.index(one.name), pseudonyms if _is_hidden(one, pull) else None)
            for one in pull.columns
        ]

    def each(
        self, lookups: Mapping[int, Any], templates: Sequence[str] = ()
    ) -> Iterator[list[Any]]:
        """Yield batches of rows, as tuples or written after a template per cell.

        ``lookups`` holds, by number of column, what to look a value up in.
        """
        made = rowwise(looked_up(self._cells, lookups), templates)
        return map(made, self._batches())

    def columns(self, size: int) -> Iterator[list[list[Any]]]:
        """Yield the columns of so many rows at a time."""
        return columnwise(self._cells, self._batches(), size)

    def _batches(self) -> Iterator[Rows]:
        while rows := self._cursor.fetchmany(BATCH):
            yield rows


@contextmanager
def pulled(engine: Engine, pull: Pull, pseudonyms: Pseudonyms) -> Iterator[Pulled]:
    """Read a sheet; what comes out is of one moment."""
    with reading(engine) as connection:
        at = place.of_readers(connection) or Place(0, "", 0, 0)
        position = _cut_at(connection, pull) or at.position
        with closing(_cursor(connection, _wanted(pull))) as cursor:
            yield Pulled(pull, position, cursor, pseudonyms)


def _cut_at(connection: Connection, pull: Pull) -> int:
    """Tell the position of the last row where the limit leaves out any; 0 where it does not."""
    if pull.limit is None or not pull.sheet.has_positions:
        return 0
    rows = _wanted(pull).subquery()
    counted = select(func.count(), func.max(rows.c.position))
    count, last = connection.execute(counted.select_from(rows)).one()
    return int(last) if count == pull.limit else 0


def _cursor(connection: Connection, wanted: Select[Any]) -> Any:
    """Begin to read with the driver's own cursor, which holds no more than it hands out.

    Micro-optimisation: its tuples are not wrapped into SQLAlchemy's rows (2x).
    """
    asked: Any = wanted.compile(connection, compile_kwargs={"render_postcompile": True})
    kinds = () if connection.dialect.name == "sqlite" else (SSCursor,)
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor(*kinds)
    cursor.execute(str(asked), _as_driver_takes(asked))
    return cursor


def _as_driver_takes(asked: Any) -> Any:
    """Tell the values of a query in their order, or by name where the driver wants names."""
    if asked.positiontup is None:
        return asked.params
    return [asked.params[name] for name in asked.positiontup]


def _read(pull: Pull) -> list[Column]:
    """Tell the columns that are read: the talk is known when there is but one."""
    return [one for one in pull.columns if one.name != "talk" or len(pull.talks) != 1]


def _is_hidden(one: Column, pull: Pull) -> bool:
    return one.shown is Shown.PSEUDONYM and not pull.raw


def _wanted(pull: Pull) -> Select[Any]:
    sheet = pull.sheet
    source = table(sheet.name, *(column(one.name) for one in sheet.columns))
    wanted = select(*(_told(source, one, raw=pull.raw) for one in _read(pull)))
    if pull.talks:
        wanted = wanted.where(source.c.talk.in_(pull.talks))
    if pull.after and sheet.has_positions:
        wanted = wanted.where(source.c.position > pull.after)
    if sheet.counts_people and not pull.raw:
        wanted = wanted.where(not_(_is_small(source.c.people)))
    if pull.limit is not None and sheet.has_positions:
        return wanted.limit(pull.limit).order_by(source.c.position)
    if pull.limit is not None:
        wanted = wanted.limit(pull.limit)
    # One talk's rows lie in the order of their key: the talk itself needs no sorting.
    talk = [] if len(pull.talks) == 1 else [source.c.talk]
    return wanted.order_by(*talk, *(source.c[name] for name in sheet.key))


def _told(source: TableClause, one: Column, *, raw: bool) -> ColumnElement[Any]:
    value = source.c[one.name]
    if raw or one.shown in {Shown.OPENLY, Shown.PSEUDONYM}:
        return value
    if one.shown is Shown.GROUP:
        return case((_is_small(value), -1), else_=value).label(one.name)
    gone = source.c.hidden + source.c.retracted + source.c.erased
    is_seen = (source.c.standing == "shown") & (gone == 0)
    return case((is_seen, value), else_="").label(one.name)


def _is_small(people: ColumnElement[Any]) -> ColumnElement[bool]:
    return people.between(1, LEAST_PEOPLE - 1)


def raw_sql(engine: Engine, pull: Pull) -> str:
    """Tell the query that a pull asks, for whoever wants to see it."""
    compiled = _wanted(pull).compile(engine, compile_kwargs={"literal_binds": True})
    return str(compiled)
