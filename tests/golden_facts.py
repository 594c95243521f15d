"""Stored forms of facts, kept for ever: one file in tests/golden for each ever released.

A new kind of fact, or a new version of one, needs a file of its own: write what it reads
as, run ``test_golden_facts.py``, and copy the stored state that it shows. A file that was
released is never changed.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import resolve_topic

from domain import (  # noqa: F401 - all facts
    access,
    attendance,
    highlights,
    listening,
    participation,
    person,
    question,
    social,
    talk,
)
from domain.aggregate import Fact
from domain.store import SealingMapper
from domain.store.keys import PersonalKey

FOLDER = Path(__file__).with_name("golden")
ANN = PersonalKey("ann", bytes(range(32)))
NONCE = bytes(range(100, 112))
BASES = {"Event", "Created"}  # what all facts of an aggregate share: never recorded


class FixedKeys:
    """A ring with the one key that seals every golden text."""

    def sealing_key(self, _attendee: str) -> PersonalKey:
        return ANN

    def keys_of(self, attendees: set[str]) -> dict[str, PersonalKey]:
        return dict.fromkeys(attendees, ANN)


def fixed_mapper() -> SealingMapper:
    """Make a mapper that seals the same text the same way each time."""
    return SealingMapper(FixedKeys(), nonce=lambda _: NONCE)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Golden:
    """What one file tells: a stored state, and what it reads as."""

    path: Path
    name: str
    stream: str
    version: int
    reads: dict[str, Any]
    state: str

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls(path, **json.loads(path.read_text()))

    @property
    def class_version(self) -> int:
        """Tell which version of its kind this is: that of the file's name."""
        return int(self.path.stem.rpartition(".v")[2])

    @property
    def stored(self) -> StoredEvent:
        return StoredEvent(self.stream, self.version, self.name, self.state.encode())

    @property
    def fact(self) -> Fact:
        fields = {**self.reads, "timestamp": datetime.fromisoformat(self.reads["timestamp"])}
        kind = resolve_topic(self.name)
        fact: Fact = kind(originator_id=self.stream, originator_version=self.version, **fields)
        return fact


def golden_facts() -> list[Golden]:
    return [Golden.load(path) for path in sorted(FOLDER.glob("*.json"))]


def kinds_of_facts(kind: type[Fact] = Fact) -> set[type[Fact]]:
    """Find every fact that the product can record."""
    found: set[type[Fact]] = set()
    for inner in kind.__subclasses__():
        found |= kinds_of_facts(inner)
        is_ours = inner.__module__.startswith("domain.") and inner.__module__ != Fact.__module__
        if is_ours and inner.__name__ not in BASES:
            found.add(inner)
    return found
