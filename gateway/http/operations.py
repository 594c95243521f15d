"""What the plain door offers: one description per operation.

Routes and the OpenAPI document are both made from these descriptions, so that neither
can say what the other does not.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Handler = Callable[[Request], Awaitable[Response]]

JSON = "application/json"
LINES = "application/x-ndjson"


@dataclass(frozen=True)
class Operation:
    """One method of one path: what it takes, answers and refuses.

    ``answers`` is the type of a JSON answer; other media types are only named.
    ``refusals`` lists statuses beside those that every operation may answer.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    query: type | None = None
    body: Any = None
    body_type: str = JSON
    answers: Any = None
    answer_type: str = JSON
    status: int = 200
    needs_identity: bool = False
    refusals: Sequence[int] = ()


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
