"""Changing resources: what POST, PATCH and DELETE ask for, decided as a command like any other."""

from collections.abc import Callable
from concurrent.futures import Future

import anyio
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.commands import Command
from domain.errors import NotFound
from domain.speaker import Speaker
from domain.store import Answer
from domain.talk import Talk
from gateway.http.accepting import Accepted, answer_of, command_id_of
from gateway.http.answers import encoded
from gateway.http.bodies import body_of, dict_of, object_of, query_of
from gateway.http.callers import in_thread, speaking, system_of, talk_asked_for
from gateway.http.resources.kinds import LINES, Resource
from gateway.http.resources.reading import found_one, tag_of
from gateway.http.validators import is_named
from gateway.roles import must_have_role
from gateway.system import System

SHOWN_WITHIN_S = 2.0
"""How long the answer to a change waits for the views, so that who reads next finds it there."""

_PAUSE_S = 0.005
"""Between two looks at the views: they need about 3 ms when nothing else goes on."""


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a moderator takes something out of sight; an author who takes it back gives none."""

    why: str = ""


async def create(request: Request, resource: Resource) -> Response:
    """Have what a POST brings recorded; tells where it is to be found."""
    body = await body_of(request)
    command, answer = await _decided(request, resource, lambda: resource.created(dict_of(body)))
    item = next(iter(answer.result.values()), getattr(command, "question", ""))
    headers = {"Location": f"{request.url.path}/{item}"} if item else {}
    return encoded(Accepted(answer.position, answer.result), status=201, headers=headers)


async def change(request: Request, resource: Resource) -> Response:
    """Have the one change recorded that a PATCH names."""
    body, item = await body_of(request), request.path_params[resource.item]
    _, answer = await _decided(
        request, resource, lambda: resource.changed(item, object_of(body, resource.change))
    )
    return encoded(Accepted(answer.position, answer.result))


async def delete(request: Request, resource: Resource) -> Response:
    """Have something taken back by its author, or out of sight by a moderator."""
    item = request.path_params[resource.item]
    _, answer = await _decided(
        request, resource, lambda: resource.deleted(item, query_of(request, Reason).why)
    )
    return encoded(Accepted(answer.position, answer.result))


async def _decided(
    request: Request, resource: Resource, read: Callable[[], Command]
) -> tuple[Command, Answer]:
    """Have a command decided, and wait until the views show what it changed."""
    speaker = speaking(request)
    command, future = await in_thread(_submitted, request, resource, speaker, read)
    answer = await answer_of(future)
    if answer.position is not None:
        await _shown(system_of(request), answer.position)
    return command, answer


def _submitted(
    request: Request, resource: Resource, speaker: Speaker, read: Callable[[], Command]
) -> tuple[Command, "Future[Answer]"]:
    """Hand a command to the writer; what is refused here is refused in the contract's order."""
    system = system_of(request)
    talk = talk_asked_for(request, speaker)
    command_id, command = command_id_of(request), read()
    if item := getattr(command, "item", ""):
        _must_hold(system, resource, talk, speaker, item, command.ROLE)
    if "if-match" in request.headers:
        _must_be_as_known(request, resource, talk, speaker, command, command_id)
    return command, system.app.submit(talk.talk, command, command_id, speaker)


def _must_hold(
    system: System, resource: Resource, talk: Talk, speaker: Speaker, item: str, role: str
) -> None:
    """Refuse to do to a question what is asked of a line, or the other way round."""
    stream = system.store.log.item_stream(item)
    kind = stream.split("/")[2] if stream else LINES.stream  # a notice has no stream of its own
    if kind != resource.stream:
        must_have_role(system.app, talk, speaker, role)
        raise NotFound(f"no such {resource.item} in this talk", field=resource.item)


def _must_be_as_known(
    request: Request,
    resource: Resource,
    talk: Talk,
    speaker: Speaker,
    command: Command,
    command_id: str,
) -> None:
    """Refuse a change of what has changed since; but a repeat gets its first answer.

    Compares with what a GET tells at this moment, which is milliseconds behind the writer.
    """
    system = system_of(request)
    must_have_role(system.app, talk, speaker, command.ROLE)
    if system.store.has_answered(speaker.person, command_id):
        return
    found = found_one(system, resource, talk, request.path_params[resource.item], speaker)
    if found is not None and not is_named(tag_of(found), request.headers["if-match"]):
        raise HTTPException(412, "it has changed since: read it again")


async def _shown(system: System, position: int) -> None:
    """Wait until the views have come to a position, or too long."""
    with anyio.move_on_after(SHOWN_WITHIN_S):
        # Who keeps them, another process perhaps, tells of what a room shows, not of every fact.
        while await in_thread(system.models.position) < position:  # noqa: ASYNC110
            await anyio.sleep(_PAUSE_S)
