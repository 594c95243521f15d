"""Simulated talks with known moments, for tests and benches of replay. Seeded, no I/O."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from replay.facts import Kind, TalkFacts, Ticks

KINDS = {
    "agree": Kind("Agree", "loved"),
    "funny": Kind("Funny", "funny"),
    "lost": Kind("Lost me", "lost"),
}


@dataclass(frozen=True)
class Room:
    """A talk to simulate."""

    people: int = 200
    duration_s: int = 1800
    moments: tuple[float, ...] = (300.0, 700.0, 1200.0)
    taken: float = 0.3
    """Share of the people who react to a moment."""
    idle_per_min: float = 0.15
    """Ticks of each person for no common reason."""
    delay_s: float = 8.0


def simulated(room: Room, seed: int) -> TalkFacts:
    """What is known of such a talk afterwards."""
    rows = [(at, who, kind, None) for at, who, kind in reactions(room, random.Random(seed))]
    return TalkFacts(duration_s=float(room.duration_s), ticks=Ticks.of(rows), kinds=KINDS)


def reactions(room: Room, chance: random.Random) -> list[tuple[float, str, str]]:
    """(offset_s, person, kind), by time."""
    found = [*_idle(room, chance), *_moved(room, chance)]
    return sorted(one for one in found if 0 <= one[0] < room.duration_s)


def _idle(room: Room, chance: random.Random) -> Iterator[tuple[float, str, str]]:
    for who in range(room.people):
        at = chance.expovariate(room.idle_per_min / 60)
        while at < room.duration_s:
            yield round(at, 3), f"p{who}", chance.choice(sorted(KINDS))
            at += chance.expovariate(room.idle_per_min / 60)


def _moved(room: Room, chance: random.Random) -> Iterator[tuple[float, str, str]]:
    for moment in room.moments:
        for who in range(room.people):
            if chance.random() < room.taken:
                late = room.delay_s + chance.gauss(0, 2) + chance.expovariate(1 / 3)
                yield round(moment + late, 3), f"p{who}", chance.choice(["agree", "funny"])


def as_lines(facts: list[tuple[float, str, str]], duration_s: float) -> list[bytes]:
    """The JSON lines of an import."""
    told = [{"t": 0, "kind": "start"}]
    told += [{"t": at, "kind": "feedback", "user": who, "text": what} for at, who, what in facts]
    told += [{"t": duration_s, "kind": "end"}]
    return [json.dumps(one).encode() for one in told]
