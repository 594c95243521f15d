"""How far each errand has come in the log, kept in the store's database for all processes."""

from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, insert, select, update

from domain.store.engine import create_tables, writing

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
        with writing(self._engine) as connection:
            wanted = select(_errands.c.log_id, _errands.c.position)
            known = connection.execute(wanted.where(_errands.c.name == name)).one_or_none()
            if known is None:
                row = {"name": name, "log_id": log_id, "position": head}
                connection.execute(insert(_errands), row)
                return head
        return known.position if known.log_id == log_id and known.position <= head else head

    def move(self, name: str, log_id: str, position: int) -> None:
        """Remember that all is done up to a position."""
        moved = update(_errands).where(_errands.c.name == name)
        with writing(self._engine) as connection:
            connection.execute(moved.values(log_id=log_id, position=position))
