"""Coming into a room that is in memory: what a database is asked for, on each of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from auditorium import Auditorium, Stepping
from clocks import ManualClock
from seats import Reader
from sqlalchemy import Engine, event

from domain import commands
from domain.speaker import Speaker
from domain.store import Store
from gateway.hub import Hub
from gateway.viewing import ViewsOnThreads
from gateway.visits import Reception, Visit, asked_for
from projections.reading import Views

pytestmark = pytest.mark.anyio

PEOPLE = 50


class Entrance:
    """A talk that somebody watches already, and the way into its room."""

    def __init__(self, hall: Auditorium, hub: Hub) -> None:
        self.hall = hall
        self.reception = Reception(hall.app, hub)

    async def come(self, who: str = "") -> Reader:
        """Let somebody in as the live door does; without a name they only read."""
        visit = asked_for(self.hall.talk, {})
        await self.reception.find(visit)
        visit = await self.reception.recognise(visit, speaker(who) if who else None)
        return await self.seated(visit)

    async def seated(self, visit: Visit) -> Reader:
        reader = Reader(visit.attendee)
        await self.reception.seat(visit, reader.seat)
        return reader.read()


def speaker(who: str) -> Speaker:
    return Speaker(f"person-{who}", who.title())


@pytest.fixture
async def entrance(store: Store, store_url: str, tmp_path: Path) -> AsyncIterator[Entrance]:
    url = f"sqlite:///{tmp_path}/views.db" if store_url.startswith("sqlite") else store_url
    hall, clock = Auditorium(store), ManualClock()
    for n in range(PEOPLE):
        hall.do(f"guest{n}", commands.PostLine(text="Hello"))
    with (
        closing(hall.app),
        closing(Stepping(store, url)) as stepping,
        closing(Views(url)) as views,
        closing(ViewsOnThreads(views)) as reading,
    ):
        stepping.catch_up()
        hub = Hub(reading, window_s=0.05, now=clock.now, later=clock.later)
        entrance = Entrance(hall, hub)
        await entrance.come()
        yield entrance
        await hub.close()


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what any database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        if sql.partition(" ")[0] not in {"BEGIN", "SET"}:
            asked.append(sql)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_reader_comes_in_without_a_question_to_any_database(entrance: Entrance) -> None:
    with statements() as asked:
        reader = await entrance.come()

    assert len(reader.view["feed"]) == PEOPLE
    assert asked == []


async def test_all_who_come_at_once_share_the_reading_of_what_concerns_them(
    entrance: Entrance,
) -> None:
    with statements() as for_one:
        await entrance.come("guest0")
    with statements() as for_all:
        readers = await asyncio.gather(*(entrance.come(f"guest{n}") for n in range(PEOPLE)))

    assert all(reader.me is not None and reader.view for reader in readers)
    assert 0 < len(for_all) <= 2 * len(for_one)  # who comes first, and all the others
