"""The unit of work: what one batch of decisions reads and changes.

Aggregates are kept from batch to batch, so that a busy one is read once; whatever
another process has written to is dropped. Lives on the writer's thread.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from eventsourcing.utils import TopicError

from domain.aggregate import Fact, TalkAggregate
from domain.store.codec import UnreadableFact
from domain.store.log import StoredFact
from domain.store.schema import STREAM, may_be_an_id
from domain.store.store import Store

_Aggregate = TypeVar("_Aggregate", bound=TalkAggregate)


class Work:
    """Aggregates as a decision finds and leaves them, this batch's earlier ones included."""

    def __init__(self, store: Store, *, kept: int = 10_000) -> None:
        self._store = store
        self._kept = kept
        self._known: OrderedDict[str, TalkAggregate | None] = OrderedDict()
        self._item_streams: dict[str, str] = {}
        # The version each stream had when this batch first touched it.
        self._touched: dict[str, int] = {}
        # What the decision at hand touched, in that order.
        self._in_hand: dict[str, TalkAggregate] = {}
        # What the batch's earlier decisions recorded, which the log does not hold yet.
        self._taken: defaultdict[str, list[Fact]] = defaultdict(list)

    # For decisions.

    def get(self, kind: type[_Aggregate], stream: str) -> _Aggregate | None:
        """Find an aggregate; ``None`` when its stream has not begun."""
        found = self._find(kind, stream)
        if found is not None and not isinstance(found, kind):
            raise TypeError(f"{stream} holds a {type(found).__name__}, not a {kind.__name__}")
        self._touch(stream, found)
        return found

    def add(self, aggregate: TalkAggregate) -> None:
        """Take in an aggregate that has just begun."""
        self._touched.setdefault(aggregate.id, 0)
        self._known[aggregate.id] = aggregate
        self._in_hand[aggregate.id] = aggregate

    def item_stream(self, item: str) -> str | None:
        """Tell which stream holds a line or a question."""
        found = self._item_streams.get(item) or self._store.log.item_stream(item)
        if found:
            self._item_streams[item] = found
        return found

    def fact_at(self, position: int) -> Fact | None:
        """Find a recorded fact by its position in the whole store."""
        found = self._store.read(position - 1, 1)
        return found[0].fact if found and found[0].position == position else None

    def history(self, stream: str) -> Sequence[Fact]:
        """Read all facts of a stream, in order, this batch's earlier ones included."""
        recorded = self._store.decode_all(self._store.log.stream(stream))
        return [*(one.fact for one in recorded), *self._taken.get(stream, ())]

    # For the writer.

    def begin_batch(self) -> None:
        """Forget which streams the last batch touched, and the aggregates not used lately."""
        self._touched.clear()
        self._in_hand.clear()
        self._taken.clear()
        if len(self._item_streams) > self._kept:
            self._item_streams.clear()
        while len(self._known) > self._kept:
            self._known.popitem(last=False)

    def unknown(self, streams: Iterable[str]) -> list[str]:
        """Tell which streams would have to be read."""
        return [
            stream
            for stream in dict.fromkeys(streams)
            if stream not in self._known and may_be_an_id(stream, STREAM)
        ]

    def load(self, streams: Sequence[str], stored: Iterable[StoredFact]) -> None:
        """Take in whole streams; one that has no facts has not begun."""
        by_stream: dict[str, list[StoredFact]] = {stream: [] for stream in streams}
        for fact in stored:
            by_stream[fact.stream].append(fact)
        for stream, facts in by_stream.items():
            # What can't be read fails the commands that ask for it, and only them.
            with suppress(UnreadableFact, TopicError):
                self._known[stream] = self._store.folded(facts)

    def take_facts(self) -> list[Fact]:
        """Return what the decision at hand recorded, and be ready for the next one.

        Facts that begin a stream come first: the others may speak of what began.
        """
        facts: list[Fact] = []
        for aggregate in self._in_hand.values():
            facts.extend(aggregate.collect_events())  # type: ignore[arg-type]
        self._in_hand.clear()
        facts.sort(key=lambda fact: fact.originator_version > 1)
        for fact in facts:
            self._taken[fact.originator_id].append(fact)
            if fact.ITEM:
                self._item_streams[getattr(fact, fact.ITEM)] = fact.originator_id
        return facts

    def has_moved(self, stream: str, version: int) -> bool:
        """Tell whether a fact of another process came behind what this batch decided on."""
        return stream in self._touched and version > self._touched[stream]

    def drop(self, streams: Iterable[str]) -> None:
        """Forget aggregates that others have written to, or that were not committed."""
        for stream in streams:
            self._known.pop(stream, None)

    def drop_touched(self) -> None:
        """Forget all that this batch touched: it was not committed as decided."""
        self.drop(list(self._touched))
        self._item_streams.clear()
        self.begin_batch()

    def drop_all(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._item_streams.clear()
        self.begin_batch()

    def _find(self, kind: type[_Aggregate], stream: str) -> TalkAggregate | None:
        if stream in self._known:
            self._known.move_to_end(stream)
            return self._known[stream]
        found = self._known[stream] = self._store.aggregate(kind, stream)
        return found

    def _touch(self, stream: str, found: TalkAggregate | None) -> None:
        version = found.version - len(found.pending_events) if found else 0
        self._touched.setdefault(stream, version)
        if found is not None:
            self._in_hand[stream] = found
