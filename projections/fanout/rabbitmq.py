"""The fan-out through RabbitMQ: one exchange to all gateways, one to wake the projectors.

Publishers, nudgers and wakers share one thread with a loop of its own, so that heartbeats go on
while they are idle and each wait is bounded while the broker is wedged. A subscriber lives on
its gateway's loop, without a thread between.
"""

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from pika.exceptions import AMQPError

from projections.fanout.callbacks import call_safely
from projections.fanout.confirms import NotConfirmed
from projections.fanout.link import Link
from projections.fanout.loop_thread import LoopThread
from projections.fanout.port import BEAT, Message, OnChange, OnMessage, PublishFailed
from projections.fanout.session import Session, SessionLost, parameters_of

PUBLISHES_WITHIN_S = 2.5
BINDS_WITHIN_S = 3.0
"""How long a subscriber's start waits for a broker."""

KEPT_FOR_A_BUSY_GATEWAY = {"x-max-length": 10_000, "x-max-length-bytes": 64 * 2**20}
"""The oldest are lost beyond; positions tell the gateway what it missed."""

KEPT_FOR_A_BUSY_PROJECTOR = {"x-max-length": 1}

NUDGE = Message("nudge", b"")


class RabbitFanout:
    """The parts of one process that meet others' through exchanges with the same prefix."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._hosts = [parameters_of(host) for host in hosts_of(url)]
        self._views = f"{prefix}.views"
        self._nudges = f"{prefix}.nudge"
        self._starting = threading.Lock()
        # Set when the first blocking part is made.
        self._thread: LoopThread | None = None
        self._sending: Link | None = None
        # pika tells each step of a lost connection as an error; the link says it in one line.
        logging.getLogger("pika").setLevel(logging.CRITICAL)

    def publisher(self) -> "RabbitPublisher":
        return RabbitPublisher(*self._sender(), exchange=self._views)

    def nudger(self) -> "RabbitNudger":
        return RabbitNudger(*self._sender(), exchange=self._nudges)

    def waker(self) -> "RabbitWaker":
        waker = RabbitWaker(self._own_thread(), exchange=self._nudges)
        self._own_thread().run(waker.start(self._hosts), within_s=1)
        return waker

    def subscriber(
        self, *, on_message: OnMessage, on_bound: OnChange, on_lost: OnChange
    ) -> "RabbitSubscriber":
        return RabbitSubscriber(self._hosts, self._views, on_message, on_bound, on_lost)

    def close(self) -> None:
        if self._thread is not None:
            self._thread.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _own_thread(self) -> LoopThread:
        with self._starting:
            if self._thread is None:
                self._thread = LoopThread("fanout")
            return self._thread

    def _sender(self) -> tuple[LoopThread, Link]:
        """Return the link that publishers and nudgers share; it begins to connect at once."""
        thread = self._own_thread()
        with self._starting:
            if self._sending is None:
                self._sending = thread.run(self._open_sending(), within_s=1)
            return thread, self._sending

    async def _open_sending(self) -> Link:
        link = Link(
            self._hosts,
            prepare=self._prepare_sending,
            on_open=lambda _: None,
            on_lost=lambda: None,
        )
        link.start()
        return link

    async def _prepare_sending(self, session: Session) -> None:
        await session.declare_fanout(self._views)
        await session.declare_fanout(self._nudges)
        await session.expect_confirms()


class RabbitPublisher:
    """Publishes from any thread, and holds it for three seconds at most."""

    def __init__(self, thread: LoopThread, link: Link, *, exchange: str) -> None:
        self._thread = thread
        self._link = link
        self._exchange = exchange

    @property
    def connected(self) -> bool:
        return self._link.session is not None

    def publish(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        try:
            self._thread.run(self._publish(messages), within_s=PUBLISHES_WITHIN_S + 0.5)
        except (SessionLost, NotConfirmed, AMQPError, TimeoutError) as error:
            raise PublishFailed(str(error) or repr(error)) from error
        except concurrent.futures.CancelledError as error:
            raise PublishFailed("the fan-out is closed") from error

    def beat(self, body: bytes) -> None:
        self._thread.call(_send_or_lose, self._link, self._exchange, Message(BEAT, body))

    async def _publish(self, messages: Sequence[Message]) -> None:
        try:
            async with asyncio.timeout(PUBLISHES_WITHIN_S):
                session = await self._link.opened()
                await session.publish(self._exchange, messages)
        except TimeoutError:
            if self._link.session is not None:
                self._link.session.fail("it does not confirm")
            raise SessionLost(f"not confirmed within {PUBLISHES_WITHIN_S:g} s") from None


class RabbitNudger:
    """Nudges from any thread; those made before the loop gets to them are one."""

    def __init__(self, thread: LoopThread, link: Link, *, exchange: str) -> None:
        self._thread = thread
        self._link = link
        self._exchange = exchange
        self._is_due = False

    def nudge(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._thread.call(self._send)

    def _send(self) -> None:
        self._is_due = False  # first, so that a nudge from now on is sent by itself
        _send_or_lose(self._link, self._exchange, NUDGE)


class RabbitWaker:
    """Waits in the projector's thread for what arrives on the loop.

    A nudge is settled when somebody has waited for it, so while the projector is busy one is
    here, one in the queue, and the broker drops the others.
    """

    def __init__(self, thread: LoopThread, *, exchange: str) -> None:
        self._thread = thread
        self._exchange = exchange
        self._nudged = threading.Event()
        # Touched on the loop alone.
        self._link: Link | None = None
        self._queue = ""
        self._unsettled = 0

    async def start(self, hosts: Sequence[object]) -> None:
        """Begin to listen for nudges; on the fan-out's own loop."""
        self._link = Link(hosts, prepare=self._prepare, on_open=self._listen, on_lost=lambda: None)
        self._link.start()

    def wait(self, timeout_s: float) -> bool:
        nudged = self._nudged.wait(timeout_s)
        self._nudged.clear()
        if nudged:
            self._thread.call(self._settle)
        return nudged

    def wake(self) -> None:
        self._nudged.set()

    async def _prepare(self, session: Session) -> None:
        await session.declare_fanout(self._exchange)
        await session.limit_unsettled(1)
        self._queue = await session.bind_own_queue(self._exchange, KEPT_FOR_A_BUSY_PROJECTOR)

    def _listen(self, session: Session) -> None:
        self._unsettled = 0
        session.consume(self._queue, self._on_nudge, to_settle=True)
        self._nudged.set()  # for those that were lost while nobody listened

    def _on_nudge(self, delivery: int, _kind: str, _body: bytes) -> None:
        self._unsettled = delivery
        self._nudged.set()

    def _settle(self) -> None:
        if self._unsettled and self._link is not None and self._link.session is not None:
            self._link.session.settle(self._unsettled)
        self._unsettled = 0


