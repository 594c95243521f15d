"""The audit trail: who of the desk did what to whom, when and why. It is the log itself, read."""

from collections.abc import Iterable, Iterator

import msgspec

from domain.aggregate import Fact
from domain.clock import iso
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.store import Recorded
from domain.talk import Talk
from domain.undoing import INVERSES

_STEPS: tuple[type[Fact], ...] = (
    Talk.Scheduled,
    Talk.DoorsOpened,
    Talk.Started,
    Talk.Ended,
    Talk.TopicIntroduced,
    Talk.TopicOpened,
    Talk.TopicClosed,
    Talk.PanelistIntroduced,
    Talk.RecordingAttached,
    Question.AnsweredInWriting,
    Question.AnswerEdited,
    SocialPost.Withdrawn,
    Participation.Erased,
)
_OTHER_SIDES = {Question.MemberTaken, Question.MemberReleased}  # of merged and unmerged
AUDITED = frozenset({*INVERSES, *_STEPS} - _OTHER_SIDES)


class Actor(msgspec.Struct, frozen=True):
    """Who did it: their attendee id (empty: the product itself) and the name they had then."""

    id: str
    name: str


class Act(msgspec.Struct, frozen=True):
    """One act of the desk.

    ``item`` is what it was done to: a line, question, notice, topic or attendee;
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
            case _ if type(fact) in AUDITED:
                yield _act(one.position, fact, names)


def _act(position: int, fact: Fact, names: dict[str, str]) -> Act:
    return Act(
        position=position,
        at=iso(fact.timestamp),
        by=Actor(fact.by, names.get(fact.by, "")),
        act=type(fact).TOPIC,  # type: ignore[attr-defined]
        item=_item_of(fact),
        why=getattr(fact, "why", ""),
        can_undo=type(fact) in INVERSES,
    )


def _item_of(fact: Fact) -> str:
    """Find what was done something to: a field that names it, else what its stream is about."""
    named = (
        getattr(fact, name, "") for name in ("line", "notice", "attendee", "topic", "panelist")
    )
    stream = fact.originator_id.split("/")
    return next(filter(None, named), stream[-1] if len(stream) > 2 else "")  # noqa: PLR2004 - talk/ID
