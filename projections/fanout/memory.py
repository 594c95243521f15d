"""The fan-out inside one process: nothing to connect to, nothing to lose."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from projections.fanout.callbacks import call_safely
from projections.fanout.port import BEAT, Message, OnChange, OnMessage

KEPT_FOR_A_BUSY_LOOP = 10_000
"""Messages; the oldest are lost beyond, as in a broker's queue."""


class MemoryFanout:
    """Joins publishers, subscribers, nudgers and wakers that were made by this object.

    Thread-safe: publishers and wakers work in any thread, each subscriber on its own loop.
    """

    def __init__(self) -> None:
        self._joining = threading.Lock()
        # Replaced, never changed, so that publishers read them without the lock.
        self._subscribers: tuple[MemorySubscriber, ...] = ()
        self._wakers: tuple[MemoryWaker, ...] = ()

    def publisher(self) -> "MemoryPublisher":
        return MemoryPublisher(self)

    def subscriber(
        self, *, on_message: OnMessage, on_bound: OnChange, on_lost: OnChange
    ) -> "MemorySubscriber":
        del on_lost  # a process does not lose itself
        return MemorySubscriber(self, on_message, on_bound)

    def nudger(self) -> "MemoryNudger":
        return MemoryNudger(self)

    def waker(self) -> "MemoryWaker":
        waker = MemoryWaker()
        with self._joining:
            self._wakers = (*self._wakers, waker)
        return waker

    def deliver(self, messages: Sequence[Message]) -> None:
        for subscriber in self._subscribers:
            subscriber.take(messages)

    def nudge(self) -> None:
        for waker in self._wakers:
            waker.wake()

    def join(self, subscriber: "MemorySubscriber") -> None:
        with self._joining:
            self._subscribers = (*self._subscribers, subscriber)

    def leave(self, subscriber: "MemorySubscriber") -> None:
        with self._joining:
            self._subscribers = tuple(s for s in self._subscribers if s is not subscriber)

    def close(self) -> None:
        with self._joining:
            self._subscribers, self._wakers = (), ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class MemoryPublisher:
    """Hands messages to the subscribers' loops; there is nothing to wait for."""

    connected = True

    def __init__(self, fanout: MemoryFanout) -> None:
        self._fanout = fanout

    def publish(self, messages: Sequence[Message]) -> None:
        self._fanout.deliver(messages)

    def beat(self, body: bytes) -> None:
        self._fanout.deliver([Message(BEAT, body)])


class MemorySubscriber:
    """Takes messages in the publisher's thread, and hands them on in its loop."""

    def __init__(self, fanout: MemoryFanout, on_message: OnMessage, on_bound: OnChange) -> None:
        self._fanout = fanout
        self._on_message = on_message
        self._on_bound = on_bound
        self._waiting: deque[Message] = deque(maxlen=KEPT_FOR_A_BUSY_LOOP)
        # Set while bound.
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def connected(self) -> bool:
        return self._loop is not None

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._fanout.join(self)
        call_safely(self._on_bound)

    async def close(self) -> None:
        self._fanout.leave(self)
        self._loop = None
        self._waiting.clear()

    def take(self, messages: Sequence[Message]) -> None:
        """Keep the messages and wake the loop; from any thread."""
        loop = self._loop
        if loop is not None:
            self._waiting.extend(messages)
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(self._hand_on)

    def _hand_on(self) -> None:
        while self._loop is not None and self._waiting:
            message = self._waiting.popleft()
            call_safely(self._on_message, message.kind, message.body)


class MemoryNudger:
    """Wakes the wakers of its process."""

    def __init__(self, fanout: MemoryFanout) -> None:
        self._fanout = fanout

    def nudge(self) -> None:
        self._fanout.nudge()


class MemoryWaker:
    """A flag that one thread waits for and others raise."""

    def __init__(self) -> None:
        self._nudged = threading.Event()

    def wait(self, timeout_s: float) -> bool:
        nudged = self._nudged.wait(timeout_s)
        self._nudged.clear()
        return nudged

    def wake(self) -> None:
        self._nudged.set()
