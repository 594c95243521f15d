"""What every fan-out promises, in the process and through RabbitMQ."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from servers import RabbitMQ
from waiting import eventually, eventually_async

from projections.fanout import Fanout, Message, Nudger, PublishFailed, Waker, open_fanout

pytestmark = pytest.mark.anyio

Open = Callable[[], Fanout]


class Gateway:
    """A subscriber that remembers what it was told, in order."""

    def __init__(self, fanout: Fanout) -> None:
        self.told: list[tuple[str, bytes]] = []
        self.subscriber = fanout.subscriber(
            on_message=lambda kind, body: self.told.append((kind, body)),
            on_bound=lambda: self.told.append(("bound", b"")),
            on_lost=lambda: self.told.append(("lost", b"")),
        )

    @property
    def messages(self) -> list[tuple[str, bytes]]:
        return [told for told in self.told if told[0] not in ("bound", "lost")]

    def count(self, kind: str) -> int:
        return sum(told[0] == kind for told in self.told)


@asynccontextmanager
async def listening(fanout: Fanout) -> AsyncIterator[Gateway]:
    gateway = Gateway(fanout)
    await gateway.subscriber.start()
    try:
        yield gateway
    finally:
        await gateway.subscriber.close()


def patches(*bodies: bytes) -> list[Message]:
    return [Message("patches", body) for body in bodies]


async def publish(fanout: Fanout, *bodies: bytes) -> None:
    """Publish as the projector does, from a thread."""
    await asyncio.to_thread(fanout.publisher().publish, patches(*bodies))


@pytest.fixture(params=["memory", "rabbitmq"])
def open_one(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open a process's fan-out; those of one test meet each other through the broker."""
    opened: list[Fanout] = []
    url, prefix = "memory://", f"test-{uuid4().hex[:8]}"
    if request.param == "rabbitmq":
        url = request.getfixturevalue("rabbitmq").url

    def open_another() -> Fanout:
        if request.param == "rabbitmq" or not opened:
            opened.append(open_fanout(url, prefix=prefix))
        return opened[-1]

    yield open_another
    for fanout in opened:
        fanout.close()


async def test_each_bound_subscriber_gets_each_message_once_in_order(open_one: Open):
    projector = open_one()
    bodies = [str(n).encode() for n in range(200)]
    async with listening(open_one()) as one, listening(open_one()) as other:
        await publish(projector, *bodies[:150])
        await publish(projector, *bodies[150:])

        expected = [("patches", body) for body in bodies]
        await eventually_async(lambda: len(one.messages) >= 200 and len(other.messages) >= 200)
        assert one.messages == expected
        assert other.messages == expected


async def test_bound_is_told_before_the_first_message(open_one: Open):
    async with listening(open_one()) as gateway:
        await publish(open_one(), b"first")

        await eventually_async(lambda: len(gateway.told) == 2)
        assert gateway.told == [("bound", b""), ("patches", b"first")]
        assert gateway.subscriber.connected


async def test_a_late_subscriber_gets_only_later_messages(open_one: Open):
    projector = open_one()
    async with listening(open_one()) as early:
        await publish(projector, b"one")
        async with listening(open_one()) as late:
            await publish(projector, b"two")

            await eventually_async(lambda: len(early.messages) == 2 and late.messages)
            assert late.messages == [("patches", b"two")]


async def test_a_closed_subscriber_gets_nothing_more(open_one: Open):
    projector = open_one()
    async with listening(open_one()) as staying:
        async with listening(open_one()) as leaving:
            pass
        await publish(projector, b"one")

        await eventually_async(lambda: staying.messages)
        assert leaving.messages == []
        assert not leaving.subscriber.connected
        assert leaving.count("lost") == 0


async def test_publishing_without_subscribers_succeeds(open_one: Open):
    await publish(open_one(), b"nobody hears it")


async def test_an_empty_batch_is_no_message(open_one: Open):
    async with listening(open_one()) as gateway:
        await publish(open_one())
        await publish(open_one(), b"one")

        await eventually_async(lambda: gateway.messages)
        assert gateway.messages == [("patches", b"one")]


