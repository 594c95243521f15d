"""How far each source of each talk was followed, kept in the store's database."""

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)

from domain.store.engine import create_tables, writing

_tables = MetaData()
_cursors = Table(
    "catching_cursors",
    _tables,
    Column("talk", String(64), primary_key=True),
    Column("source", String(190), primary_key=True),
    Column("cursor", String(190), nullable=False),
)


class Cursors:
    """Cursors by talk and source. Blocks; thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine, _tables)

    def get(self, talk: str, source: str) -> str:
        """Tell where to go on; empty when nothing was followed yet."""
        wanted = select(_cursors.c.cursor).where(_is(talk, source))
        with self._engine.connect() as connection:
            return str(connection.execute(wanted).scalar() or "")

    def put(self, talk: str, source: str, cursor: str) -> None:
        """Remember where to go on."""
        row = {"talk": talk, "source": source, "cursor": cursor}
        with writing(self._engine) as connection:
            connection.execute(delete(_cursors).where(_is(talk, source)))
            connection.execute(insert(_cursors), row)


def _is(talk: str, source: str) -> "ColumnElement[bool]":
    return (_cursors.c.talk == talk) & (_cursors.c.source == source)
