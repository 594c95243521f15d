"""A room: one view of one talk, and the seats that watch it.

Everything here lives on the gateway's loop, does no I/O and waits for nobody. A room keeps
its own copy of the view, sends each change once to all who keep up, and remembers the latest
changes for those who don't: a slow seat is no more than a position to catch up from.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from msgspec import UNSET, UnsetType

from gateway import protocol
from gateway.protocol import Beat, Message
from projections import patch as merge_patch

Document = dict[str, Any]

LATE_S = 0.02
"""Seconds the loop may be late before rooms send less often."""

SHORT_S = 0.005
"""A sending that takes longer is followed by a pause of at least its own length."""

EVERYTHING = -1
"""The position of a seat that has seen nothing it can build on."""


class Wire(Protocol):
    """How messages leave through one connection."""

    def write(self, message: Message) -> None:
        """Send, and never wait; after the connection's end it does nothing.

        When it can't take more for now it calls ``Seat.pause``, perhaps within this call, and
        ``Seat.resume`` later.
        """

    def recall(self) -> bool:
        """Drop messages of the room that have not left yet; tell whether there were any."""

    def close(self, code: int, farewell: Message | None = None) -> None:
        """Send the farewell and close; nothing follows."""


class Handle(Protocol):
    """A call to come that can be called off."""

    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Handle]
"""Call something after some seconds: a loop's ``call_later``, or a test's clock."""


@dataclass(frozen=True, slots=True)
class Change:
    """A patch of a view as its projector made it. ``redacts``: it takes something out of sight."""

    epoch: str
    prev: int
    position: int
    patch: Mapping[str, Any]
    redacts: bool = False


class Seat:
    """One connection in a room.

    ``attendee`` is empty for somebody who only reads. While the wire is paused, what concerns
    the person is merged into one patch. ``on_rights`` is called when what they may see can have
    changed: with their roles, or with whom the talk lets in.
    """

    __slots__ = (
        "_on_rights",
        "_owed",
        "_told",
        "attendee",
        "has_ended",
        "paused",
        "room",
        "wire",
    )

    def __init__(
        self, wire: Wire, attendee: str = "", on_rights: Callable[[], None] = lambda: None
    ) -> None:
        self.wire = wire
        self.attendee = attendee
        self._on_rights = on_rights
        self.paused = False
        self.has_ended = False
        self.room: Room | None = None  # where it was let in, also after it left
        self._told: Document | None = None  # what the client knows of its person; None: nothing
        self._owed: Document = {}

    def end(self) -> None:
        """Take nothing more: called by the wire before its close frame and at its end."""
        self.has_ended = True
        if self.room is not None:
            self.room.leave(self)

    def tell(self, message: Message) -> None:
        """Send what only this client gets: answers, a question who it is."""
        self.wire.write(message)

    def concern(self, change: Mapping[str, Any]) -> None:
        """Send a change of what concerns this person, or keep it until it can be sent."""
        self._owed = merge_patch.merge(self._owed, change)
        self._pay()

    def introduce(self, whole: Mapping[str, Any]) -> None:
        """Send the whole of what concerns this person, or what of it the client does not know.

        Changes kept meanwhile count as newer.
        """
        if self._told is None:
            self._told = {}
            self._owed = merge_patch.apply(whole, self._owed)
        else:
            self._owed = merge_patch.merge(merge_patch.diff(self._told, whole), self._owed)
        self._pay()

    def forget_me(self) -> None:
        """Note that the client began anew: the whole is to be sent next."""
        self._told = None

    def look_again(self) -> None:
        """Have it looked at whether this person may still see the room."""
        self._on_rights()

    def pause(self) -> None:
        """Note that the wire takes nothing for now: called by the wire."""
        self.paused = True
        if self.room is not None:
            self.room.fell_behind(self)

    def resume(self) -> None:
        """Note that the wire takes messages again: called by the wire."""
        self.paused = False
        if self.room is not None:
            self.room.catch_up(self)
        self._pay()

    def _pay(self) -> None:
        if self._owed and self._told is not None and not self.paused:
            owed, self._owed = self._owed, {}
            self._told = merge_patch.apply(self._told, owed)
            self.wire.write(protocol.me(owed))
            if "roles" in owed:
                self._on_rights()


class Ring:
    """The latest changes, unmerged: as many and as large as the bounds say."""

    def __init__(self, *, changes: int, size: int) -> None:
        self._bounds = changes, size
        self._kept: deque[tuple[Change, int]] = deque()
        self._size = 0
        self._merged: dict[int, Document] = {}  # by where it starts; a herd shares one

    def keep(self, change: Change) -> None:
        """Remember a change, forgetting the oldest beyond the bounds."""
        self._merged.clear()
        size = len(orjson.dumps(change.patch))
        self._kept.append((change, size))
        self._size += size
        changes, most = self._bounds
        while len(self._kept) > changes or self._size > most:
            self._size -= self._kept.popleft()[1]

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._merged.clear()
        self._size = 0

    def since(self, position: int) -> Document | None:
        """Return all changes after a position as one patch; None when it lies too far back."""
        if position not in self._merged:
            newer = [change for change, _ in self._kept if change.position > position]
            if not newer or newer[0].prev > position:
                return None
            self._merged[position] = _merged(newer)
        return self._merged[position]


def _access(document: Document) -> object:
    """Tell whom the talk of a view lets in, as its policy says."""
    return document.get("talk", {}).get("policy", {}).get("access")


def _merged(changes: list[Change]) -> Document:
    whole: Document = {}
    for change in changes:
        whole = merge_patch.merge(whole, change.patch)
    return whole


class Room:
    """The view of a talk at a position, and who watches it.

    ``position`` is that of the last change of the copy kept here, which is known to hold until
    ``checked``; ``sent`` is that of the last patch that went out, and between it and ``position``
    lies what the window holds back. The first change goes out at once, those
    within ``window_s`` after it leave as one patch; with 0 seconds, those of one turn of the loop.
    The window grows where sending takes more than half of it, and when the loop is late, by as
    much: so sending never takes all the loop's time.
    """

    def __init__(
        self,
        talk: str,
        view: str,
        *,
        window_s: float,
        later: Later,
        now: Callable[[], float] = time.monotonic,
        on_snapshot: Callable[[Seat], None] = lambda _: None,
        ring_changes: int = 512,
        ring_bytes: int = 256_000,
    ) -> None:
        self.talk = talk
        self.view = view
        self.epoch = ""
        self.position = 0
        self.checked = 0
        self.sent = 0
        self.document: Document = {}
        self.window_s = window_s
        self._later = later
        self._now = now
        self._on_snapshot = on_snapshot
        self._ring = Ring(changes=ring_changes, size=ring_bytes)
        self._waiting: Document = {}  # what the window holds back
        self._window: Handle | None = None  # only while the window is open
        self._window_ends = 0.0
        self._writers: dict[Seat, None] = {}
        self._behind: dict[Seat, int] = {}
        self._snapshot: Message | None = None  # of this position; a herd shares one

    def __len__(self) -> int:
        return len(self._writers) + len(self._behind)

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Everybody in the room."""
        return (*self._writers, *self._behind)

    # The copy of the view.

    def load(self, epoch: str, position: int, document: Mapping[str, Any]) -> None:
        """Take the view as it was read; whoever is here gets the difference.

        What was read in the same epoch but at a former position is out of date and ignored.
        Something may have been hidden in between, so former changes are forgotten.
        """
        if epoch == self.epoch and position <= self.checked:
            return
        self._forget()
        self.checked = position
        if epoch == self.epoch:
            difference = merge_patch.diff(self.document, document)
            if not difference:
                return
            self._take(Change(epoch, self.position, position, difference), dict(document))
            self._flush()
        else:
            self.epoch, self.position, self.sent = epoch, position, position
            self._waiting = {}
            self._show(dict(document))
            self._restart_all()

    def change(self, change: Change) -> bool:
        """Apply a patch if it fits, ignore it if it is known; return False if one is missing."""
        if change.epoch != self.epoch or change.prev > self.position:
            return False
        if change.position > self.checked:
            if change.redacts:
                self._forget()
            self._take(change, merge_patch.apply(self.document, change.patch))
            if self._waiting and self._window is None:
                self._flush()
        return True

    def _take(self, change: Change, document: Document) -> None:
        self.position = change.position
        self.checked = max(self.checked, self.position)
        self._ring.keep(change)
        self._waiting = merge_patch.merge(self._waiting, change.patch)
        self._show(document)

    def _show(self, document: Document) -> None:
        """Take a newer copy; where the talk lets in others than before, look at everybody again."""
        before, self.document = self.document, document
        self._snapshot = None
        if _access(before) != _access(document):
            for seat in self.seats:
                seat.look_again()

    def _forget(self) -> None:
        """Let nothing leave that something hidden may stand in."""
        self._ring.clear()
        for seat in self._behind:
            if seat.wire.recall():
                self._behind[seat] = EVERYTHING

    # What goes out.

    def _flush(self) -> None:
        self.close()
        began = self._now()
        message = protocol.patch(self.epoch, self.sent, self.position, self._waiting)
        self.sent, self._waiting = self.position, {}
        for seat in tuple(self._writers):
            seat.wire.write(message)
        took_s = self._now() - began
        pause_s = took_s if took_s > SHORT_S else 0.0
        self._open_window(max(self.window_s - took_s, pause_s))

    def _open_window(self, seconds: float) -> None:
        self._window_ends = self._now() + seconds
        self._window = self._later(seconds, self._window_over)

    def _window_over(self) -> None:
        late_s = self._now() - self._window_ends
        if late_s > LATE_S:
            self._window = self._later(late_s, self._grown_window_over)
        else:
            self._grown_window_over()

    def _grown_window_over(self) -> None:
        self._window = None
        if self._waiting:
            self._flush()

    def beat(self, present: int, crew: Sequence[str] | UnsetType = UNSET) -> None:
        """Tell those who keep up where the view stands, how many are present, and which crew."""
        message = protocol.encode(Beat(position=self.sent, present=present, crew=crew))
        for seat in tuple(self._writers):
            seat.wire.write(message)

    def snapshot(self) -> Message:
        """Return the whole view, encoded once for each position."""
        if self._snapshot is None:
            self._snapshot = protocol.snapshot(self.epoch, self.position, self.document)
        return self._snapshot

    # Who is here.

    def enter(self, seat: Seat, epoch: str = "", after: int = EVERYTHING) -> None:
        """Let a seat in and bring it up to date, from where it was if that can be reached."""
        seat.room = self
        if seat.has_ended:
            return
        if self.position < after <= self.checked:
            after = self.position  # nothing has changed in between
        self._behind[seat] = after if epoch == self.epoch else EVERYTHING
        if not seat.paused:
            self._update(seat)

    def leave(self, seat: Seat) -> None:
        """Let a seat go; a second time changes nothing."""
        self._writers.pop(seat, None)
        self._behind.pop(seat, None)

    def fell_behind(self, seat: Seat) -> None:
        """Stop writing to a seat whose wire is full, and remember how far it got."""
        if seat in self._writers:
            del self._writers[seat]
            self._behind[seat] = self.sent

    def catch_up(self, seat: Seat) -> None:
        """Bring a seat up to date whose wire has room again."""
        if seat in self._behind and self._update(seat):
            seat.forget_me()
            self._on_snapshot(seat)

    def close(self) -> None:
        """Stop the window's clock."""
        if self._window is not None:
            self._window.cancel()
            self._window = None

    def _restart_all(self) -> None:
        for seat in self.seats:
            self._writers.pop(seat, None)
            self._behind[seat] = EVERYTHING
            if not seat.paused:
                self.catch_up(seat)

    def _update(self, seat: Seat) -> bool:
        """Write what a seat has missed; return whether it took a snapshot."""
        cursor = self._behind.pop(seat)
        self._writers[seat] = None
        if cursor == self.position:
            return False
        missed = self._ring.since(cursor) if cursor < self.position else None
        if missed is None:
            seat.wire.write(self.snapshot())
        elif missed:
            seat.wire.write(protocol.patch(self.epoch, cursor, self.position, missed))
        if seat in self._behind:  # that was enough to fill its wire
            self._behind[seat] = self.position
        return missed is None
