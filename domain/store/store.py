"""The store as a whole: the log, the personal keys, and the way between bytes and facts."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Self, TypeVar

from eventsourcing.persistence import StoredEvent

from domain.aggregate import Fact, TalkAggregate
from domain.clock import utc_now
from domain.person import Person
from domain.store.codec import SealingMapper
from domain.store.engine import open_engine
from domain.store.keys import KeyRing
from domain.store.log import Log, StoredFact

_Aggregate = TypeVar("_Aggregate", bound=TalkAggregate)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it was recorded, opened: what was erased reads ``ERASED_MARK``."""

    position: int
    talk: str
    fact: Fact
    recorded_at: datetime


class Store:
    """Where facts are kept. Thread-safe; close it, or leave its ``with`` block."""

    def __init__(self, url: str, log: Log, keys: KeyRing) -> None:
        self.url = url
        self.log = log
        self.keys = keys
        self.mapper = SealingMapper(keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all idle connections."""
        self.log.engine.dispose()
        self.keys.engine.dispose()

    def create_tables(self) -> None:
        """Create what is missing."""
        self.log.create_tables()
        self.keys.create_tables()

    def log_id(self) -> str:
        """Tell the identity of the log, the first half of every epoch."""
        return self.log.log_id()

    def read(
        self,
        after: int,
        limit: int,
        *,
        talk: str | None = None,
        names: Collection[str] | None = None,
    ) -> list[Recorded]:
        """Read and decode the facts behind a position, of one talk or all, of some names or all."""
        return self.decode_all(self.log.read(after, limit, talk=talk, names=names))

    def decode(self, stored: StoredFact) -> Recorded:
        """Decode one fact; raises ``UnreadableFact`` or ``TopicError`` when it can't be."""
        return self.decode_all([stored])[0]

    def decode_all(self, stored: Sequence[StoredFact]) -> list[Recorded]:
        """Decode many, asking once for all keys that are not remembered."""
        for fact in stored:
            if fact.name == Person.Erased.TOPIC:
                self.keys.forget(fact.stream.removeprefix(Person.stream_of("")))
        facts = self.mapper.to_facts(
            [StoredEvent(s.stream, s.version, s.name, s.state) for s in stored]
        )
        return [
            Recorded(s.position, s.talk, fact, s.recorded_at)
            for s, fact in zip(stored, facts, strict=True)
        ]

    def has_answered(self, person: str, command_id: str) -> bool:
        """Tell whether a command of a person was accepted before, under this id."""
        return self.log.has_answered(self.keys.key(person).actor(command_id))

    def aggregate(self, kind: type[_Aggregate], stream: str) -> _Aggregate | None:
        """Fold one stream as it stands in the log; ``None`` when it has not begun."""
        found = self.folded(self.log.stream(stream))
        if found is not None and not isinstance(found, kind):
            raise TypeError(f"{stream} holds a {type(found).__name__}, not a {kind.__name__}")
        return found

    def folded(self, stored: Sequence[StoredFact]) -> TalkAggregate | None:
        """Fold the facts of one stream."""
        facts = (recorded.fact for recorded in self.decode_all(stored))
        found: TalkAggregate | None = reduce(lambda state, fact: fact.mutate(state), facts, None)
        return found


def open_store(
    store_url: str,
    keys_url: str = "",
    *,
    create: bool = True,
    now: Callable[[], datetime] = utc_now,
) -> Store:
    """Open the store at a URL, and the personal keys at theirs.

    Without ``keys_url`` keys lie in ``hearhear-keys.db`` beside the SQLite file, else in
    tables of their own in the store's database. ``create`` makes missing tables.
    """
    keys_url = keys_url or default_keys_url(store_url)
    log = Log(open_engine(store_url, many_statements=True), now=now)
    keys = KeyRing(open_engine(keys_url, erasing=True), now=now)
    store = Store(store_url, log, keys)
    if create:
        store.create_tables()
    return store


def default_keys_url(store_url: str) -> str:
    """Tell where personal keys lie when nobody says."""
    if not store_url.startswith("sqlite"):
        return store_url
    scheme, _, path = store_url.partition(":///")
    folder, slash, _ = path.rpartition("/")
    return f"{scheme}:///{folder}{slash}hearhear-keys.db"
