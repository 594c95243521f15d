"""The timelines of ended talks as rows: what they were found to be, and up to which fact.

Replay finds them; here they are only kept, so that SQL can join them to all the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from domain.store.engine import reading, writing
from projections import rows, tables


class TimelineRows:
    """The kept timelines. Blocks; thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def positions(self, log_id: str) -> dict[str, int]:
        """Tell, by talk, the position of the last fact that its kept timeline took in."""
        table = tables.timelines
        with reading(self._engine) as connection:
            wanted = select(table.c.talk, table.c.position).where(table.c.log_id == log_id)
            return {row.talk: row.position for row in connection.execute(wanted)}

    def keep(
        self,
        talk: str,
        *,
        log_id: str,
        position: int,
        heat: Mapping[str, Sequence[float]],
        step_s: int,
        highlights: Iterable[tuple[Any, ...]],
    ) -> None:
        """Put a talk's timeline in place of the former one, in one transaction.

        ``heat`` holds a value per ``step_s`` for each curve; a highlight is (id, start_s,
        end_s, score, confidence, title, why, people), best first.
        """
        with writing(self._engine) as connection:
            for table in (tables.heat, tables.highlights):
                connection.execute(delete(table).where(table.c.talk == talk))
            _insert(
                connection,
                tables.heat,
                [
                    (talk, number * step_s, curve, value)
                    for curve, values in heat.items()
                    for number, value in enumerate(values)
                ],
            )
            _insert(
                connection,
                tables.highlights,
                [(talk, place, *one) for place, one in enumerate(highlights, start=1)],
            )
            rows.put(connection, tables.timelines, [(talk, log_id, position)])


def _insert(connection: Connection, table: Any, values: list[tuple[Any, ...]]) -> None:
    names = [column.name for column in table.columns]
    if values:
        connection.execute(insert(table), [dict(zip(names, one, strict=True)) for one in values])
