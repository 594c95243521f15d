"""Commands that came over one connection, and their answers, in the order they came.

Lives on the gateway's loop; the writer's thread hands its answers over.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from domain.errors import Refused
from domain.store import Answer
from gateway import protocol
from gateway.protocol import Ack, Frame, Refusal
from gateway.rooms import Seat

OPEN_COMMANDS = 64
"""Commands of one connection under way at once; more are not read before one is answered."""

logger = logging.getLogger(__name__)


class Answers:
    """Tells a seat what became of its commands, however their decisions overtake each other."""

    def __init__(self, seat: Seat, *, on_accepted: Callable[[Seat], None]) -> None:
        self._seat = seat
        self._on_accepted = on_accepted
        self._open: deque[tuple[str | None, asyncio.Future[Answer]]] = deque()
        self._fewer = asyncio.Event()
        self._fewer.set()

    def expect(self, command_id: str, answer: "Future[Answer]") -> None:
        """Answer a command when its decision comes."""
        self._wait_for(command_id, asyncio.wrap_future(answer))

    def refuse(self, command_id: str | None, refused: Refused) -> None:
        """Answer a command that was not even asked, after those before it."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        answer.set_exception(refused)
        self._wait_for(command_id, answer)

    async def fewer(self) -> None:
        """Wait until another command may be taken."""
        await self._fewer.wait()

    def _wait_for(self, command_id: str | None, answer: "asyncio.Future[Answer]") -> None:
        self._open.append((command_id, answer))
        if len(self._open) >= OPEN_COMMANDS:
            self._fewer.clear()
        answer.add_done_callback(self._answer)

    def _answer(self, _: "asyncio.Future[Answer]") -> None:
        while self._open and self._open[0][1].done():
            command_id, answer = self._open.popleft()
            self._seat.tell(protocol.encode(self._frame(command_id, answer)))
        if len(self._open) < OPEN_COMMANDS:
            self._fewer.set()

    def _frame(self, command_id: str | None, answer: "asyncio.Future[Answer]") -> Frame:
        try:
            accepted = answer.result()
        except Refused as refused:
            return protocol.refusal(command_id, refused)
        except (Exception, asyncio.CancelledError):
            logger.exception("a command could not be decided")
            return Refusal(command_id, 500, "internal", "something went wrong on our side")
        self._on_accepted(self._seat)
        return Ack(command_id or "", accepted.position, accepted.result)
