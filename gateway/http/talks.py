"""Talks, and the door that every command goes through."""

import asyncio
from concurrent.futures import Future
from typing import Literal, cast
from uuid import uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain import commands
from domain.application import Hearhear
from domain.clock import iso
from domain.commands import ScheduleTalk
from domain.errors import Refused
from domain.speaker import Speaker
from domain.store import Answer
from domain.talk import Talk
from gateway.http.answers import encoded
from gateway.http.bodies import body_of, json_of, object_of
from gateway.http.callers import in_thread, speaking, system_of
from gateway.http.operations import Operation

State = Literal["scheduled", "open", "live", "ended"]


class Scheduled(msgspec.Struct, frozen=True):
    """A talk that has just been announced."""

    id: str
    title: str
    state: State


class TalkCard(msgspec.Struct, frozen=True):
    """What to know of a talk before going in; moments are empty until they come."""

    id: str
    title: str
    state: State
    starts_at: str
    started_at: str
    ended_at: str


class TalkList(msgspec.Struct, frozen=True):
    """Talks, the latest first."""

    items: list[TalkCard]


class Accepted(msgspec.Struct, frozen=True):
    """The answer to a command; ``position`` is null when nothing changed."""

    position: int | None
    result: dict[str, str]


async def schedule(request: Request) -> Response:
    """Announce a talk; who does it is its host."""
    app, speaker = system_of(request).app, speaking(request)
    command = object_of(await body_of(request), ScheduleTalk)
    command_id = commands.checked_id(request.headers.get("idempotency-key", str(uuid4())))
    answer = await _answer_of(await in_thread(app.schedule_talk, command, command_id, speaker))
    talk = await in_thread(app.talk, answer.result["talk"])
    return encoded(
        Scheduled(id=talk.talk, title=talk.title, state=_state(talk)),
        status=201,
        headers={"Location": f"/api/talks/{talk.talk}"},
    )


async def all_talks(request: Request) -> Response:
    """List the talks."""
    return encoded({"items": await in_thread(system_of(request).views.talks)})


async def one_talk(request: Request) -> Response:
    """Tell how a talk stands."""
    talk = await in_thread(system_of(request).app.talk, request.path_params["talk"])
    return encoded(
        TalkCard(
            id=talk.talk,
            title=talk.title,
            state=_state(talk),
            starts_at=talk.starts_at,
            started_at=iso(talk.started_at),
            ended_at=iso(talk.ended_at),
        )
    )


def _state(talk: Talk) -> State:
    return cast("State", talk.state)


async def command(request: Request) -> Response:
    """Have a command decided; refusals come in the order of the contract."""
    app, speaker = system_of(request).app, speaking(request)
    body = await body_of(request)
    talk = request.path_params["talk"]
    answer = await _answer_of(await in_thread(_submitted, app, talk, body, speaker))
    return encoded(Accepted(answer.position, answer.result))


def _submitted(app: Hearhear, talk: str, body: bytes, speaker: Speaker) -> "Future[Answer]":
    """Hand a command to the writer; of a talk that is not there its shape doesn't matter."""
    try:
        command_id, asked = commands.decode(json_of(body))
    except Refused:
        app.talk(talk)
        raise
    return app.submit(talk, asked, command_id, speaker)


async def _answer_of(future: "Future[Answer]") -> Answer:
    """Wait for the writer, which goes on even when the client goes away."""
    return await asyncio.shield(asyncio.wrap_future(future))


OPERATIONS = (
    Operation("GET", "/api/talks", all_talks, "List the talks.", answers=TalkList),
    Operation(
        "POST",
        "/api/talks",
        schedule,
        "Announce a talk; who does it is its host. `Idempotency-Key` may hold a UUID.",
        body=ScheduleTalk,
        answers=Scheduled,
        status=201,
        needs_identity=True,
        refusals=(400, 403, 409, 413, 422, 503),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}",
        one_talk,
        "Tell how a talk stands.",
        answers=TalkCard,
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/talks/{talk}/commands",
        command,
        "Have a command decided: its answer, or why it was refused.",
        body=commands.COMMANDS,
        answers=Accepted,
        needs_identity=True,
        refusals=(400, 403, 404, 409, 413, 422, 429, 503),
    ),
)
