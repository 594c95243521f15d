"""The shape of what is kept for readers, which another version of the product may change.

Views hold nothing that is not in the log, so tables whose rows have another shape are not
migrated: they are made again, empty, and a new generation folds the log from its beginning.
SQL views that are defined otherwise are replaced, and no row is touched.
"""

from hashlib import blake2b
from typing import Any

from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, inspect, select, update

from domain.store.engine import alone, create_tables, writing
from projections import analytics, place, rows, tables
from projections.place import NAME
from projections.talk_views import VIEWS

_ROWS, _VIEWS = 1, 2  # what a shape is of

_shapes = MetaData()
_shape = Table(
    "view_shape",
    _shapes,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("shape", String(32), nullable=False),
)


def prepare(engine: Engine) -> None:
    """Create what is missing, and begin anew where the rows have another shape.

    Safe when several processes do it at once, if a projector at work notices that another
    generation is read.
    """
    with engine.connect() as connection, alone(connection, "shape"):
        _prepare(engine)


def _prepare(engine: Engine) -> None:
    create_tables(engine, _shapes)
    with engine.connect() as connection:
        found = connection.execute(select(_shape.c.id, _shape.c.shape))
        kept: dict[int, str] = dict(tuple(row) for row in found)
    is_other = kept.get(_ROWS) != wanted()
    is_anew = is_other and inspect(engine).has_table(tables.tracking.name)
    if is_anew:
        _drop(engine)
    tables.create(engine)
    views = analytics.definitions(engine)
    shapes = {_ROWS: wanted(), _VIEWS: _digest(views)}
    if kept.get(_VIEWS) != shapes[_VIEWS] or not analytics.are_there(engine):
        analytics.replace(engine, views)
    if is_anew:
        _begin_anew(engine)
    if kept != shapes:
        with writing(engine) as connection:
            rows.put(connection, _shape, list(shapes.items()))


def wanted() -> str:
    """Tell the shape of rows that this version writes and reads."""
    columns = [
        (table.name, [(column.name, _kind(column)) for column in table.columns])
        for table in (*tables.OF_A_GENERATION, *tables.OF_TIMELINES)
    ]
    return _digest((columns, VIEWS))


def _digest(told: object) -> str:
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def _kind(column: "Column[Any]") -> tuple[str, int]:
    return type(column.type).__name__, getattr(column.type, "length", None) or 0


def _drop(engine: Engine) -> None:
    with writing(engine) as connection:
        for name in reversed(analytics.NAMES):
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
        for table in (*tables.OF_A_GENERATION, *tables.OF_TIMELINES):
            table.drop(connection, checkfirst=True)


def _begin_anew(engine: Engine) -> None:
    with writing(engine) as connection:
        read = place.of_readers(connection)
        if read:
            begun = place.begin(connection, read.log_id)
            connection.execute(
                update(tables.current)
                .where(tables.current.c.name == NAME)
                .values(generation=begun.generation)
            )