async def test_a_large_body_arrives_whole(open_one: Open):
    body = bytes(range(256)) * 4_000
    async with listening(open_one()) as gateway:
        await publish(open_one(), body)

        await eventually_async(lambda: gateway.messages)
        assert gateway.messages == [("patches", body)]


async def test_beats_arrive_without_being_waited_for(open_one: Open):
    publisher = open_one().publisher()
    async with listening(open_one()) as gateway:
        await eventually_async(lambda: publisher.connected)
        publisher.beat(b"42")

        await eventually_async(lambda: gateway.messages)
        assert gateway.messages == [("beat", b"42")]


async def test_an_exception_in_a_callback_does_not_end_the_messages(open_one: Open):
    heard: list[bytes] = []

    def hear(_kind: str, body: bytes) -> None:
        heard.append(body)
        if body == b"bad":
            raise ValueError(body)

    fanout = open_one()
    subscriber = fanout.subscriber(on_message=hear, on_bound=lambda: None, on_lost=lambda: None)
    await subscriber.start()
    await publish(fanout, b"bad", b"good")

    await eventually_async(lambda: heard == [b"bad", b"good"])
    assert subscriber.connected
    await subscriber.close()


def nudging(fanout: Fanout) -> Nudger:
    """Return a nudger whose nudges are not lost for want of a connection."""
    nudger = fanout.nudger()
    eventually(lambda: fanout.publisher().connected)
    return nudger


def listening_waker(fanout: Fanout, nudger: Nudger) -> Waker:
    """Return a waker that hears the nudger, and has heard nothing new."""
    waker = fanout.waker()
    for _ in range(2):  # a binding wakes as well
        eventually(lambda: nudger.nudge() or waker.wait(0.1))
    while waker.wait(0.1):
        pass
    return waker


def test_a_nudge_wakes_every_projector(open_one: Open):
    nudger = nudging(open_one())
    one, other = listening_waker(open_one(), nudger), listening_waker(open_one(), nudger)
    one.wait(0.1)  # what woke it while the other got ready

    nudger.nudge()

    assert one.wait(5)
    assert other.wait(5)


def test_a_wait_without_a_nudge_ends_in_time(open_one: Open):
    waker = listening_waker(open_one(), nudging(open_one()))

    started = time.monotonic()

    assert not waker.wait(0.05)
    assert 0.04 < time.monotonic() - started < 1


def test_nudges_that_nobody_waited_for_are_few_wakings(open_one: Open):
    nudger = nudging(open_one())
    waker = listening_waker(open_one(), nudger)

    for _ in range(500):
        nudger.nudge()
    wakings = 0
    while waker.wait(0.5):
        wakings += 1

    assert 1 <= wakings <= 5


def test_a_waiting_thread_can_be_woken_from_its_own_process(open_one: Open):
    waker = listening_waker(open_one(), nudging(open_one()))
    ended = threading.Event()

    thread = threading.Thread(target=lambda: waker.wait(30) and ended.set())
    thread.start()
    waker.wake()

    assert ended.wait(5)
    thread.join()


def test_a_nudge_after_closing_is_lost_in_silence(open_one: Open):
    fanout = open_one()
    nudger, publisher = fanout.nudger(), fanout.publisher()
    fanout.close()

    nudger.nudge()
    publisher.beat(b"")


# What only a broker can do.


@pytest.fixture
def broker(own_rabbitmq: RabbitMQ) -> RabbitMQ:
    return own_rabbitmq


async def test_after_a_broker_was_killed_all_parts_come_back(broker: RabbitMQ):
    with open_fanout(broker.url) as projector, open_fanout(broker.url) as process:
        publisher, waker, nudger = projector.publisher(), projector.waker(), process.nudger()
        async with listening(process) as gateway:
            await publish(projector, b"before")
            await eventually_async(lambda: gateway.messages)

            await asyncio.to_thread(broker.kill)

            await eventually_async(lambda: gateway.count("lost") == 1)
            assert not gateway.subscriber.connected
            with pytest.raises(PublishFailed):
                await publish(projector, b"lost")
            assert not publisher.connected

            await asyncio.to_thread(broker.start)

            await eventually_async(lambda: gateway.count("bound") == 2, within_s=10)
            await eventually_async(lambda: publisher.connected, within_s=10)
            await publish(projector, b"after")
            await eventually_async(lambda: len(gateway.messages) == 2)
            assert gateway.messages == [("patches", b"before"), ("patches", b"after")]
            await asyncio.to_thread(eventually, lambda: nudger.nudge() or waker.wait(0.1))


