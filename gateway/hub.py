"""The hub: the rooms of this gateway, who sits in them, and where their views come from.

Everything here lives on the gateway's loop. Patches come through ``deliver`` from the fan-out;
what is missed is read again, and while the fan-out is silent the views are polled.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

import orjson

from domain.errors import NotFound, Unavailable
from gateway import protocol
from gateway.presence import Present
from gateway.protocol import Bye
from gateway.rooms import Change, Later, Room, Seat
from projections.fanout import BEAT, PATCHES

SILENT_AFTER_S = 3.0
POLL_EVERY_S = 0.25
IDLE_AFTER_S = 30.0
EXACTLY, ROUGHLY = 30, 1_000  # people present, told one by one, and by tens
WAITING_CHANGES = 1_000
"""Patches kept for a room whose view is being read; more, and it is read once more."""
DESK = "desk"
"""The view whose readers know of each other."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class View:
    """A view as it was read: a document at a position."""

    epoch: str
    position: int
    document: Mapping[str, Any]


class Reading(Protocol):
    """What the hub reads from the views."""

    async def view(self, talk: str, view: str) -> View | None:
        """Read a whole view; None while its talk has none."""

    async def changes(
        self, talk: str, view: str, epoch: str, after: int
    ) -> Sequence[Change] | None:
        """Read what changed after a position; None when it can't be reached from there."""

    async def me(self, talk: str, attendee: str) -> Mapping[str, Any]:
        """Read the whole of what concerns one attendee."""

    async def position(self) -> int:
        """Tell how far the views have come; cheap."""


@dataclass(eq=False)
class _Place:
    """A room and what the hub knows about its copy of the view."""

    room: Room
    loading: asyncio.Task[None] | None = None  # while its view is being read
    is_loaded: bool = False
    is_stale: bool = True  # to be read again, also after a failure
    waiting: list[Change] = field(default_factory=list)  # patches that fit only after the reading
    told: int = 0  # the last patch of this view as the projector's last beat told it
    joining: int = 0  # seats on their way in
    empty_since: float | None = None


