"""The shape of the rows. When a version of the product changes it, views begin anew.

Views hold nothing that is not in the log, so their tables are not migrated: they are made
again, empty, and a new generation folds the log from its beginning.
"""

from hashlib import blake2b
from typing import Any

from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, inspect, select, update

from domain.store.engine import alone, create_tables, writing
from projections import analytics, measures, place, rows, tables
from projections.place import NAME
from projections.talk_views import VIEWS

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
        kept = connection.execute(select(_shape.c.shape)).scalar()
    if kept != wanted() and inspect(engine).has_table(tables.tracking.name):
        _drop(engine)
        _create(engine)
        _begin_anew(engine)
    else:
        _create(engine)
    if kept != wanted():
        with writing(engine) as connection:
            rows.put(connection, _shape, [(1, wanted())])


def wanted() -> str:
    """Tell the shape that this version writes and reads."""
    columns = [
        (table.name, [(column.name, _kind(column)) for column in table.columns])
        for table in (*tables.OF_A_GENERATION, *tables.OF_TIMELINES)
    ]
    told = [(name, one.names, one.condition) for name, one in analytics.ANALYSTS.items()]
    asked = [(name, one.sql) for name, one in measures.MEASURES.items()]
    return blake2b(repr((columns, told, asked, VIEWS)).encode(), digest_size=16).hexdigest()


def _kind(column: "Column[Any]") -> tuple[str, int]:
    return type(column.type).__name__, getattr(column.type, "length", None) or 0


def _create(engine: Engine) -> None:
    tables.create(engine)
    analytics.create(engine)


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
