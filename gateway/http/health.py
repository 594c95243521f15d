"""For operators: whether the process lives, whether it is ready, and its numbers."""

from collections.abc import Callable
from typing import Literal

import msgspec
from anyio import fail_after, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.http.answers import encoded
from gateway.http.callers import in_thread, system_of
from gateway.http.operations import Operation
from gateway.metrics import CONTENT_TYPE

ANSWERS_WITHIN_S = 2.0
"""What the store or the views don't answer by then counts as down."""

State = Literal["ok", "down"]


class Readiness(msgspec.Struct, frozen=True):
    """What this process needs, and how far the views are behind the log (-1: unknown).

    Without its broker a gateway polls the views instead, so it stays ready; told to end, it is
    not ready for the second before it says goodbye to its sockets.
    """

    ready: bool
    store: State
    views: State
    broker: State
    lag: int


async def livez(_: Request) -> Response:
    """Tell that the process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Tell whether requests can be served."""
    system = system_of(request)
    head = await _number(system.store.log.head)
    followed = await _number(system.views.tracking)
    readiness = Readiness(
        ready=not (head is None or followed is None or system.hub.is_closing),
        store="down" if head is None else "ok",
        views="down" if followed is None else "ok",
        broker="down" if system.hub.is_silent else "ok",
        lag=-1 if head is None or followed is None else max(0, head - followed),
    )
    return encoded(readiness, status=200 if readiness.ready else 503)


async def _number(ask: Callable[[], int]) -> int | None:
    """Ask for a number; None when what is asked can't be reached, or not in time."""
    try:
        with fail_after(ANSWERS_WITHIN_S):
            return await to_thread.run_sync(ask, abandon_on_cancel=True)
    except Exception:  # noqa: BLE001 - whatever ails it, it is down
        return None


async def metrics(request: Request) -> Response:
    """Tell the numbers of this process."""
    text = await in_thread(system_of(request).metrics.text)
    return Response(text, media_type=CONTENT_TYPE)


OPERATIONS = (
    Operation("GET", "/livez", livez, "Tell that the process answers.", answer_type="text/plain"),
    Operation("GET", "/readyz", readyz, "Tell whether requests can be served.", answers=Readiness),
    Operation("GET", "/metrics", metrics, "Tell this process's numbers.", answer_type="text/plain"),
)
