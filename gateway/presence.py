"""How many people are connected to which talk, counted by each gateway and shared by all.

Not a fact: what a gateway has told counts for some seconds, then it has to tell again.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from domain.store.engine import create_tables, to_look, writing

TELL_EVERY_S = 2.0
COUNTS_FOR_S = 10.0
"""How long a count stands that is not told again: its gateway may have died."""

_tables = MetaData()
_present = Table(
    "present",
    _tables,
    Column("gateway", String(36), primary_key=True),
    Column("talk", String(64), primary_key=True),
    Column("people", Integer, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)


class Presence:
    """The counts of all gateways, in the database of the views. Blocks; thread-safe.

    ``now`` tells seconds since 1970.
    """

    def __init__(self, engine: Engine, *, gateway: str, now: Callable[[], float]) -> None:
        self._engine = engine
        self._gateway = gateway
        self._now = now
        self._told: dict[str, int] = {}
        create_tables(engine, _tables)

    def close(self) -> None:
        """Close all idle connections."""
        self._engine.dispose()

    def tell(self, people: Mapping[str, int]) -> None:
        """Tell how many people are connected here, by talk; costs nothing while nobody is."""
        if not people and not self._told:
            return
        until_ms = int((self._now() + COUNTS_FOR_S) * 1000)
        rows = [
            {"gateway": self._gateway, "talk": talk, "people": count, "until_ms": until_ms}
            for talk, count in people.items()
        ]
        with writing(self._engine) as connection:
            connection.execute(delete(_present).where(_present.c.gateway == self._gateway))
            if rows:
                connection.execute(insert(_present), rows)
        self._told = dict(people)

    def total(self) -> dict[str, int]:
        """Tell how many people are connected to any gateway, by talk."""
        return self._counted(_present.c.until_ms > int(self._now() * 1000))

    def elsewhere(self) -> dict[str, int]:
        """Tell how many people are connected to the other gateways, by talk."""
        standing = _present.c.until_ms > int(self._now() * 1000)
        return self._counted(standing & (_present.c.gateway != self._gateway))

    def _counted(self, which: ColumnElement[bool]) -> dict[str, int]:
        counted = select(_present.c.talk, func.sum(_present.c.people)).where(which)
        with self._engine.connect() as connection:
            rows = to_look(connection).execute(counted.group_by(_present.c.talk))
            return {talk: int(people) for talk, people in rows}
