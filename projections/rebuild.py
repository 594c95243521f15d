"""Rebuild all views from the log, beside the old ones, while the projector goes on.

One update lets readers go over, so nobody sees an empty moment. Interrupted, it leaves
the old views as they are.
"""

from collections.abc import Callable

from sqlalchemy import Connection, Delete, Engine, Table, delete, select

from domain.store import Store, writing
from domain.store.engine import reading
from projections import place, tables
from projections.generation import Generation
from projections.lease import Lease
from projections.place import Place

BATCH = 2_000
REMOVED_AT_ONCE = 5_000
"""Rows, so that nobody waits long for a lock (SQLite has no such limit)."""

OnProgress = Callable[[int, int], None]
"""Called with how many facts were folded, of how many."""


class AlreadyRebuilding(Exception):  # noqa: N818 - named like the fact it tells
    """Another process rebuilds the views already."""


def rebuild(
    store: Store,
    engine: Engine,
    *,
    holder: str,
    on_progress: OnProgress = lambda _, __: None,
    batch: int = BATCH,
) -> Place:
    """Fold the whole log into a new generation and let readers go over to it.

    Raises ``AlreadyRebuilding`` when somebody else does.
    """
    lease = Lease(engine, "rebuild", holder)
    if not lease.take():
        raise AlreadyRebuilding("another process rebuilds the views")
    try:
        remove_unread(engine)
        built = _build(store, engine, lease, on_progress, batch)
        remove_unread(engine)
    finally:
        lease.give_back()
    return built


def _build(
    store: Store, engine: Engine, lease: Lease, on_progress: OnProgress, batch: int
) -> Place:
    with writing(engine) as connection:
        begun = place.begin(connection, store.log_id())
    views = Generation(store, engine, begun, tells=False)
    while True:
        head = store.log.head()
        while views.place.position < head:
            views.advance(batch)
            lease.take()
            on_progress(min(views.place.position, head), head)
        views.write_all()
        with writing(engine) as connection:
            if place.hand_over(connection, views.place, head):
                return views.place


def remove_unread(engine: Engine) -> None:
    """Remove the rows of generations that nobody reads, talk by talk."""
    with reading(engine) as connection:
        read = place.of_readers(connection)
    kept = read.generation if read else 0
    for table in tables.OF_A_GENERATION:
        for generation, talk in _unread(engine, table, kept):
            unread = (table.c.generation == generation) & (table.c.talk == talk)
            some = delete(table).where(unread).with_dialect_options(mysql_limit=REMOVED_AT_ONCE)
            while _removed(engine, some):
                pass
    with writing(engine) as connection:
        _forget_places(connection, kept)


def _removed(engine: Engine, some: Delete) -> int:
    with writing(engine) as connection:
        return connection.execute(some).rowcount


def _unread(engine: Engine, table: Table, kept: int) -> list[tuple[int, str]]:
    wanted = select(table.c.generation, table.c.talk).distinct()
    with reading(engine) as connection:
        found = connection.execute(wanted.where(table.c.generation != kept))
        return [(generation, talk) for generation, talk in found]


def _forget_places(connection: Connection, kept: int) -> None:
    tracking = tables.tracking
    connection.execute(
        delete(tracking).where(tracking.c.name == place.NAME, tracking.c.generation != kept)
    )
