"""The place of the views: which generation is read, and how far it has come in which log."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from projections.tables import current, tracking

NAME = "views"
"""The stored name of the projection of all views; it never changes."""


# Micro-optimisation: a projector moves with every batch, and building this statement anew took
# a quarter of its time.
_MOVE = (
    "UPDATE view_tracking SET position = %s, published = %s"
    " WHERE name = %s AND generation = %s AND position = %s"
)
_IF_READ = " AND generation = (SELECT generation FROM view_current WHERE name = %s)"


class Fenced(Exception):  # noqa: N818 - named like the fact it tells
    """Another has moved these views, or another generation is read: stop, and look again."""


class LogIsBehind(Exception):  # noqa: N818 - named like the fact it tells
    """The log holds less than the views have seen, or is another log: it was restored."""


@dataclass(frozen=True)
class Place:
    """How far a generation of the views has come."""

    generation: int
    log_id: str
    position: int
    published: int

    @property
    def epoch(self) -> str:
        """What every position that leaves the process carries with it."""
        return f"{self.log_id}-{self.generation}"


def of_readers(connection: Connection, *, hold: bool = False) -> Place | None:
    """Tell the place of the generation that is read; ``None`` before the first start.

    ``hold`` keeps it from being moved until the transaction ends.
    """
    wanted = select(tracking).join(
        current,
        (current.c.name == tracking.c.name) & (current.c.generation == tracking.c.generation),
    )
    wanted = wanted.where(current.c.name == NAME)
    row = connection.execute(wanted.with_for_update() if hold else wanted).one_or_none()
    return Place(row.generation, row.log_id, row.position, row.published) if row else None


def begin(connection: Connection, log_id: str) -> Place:
    """Begin a new generation at the beginning of the log; nobody reads it yet."""
    last = connection.execute(
        select(func.max(tracking.c.generation)).where(tracking.c.name == NAME)
    ).scalar()
    place = Place((last or 0) + 1, log_id, 0, 0)
    connection.execute(
        insert(tracking).values(
            name=NAME, generation=place.generation, log_id=log_id, position=0, published=0
        )
    )
    return place


def of_projector(connection: Connection, log_id: str) -> Place:
    """Tell the place to go on from, which is the beginning at the first start."""
    place = of_readers(connection)
    if place is None:
        place = begin(connection, log_id)
        connection.execute(insert(current).values(name=NAME, generation=place.generation))
    return place


def must_follow(place: Place, log_id: str, head: int) -> None:
    """Raise ``LogIsBehind`` when the log is not the one that the views have followed."""
    if place.log_id != log_id:
        raise LogIsBehind("the views were folded from another log: run `hearhear rebuild room`")
    if place.position > head:
        raise LogIsBehind(
            f"the log ends at {head}, the views have seen {place.position}: it was restored "
            "from a backup; run `hearhear rebuild room`"
        )


def move(
    connection: Connection, place: Place, position: int, published: int, *, is_read: bool
) -> None:
    """Move on, in the transaction of the rows; raises ``Fenced`` when that is not ours to do.

    That is when another has moved this generation or, if it ``is_read``, readers have gone
    over to another one.
    """
    sql = _MOVE + _IF_READ if is_read else _MOVE
    if connection.dialect.name == "sqlite":
        sql = sql.replace("%s", "?")
    ours = (NAME, place.generation, place.position, *([NAME] if is_read else []))
    moved = connection.exec_driver_sql(sql, (position, published, *ours))
    if moved.rowcount != 1:
        raise Fenced(f"generation {place.generation} is not read at {place.position} any more")


def hand_over(connection: Connection, place: Place, head: int) -> bool:
    """Let readers go over to a new generation; not while it is behind what they have read.

    ``head`` is the end of the log, for what they have read may be of a log that is gone.
    """
    read = of_readers(connection, hold=True)
    if read is None:
        connection.execute(insert(current).values(name=NAME, generation=place.generation))
        return True
    if place.position < min(read.position, head):
        return False
    connection.execute(
        update(current).where(current.c.name == NAME).values(generation=place.generation)
    )
    return True
