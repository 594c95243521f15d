"""Wires for doors that wait while they send: other ASGI servers, and server-sent events."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from gateway.protocol import Message
from gateway.rooms import Seat


class PulledWire:
    """Keeps what was written until the door has sent it; lives on the gateway's loop.

    It takes one message of the room at a time, then pauses its seat, so a client that
    does not read costs its position and its own answers.
    """

    def __init__(self) -> None:
        self.seat: Seat | None = None  # set before anything is written
        self.closing: int | None = None  # the close code, once it is to be closed
        self._queue: deque[Message] = deque()
        self._paused = False
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def write(self, message: Message) -> None:
        if self.closing is not None:
            return
        self._queue.append(message)
        self._wake.set()
        self._idle.clear()
        if not self._paused and self.seat is not None:
            self._paused = True
            self.seat.pause()

    def recall(self) -> bool:
        kept = [message for message in self._queue if not message.cursor]
        recalled = len(kept) < len(self._queue)
        self._queue = deque(kept)
        return recalled

    def close(self, code: int, farewell: Message | None = None) -> None:
        if self.closing is None:
            if farewell is not None:
                self._queue.append(farewell)
            self.closing = code
            if self.seat is not None:
                self.seat.end()
            self._wake.set()
            self._idle.set()

    async def idle(self) -> None:
        """Wait until everything has been sent, or the wire closes."""
        await self._idle.wait()

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what is to be sent, each when the one before it has been; ends at the close."""
        while True:
            while self._queue:
                yield self._queue.popleft()
            if self.closing is not None:
                return
            self._drained()
            if not self._queue and self.closing is None:
                self._wake.clear()
                await self._wake.wait()

    def _drained(self) -> None:
        self._idle.set()
        if self._paused and self.seat is not None:
            self._paused = False
            self.seat.resume()
