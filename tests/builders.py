"""Example data in one voice: the same talk, hosted by Hal; Ann asks, Bob votes, Mia moderates."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from domain.aggregate import TalkAggregate
from domain.participation import Participation
from domain.question import Question
from domain.talk import Talk

_Aggregate = TypeVar("_Aggregate", bound=TalkAggregate)
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
TALK, HAL, ANN, BOB, MIA = "talk-1", "hal", "ann", "bob", "mia"


def later(seconds: float) -> datetime:
    """Tell the moment so many seconds after noon, when everything begins."""
    return NOON + timedelta(seconds=seconds)


def scheduled() -> Talk:
    """Announce the talk, as Hal did, and forget that it was just recorded."""
    return settled(
        Talk.schedule(TALK, title="Pricing", starts_at="", kinds={}, policy={}, by=HAL, at=NOON)
    )


def live() -> Talk:
    """Take the talk live."""
    talk = scheduled()
    talk.start(by=HAL, at=NOON)
    return settled(talk)


def attending(name: str) -> Participation:
    """Let somebody take part."""
    return settled(Participation.join(TALK, name, name.title(), signed_in=False, at=NOON))


def asked(text: str = "Why so dear?", *, by: str = ANN) -> Question:
    """Put Ann's question."""
    return settled(Question.ask(TALK, "q1", text, by=by, at=NOON))


def recorded(aggregate: TalkAggregate) -> list[str]:
    """Tell what was recorded since the aggregate was built."""
    return [type(fact).__name__ for fact in aggregate.pending_events]


def settled(aggregate: _Aggregate) -> _Aggregate:
    """Count what was recorded so far as stored."""
    aggregate.collect_events()
    return aggregate
