"""Which batches are confirmed: numbers from 1, one by one or up to one, in any order."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import frame, spec

from projections.fanout.confirms import Confirms, NotConfirmed

pytestmark = pytest.mark.anyio


def ack(number: int, *, multiple: bool = False) -> frame.Method:
    return frame.Method(1, spec.Basic.Ack(number, multiple))


def nack(number: int) -> frame.Method:
    return frame.Method(1, spec.Basic.Nack(number))


def sent(confirms: Confirms, count: int) -> "asyncio.Future[None]":
    confirmed = confirms.expect(count)
    for _ in range(count):
        confirms.count_one()
    return confirmed


async def test_a_batch_is_confirmed_with_its_last_message():
    confirms = Confirms()
    batch = sent(confirms, 2)

    confirms.on_frame(ack(2))
    assert not batch.done()
    confirms.on_frame(ack(1))
    assert batch.done()


async def test_one_frame_may_confirm_several_batches():
    confirms = Confirms()
    first, second, third = sent(confirms, 2), sent(confirms, 1), sent(confirms, 2)

    confirms.on_frame(ack(4, multiple=True))

    assert first.done()
    assert second.done()
    assert not third.done()


async def test_messages_nobody_waits_for_are_counted():
    confirms = Confirms()
    confirms.count_one()
    batch = sent(confirms, 1)

    confirms.on_frame(ack(1))
    assert not batch.done()
    confirms.on_frame(ack(2))
    assert batch.done()


async def test_a_refused_message_fails_its_batch_alone():
    confirms = Confirms()
    bad, good = sent(confirms, 2), sent(confirms, 1)

    confirms.on_frame(nack(2))
    confirms.on_frame(ack(3, multiple=True))

    with pytest.raises(NotConfirmed, match="refused"):
        await bad
    await good


async def test_a_blocking_broker_fails_what_waits_and_what_comes():
    confirms = Confirms()
    waiting = sent(confirms, 1)

    confirms.block("low on memory")

    with pytest.raises(NotConfirmed, match="low on memory"):
        await waiting
    with pytest.raises(NotConfirmed, match="low on memory"):
        confirms.expect(1)
    confirms.unblock()
    assert not confirms.expect(1).done()


@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6), data=st.data())
def test_each_order_of_confirms_settles_all_batches(sizes: list[int], data: st.DataObject):
    async def play() -> None:
        confirms = Confirms()
        batches = [sent(confirms, size) for size in sizes]
        numbers = data.draw(st.permutations(range(1, sum(sizes) + 1)))
        for number in numbers:
            confirms.on_frame(ack(number, multiple=data.draw(st.booleans())))
        assert all(batch.done() for batch in batches)

    asyncio.run(play())
