"""The live talk of the demo: its audience acts as time goes by, through the same door as all.

Lives on the server's event loop.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain import commands
from domain.application import Hearhear
from domain.errors import Refused
from domain.speaker import Speaker
from domain.store import Answer
from gateway.demo.audience import Act
from gateway.demo.programme import SOURCE, Programme


@dataclass(frozen=True)
class Pace:
    """When the talk's seconds happen: ``speed`` of them in each second that goes by.

    A talk that is faster than life begins in the past, so that it ends in the present.
    """

    begins_at: datetime
    length_s: float
    speed: float

    @property
    def started_at(self) -> datetime:
        """When the talk's second 0 was, on the talk's own clock."""
        lasts_s = self.length_s / self.speed
        return self.begins_at - timedelta(seconds=max(0.0, self.length_s - lasts_s))

    def at(self, talk_s: float) -> datetime:
        """Tell the talk's own clock at one of its seconds."""
        return self.started_at + timedelta(seconds=talk_s)

    def due(self, talk_s: float) -> datetime:
        """Tell when a second of the talk is to happen."""
        return self.begins_at + timedelta(seconds=talk_s / self.speed)


@dataclass
class Performance:
    """A live talk, its people, and what they are going to do."""

    app: Hearhear
    talk: str
    programme: Programme
    host: Speaker
    people: Sequence[Speaker]
    topics: Sequence[str]
    """Their ids, in the order of the programme."""
    pace: Pace
    _asked: dict[int, "Future[Answer]"] = field(default_factory=dict)

    async def perform(self, acts: Sequence[Act]) -> None:
        """Do each act when its time has come, then end the talk."""
        for act in acts:
            await self._until(act.at_s)
            await self._do(act)
        await self._until(self.pace.length_s)
        await _answered(self._submit(self.host, commands.EndTalk(), self.pace.length_s))

    async def _until(self, talk_s: float) -> None:
        wait = (self.pace.due(talk_s) - self.app.now()).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _do(self, act: Act) -> None:
        """Submit an act; only a vote waits, for its question to be there."""
        speaker = self.host if act.doing in {"topic", "post"} else self.people[act.who]
        command: commands.Command
        match act.doing:
            case "topic":
                command = commands.OpenTopic(topic=self.topics[act.about])
            case "post":
                author, text = self.programme.posts[act.about]
                command = commands.CatchPost(SOURCE, author, text, url="", post_id=str(act.about))
            case "line":
                command = commands.PostLine(text=act.what)
            case "feedback":
                command = commands.GiveFeedback(kind=act.what)
            case "question":
                command = commands.AskQuestion(text=act.what)
            case "vote":
                asked = await _answered(self._asked[act.about])
                if asked is None:
                    return
                command = commands.CastVote(question=asked.result["question"])
        answer = self._submit(speaker, command, act.at_s)
        if act.doing == "question":
            self._asked[act.about] = answer

    def _submit(
        self, speaker: Speaker, command: commands.Command, talk_s: float
    ) -> "Future[Answer]":
        at = self.pace.at(talk_s)  # the talk's clock may run faster than ours
        return self.app.submit(self.talk, command, self.app.new_id(), speaker, at=at)


async def _answered(future: "Future[Answer]") -> Answer | None:
    """Wait for an answer; a refusal is none: a visitor may have ended the talk already."""
    try:
        return await asyncio.wrap_future(future)
    except Refused:
        return None
