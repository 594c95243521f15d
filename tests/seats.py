"""Seats for tests: wires that note what would have left, and readers that fold it."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.protocol import Message
from gateway.rooms import EVERYTHING, Change, Room, Seat
from projections import patch as merge_patch


class FakeWire:
    """Sends at once while it is open; full, it holds the one message that filled it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.bytes = b""
        self.closed: int | None = None
        self.is_full = False
        self.seat: Seat | None = None
        self._held: list[Message] = []

    def write(self, message: Message) -> None:
        if self.closed is not None:
            return
        if not self.is_full:
            self._send(message)
            return
        self._held.append(message)
        if self.seat is not None and not self.seat.paused:
            self.seat.pause()

    def recall(self) -> bool:
        kept = [message for message in self._held if not message.cursor]
        recalled = len(kept) < len(self._held)
        self._held = kept
        return recalled

    def close(self, code: int, farewell: Message | None = None) -> None:
        if self.closed is None:
            if farewell is not None:
                self._send(farewell)
            self.closed = code

    def drain(self) -> None:
        """Let the client read all."""
        self.is_full = False
        held, self._held = self._held, []
        for message in held:
            self._send(message)
        if self.seat is not None and self.seat.paused:
            self.seat.resume()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.sent if frame["type"] == kind]

    def _send(self, message: Message) -> None:
        self.bytes += message.payload
        self.sent.append(json.loads(message.payload))


class Reader:
    """A client that keeps the rules of the contract and the view they lead to."""

    def __init__(self, attendee: str = "") -> None:
        self.wire = FakeWire()
        self.seat = self.wire.seat = Seat(self.wire, attendee)
        self.epoch = ""
        self.position = EVERYTHING
        self.view: Mapping[str, Any] = {}
        self.me: Mapping[str, Any] | None = None
        self.missed_something = False
        self._read = 0

    def read(self) -> "Reader":
        """Fold what has arrived."""
        for frame in self.wire.sent[self._read :]:
            self._fold(frame)
        self._read = len(self.wire.sent)
        return self

    def reconnected(self) -> "Reader":
        """The same client behind a new connection."""
        again = Reader(self.seat.attendee)
        again.epoch, again.position, again.view = self.epoch, self.position, self.view
        return again

    def _fold(self, frame: Mapping[str, Any]) -> None:
        if frame["type"] == "snapshot":
            self.epoch, self.position, self.view = frame["epoch"], frame["position"], frame["view"]
            self.me = None
        elif frame["type"] == "patch" and frame["position"] > self.position:
            if frame["epoch"] != self.epoch or frame["prev"] > self.position:
                self.missed_something = True
            self.position = frame["position"]
            self.view = merge_patch.apply(self.view, frame["patch"])
        elif frame["type"] == "me":
            self.me = merge_patch.apply(
                self.me or {}, {k: v for k, v in frame.items() if k != "type"}
            )


def enter(room: Room, reader: Reader) -> Reader:
    """Let a reader in where it was."""
    room.enter(reader.seat, reader.epoch, reader.position)
    return reader.read()


def line(position: int, text: str = "", *, prev: int | None = None, epoch: str = "e") -> Change:
    """The change that a chat line makes."""
    record = {f"l{position}": {"text": text or f"line {position}"}}
    before = position - 1 if prev is None else prev
    return Change(epoch, before, position, {"feed": record})


def hiding(position: int, line: int) -> Change:
    """The change that takes a line out of sight."""
    return Change("e", position - 1, position, {"feed": {f"l{line}": None}}, redacts=True)
