"""What a request brings along: bodies of bounded size, JSON, and query parameters."""

from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

from domain.commands import converted
from domain.errors import Invalid

BODY_LIMIT = 1 << 20
"""Bytes of a body that is read as a whole; a longer one is answered with 413."""

LINE_LIMIT = 1 << 16
"""Bytes of one line of a body that is streamed."""

_Shape = TypeVar("_Shape", bound=msgspec.Struct)


async def body_of(request: Request) -> bytes:
    """Read the whole body, or refuse it as too large without reading on."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > BODY_LIMIT:
        raise _too_large()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise _too_large()
    return bytes(body)


def _too_large() -> HTTPException:
    return HTTPException(413, f"bodies up to {BODY_LIMIT} bytes are read")


def json_of(body: bytes) -> object:
    """Read JSON, or raise ``Invalid``."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the body is no JSON in UTF-8: {error.msg}") from None


def dict_of(body: bytes) -> dict[str, object]:
    """Read a JSON object, or raise ``Invalid``."""
    raw = json_of(body)
    if not isinstance(raw, dict):
        raise Invalid("the body is a JSON object")
    return raw


def object_of(body: bytes, shape: type[_Shape]) -> _Shape:
    """Read a JSON object into a type, or raise ``Invalid`` naming the field at fault."""
    return converted(dict_of(body), shape)


def query_of(request: Request, shape: type[_Shape]) -> _Shape:
    """Read the query parameters into a type, or raise ``Invalid`` naming the one at fault."""
    return converted(dict(request.query_params), shape, strict=False)


async def lines_of(request: Request) -> AsyncIterator[tuple[int, bytes]]:
    """Read a body line by line as it arrives, numbered from 1, blank lines left out.

    A line longer than ``LINE_LIMIT`` comes out cut just beyond it, for its reader to refuse.
    """
    number, rest = 0, bytearray()
    async for chunk in request.stream():
        *lines, last = chunk.split(b"\n")
        for line in lines:
            number += 1
            whole = bytes(rest + line)
            rest.clear()
            if whole.strip():
                yield number, whole[: LINE_LIMIT + 1]
        rest += last[: LINE_LIMIT + 1 - len(rest)] if len(rest) <= LINE_LIMIT else b""
    if rest.strip():
        yield number + 1, bytes(rest)
