"""A unit of work without a store, for tests of decisions."""

from typing import TypeVar

from domain.aggregate import Fact, TalkAggregate
from domain.participation import Participation
from domain.social import SocialPost
from domain.talk import Talk

_Aggregate = TypeVar("_Aggregate", bound=TalkAggregate)


class Memory:
    """A unit of work over a dict."""

    def __init__(self, talk: Talk) -> None:
        self.aggregates: dict[str, TalkAggregate] = {talk.id: talk}
        self.facts: list[Fact] = []

    def get(self, kind: type[_Aggregate], stream: str) -> _Aggregate | None:
        found = self.aggregates.get(stream)
        assert found is None or isinstance(found, kind)
        return found

    def add(self, aggregate: TalkAggregate) -> None:
        assert aggregate.id not in self.aggregates
        self.aggregates[aggregate.id] = aggregate

    def item_stream(self, item: str) -> str | None:
        return next((a.id for a in self.aggregates.values() if _holds(a, item)), None)

    def fact_at(self, position: int) -> Fact | None:
        return self.facts[position - 1] if position <= len(self.facts) else None

    def history(self, stream: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.originator_id == stream]

    def recorded(self) -> list[str]:
        """Commit what was decided; tell its stored names."""
        facts = [fact for a in self.aggregates.values() for fact in a.collect_events()]
        self.facts += facts
        return [type(fact).TOPIC for fact in facts]


def _holds(aggregate: TalkAggregate, item: str) -> bool:
    match aggregate:
        case Participation():
            return item in aggregate.lines
        case SocialPost():
            return item == aggregate.post
        case _:
            return False
