"""Many people at the live door, in one process: each keeps the view, as a browser would.

Everybody in a room gets the same bytes, so each distinct message is read and folded once and
shared: what a person knows is a ``Known``, and the next one is looked up by the message. Lives
on the loop that opens it.
"""

import asyncio
import random
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import uuid4

import orjson

from projections import patch as merge_patch

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_FIRST_WAIT_S = 0.2


@dataclass(eq=False)
class Known:
    """The room's view at a position, shared by all who know the same."""

    epoch: str = ""
    position: int = -1
    view: Mapping[str, Any] = field(default_factory=dict)
    next: dict[bytes, "Known"] = field(default_factory=dict)

    def told(self, payload: bytes, frame: Mapping[str, Any]) -> "Known | None":
        """Return what is known after a snapshot or a patch; None when one is missing before."""
        if payload not in self.next:
            after = self._after(frame)
            if after is None:
                return None
            self.next[payload] = after
        return self.next[payload]

    def _after(self, frame: Mapping[str, Any]) -> "Known | None":
        if frame["type"] == "snapshot":
            return Known(frame["epoch"], frame["position"], frame["view"])
        if frame["position"] <= self.position:
            return self
        if frame["epoch"] != self.epoch or frame["prev"] > self.position:
            return None
        view = merge_patch.apply(self.view, frame["patch"])
        return Known(self.epoch, frame["position"], view)


@dataclass(eq=False)
class Sent:
    """A command, when it was meant to be sent, and what became of it."""

    command: str
    at: float
    text: str
    acked_at: float = 0.0
    position: int | None = None
    refused: str = ""


class Crowd:
    """The people, what they share, and what they found."""

    def __init__(self, addresses: list[str]) -> None:
        self.addresses = addresses  # host:port of each gateway that is up
        self.people: list[Person] = []
        self.start = Known()
        self.sent: dict[str, Sent] = {}
        self.again = 0  # connections made again
        self.missed = 0  # patches that did not fit
        self._frames: dict[bytes, Any] = {}

    def frame(self, payload: bytes) -> Any:
        """Read a message, once for all who get the same."""
        if payload not in self._frames:
            if len(self._frames) > 500:
                self._frames.clear()
            self._frames[payload] = orjson.loads(payload)
        return self._frames[payload]

    def person(self, talk: str, token: str) -> "Person":
        one = Person(self, talk, token, len(self.people))
        self.people.append(one)
        return one

    def close(self) -> None:
        for one in self.people:
            one.close()


