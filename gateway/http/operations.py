"""What the plain door offers: one description per operation.

Routes and the OpenAPI document are both made from these descriptions, so that neither
can say what the other does not.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Handler = Callable[[Request], Awaitable[Response]]

JSON = "application/json"
LINES = "application/x-ndjson"


@dataclass(frozen=True)
class Header:
    """A header that an operation heeds: what it is for, and the schema of its value."""

    name: str
    about: str
    schema: Mapping[str, str]


IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "The command's id, chosen by the client: the same again gets the first answer. "
    "Without one every request is a command of its own.",
    {"type": "string", "format": "uuid"},
)
_TAGS = {"type": "string", "pattern": '^(\\*|"[0-9A-Za-z_=-]+")$'}
IF_MATCH = Header("If-Match", "An ETag: refuses (412) to change what has changed since.", _TAGS)
IF_NONE_MATCH = Header("If-None-Match", "An ETag: answers 304 while nothing has changed.", _TAGS)


@dataclass(frozen=True)
class Operation:
    """One method of one path: what it takes, answers and refuses.

    ``body`` is a type, or a tuple of those it may be of. ``answers`` is the type of a JSON
    answer; other media types are only named. ``refusals`` lists statuses beside those that
    every operation may answer. Its ``name`` is the handler's, unless several share one.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    query: type | None = None
    headers: Sequence[Header] = ()
    body: Any = None
    body_type: str = JSON
    answers: Any = None
    answer_type: str = JSON
    status: int = 200
    needs_identity: bool = False
    refusals: Sequence[int] = ()
    name: str = ""


def routes_of(operations: Sequence[Operation]) -> list[Route]:
    """Make one route per path, which answers all its methods."""
    by_path: dict[str, dict[str, Handler]] = defaultdict(dict)
    for operation in operations:
        by_path[operation.path][operation.method] = operation.handler
    return [
        Route(path, _dispatching(handlers), methods=list(handlers))
        for path, handlers in by_path.items()
    ]


def _dispatching(handlers: dict[str, Handler]) -> Handler:
    async def dispatch(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return dispatch
