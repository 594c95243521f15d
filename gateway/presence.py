"""Who is connected to which talk, counted by each gateway and shared by all; the desk by person.

Not a fact: what a gateway has told counts for some seconds, then it has to tell again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from domain.store.engine import create_tables, to_look, writing

TELL_EVERY_S = 2.0
COUNTS_FOR_S = 10.0
"""How long a count stands that is not told again: its gateway may have died."""

MOST_CREW = 50
"""People at one desk that a gateway tells the others of."""

_tables = MetaData()
_present = Table(
    "presence",
    _tables,
    Column("gateway", String(36), primary_key=True),
    Column("talk", String(64), primary_key=True),
    Column("people", Integer, nullable=False),
    Column("crew", String(4000), nullable=False),  # attendee ids, a space between
    Column("until_ms", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Present:
    """How many people are connected to a talk, and which attendees have its desk open."""

    people: int = 0
    crew: frozenset[str] = frozenset()


class Presence:
    """The counts of all gateways, in the database of the views. Blocks; thread-safe.

    ``now`` tells seconds since 1970.
    """

    def __init__(self, engine: Engine, *, gateway: str, now: Callable[[], float]) -> None:
        self._engine = engine
        self._gateway = gateway
        self._now = now
        self._told: dict[str, Present] = {}
        create_tables(engine, _tables)

    def close(self) -> None:
        """Close all idle connections."""
        self._engine.dispose()

    def tell(self, here: Mapping[str, Present]) -> None:
        """Tell who is connected here, by talk; costs nothing while nobody is."""
        if not here and not self._told:
            return
        until_ms = int((self._now() + COUNTS_FOR_S) * 1000)
        rows = [
            {
                "gateway": self._gateway,
                "talk": talk,
                "people": present.people,
                "crew": " ".join(sorted(present.crew)[:MOST_CREW]),
                "until_ms": until_ms,
            }
            for talk, present in here.items()
        ]
        with writing(self._engine) as connection:
            connection.execute(delete(_present).where(_present.c.gateway == self._gateway))
            if rows:
                connection.execute(insert(_present), rows)
        self._told = dict(here)

    def total(self) -> dict[str, int]:
        """Tell how many people are connected to any gateway, by talk."""
        everywhere = self._told_where(self._is_standing)
        return {talk: present.people for talk, present in everywhere.items()}

    def elsewhere(self) -> dict[str, Present]:
        """Tell who is connected to the other gateways, by talk."""
        return self._told_where(self._is_standing & (_present.c.gateway != self._gateway))

    @property
    def _is_standing(self) -> ColumnElement[bool]:
        return _present.c.until_ms > int(self._now() * 1000)

    def _told_where(self, which: ColumnElement[bool]) -> dict[str, Present]:
        told = select(_present.c.talk, _present.c.people, _present.c.crew).where(which)
        found: dict[str, Present] = {}
        with self._engine.connect() as connection:
            for talk, people, crew in to_look(connection).execute(told):
                so_far = found.get(talk, Present())
                found[talk] = Present(so_far.people + people, so_far.crew | set(crew.split()))
        return found
