"""A visit at the live door, whatever carries it: what is asked for, and whether they may."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, ParamSpec, TypeVar

import msgspec
from anyio import CapacityLimiter, to_thread

from domain.application import Hearhear
from domain.commands import converted
from domain.errors import NotFound, Refused, Unauthenticated
from domain.policy import PUBLIC
from domain.speaker import Speaker
from gateway.hub import Hub
from gateway.roles import must_have_role
from gateway.rooms import EVERYTHING, Seat

PROJECTED_WITHIN_S = 5.0
"""Seconds a talk may take from being scheduled to having a view."""

_THREADS = 4  # more would open connections beyond those that databases keep: 17 ms of CPU each

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


class LiveQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which view is asked for, and from where on: a position of an epoch, else all of it."""

    as_: Literal["room", "desk", "replay"] = msgspec.field(name="as", default="room")
    epoch: str = ""
    after: int = EVERYTHING


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at the door of a talk; without a speaker they only read."""

    talk: str
    view: str
    epoch: str
    after: int
    speaker: Speaker | None = None
    attendee: str = ""


def asked_for(talk: str, query: Mapping[str, str]) -> Visit:
    """Read what is asked for, or raise ``Invalid``."""
    asked = converted_query(query)
    return Visit(talk, asked.as_, asked.epoch, asked.after)


def converted_query(query: Mapping[str, str]) -> LiveQuery:
    """Read the query of the live door, or raise ``Invalid`` naming the field."""
    after = query.get("after", "")
    number = int(after) if after.isdecimal() and len(after) < len(str(2**63)) else None
    arguments: dict[str, object] = dict(query)
    if "after" in query:
        arguments["after"] = number if number is not None else (after or EVERYTHING)
    return converted(arguments, LiveQuery)


class Reception:
    """Lets visitors in: finds the talk, the attendee and the role, then the seat in the room."""

    def __init__(self, app: Hearhear, hub: Hub) -> None:
        self._app = app
        self.hub = hub
        self._threads = CapacityLimiter(_THREADS)

    async def find(self, visit: Visit) -> None:
        """Raise ``NotFound`` when there is no such talk, ``NotOpen`` when no replay yet."""
        if visit.view == "replay":
            talk = await self._in_thread(self._app.talk, visit.talk)
            talk.must_have_ended()
        elif not self.hub.has(visit.talk):
            await self._in_thread(self._app.talk, visit.talk)

    async def recognise(self, visit: Visit, speaker: Speaker | None) -> Visit:
        """Tell who a visitor is in the talk; raise a refusal when the view is not for them."""
        if speaker is None:
            if visit.view == "desk":
                raise Unauthenticated("the desk is for moderators and hosts: who is speaking?")
            await self.check(visit)
            return visit
        attendee = await self._attendee(speaker, visit.talk)
        recognised = replace(visit, speaker=speaker, attendee=attendee)
        await self.check(recognised)
        return recognised

    async def _attendee(self, speaker: Speaker, talk: str) -> str:
        """Tell the speaker's id in a talk; on a thread only if the store has to be asked."""
        if self._app.store.keys.has_met(speaker.person, talk):
            return self._app.attendee_of(speaker, talk)
        return await self._in_thread(self._app.attendee_of, speaker, talk)

    async def check(self, visit: Visit) -> None:
        """Raise a refusal when a visitor may not know of the talk, or not see the view.

        Of a public talk's room this asks nobody.
        """
        if visit.view == "desk" and visit.speaker is not None:
            await self._in_thread(self._must_moderate, visit.talk, visit.speaker)
        elif self.hub.policy(visit.talk).get("access") != PUBLIC:
            await self._in_thread(self._app.talk_for, visit.talk, visit.speaker)

    async def seat(self, visit: Visit, seat: Seat) -> None:
        """Let a seat into its room; a talk that was only just scheduled may take a moment."""
        async with asyncio.timeout(PROJECTED_WITHIN_S):
            while True:
                try:
                    return await self.hub.enter(
                        visit.talk, visit.view, seat, visit.epoch, visit.after
                    )
                except NotFound:
                    await asyncio.sleep(0.05)

    def _must_moderate(self, talk: str, speaker: Speaker) -> None:
        must_have_role(self._app, self._app.talk_for(talk, speaker), speaker, "moderator")

    async def _in_thread(
        self,
        function: Callable[_Arguments, _Answer],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Answer:
        asked = partial(function, *arguments, **named)
        return await to_thread.run_sync(asked, limiter=self._threads)


class Watch:
    """Looks again whether a visitor may see their view, when that can have changed."""

    def __init__(
        self, reception: Reception, visit: Visit, show_out: Callable[[Refused], None]
    ) -> None:
        self._reception = reception
        self._visit = visit
        self._show_out = show_out
        self._looking: asyncio.Task[None] | None = None

    def look_again(self) -> None:
        """Show the visitor out when the view is not for them any more; does not wait."""
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        try:
            await self._reception.check(self._visit)
        except Refused as refused:
            self._show_out(refused)

    def end(self) -> None:
        """Look no more: the visit is over."""
        if self._looking is not None:
            self._looking.cancel()
