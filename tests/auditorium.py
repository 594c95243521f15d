"""A talk on the real application, and a projector told step by step what to do."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import orjson
from builders import NOON, later

from domain.application import Hearhear
from domain.commands import Command, ScheduleTalk, StartTalk
from domain.speaker import Speaker
from domain.store import Store
from projections.fanout import Message, PublishFailed
from projections.patch import apply
from projections.projector import Projector, open_views

HAL = Speaker("person-hal", "Hal")


class Auditorium:
    """An application with one live talk; people do things in it by name, on the test's clock."""

    def __init__(self, store: Store) -> None:
        self.second = 0.0
        self.app = Hearhear(store, now=lambda: later(self.second), new_id=lambda: str(uuid4()))
        self.talk = self.another_talk()

    def another_talk(self) -> str:
        """Schedule a talk and take it live."""
        asked = ScheduleTalk(title="Pricing")
        answer = self.app.schedule_talk(asked, str(uuid4()), HAL).result(10)
        talk = answer.result["talk"]
        self.app.submit(talk, StartTalk(), str(uuid4()), HAL, at=NOON).result(10)
        return talk

    def do(self, who: str, command: Command, *, talk: str = "") -> dict[str, str]:
        """Let somebody do something; Hal is the host."""
        speaker = HAL if who == "hal" else Speaker(f"person-{who}", who.title())
        answer = self.app.submit(talk or self.talk, command, str(uuid4()), speaker)
        return dict(answer.result(10).result)

    def attendee(self, who: str) -> str:
        return self.app.store.keys.attendee(f"person-{who}", self.talk)


class Told:
    """A publisher that remembers; ``connected`` and ``fails`` are the test's to set."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.beats: list[dict[str, Any]] = []
        self.connected = True
        self.fails = False

    def publish(self, messages: Sequence[Message]) -> None:
        if self.fails:
            raise PublishFailed
        self.messages += [orjson.loads(message.body) for message in messages]

    def beat(self, body: bytes) -> None:
        self.beats.append(orjson.loads(body))

    def patches(self, talk: str, view: str = "room") -> list[dict[str, Any]]:
        return [
            patch
            for message in self.messages
            for patch in message["patches"]
            if (patch["talk"], patch["view"]) == (talk, view)
        ]

    def followed(self, talk: str, view: str = "room") -> dict[str, Any]:
        """Follow the patches as a client does, and tell where they lead."""
        document: dict[str, Any] = {}
        position = 0
        for patch in self.patches(talk, view):
            if patch["position"] > position:
                assert patch["prev"] <= position
                document, position = apply(document, patch["patch"]), patch["position"]
        return document


class Seconds:
    """A monotonic clock that goes on when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Nobody:
    """A waker that is never waited for."""

    def wait(self, timeout_s: float) -> bool:
        raise AssertionError(timeout_s)

    def wake(self) -> None: ...


class Stepping:
    """A projector of its own engine, moved step by step."""

    def __init__(
        self, store: Store, views_url: str, *, holder: str = "one", batch: int = 7
    ) -> None:
        self.told = Told()
        self.clock = Seconds()
        self.engine = open_views(views_url)
        self.projector = Projector(
            store, self.engine, self.told, Nobody(), holder=holder, batch=batch, now=self.clock
        )

    def catch_up(self) -> None:
        """Step until nothing is waiting, and let a second pass."""
        while self.projector.step():
            pass
        self.clock.now += 1.0
        self.projector.step()

    def close(self) -> None:
        self.engine.dispose()
