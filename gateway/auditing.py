"""The audit trail: who of the desk did what to whom, when and why. It is the log itself, read."""

from collections.abc import Iterable, Iterator

import msgspec

from domain.access import Access
from domain.aggregate import Fact
from domain.audited import AUDITED, item_of
from domain.clock import iso
from domain.participation import Participation
from domain.store import Recorded
from domain.undoing import INVERSES


class Actor(msgspec.Struct, frozen=True):
    """Who did it: their attendee id (empty: the product itself) and the name they had then."""

    id: str
    name: str


class Act(msgspec.Struct, frozen=True):
    """One act of the desk, or a reading of raw rows.

    ``item`` is what it was done to: a line, question, notice, topic, attendee or table;
    ``can_undo`` tells whether ``undo(position)`` takes it back.
    """

    position: int
    at: str
    by: Actor
    act: str
    item: str
    why: str
    can_undo: bool


def acts_of(recorded: Iterable[Recorded]) -> Iterator[Act]:
    """Tell the acts among the facts of a talk, which begin with its first."""
    names: dict[str, str] = {}
    for one in recorded:
        fact = one.fact
        match fact:
            case Participation.Joined():
                names[fact.attendee] = fact.name
            case Participation.Renamed():
                names[fact.by] = fact.name
            case Access.RowsRead():  # by somebody who need not have taken part
                yield _act(one.position, fact, {fact.by: fact.name})
            case _ if type(fact) in AUDITED:
                yield _act(one.position, fact, names)


def _act(position: int, fact: Fact, names: dict[str, str]) -> Act:
    return Act(
        position=position,
        at=iso(fact.timestamp),
        by=Actor(fact.by, names.get(fact.by, "")),
        act=type(fact).TOPIC,  # type: ignore[attr-defined]
        item=item_of(fact),
        why=getattr(fact, "why", ""),
        can_undo=type(fact) in INVERSES,
    )
