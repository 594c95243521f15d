"""The audit trail: who of the desk did what to whom, when and why. It is the log itself, read.

Hosts are told whose words were dealt with, whatever the rule about names; moderators are
told what the desk is.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from domain.access import Access
from domain.aggregate import Fact
from domain.audited import AUDITED, item_of
from domain.clock import iso
from domain.store import Recorded
from domain.undoing import INVERSES, Aspect, aspect_of, that_stand
from projections.feed import Feed
from projections.people import People, has_office
from projections.stage import Stage
from projections.talk_views import TalkViews


class Actor(msgspec.Struct, frozen=True):
    """Somebody: their attendee id and the name they had then; both may be kept back.

    Who did something without an id is the product itself.
    """

    id: str
    name: str


class Act(msgspec.Struct, frozen=True):
    """One act of the desk, or a reading of raw rows.

    ``item`` is what it was done to: a line, question, notice, topic, attendee or table, and
    ``whom`` its author, or the attendee; ``can_undo`` tells whether ``undo(position)`` takes
    it back: an act does not stand any more when it was undone, or decided otherwise later.
    """

    position: int
    at: str
    by: Actor
    act: str
    item: str
    whom: Actor
    why: str
    can_undo: bool


NOBODY = Actor("", "")
_FOLDED = {fact for part in (Stage, People, Feed) for fact in part.FOLDS}
NEEDED = frozenset(fact.TOPIC for fact in _FOLDED | AUDITED)  # type: ignore[attr-defined]
"""The stored names of the facts that a trail is told from: neither ticks nor votes."""


def acts_of(talk: str, recorded: Iterable[Recorded], *, to_host: bool) -> list[Act]:
    """Tell the acts among the facts of a talk, which begin with its first."""
    trail = _Trail(TalkViews(talk), to_host)
    decided: defaultdict[Aspect, list[Fact]] = defaultdict(list)
    acts: list[tuple[Act, Fact]] = []
    for one in recorded:
        with suppress(LookupError):  # about something that can't be read
            trail.views.fold(one.fact, one.position)
        if about := aspect_of(one.fact):
            decided[about].append(one.fact)
        if type(one.fact) in AUDITED:
            acts.append((trail.act(one.position, one.fact), one.fact))
    stand = {id(fact) for about in decided.values() for fact in that_stand(about)}
    return [
        msgspec.structs.replace(act, can_undo=act.can_undo and id(fact) in stand)
        for act, fact in acts
    ]


@dataclass(frozen=True)
class _Trail:
    """Tells acts as the views stand when each was done."""

    views: TalkViews
    to_host: bool

    def act(self, position: int, fact: Fact) -> Act:
        whom, is_secret = self._whom(item_of(fact))
        return Act(
            position=position,
            at=iso(fact.timestamp),
            by=self._by(fact),
            act=type(fact).TOPIC,  # type: ignore[attr-defined]
            item="" if is_secret else item_of(fact),
            whom=whom,
            why=getattr(fact, "why", ""),
            can_undo=type(fact) in INVERSES,
        )

    def _by(self, fact: Fact) -> Actor:
        if isinstance(fact, Access.RowsRead):  # by somebody who need not have taken part
            return Actor(fact.by, fact.name)
        return Actor(fact.by, self.views.people.name_of(fact.by))

    def _whom(self, item: str) -> tuple[Actor, bool]:
        """Tell whom an act concerns, and whether the id it was done to would tell too much."""
        people, said = self.views.people, self.views.feed.items.get(item)
        if said and self.to_host:
            return Actor(said.attendee, people.name_of(said.attendee)), False
        if said:
            return Actor(**said.by_at_desk), False
        person = people.people.get(item)
        if person is None:
            return NOBODY, False
        if self.to_host:
            return Actor(item, person.name), False
        if people.are_unknown_to_desk and not has_office(person):
            return NOBODY, True
        return Actor(item, people.name_at_desk(person)), False