class Person(asyncio.Protocol):
    """One attendee with a socket that is opened again whenever it breaks."""

    def __init__(self, crowd: Crowd, talk: str, token: str, number: int) -> None:
        self.crowd = crowd
        self.talk = talk
        self.token = token
        self.number = number
        self.known = crowd.start
        self.arrived_at = array("d")  # when each new position came, and which
        self.arrived = array("q")
        self.is_in = asyncio.Event()
        self.joined_at = 0.0  # when the first view came
        self.open: dict[str, bytes] = {}  # commands without an answer
        self._is_leaving = False
        self._retry_s = 0.0
        self._failed = 0
        self._begin()

    def _begin(self) -> None:
        self._buffer = b""
        self._is_upgraded = False
        self.transport: asyncio.Transport | None = None

    async def join(self) -> None:
        """Connect, and return when the view is there."""
        await self._connect()
        await self.is_in.wait()

    async def _connect(self) -> None:
        address = self.crowd.addresses[self.number % len(self.crowd.addresses)]
        host, _, port = address.partition(":")
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, host, int(port))
        except OSError:
            self._come_back()

    def connection_made(self, transport: Any) -> None:
        self._begin()
        self.transport = transport
        cursor = f"?epoch={self.known.epoch}&after={self.known.position}"
        transport.write(
            (
                f"GET /api/talks/{self.talk}/live{cursor if self.known.epoch else ''} HTTP/1.1\r\n"
                "Host: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                f"Authorization: Bearer {self.token}\r\n\r\n"
            ).encode()
        )

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self.is_in.clear()
        if not self._is_leaving:
            self._come_back()

    def _come_back(self) -> None:
        self.crowd.again += 1
        self._failed += 1
        wait_s = self._retry_s or min(_FIRST_WAIT_S * 2**self._failed, 10) * random.uniform(0.5, 1)
        self._retry_s = 0.0
        loop = asyncio.get_running_loop()
        loop.call_later(wait_s, lambda: loop.create_task(self._connect()))

    def close(self) -> None:
        self._is_leaving = True
        if self.transport is not None:
            self.transport.abort()

    # What is said.

    def send(self, command: str, *, at: float = 0.0, **arguments: Any) -> Sent:
        """Send a command, again after every break until it is answered."""
        command_id = str(uuid4())
        body = {"type": "command", "command": command, "command_id": command_id, **arguments}
        sent = Sent(command, at or perf_counter(), arguments.get("text", ""))
        self.crowd.sent[command_id] = sent
        self.open[command_id] = orjson.dumps(body)
        if self.is_in.is_set():
            self._write(_TEXT, self.open[command_id])
        return sent

    def _write(self, opcode: int, payload: bytes) -> None:
        if self.transport is None:
            return
        length = len(payload)
        if length < 126:
            head = bytes([0x80 | opcode, 0x80 | length])
        else:
            head = bytes([0x80 | opcode, 0x80 | 126]) + length.to_bytes(2, "big")
        self.transport.write(head + bytes(4) + payload)  # masked with zeros

    # What is heard.

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        if not self._is_upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            if b" 101 " not in head[:20]:
                raise RuntimeError(head[:300])
            self._is_upgraded = True
        begin, have = 0, len(data)
        while have - begin >= 2:
            length, body = data[begin + 1], begin + 2
            if length == 126:
                length, body = int.from_bytes(data[begin + 2 : begin + 4], "big"), begin + 4
            elif length == 127:
                length, body = int.from_bytes(data[begin + 2 : begin + 10], "big"), begin + 10
            if have < body + length:
                break
            self._take(data[begin] & 15, data[body : body + length])
            begin = body + length
        self._buffer = data[begin:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._hear(payload)
        elif opcode == _PING:
            self._write(_PONG, payload)
        elif opcode == _CLOSE and self.transport is not None:
            self._write(_CLOSE, payload[:2])
            self.transport.close()

    def _hear(self, payload: bytes) -> None:
        if payload.startswith((b'{"type":"patch"', b'{"type":"snapshot"')):
            self._take_view(payload)
        elif payload.startswith((b'{"type":"ack"', b'{"type":"refused"')):
            self._take_answer(orjson.loads(payload))
        elif payload.startswith(b'{"type":"bye"'):
            self._retry_s = orjson.loads(payload)["retry_in_s"]
        elif payload.startswith(b'{"type":"me"') and not self.is_in.is_set():
            self._enter()

    def _enter(self) -> None:
        """Say again what has no answer, now that the view or what was missed is there."""
        self._failed = 0
        self.joined_at = self.joined_at or perf_counter()
        self.is_in.set()
        for body in self.open.values():
            self._write(_TEXT, body)

    def _take_view(self, payload: bytes) -> None:
        frame = None if payload in self.known.next else self.crowd.frame(payload)
        after = self.known.told(payload, frame)
        if after is None:
            self.crowd.missed += 1
            if self.transport is not None:
                self.transport.abort()
            return
        if after.position > self.known.position:
            self.arrived_at.append(perf_counter())
            self.arrived.append(after.position)
        self.known = after

    def _take_answer(self, frame: Mapping[str, Any]) -> None:
        command_id = frame["command_id"]
        if frame.get("reason") == "unavailable":
            asyncio.get_running_loop().call_later(0.5, self._again, command_id)
            return
        if self.open.pop(command_id, None) is not None:
            sent = self.crowd.sent[command_id]
            sent.acked_at = perf_counter()
            sent.position = frame.get("position")
            sent.refused = frame.get("reason", "")

    def _again(self, command_id: str) -> None:
        if command_id in self.open and self.is_in.is_set():
            self._write(_TEXT, self.open[command_id])
