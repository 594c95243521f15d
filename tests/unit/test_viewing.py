"""Views read on threads: those who ask at once share a reading."""

import asyncio
import threading
from collections.abc import Collection
from typing import Any, cast

import pytest

from gateway.viewing import ViewsOnThreads
from projections.reading import Views

pytestmark = pytest.mark.anyio


class CountedViews:
    """Views that count their readings; the first waits until it may go on."""

    def __init__(self) -> None:
        self.readings: list[list[str]] = []
        self.may_go_on = threading.Event()
        self.fails = False

    def each(self, talk: str, attendees: Collection[str]) -> dict[str, dict[str, Any]]:
        self.readings.append(list(attendees))
        self.may_go_on.wait(5)
        if self.fails:
            raise ConnectionError(f"no views of {talk}")
        return {attendee: {"attendee": attendee} for attendee in attendees}


@pytest.fixture
def views() -> CountedViews:
    return CountedViews()


@pytest.fixture
async def reading(views: CountedViews) -> ViewsOnThreads:
    return ViewsOnThreads(cast("Views", views))


async def test_a_crowd_shares_few_readings(views: CountedViews, reading: ViewsOnThreads) -> None:
    everybody = [f"a{n}" for n in range(450)]
    asking = [asyncio.create_task(reading.me("t", attendee)) for attendee in everybody]
    await asyncio.sleep(0)
    views.may_go_on.set()

    told = await asyncio.gather(*asking)

    assert [me["attendee"] for me in told] == everybody
    assert [len(some) for some in views.readings] == [200, 200, 50]


async def test_who_asks_later_is_answered_too(views: CountedViews, reading: ViewsOnThreads) -> None:
    views.may_go_on.set()
    await reading.me("t", "ann")

    assert (await reading.me("t", "bob"))["attendee"] == "bob"


async def test_a_reading_that_fails_is_told_to_all_who_asked(
    views: CountedViews, reading: ViewsOnThreads
) -> None:
    views.fails = True
    views.may_go_on.set()

    told = await asyncio.gather(
        reading.me("t", "ann"), reading.me("t", "bob"), return_exceptions=True
    )

    assert [type(error) for error in told] == [ConnectionError] * 2
