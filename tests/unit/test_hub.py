"""The hub loads each room once, misses nothing, and lets nobody wait for another talk."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
import pytest
from clocks import ManualClock
from seats import Reader, line
from waiting import eventually_async

from domain.errors import NotFound, Unavailable
from gateway.hub import SILENT_AFTER_S, Hub, View, about
from gateway.presence import Present
from gateway.rooms import Change
from projections import patch as merge_patch

pytestmark = pytest.mark.anyio


class MemoryViews:
    """Views as a projector keeps them, with gates to hold a reading back."""

    def __init__(self) -> None:
        self.views: dict[tuple[str, str], View] = {}
        self.outbox: list[tuple[str, str, Change]] = []
        self.people: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.readings: list[tuple[str, str]] = []
        self.is_down = False

    def put(self, talk: str, change: Change, view: str = "room") -> Change:
        """Project a change."""
        before = self.views[talk, view]
        document = merge_patch.apply(before.document, change.patch)
        self.views[talk, view] = View(change.epoch, change.position, document)
        self.outbox.append((talk, view, change))
        return change

    async def view(self, talk: str, view: str) -> View | None:
        self._must_be_up()
        self.readings.append((talk, view))
        if gate := self.gates.get(talk):
            await gate.wait()
        return self.views.get((talk, view))

    async def changes(
        self, talk: str, view: str, epoch: str, after: int
    ) -> Sequence[Change] | None:
        self._must_be_up()
        return [
            change
            for whose, which, change in self.outbox
            if (whose, which, change.epoch) == (talk, view, epoch) and change.position > after
        ]

    async def me(self, talk: str, attendee: str) -> Mapping[str, Any]:
        self._must_be_up()
        return self.people.get((talk, attendee), {"attendee": attendee, "votes": {}})

    async def position(self) -> int:
        self._must_be_up()
        return max(view.position for view in self.views.values())

    def _must_be_up(self) -> None:
        if self.is_down:
            raise ConnectionError("the views are away")


def patches(talk: str, *changes: Change, me: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """What a projector publishes after a batch."""
    return orjson.dumps(
        {
            "patches": [
                {
                    "talk": talk,
                    "view": "room",
                    "epoch": change.epoch,
                    "prev": change.prev,
                    "position": change.position,
                    "patch": change.patch,
                    "redacts": change.redacts,
                }
                for change in changes
            ],
            "me": list(me),
        }
    )


def beat(epoch: str = "e", **talks: int) -> bytes:
    """What a projector says each second."""
    last = {talk: {"room": position} for talk, position in talks.items()}
    return orjson.dumps({"epoch": epoch, "head": 0, "position": 0, "talks": last})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def views() -> MemoryViews:
    views = MemoryViews()
    for talk in ("t", "other"):
        views.views[talk, "room"] = View("e", 10, {"feed": {}})
    return views


@pytest.fixture
async def hub(views: MemoryViews, clock: ManualClock) -> Hub:
    hub = Hub(views, window_s=0, now=clock.now, later=clock.later)
    hub.bound()
    return hub


Enter = Callable[..., Awaitable[Reader]]


@pytest.fixture
def enter(hub: Hub) -> Enter:
    async def enter(attendee: str = "", talk: str = "t", reader: Reader | None = None) -> Reader:
        reader = reader or Reader(attendee)
        await hub.enter(talk, "room", reader.seat, reader.epoch, reader.position)
        return reader.read()

    return enter


async def test_first_comes_the_view_then_who_i_am(enter: Enter) -> None:
    ann = await enter("ann")

    assert [frame["type"] for frame in ann.wire.sent] == ["snapshot", "me"]


async def test_who_only_reads_is_told_nothing_about_themselves(enter: Enter) -> None:
    somebody = await enter()

    assert [frame["type"] for frame in somebody.wire.sent] == ["snapshot"]


async def test_a_room_is_read_once_however_many_join(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    views.gates["t"] = asyncio.Event()
    joining = [asyncio.create_task(enter()) for _ in range(20)]  # type: ignore[arg-type]
    await eventually_async(lambda: views.readings)

    views.gates["t"].set()
    readers = await asyncio.gather(*joining)

    assert views.readings == [("t", "room")]
    assert all(reader.position == 10 for reader in readers)
    assert hub.present("t") == 20


async def test_a_talk_that_loads_slowly_delays_no_other(views: MemoryViews, enter: Enter) -> None:
    views.gates["t"] = asyncio.Event()
    slow = asyncio.create_task(enter())  # type: ignore[arg-type]
    await eventually_async(lambda: views.readings)

    other = await enter(talk="other")

    assert other.position == 10
    assert not slow.done()
    slow.cancel()


async def test_patches_that_come_while_a_talk_loads_are_applied_after(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    views.gates["t"] = asyncio.Event()
    joining = asyncio.create_task(enter())  # type: ignore[arg-type]
    await eventually_async(lambda: views.readings)
    hub.deliver("patches", patches("t", line(11)))
    hub.deliver("patches", patches("t", line(12)))

    views.gates["t"].set()
    ann = await joining

    assert ann.read().position == 12
    assert set(ann.view["feed"]) == {"l11", "l12"}
    assert not ann.missed_something


async def test_an_unknown_talk_is_not_found(hub: Hub, enter: Enter) -> None:
    with pytest.raises(NotFound):
        await enter("ann", talk="nowhere")

    assert hub.present("nowhere") == 0


async def test_a_talk_that_could_not_be_read_is_read_by_the_next(
    views: MemoryViews, enter: Enter
) -> None:
    views.is_down = True
    with pytest.raises(ConnectionError):
        await enter()
    views.is_down = False

    ann = await enter()

    assert ann.position == 10


async def test_a_patch_reaches_all_in_the_room_and_nobody_else(hub: Hub, enter: Enter) -> None:
    ann, bob, other = await enter(), await enter(), await enter(talk="other")

    hub.deliver("patches", patches("t", line(11)))

    assert (ann.read().position, bob.read().position, other.read().position) == (11, 11, 10)


async def test_a_lost_patch_makes_the_hub_read_again(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    ann = await enter()
    views.put("t", line(11))  # its message is lost

    hub.deliver("patches", patches("t", views.put("t", line(12))))

    await eventually_async(lambda: ann.read().position == 12)
    assert ann.view == views.views["t", "room"].document
    assert not ann.missed_something


async def test_a_lost_last_patch_is_found_by_the_second_beat(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    ann = await enter()
    views.put("t", line(11))  # its message is lost

    hub.deliver("beat", beat(t=11))
    assert len(views.readings) == 1  # it may just be on its way
    hub.deliver("beat", beat(t=11))

    await eventually_async(lambda: ann.read().position == 11)


async def test_a_view_that_was_rebuilt_begins_anew(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    ann = await enter()
    views.views["t", "room"] = View("f", 10, {"feed": {"rebuilt": {}}})

    hub.deliver("beat", beat(epoch="f", t=10))

    await eventually_async(lambda: ann.read().epoch == "f")
    assert set(ann.view["feed"]) == {"rebuilt"}


async def test_a_patch_that_never_fits_does_not_make_the_hub_read_for_ever(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    await enter()

    hub.deliver("patches", patches("t", line(99, epoch="long ago")))
    hub.deliver("patches", patches("t", line(99, prev=98)))

    await eventually_async(lambda: not hub._tasks)
    assert len(views.readings) == 2
    hub.beat()
    await eventually_async(lambda: not hub._tasks)
    assert len(views.readings) == 3


async def test_after_a_binding_every_room_is_read_again(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    ann, other = await enter("ann"), await enter(talk="other")
    hub.lost()
    views.put("t", line(11))
    views.people["t", "ann"] = {"attendee": "ann", "votes": {"q": True}}
    views.put("other", line(11))

    hub.bound()

    await eventually_async(lambda: ann.read().position == other.read().position == 11)
    await eventually_async(lambda: ann.read().me == views.people["t", "ann"])


async def test_a_reading_that_failed_after_a_binding_is_tried_again(
    hub: Hub, views: MemoryViews, enter: Enter, clock: ManualClock
) -> None:
    ann = await enter()
    views.put("t", line(11))
    views.is_down = True
    hub.bound()
    await eventually_async(lambda: not hub._tasks)
    views.is_down = False

    clock.pass_(1.0)
    hub.beat()

    await eventually_async(lambda: ann.read().position == 11)


async def test_the_fan_out_is_silent_when_lost_and_when_no_beat_came(
    hub: Hub, clock: ManualClock
) -> None:
    assert not hub.is_silent

    clock.pass_(SILENT_AFTER_S + 0.1)
    assert hub.is_silent
    hub.deliver("beat", beat())
    assert not hub.is_silent
    hub.lost()
    assert hub.is_silent


async def test_polling_brings_what_the_fan_out_did_not(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    ann = await enter("ann")
    hub.lost()
    views.put("t", line(11))
    views.people["t", "ann"] = {"attendee": "ann", "votes": {"q": True}}
    hub.acted(ann.seat)

    await hub.poll()

    assert ann.read().position == 11
    await eventually_async(lambda: ann.read().me == views.people["t", "ann"])


async def test_polling_asks_for_rooms_only_when_something_happened(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    await enter()
    await hub.poll()
    asked = len(views.readings)

    await hub.poll()

    assert len(views.readings) == asked


async def test_what_concerns_one_person_reaches_all_their_windows_and_nobody_else(
    hub: Hub, enter: Enter
) -> None:
    phone, laptop, bob = await enter("ann"), await enter("ann"), await enter("bob")
    vote = {"talk": "t", "attendee": "ann", "position": 11, "patch": {"votes": {"q": True}}}

    hub.deliver("patches", patches("t", me=[vote]))

    assert phone.read().me == laptop.read().me == {"attendee": "ann", "votes": {"q": True}}
    assert bob.read().me == {"attendee": "bob", "votes": {}}


@pytest.mark.parametrize(
    ("people", "told"), [(0, 0), (30, 30), (31, 30), (148, 150), (1_000, 1_000), (1_949, 1_900)]
)
def test_a_crowd_is_counted_coarsely(people: int, told: int) -> None:
    assert about(people) == told


async def test_a_person_with_two_windows_is_present_once(hub: Hub, enter: Enter) -> None:
    phone, laptop = await enter("ann"), await enter("ann")
    await enter()
    assert hub.present("t") == 2

    hub.leave("t", phone.seat)
    assert hub.present("t") == 2
    hub.leave("t", laptop.seat)
    hub.leave("t", laptop.seat)
    assert hub.present("t") == 1


async def test_who_has_the_desk_open_knows_of_the_others_also_at_other_gateways(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    views.views["t", "desk"] = View("e", 10, {"items": {}})
    ann, hal = await enter("ann"), Reader("hal")
    await hub.enter("t", "desk", hal.seat, "", -1)
    hub.elsewhere = {"t": Present(4, frozenset({"mia"}))}

    hub.beat()

    assert hal.wire.of("beat")[-1]["crew"] == ["hal", "mia"]
    assert ann.wire.of("beat")[-1] == {"type": "beat", "position": 10, "present": 6}
    assert hub.talks_present() == {"t": Present(2, frozenset({"hal"}))}


async def test_a_slow_seat_that_lost_its_place_is_told_again_who_it_is(
    hub: Hub, enter: Enter
) -> None:
    ann = await enter("ann")
    ann.wire.is_full = True
    for position in range(11, 700):
        hub.deliver("patches", patches("t", line(position)))

    ann.wire.drain()

    await eventually_async(lambda: ann.wire.sent[-1]["type"] == "me")
    assert ann.read().position == 699
    assert ann.me == {"attendee": "ann", "votes": {}}


async def test_an_empty_room_is_let_go_after_a_while(
    hub: Hub, views: MemoryViews, enter: Enter, clock: ManualClock
) -> None:
    ann = await enter()
    hub.leave("t", ann.seat)
    hub.beat()
    clock.pass_(60)
    hub.beat()

    await enter()

    assert len(views.readings) == 2


async def test_a_client_ahead_of_this_gateway_makes_it_read_again(
    views: MemoryViews, enter: Enter
) -> None:
    await enter()
    views.put("t", line(11))
    ann = Reader()
    ann.epoch, ann.position, ann.view = "e", 11, views.views["t", "room"].document

    await enter(reader=ann)

    assert ann.wire.sent == []


async def test_who_could_not_be_told_who_they_are_is_told_later(
    hub: Hub, views: MemoryViews, enter: Enter
) -> None:
    ann = await enter("ann")
    views.people["t", "ann"] = {"attendee": "ann", "votes": {"q": True}}
    views.is_down = True
    hub.bound()
    await eventually_async(lambda: not hub._tasks)
    views.is_down = False

    hub.beat()

    await eventually_async(lambda: ann.read().me == views.people["t", "ann"])


async def test_a_gateway_that_closes_lets_nobody_in(hub: Hub, enter: Enter) -> None:
    await hub.close()

    with pytest.raises(Unavailable):
        await enter("ann")


async def test_at_the_end_everybody_is_told_when_to_come_back(hub: Hub, enter: Enter) -> None:
    ann = await enter("ann")

    await hub.close()

    assert ann.wire.sent[-1]["type"] == "bye"
    assert ann.wire.sent[-1]["retry_in_s"] > 0
    assert ann.wire.closed == 1012


async def test_messages_of_an_unknown_kind_are_ignored(hub: Hub) -> None:
    hub.deliver("something new", b"not even JSON")
