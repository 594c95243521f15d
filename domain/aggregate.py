"""What every fact and every aggregate of a talk has in common.

A fact applies itself and checks nothing: rules live in the methods that trigger
facts, so that a rule made stricter later never makes history unreadable.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from eventsourcing.domain import (
    BaseAggregate,
    CanCreateTimestamp,
    CanInitAggregate,
    CanMutateAggregate,
    MetaDomainEvent,
)


class Fact(CanMutateAggregate[str], CanCreateTimestamp, metaclass=MetaDomainEvent):
    """Something that happened in a talk, at ``timestamp``, done by attendee ``by``.

    ``by`` is empty when nobody did it (the steward's acts). ``SEALED`` names the
    fields that are kept sealed, each with the field that holds its author: erasing
    the author leaves ``ERASED_MARK`` in its place. ``ITEM`` names the field with the
    id of the line or question that the fact introduces, if it does.
    """

    SEALED: ClassVar[Mapping[str, str]] = {}
    ITEM: ClassVar[str] = ""

    originator_id: str
    originator_version: int
    timestamp: datetime
    by: str


class FirstFact(CanInitAggregate[str], Fact):
    """The fact that begins a stream."""

    originator_topic: str


class TalkAggregate(BaseAggregate[str]):
    """The boundary in which one kind of thing in a talk keeps its rules."""

    TOPIC = "aggregate"

    class Event(Fact):
        """Any fact of this stream."""

        TOPIC = "aggregate.event"

    class Created(FirstFact, Event):
        """The first fact of this stream."""

        TOPIC = "aggregate.created"

    @classmethod
    def begin(
        cls, fact: type[FirstFact], stream: str, *, by: str, at: datetime, **state: Any
    ) -> Self:
        """Begin the stream with its first fact."""
        return cls._create(fact, id=stream, by=by, timestamp=at, **state)

    def record(self, fact: type[Fact], *, by: str, at: datetime, **state: Any) -> None:
        """Record that something happened, and apply it."""
        self.trigger_event(fact, by=by, timestamp=at, **state)


def talk_stream(talk: str) -> str:
    """Name the stream of a talk itself; every other stream of the talk begins with it."""
    return f"talk/{talk}"


def talk_of(stream: str) -> str:
    """Tell the talk a stream belongs to; empty for streams outside any talk."""
    kind, _, rest = stream.partition("/")
    return rest.partition("/")[0] if kind == "talk" else ""
