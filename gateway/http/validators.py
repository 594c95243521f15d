"""Validators: tags that tell one state of a resource from another (RFC 9110, ETag)."""

from starlette.requests import Request
from starlette.responses import Response


def is_named(tag: str, given: str) -> bool:
    """Tell whether a list of tags, as ``If-Match`` and ``If-None-Match`` hold, names this one."""
    named = {one.strip().removeprefix("W/") for one in given.split(",")}
    return tag in named or "*" in named


def has_it(request: Request, tag: str) -> bool:
    """Tell whether the client holds this very state already."""
    return is_named(tag, request.headers.get("if-none-match", ""))


def not_modified(tag: str) -> Response:
    """Tell a client that what it holds is still the same."""
    return Response(status_code=304, headers=revalidated(tag))


def revalidated(tag: str) -> dict[str, str]:
    """Tell caches to keep an answer, but to ask each time whether it still holds.

    What is told depends on who asks.
    """
    return {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Authorization, Cookie"}
