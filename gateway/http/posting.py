"""The door for posts that another program hands in, signed as Standard Webhooks says."""

import asyncio
import time
from uuid import NAMESPACE_URL, uuid5

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain.commands import CatchPost, Command, WithdrawPost, converted
from domain.errors import NotFound
from domain.speaker import Speaker
from gateway.http.accepting import Accepted
from gateway.http.answers import encoded
from gateway.http.bodies import body_of, object_of
from gateway.http.callers import in_thread, system_of
from gateway.http.operations import Operation
from gateway.signing import signed_id

_SENDER = Speaker("webhook", "Social posts", roles=frozenset({"moderator"}))


class HandedIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post for a talk, or (``deleted``) that one is gone where it came from.

    The talk is part of what is signed, so that no copy of a message reaches another one.
    """

    talk: str
    source: str
    post_id: str
    author: str = ""
    text: str = ""
    url: str = ""
    deleted: bool = False


async def hand_in(request: Request) -> Response:
    """Take in a post, or its deletion; the same message again gets the first answer."""
    system = system_of(request)
    body = await body_of(request)
    secrets = system.settings.post_secrets
    if not secrets:
        raise NotFound("no posts are taken in here: HEARHEAR_POST_SECRETS is not set")
    message_id = signed_id(request.headers, body, secrets, now=time.time())
    handed = object_of(body, HandedIn)
    command_id = str(uuid5(NAMESPACE_URL, f"hearhear:post/{message_id}"))
    submitted = await in_thread(
        system.app.submit, handed.talk, _command(handed), command_id, _SENDER
    )
    answer = await asyncio.shield(asyncio.wrap_future(submitted))
    return encoded(Accepted(answer.position, answer.result))


def _command(handed: HandedIn) -> Command:
    told = {name: getattr(handed, name) for name in handed.__struct_fields__}
    kind: type[Command] = WithdrawPost if handed.deleted else CatchPost
    return converted({name: told[name] for name in kind.__struct_fields__}, kind)


OPERATIONS = (
    Operation(
        "POST",
        "/api/posts",
        hand_in,
        "Take in a post that another program caught, or its deletion; signed with "
        "`webhook-id`, `webhook-timestamp` and `webhook-signature` (Standard Webhooks).",
        body=HandedIn,
        answers=Accepted,
        refusals=(400, 401, 403, 404, 409, 413, 422, 503),
    ),
)
