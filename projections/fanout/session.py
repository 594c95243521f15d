"""One AMQP connection with one channel, as coroutines on the running loop.

pika speaks in callbacks; here each becomes a future, and every wait ends when the session does.
A session that was lost stays lost: ``link`` opens the next one.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pika
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.exceptions import AMQPError

from projections.fanout.callbacks import call_safely
from projections.fanout.confirms import Confirms
from projections.fanout.port import Message

HEARTBEAT_S = 4
"""The broker sends a sign of life at least every half of it."""

SILENT_FOR_S = 6.0
"""Without a byte for so long the broker is taken for wedged; pika alone would wait up to 18 s."""

OPENS_WITHIN_S = 3.0
CLOSES_WITHIN_S = 1.0
BLOCKED_FOR_S = 30.0

OnDelivery = Callable[[int, str, bytes], None]
"""Called with a delivery's number, kind and body."""


class SessionLost(Exception):  # noqa: N818 - named like the fact it tells
    """The connection or its channel has ended, or was never made."""


def parameters_of(url: str) -> Any:
    """Return pika's parameters for one host with our limits in time; ValueError if it can't be."""
    parameters = pika.URLParameters(url)
    parameters.heartbeat = HEARTBEAT_S
    parameters.blocked_connection_timeout = BLOCKED_FOR_S
    parameters.connection_attempts = 1
    parameters.socket_timeout = OPENS_WITHIN_S
    parameters.stack_timeout = OPENS_WITHIN_S
    return parameters


