"""How far each errand has come in the log, kept in the store's database for all processes."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    MetaData,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from domain.store.engine import create_tables, reading, writing

_tables = MetaData()
_errands = Table(
    "errands",
    _tables,
    Column("name", String(190), primary_key=True),
    Column("log_id", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
)


class Cursors:
    """The positions up to which errands are done. Blocks; thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine, _tables)

    def of(self, name: str, log_id: str, head: int) -> int:
        """Tell where an errand goes on.

        One that is new begins at the ``head`` of the log, for what was before it was asked
        for is nobody's news. So does one that knows another log than ``log_id``, or more of it
        than there is: the store was restored from a backup.
        """
        known = self._known(name)
        if known is None:
            row = {"name": name, "log_id": log_id, "position": head}
            try:
                with writing(self._engine) as connection:
                    connection.execute(insert(_errands), row)
            except IntegrityError:  # another process has just begun it
                return self.of(name, log_id, head)
            return head
        if known.log_id == log_id and known.position <= head:
            return int(known.position)
        self.move(name, log_id, head)
        return head

    def _known(self, name: str) -> Row[Any, Any] | None:
        wanted = select(_errands.c.log_id, _errands.c.position).where(_errands.c.name == name)
        with reading(self._engine) as connection:
            return connection.execute(wanted).one_or_none()

    def move(self, name: str, log_id: str, position: int) -> None:
        """Remember that all is done up to a position."""
        moved = update(_errands).where(_errands.c.name == name)
        with writing(self._engine) as connection:
            connection.execute(moved.values(log_id=log_id, position=position))
