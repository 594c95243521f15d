"""How both doors say no before anything is open: problem documents (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import cast

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import Refused, Unavailable

_log = structlog.get_logger()


class Problem(msgspec.Struct, frozen=True):
    """Why a request was refused; ``reason`` is the word that programs may rely on."""

    type: str
    title: str
    status: int
    detail: str
    reason: str
    field: str


_TITLES = {
    "unauthenticated": "Nobody knows who is speaking",
    "not_found": "There is nothing here",
    "invalid": "The request has not the shape it should have",
    "unknown_command": "There is no such command",
    "not_allowed": "The role does not include this",
    "conflict": "The command id was used for another command",
    "not_open": "Not in this state",
    "text_empty": "The text is empty",
    "text_too_long": "The text is too long",
    "too_fast": "Too fast",
    "unavailable": "Not available right now",
}
_REASONS = {
    404: "not_found",
    405: "method_not_allowed",
    412: "precondition_failed",
    413: "too_large",
}


def problem(
    status: int,
    reason: str,
    detail: str,
    *,
    field: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem document."""
    body = Problem(
        type=f"urn:hearhear:problem:{reason}",
        title=_TITLES.get(reason, HTTPStatus(status).phrase),
        status=status,
        detail=detail,
        reason=reason,
        field=field,
    )
    return Response(
        msgspec.json.encode(body), status, headers, media_type="application/problem+json"
    )


async def refused(_: Request, error: Exception) -> Response:
    """Answer a refusal of the domain."""
    refusal = cast("Refused", error)
    headers = {}
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="hearhear"'
    retry_after_s = getattr(refusal, "retry_after_s", None)
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after_s = 1
    if retry_after_s is not None:
        headers["Retry-After"] = str(max(1, ceil(retry_after_s)))
    return problem(
        refusal.status, refusal.reason, refusal.detail, field=refusal.field, headers=headers
    )


async def http_error(_: Request, error: Exception) -> Response:
    """Answer what the routing refuses: unknown paths, methods, bodies that are too large."""
    told = cast("HTTPException", error)
    reason = _REASONS.get(told.status_code, "invalid")
    return problem(told.status_code, reason, told.detail, headers=told.headers)


async def out_of_reach(request: Request, error: Exception) -> Response:
    """Answer what a database did not answer: later may be better."""
    _log.warning("a database does not answer", path=request.url.path, error=repr(error))
    return await refused(request, Unavailable("a database does not answer; try again"))


class UnexpectedErrors:
    """Answers 500 for an error nobody thought of, logs it, and keeps its text to ourselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request; an error after the answer began ends the connection instead."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            if begun:
                raise
            _log.exception("request failed", method=scope["method"], path=scope["path"])
            answer = problem(500, "internal", "something went wrong on our side; it was logged")
            await answer(scope, receive, send)
