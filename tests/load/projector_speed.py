"""How many facts per second the projector folds, keeps and publishes.

    python tests/load/projector_speed.py [--facts 50000] [--people 500] [--batch 1000]
        [--store sqlite|mysql+pymysql://root@127.0.0.1:3306/empty_database] [--profile]

The facts are of one talk: 60 % ticks, 25 % votes, 12 % lines, the rest questions and edits.
Without ``--store`` a throw-away SQLite file is used; publishing goes nowhere.
"""
# ruff: noqa: T201 - figures are what it is for

import argparse
import cProfile
import pstats
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from builders import NOON, later

from domain.aggregate import TalkAggregate
from domain.participation import Participation
from domain.question import Question
from domain.store import Store, open_store, writing
from domain.store.log import NewFact
from domain.talk import Talk
from projections.fanout import Message
from projections.projector import Projector, open_views

TALK = "talk-of-the-load"
KINDS = ("agree", "insightful", "funny", "disagree", "lost")


class Nowhere:
    """Publishes to nobody, and never waits."""

    connected = True

    def __init__(self) -> None:
        self.bytes = 0

    def publish(self, messages: Sequence[Message]) -> None:
        self.bytes += sum(len(message.body) for message in messages)

    def beat(self, body: bytes) -> None: ...

    def wait(self, timeout_s: float) -> bool:
        return bool(timeout_s)

    def wake(self) -> None: ...


class Crowd:
    """People who do a bit of everything, decided by the real aggregates."""

    def __init__(self, store: Store, people: int) -> None:
        self.chance = random.Random(7)
        self.ids = [store.keys.attendee(f"person-{number}", TALK) for number in range(people)]
        self.people = [
            Participation.join(TALK, one, f"Person {number}", signed_in=False, at=NOON)
            for number, one in enumerate(self.ids)
        ]
        self.talk = Talk.schedule(
            TALK, title="Load", starts_at="", kinds={}, policy={}, by=self.ids[0], at=NOON
        )
        self.talk.start(by=self.ids[0], at=NOON)
        self.talk.introduce_topic("topic-1", "Everything", by=self.ids[0], at=NOON)
        self.talk.open_topic("topic-1", by=self.ids[0], at=NOON)
        self.questions: list[Question] = []
        self.second = 0.0

    def acts(self) -> Iterator[TalkAggregate]:
        """Yield what changed, for ever; about 200 acts a second."""
        yield self.talk
        yield from self.people
        while True:
            self.second += 0.005
            yield self._act(self.chance.choice(self.people), self.chance.random())

    def _act(self, person: Participation, choice: float) -> TalkAggregate:
        at = later(self.second)
        if choice < 0.6 or (choice < 0.85 and not self.questions):
            kind = self.chance.choice(KINDS)
            person.give_feedback(kind, "topic-1", -1.0, at=at)
        elif choice < 0.85:
            question = self.chance.choice(self.questions).question
            if question in person.votes:
                person.withdraw_vote(question, at=at)
            else:
                person.cast_vote(question, at=at)
        elif choice < 0.97 or len(self.questions) >= 60:
            person.post_line(str(uuid4()), "What a remarkable thing to say! " * 3, at=at)
        else:
            question = Question.ask(
                TALK, str(uuid4()), "Why is it as it is?", by=person.attendee, at=at
            )
            self.questions.append(question)
            return question
        return person


def fill(store: Store, people: int, facts: int) -> int:
    """Append that many facts; tell how many there are."""
    pending: list[NewFact] = []
    written = 0
    for aggregate in Crowd(store, people).acts():
        for fact in aggregate.collect_events():
            stored = store.mapper.to_stored_event(fact)
            stream = str(stored.originator_id)
            version, name = stored.originator_version, stored.topic
            pending.append(NewFact(TALK, stream, version, name, stored.state))
        if len(pending) >= 1_000:
            with writing(store.log.engine) as connection:
                store.log.append(connection, pending)
            written += len(pending)
            pending = []
        if written >= facts:
            return written
    raise AssertionError


def measure(store: Store, views_url: str, batch: int) -> tuple[float, Any]:
    """Project everything; tell the seconds it took, and how it went."""
    nowhere = Nowhere()
    projector = Projector(
        store, open_views(views_url), nowhere, nowhere, holder="load", batch=batch
    )
    began = time.perf_counter()
    while projector.step():
        pass
    return time.perf_counter() - began, projector.progress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--store", default="")
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store_url = chosen.store or f"sqlite:///{folder}/store.db"
        views_url = chosen.store or f"sqlite:///{folder}/views.db"
        with open_store(store_url) as store:
            facts = fill(store, chosen.people, chosen.facts)
            profile = cProfile.Profile()
            if chosen.profile:
                profile.enable()
            seconds, progress = measure(store, views_url, chosen.batch)
            profile.disable()
    print(f"{facts} facts in {seconds:.2f} s: {facts / seconds:,.0f} facts/s ({progress})")
    if chosen.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)


if __name__ == "__main__":
    main()