class RabbitSubscriber:
    """Receives on the gateway's loop, from an exclusive queue that ends with its connection."""

    def __init__(
        self,
        hosts: Sequence[object],
        exchange: str,
        on_message: OnMessage,
        on_bound: OnChange,
        on_lost: OnChange,
    ) -> None:
        self._hosts = hosts
        self._exchange = exchange
        self._on_message = on_message
        self._on_bound = on_bound
        self._on_lost = on_lost
        self._queue = ""
        # Set while started.
        self._link: Link | None = None

    @property
    def connected(self) -> bool:
        return self._link is not None and self._link.session is not None

    async def start(self) -> None:
        bound = asyncio.Event()

        def listen(session: Session) -> None:
            bound.set()
            self._listen(session)

        self._link = Link(self._hosts, prepare=self._prepare, on_open=listen, on_lost=self._on_lost)
        self._link.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(BINDS_WITHIN_S):
                await bound.wait()

    async def close(self) -> None:
        if self._link is not None:
            await self._link.close()
            self._link = None

    async def _prepare(self, session: Session) -> None:
        await session.declare_fanout(self._exchange)
        self._queue = await session.bind_own_queue(self._exchange, KEPT_FOR_A_BUSY_GATEWAY)

    def _listen(self, session: Session) -> None:
        """Tell of the binding before the first message that came through it."""
        call_safely(self._on_bound)
        session.consume(self._queue, self._hand_on)

    def _hand_on(self, _delivery: int, kind: str, body: bytes) -> None:
        self._on_message(kind, body)


def hosts_of(url: str) -> list[str]:
    """Return a URL for each host of a cluster, in the order given.

    >>> hosts_of("amqp://ann:secret@one,two:5673/talks")
    ['amqp://ann:secret@one/talks', 'amqp://ann:secret@two:5673/talks']
    >>> hosts_of("amqp://one/,amqp://two/")
    ['amqp://one/', 'amqp://two/']
    """
    if url.count("://") > 1:
        return [each.strip() for each in url.split(",")]
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{user}{at}{host}")) for host in hosts.split(",")]


def _send_or_lose(link: Link, exchange: str, message: Message) -> None:
    if link.session is not None:
        with suppress(SessionLost, AMQPError):  # the link tells of the loss
            link.session.send(exchange, message)
