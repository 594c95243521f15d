"""How a command is answered at the plain door, and which id it has there."""

import asyncio
from concurrent.futures import Future
from uuid import uuid4

import msgspec
from starlette.requests import Request

from domain import commands
from domain.store import Answer


class Accepted(msgspec.Struct, frozen=True):
    """The answer to a command; ``position`` is null when nothing changed."""

    position: int | None
    result: dict[str, str]


async def answer_of(future: "Future[Answer]") -> Answer:
    """Wait for the writer, which goes on even when the client goes away."""
    return await asyncio.shield(asyncio.wrap_future(future))


def command_id_of(request: Request) -> str:
    """Tell the id of the command that a request asks for: its key, or a new one."""
    return commands.checked_id(request.headers.get("idempotency-key", str(uuid4())))
