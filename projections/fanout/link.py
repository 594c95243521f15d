"""Keeping a session with one of several brokers open: connect, prepare, and again when lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from itertools import cycle
from random import SystemRandom
from typing import Any

from pika.exceptions import AMQPError

from projections.fanout.callbacks import call_safely
from projections.fanout.session import OPENS_WITHIN_S, Session, SessionLost, cause_of

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 3.0

logger = logging.getLogger(__name__)


class Link:
    """Lives on the loop that starts it, and goes on until it is closed.

    ``prepare`` declares what is needed in each new session and may fail; then ``on_open`` is
    called with it, and ``on_lost`` when it has ended by itself.
    """

    def __init__(
        self,
        hosts: Sequence[Any],
        *,
        prepare: Callable[[Session], Awaitable[None]],
        on_open: Callable[[Session], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._hosts = hosts
        self._prepare = prepare
        self._on_open = on_open
        self._on_lost = on_lost
        # The open and prepared one; None while there is none.
        self.session: Session | None = None
        # Set while there is a session, and when all hosts have failed in a row: no use waiting.
        self._settled = asyncio.Event()
        self._failures = 0
        self._why_away = "not connected yet"
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._keeping = asyncio.get_running_loop().create_task(self._keep_open())

    async def close(self) -> None:
        """End the session and stop; ``on_lost`` is not called for it."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None

    async def opened(self) -> Session:
        """Return the session; wait for an attempt under way, and raise while all hosts fail."""
        while self.session is None:
            await self._settled.wait()
            if self.session is None:
                raise SessionLost(self._why_away)
        return self.session

    async def _keep_open(self) -> None:
        pauses = _pauses()
        for host in cycle(self._hosts):
            try:
                session = await self._open(host)
            except (SessionLost, AMQPError, OSError) as error:
                self._note_failure(host, error)
            else:
                pauses = _pauses()
                await self._hold(session)
            await asyncio.sleep(next(pauses))

    async def _open(self, host: Any) -> Session:
        async with asyncio.timeout(OPENS_WITHIN_S):  # a TimeoutError is an OSError
            session = await Session.open(host)
            try:
                await self._prepare(session)
            except BaseException:
                await session.abort()
                raise
            return session

    def _note_failure(self, host: Any, error: Exception) -> None:
        self._failures += 1
        self._why_away = f"no broker at {host.host}:{host.port}: {cause_of(error)}"
        if self._failures >= len(self._hosts):
            self._settled.set()
        # Each host is told once; the attempts after that are many.
        level = logging.WARNING if self._failures <= len(self._hosts) else logging.DEBUG
        logger.log(level, "%s", self._why_away)

    async def _hold(self, session: Session) -> None:
        """Have the session open until it is lost, or the link is closed."""
        self._failures = 0
        self.session = session
        self._settled.set()
        logger.info("connected to the broker")
        call_safely(self._on_open, session)
        try:
            await asyncio.wait({session.lost})
        except asyncio.CancelledError:
            self.session = None
            await session.close()
            raise
        self.session = None
        self._settled.clear()
        logger.warning("lost the broker: %s", cause_of(session.lost.result()))
        call_safely(self._on_lost)
        await session.abort()


def _pauses() -> Iterator[float]:
    """Yield pauses in seconds: growing, and at random, so that gateways don't return at once."""
    chance, longest = SystemRandom(), FIRST_PAUSE_S
    while True:
        yield chance.uniform(0, longest)
        longest = min(2 * longest, LONGEST_PAUSE_S)
