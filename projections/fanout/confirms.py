"""Which batches a broker has confirmed, by counting what was sent on one channel."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pika import spec


class NotConfirmed(Exception):  # noqa: N818 - named like the fact it tells
    """The broker refused a message, or takes none at present."""


@dataclass(slots=True)
class _Batch:
    open: set[int]
    confirmed: "asyncio.Future[None]"

    def fail(self, reason: str) -> None:
        if not self.confirmed.done():
            self.confirmed.set_exception(NotConfirmed(reason))

    def settle(self, numbers: set[int]) -> None:
        self.open -= numbers
        if not self.open and not self.confirmed.done():
            self.confirmed.set_result(None)


class Confirms:
    """Numbers the messages of a channel as the broker does, from 1, and settles their batches.

    Brokers confirm one by one or all up to a number, in any order.
    """

    def __init__(self) -> None:
        self._sent = 0
        self._batches: list[_Batch] = []
        # Why the broker takes no messages at present; empty while it does.
        self._blocked = ""

    def count_one(self) -> None:
        """Take note that a message is sent."""
        self._sent += 1

    def expect(self, count: int) -> "asyncio.Future[None]":
        """Return what is done when the next ``count`` messages are confirmed.

        Raises :class:`NotConfirmed` at once while the broker takes no messages.
        """
        if self._blocked:
            raise NotConfirmed(self._blocked)
        numbers = set(range(self._sent + 1, self._sent + 1 + count))
        batch = _Batch(numbers, asyncio.get_running_loop().create_future())
        self._batches.append(batch)
        return batch.confirmed

    def on_frame(self, frame: Any) -> None:
        """Take an ack or nack as pika hands it over."""
        number, is_multiple = frame.method.delivery_tag, frame.method.multiple
        for batch in self._batches:
            told = {n for n in batch.open if n == number or (is_multiple and n <= number)}
            if told and isinstance(frame.method, spec.Basic.Nack):
                batch.fail("the broker refused a message")
            batch.settle(told)
        self._batches = [batch for batch in self._batches if batch.open]

    def block(self, reason: str) -> None:
        """Fail what is open, and what will be expected until :meth:`unblock`."""
        self._blocked = reason
        for batch in self._batches:
            batch.fail(reason)

    def unblock(self) -> None:
        self._blocked = ""