class Hub:
    """Who is connected to which talk, and the way of a patch to them.

    ``now`` is a monotonic clock in seconds.
    """

    def __init__(
        self,
        reading: Reading,
        *,
        window_s: float,
        now: Callable[[], float],
        later: Later,
        jitter: Callable[[], float] = lambda: 0.0,
        ring_changes: int = 512,
    ) -> None:
        self._reading = reading
        self._ring_changes = ring_changes
        self._window_s = window_s
        self._now = now
        self._later = later
        self._jitter = jitter
        self._places: dict[tuple[str, str], _Place] = {}
        self._people: dict[tuple[str, str], dict[Seat, None]] = {}
        self._present: dict[str, Counter[object]] = {}
        self._owing: set[Seat] = set()  # who may not know all that concerns them
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard_at = now()
        self._polled = 0
        self._is_bound = False
        self.is_closing = False
        self.elsewhere: Mapping[str, Present] = {}
        """Who is connected to a talk at other gateways, as last heard."""

    # Who comes and goes.

    async def enter(self, talk: str, view: str, seat: Seat, epoch: str, after: int) -> None:
        """Let a seat in: it gets the view or what it missed, then what concerns its person.

        Waits while the room is read, once for all who wait. Raises ``NotFound`` when there
        is no such view, ``Unavailable`` when the gateway is closing.
        """
        if self.is_closing:
            raise Unavailable("the server restarts")
        place = self._place(talk, view)
        place.joining += 1
        if seat.attendee:  # before reading, so that no later change is missed
            self._people.setdefault((talk, seat.attendee), {})[seat] = None
        try:
            if not place.is_loaded or (epoch == place.room.epoch and after > place.room.checked):
                await asyncio.shield(self._read_again(place))
            whole = await self._reading.me(talk, seat.attendee) if seat.attendee else None
        except BaseException:
            self.leave(talk, seat)
            raise
        finally:
            place.joining -= 1
        place.room.enter(seat, epoch, after)
        self._present.setdefault(talk, Counter())[_who(seat)] += 1
        if whole is not None:
            seat.introduce(whole)

    def leave(self, talk: str, seat: Seat) -> None:
        """Let a seat go; to be called at every exit, and a second time changes nothing."""
        self._owing.discard(seat)
        here = self._people.get((talk, seat.attendee), {})
        here.pop(seat, None)
        if not here:
            self._people.pop((talk, seat.attendee), None)
        if seat.room is None:
            return
        seat.room.leave(seat)
        seat.room = None
        present = self._present[talk]
        present[_who(seat)] -= 1
        if not present[_who(seat)]:
            del present[_who(seat)]
        if not present:
            del self._present[talk]

    def acted(self, seat: Seat) -> None:
        """Note that a command of this seat was accepted: it waits to see what came of it."""
        if self.is_silent:
            self._owing.add(seat)

    def has(self, talk: str) -> bool:
        """Whether the room of a talk is loaded here, so that it is known to exist."""
        place = self._places.get((talk, "room"))
        return place is not None and place.is_loaded

    def policy(self, talk: str) -> Mapping[str, Any]:
        """Tell the rules of a talk as its room here knows them; none while it is not loaded."""
        place = self._places.get((talk, "room"))
        document = place.room.document if place and place.is_loaded else {}
        rules: Mapping[str, Any] = document.get("talk", {}).get("policy", {})
        return rules

    def present(self, talk: str) -> int:
        """Tell how many people are connected to a talk here."""
        return len(self._present.get(talk, ()))

    def talks_present(self) -> dict[str, Present]:
        """Tell it for every talk that somebody is connected to, and who is at its desk."""
        return {
            talk: Present(len(people), self._crew(talk)) for talk, people in self._present.items()
        }

    def _crew(self, talk: str) -> frozenset[str]:
        desk = self._places.get((talk, DESK))
        return frozenset(seat.attendee for seat in desk.room.seats) if desk else frozenset()

    # What comes from the fan-out.

    def deliver(self, kind: str, body: bytes) -> None:
        """Take a message of the fan-out; kinds of other versions are ignored."""
        if kind == PATCHES:
            self._take_patches(orjson.loads(body))
        elif kind == BEAT:
            self._take_beat(orjson.loads(body))

    def bound(self) -> None:
        """Read every room again: what was sent before the binding is missed."""
        self._is_bound = True
        self._heard_at = self._now()
        for place in self._places.values():
            self._read_again(place)
        self._spawn(self._introduce_all())

    def lost(self) -> None:
        """Note that messages stopped."""
        self._is_bound = False

    @property
    def is_silent(self) -> bool:
        """Whether the fan-out can't be relied on: it is gone, or no beat came for a while."""
        return not self._is_bound or self._now() - self._heard_at > SILENT_AFTER_S

    def _take_patches(self, body: Mapping[str, Any]) -> None:
        for raw in body.get("patches", ()):
            if place := self._places.get((raw["talk"], raw["view"])):
                change = Change(
                    epoch=raw["epoch"],
                    prev=raw["prev"],
                    position=raw["position"],
                    patch=raw["patch"],
                    redacts=raw.get("redacts", False),
                )
                self._take_change(place, change)
        for raw in body.get("me", ()):
            for seat in tuple(self._people.get((raw["talk"], raw["attendee"]), ())):
                seat.concern(raw["patch"])

    def _take_change(self, place: _Place, change: Change) -> None:
        if place.is_loaded and place.room.change(change):
            return
        if len(place.waiting) < WAITING_CHANGES:
            place.waiting.append(change)
        self._read_again(place)

    def _take_beat(self, body: Mapping[str, Any]) -> None:
        self._heard_at = self._now()
        for (talk, view), place in self._places.items():
            missed = place.told > place.room.position
            another = place.room.epoch != body["epoch"]
            if place.is_loaded and (missed or another):
                self._read_again(place)
            place.told = body["talks"].get(talk, {}).get(view, 0)

    # Where views come from.

    def _place(self, talk: str, view: str) -> _Place:
        if (talk, view) not in self._places:
            room = Room(
                talk,
                view,
                window_s=self._window_s,
                later=self._later,
                now=self._now,
                on_snapshot=self._introduce_again,
                ring_changes=self._ring_changes,
            )
            self._places[talk, view] = _Place(room)
        return self._places[talk, view]

    def _read_again(self, place: _Place) -> asyncio.Task[None]:
        """Read the view of a room, unless that is under way already."""
        place.is_stale = True
        if place.loading is None:
            place.loading = self._spawn(self._load(place))
        return place.loading

    async def _load(self, place: _Place) -> None:
        room = place.room
        try:
            view = await self._view(room)
            room.load(view.epoch, view.position, view.document)
            place.is_loaded, place.is_stale = True, False
        finally:
            place.loading = None
            if not place.is_loaded:
                self._places.pop((room.talk, room.view), None)
        waiting, place.waiting = place.waiting, []
        fits = [room.change(change) for change in waiting]
        if not all(fits):  # another epoch's, or newer than what was read: not at once again
            place.is_stale = True

    async def _view(self, room: Room) -> View:
        view = await self._reading.view(room.talk, room.view)
        if view is None:
            raise NotFound("there is no such talk")
        return view

    def _introduce_again(self, seat: Seat) -> None:
        if seat.attendee and seat.room is not None:
            self._spawn(self._introduce(seat.room.talk, seat.attendee))

    async def _introduce_all(self) -> None:
        """Tell everybody what concerned them while no messages came, one after the other."""
        for talk, attendee in tuple(self._people):
            await self._introduce(talk, attendee)

    async def _introduce(self, talk: str, attendee: str) -> None:
        try:
            whole = await self._reading.me(talk, attendee)
        except Exception:
            self._owing.update(self._people.get((talk, attendee), ()))
            raise
        for seat in tuple(self._people.get((talk, attendee), ())):
            if seat.room is not None:
                seat.introduce(whole)

    async def poll(self) -> None:
        """Read what changed in every room, if anything did."""
        position = await self._reading.position()
        if position == self._polled:
            return
        owing, self._owing = self._owing, set()
        places = [place for place in self._places.values() if place.is_loaded]
        await asyncio.gather(*(self._poll_room(place) for place in places))
        for seat in {*owing, *self._at_desks()}:
            self._introduce_again(seat)
        self._polled = position

    def _at_desks(self) -> Iterable[Seat]:
        """List who sits at a desk: whose role ends is to leave, and nobody else would tell."""
        desks = (place for (_, view), place in self._places.items() if view == "desk")
        return chain.from_iterable(place.room.seats for place in desks)

    async def _poll_room(self, place: _Place) -> None:
        room = place.room
        changes = await self._reading.changes(room.talk, room.view, room.epoch, room.position)
        if changes is None:
            self._read_again(place)
        else:
            for change in changes:
                self._take_change(place, change)

    # What time brings.

    async def run(self) -> None:
        """Beat each second and poll while the fan-out is silent, until cancelled."""
        beats = 0.0
        while True:
            await asyncio.sleep(POLL_EVERY_S)
            try:
                if self._now() >= beats:
                    beats = self._now() + 1.0
                    self.beat()
                if self.is_silent:
                    await self.poll()
            except Exception:
                logger.exception("the rooms could not be polled")

    def beat(self) -> None:
        """Tell every room where its view stands, and let go of rooms nobody is in.

        What could not be read before is tried again.
        """
        now = self._now()
        if not self.is_silent:
            owing, self._owing = self._owing, set()
            for seat in owing:
                self._introduce_again(seat)
        for key, place in tuple(self._places.items()):
            if place.is_stale:
                self._read_again(place)
            if len(place.room) or place.joining:
                place.empty_since = None
                self._tell_who_is_here(place.room)
            elif place.empty_since is None:
                place.empty_since = now
            elif now - place.empty_since > IDLE_AFTER_S:
                place.room.close()
                del self._places[key]

    def let_nobody_in(self) -> None:
        """Refuse whoever comes from now on: the process is about to end, and not ready."""
        self.is_closing = True

    def _tell_who_is_here(self, room: Room) -> None:
        elsewhere = self.elsewhere.get(room.talk, Present())
        present = about(self.present(room.talk) + elsewhere.people)
        if room.view == DESK:
            room.beat(present, sorted(self._crew(room.talk) | elsewhere.crew))
        else:
            room.beat(present)

    async def close(self, *, spread_s: float = 3.0) -> None:
        """Say goodbye to everybody, asking them to come back spread over some seconds."""
        self.let_nobody_in()
        for place in tuple(self._places.values()):
            place.room.close()
            for seat in place.room.seats:
                retry = round(0.2 + self._jitter() * spread_s, 2)
                bye = Bye(reason="the server restarts", retry_in_s=retry)
                seat.wire.close(1012, protocol.encode(bye))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or not (error := task.exception()):
            return
        if not isinstance(error, NotFound):
            logger.warning("a view could not be read: %r", error)


def about(people: int) -> int:
    """Tell how many are present as well as it is known: others' counts are seconds old.

    Up to 30 exactly, then to tens, above 1,000 to hundreds.
    """
    step = 1 if people <= EXACTLY else 10 if people <= ROUGHLY else 100
    return round(people / step) * step


def _who(seat: Seat) -> object:
    """Tell apart who is present: a person with two windows counts once."""
    return seat.attendee or seat