class Session:
    """Made by :meth:`open`; all of it happens on the loop that ran that."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        # Done when nothing more will come or go; its result is the reason.
        self.lost: asyncio.Future[BaseException] = self._loop.create_future()
        self._connection: Any = None
        self._channel: Any = None
        self._confirms = Confirms()
        # Set when the transport has gone as well, so that nothing is left to drop.
        self._gone = asyncio.Event()
        self._watch: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, parameters: Any) -> "Session":
        """Connect and open a channel, or raise :class:`SessionLost`; the caller bounds the time."""
        session = cls()
        try:
            await session._connect(parameters)
            await session._open_channel()
        except BaseException:
            await session.abort()
            raise
        session._watch_for_silence(received_before=-1)
        return session

    async def _connect(self, parameters: Any) -> None:
        opened = self._loop.create_future()
        self._connection = AsyncioConnection(
            parameters,
            on_open_callback=lambda _: _settle(opened),
            on_open_error_callback=lambda _, error: self._on_gone(error),
            on_close_callback=lambda _, error: self._on_gone(error),
            custom_ioloop=self._loop,
        )
        self._connection.add_on_connection_blocked_callback(self._on_blocked)
        self._connection.add_on_connection_unblocked_callback(self._on_unblocked)
        await self._unless_lost(opened)

    async def _open_channel(self) -> None:
        opened = self._loop.create_future()
        self._channel = self._connection.channel(on_open_callback=lambda _: _settle(opened))
        self._channel.add_on_close_callback(lambda _, error: self._lose(error))
        self._channel.add_on_cancel_callback(lambda _: self.fail("the consumer was cancelled"))
        await self._unless_lost(opened)

    # Preparing: each of these returns when the broker has agreed, or raises SessionLost.

    async def declare_fanout(self, exchange: str) -> None:
        await self._ask(
            self._channel.exchange_declare, exchange, exchange_type="fanout", durable=True
        )

    async def bind_own_queue(self, exchange: str, limits: dict[str, Any]) -> str:
        """Declare a queue that ends with this session, and bind it; return its name."""
        declared = await self._ask(
            self._channel.queue_declare, "", exclusive=True, auto_delete=True, arguments=limits
        )
        queue: str = declared.method.queue
        await self._ask(self._channel.queue_bind, queue, exchange)
        return queue

    async def limit_unsettled(self, count: int) -> None:
        """Get at most so many deliveries before one of them is settled."""
        await self._ask(self._channel.basic_qos, prefetch_count=count)

    async def expect_confirms(self) -> None:
        await self._ask(self._channel.confirm_delivery, self._confirms.on_frame)

    # Receiving.

    def consume(self, queue: str, on_delivery: OnDelivery, *, to_settle: bool = False) -> None:
        """Have the queue's messages delivered, from the next turn of the loop on."""

        def delivered(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
            call_safely(on_delivery, method.delivery_tag, properties.type or "", body)

        self._channel.basic_consume(queue, delivered, auto_ack=not to_settle)

    def settle(self, delivery: int) -> None:
        """Tell the broker that a delivery was dealt with."""
        with suppress(AMQPError):  # gone meanwhile, and the delivery with it
            self._channel.basic_ack(delivery)

    # Sending.

    async def publish(self, exchange: str, messages: Sequence[Message]) -> None:
        """Send a batch and return when the broker has confirmed all of it; no bound in time.

        Raises :class:`SessionLost`, or :class:`~projections.fanout.confirms.NotConfirmed`.
        """
        confirmed = self._confirms.expect(len(messages))
        for message in messages:
            self.send(exchange, message)
        await self._unless_lost(confirmed)

    def send(self, exchange: str, message: Message) -> None:
        """Send without waiting for anything."""
        if self.lost.done():
            raise SessionLost(cause_of(self.lost.result()))
        self._confirms.count_one()
        properties = pika.BasicProperties(type=message.kind)
        self._channel.basic_publish(exchange, "", message.body, properties)

    # Ending.

    def fail(self, reason: str) -> None:
        """Give the session up; all that wait for it are told."""
        self._lose(SessionLost(reason))

    async def close(self) -> None:
        """Say goodbye, for a second at most, and leave nothing behind."""
        with suppress(AMQPError, TimeoutError):
            async with asyncio.timeout(CLOSES_WITHIN_S):
                self._connection.close()
                await self._gone.wait()
        await self.abort()

    async def abort(self) -> None:
        """End it without a word, as one must with a broker that does not answer."""
        self.fail("ended by this side")
        if self._connection is None or self._gone.is_set():
            return
        # pika has no public way to end a connection without the broker's consent; this is what
        # its own heartbeat checker does.
        self._connection._terminate_stream(self.lost.result())  # noqa: SLF001
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSES_WITHIN_S):
                await self._gone.wait()

    # What pika and the clock tell.

    def _on_gone(self, error: BaseException) -> None:
        self._gone.set()
        self._lose(error)

    def _lose(self, error: BaseException) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if not self.lost.done():
            self.lost.set_result(error)

    def _on_blocked(self, _connection: Any, frame: Any) -> None:
        self._confirms.block(f"the broker blocks publishers: {frame.method.reason}")

    def _on_unblocked(self, _connection: Any, _frame: Any) -> None:
        self._confirms.unblock()

    def _watch_for_silence(self, received_before: int) -> None:
        received: int = self._connection.bytes_received
        if received == received_before:
            self.fail(f"silent for {SILENT_FOR_S:g} s")
        elif not self.lost.done():
            self._watch = self._loop.call_later(SILENT_FOR_S, self._watch_for_silence, received)

    # Waiting.

    async def _ask(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        answered = self._loop.create_future()
        method(*arguments, **named, callback=lambda frame: _settle(answered, frame))
        return await self._unless_lost(answered)

    async def _unless_lost(self, answer: "asyncio.Future[Any]") -> Any:
        await asyncio.wait({answer, self.lost}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        raise SessionLost(cause_of(self.lost.result()))


def _settle(future: "asyncio.Future[Any]", answer: Any = None) -> None:
    if not future.done():
        future.set_result(answer)


def cause_of(error: BaseException) -> str:
    """Return in words the innermost of the errors that pika wraps into one another."""
    inner = [*error.args, *getattr(error, "exceptions", ()), getattr(error, "exception", None)]
    wrapped = [each for each in inner if isinstance(each, BaseException)]
    return cause_of(wrapped[-1]) if wrapped else str(error) or "no answer in time"