async def test_while_the_broker_is_away_a_publish_fails_at_once(broker: RabbitMQ):
    with open_fanout(broker.url) as projector:
        await publish(projector, b"before")
        broker.kill()
        with pytest.raises(PublishFailed):
            await publish(projector, b"notices")
        await eventually_async(lambda: failed_within(projector, 0.1))


def failed_within(projector: Fanout, seconds: float) -> bool:
    started = time.monotonic()
    with pytest.raises(PublishFailed):
        projector.publisher().publish(patches(b"lost"))
    return time.monotonic() - started < seconds


async def test_a_frozen_broker_holds_a_publish_for_three_seconds_at_most(broker: RabbitMQ):
    with open_fanout(broker.url) as projector:
        async with listening(projector) as gateway:
            await publish(projector, b"before")
            broker.freeze()

            assert await asyncio.to_thread(failed_within, projector, 3.2)
            assert await asyncio.to_thread(failed_within, projector, 3.2)
            await eventually_async(lambda: gateway.count("lost") == 1, within_s=15)

            broker.thaw()

            await eventually_async(lambda: gateway.count("bound") == 2, within_s=15)
            await eventually_async(lambda: projector.publisher().connected, within_s=15)
            await publish(projector, b"after")
            await eventually_async(lambda: gateway.messages[-1:] == [("patches", b"after")])


async def test_closing_is_quick_beside_a_frozen_broker(broker: RabbitMQ):
    projector = open_fanout(broker.url)
    projector.waker()
    async with listening(projector) as gateway:
        await publish(projector, b"before")
        await eventually_async(lambda: gateway.messages)
        broker.freeze()
        started = time.monotonic()
    await asyncio.to_thread(projector.close)

    assert time.monotonic() - started < 5


async def test_a_broker_low_on_memory_fails_a_publish_at_once_and_keeps_the_connection(
    new_rabbitmq: Callable[..., RabbitMQ],
):
    broker = new_rabbitmq("vm_memory_high_watermark.absolute = 1MB")
    with open_fanout(broker.url) as projector:
        with pytest.raises(PublishFailed, match="low on memory"):
            await publish(projector, b"tells us")

        assert await asyncio.to_thread(failed_within, projector, 0.5)
        assert projector.publisher().connected


async def test_a_gateway_starts_without_a_broker_and_binds_when_it_comes(broker: RabbitMQ):
    broker.kill()
    with open_fanout(broker.url) as fanout:
        async with listening(fanout) as gateway:
            assert not gateway.subscriber.connected
            assert gateway.told == []

            await asyncio.to_thread(broker.start)

            await eventually_async(lambda: gateway.subscriber.connected, within_s=10)
            assert gateway.told == [("bound", b"")]


async def test_a_host_that_is_away_is_passed_over(rabbitmq: RabbitMQ):
    url = rabbitmq.url.replace("@", "@127.0.0.1:1,")
    with open_fanout(url, prefix="two-hosts") as fanout:
        async with listening(fanout) as gateway:
            await publish(fanout, b"one")

            await eventually_async(lambda: gateway.messages)
            assert gateway.subscriber.connected


async def test_installations_with_other_prefixes_do_not_hear_each_other(rabbitmq: RabbitMQ):
    one = open_fanout(rabbitmq.url, prefix="one")
    other = open_fanout(rabbitmq.url, prefix="other")
    with one, other:
        async with listening(one) as gateway:
            await publish(other, b"elsewhere")
            await publish(one, b"here")

            await eventually_async(lambda: gateway.messages)
            assert gateway.messages == [("patches", b"here")]


@pytest.mark.parametrize("url", ["", "kafka://one", "amqp://one:port/", "amqp://one/?what=1"])
def test_a_url_that_names_no_broker_is_refused(url: str):
    with pytest.raises(ValueError, match=r"."):
        open_fanout(url)
