"""Reading views: as they stand, and as they stood at any moment of the talk."""

from typing import Annotated, Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain.commands import Seconds
from domain.errors import Invalid
from domain.speaker import Speaker
from gateway.http.answers import encoded
from gateway.http.bodies import query_of
from gateway.http.callers import caller, in_thread, speaking, system_of, talk_asked_for
from gateway.http.operations import Operation
from gateway.roles import must_have_role
from gateway.system import System

Position = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class ViewQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which view, and as of when: at most one of ``at`` and ``position``.

    ``at`` is in seconds of the recording; without one they count from the start of the talk.
    """

    as_: Literal["room", "desk", "replay"] = msgspec.field(name="as", default="room")
    at: Seconds | None = None
    position: Position | None = None


class View(msgspec.Struct, frozen=True):
    """A view, with the place in its chain of patches to go on from."""

    epoch: str
    position: int
    view: dict[str, Any]


class FeedQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows of the feed: the last ``limit`` of those posted before a position."""

    before: Position = 2**53 - 1
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 100


class FeedPage(msgspec.Struct, frozen=True):
    """Rows of the feed by id, as the room tells them; fewer than asked for at its beginning."""

    feed: dict[str, dict[str, Any]]


async def view(request: Request) -> Response:
    """Read a view of a talk."""
    if request.query_params.get("as") == "desk":
        speaking(request)
    return encoded(await in_thread(_read, system_of(request), request, caller(request)))


async def feed(request: Request) -> Response:
    """Read rows of the feed that are older than those of the room's view."""
    system = system_of(request)
    talk = await in_thread(talk_asked_for, request, caller(request))
    asked = query_of(request, FeedQuery)
    rows = await in_thread(system.views.feed, talk.talk, before=asked.before, limit=asked.limit)
    return encoded(FeedPage(dict(rows)))


def _read(system: System, request: Request, speaker: Speaker | None) -> View:
    """Check who asks for what, in the order of refusals, then read."""
    talk = talk_asked_for(request, speaker)
    asked = query_of(request, ViewQuery)
    if asked.at is not None and asked.position is not None:
        raise Invalid("a view is read at a moment or at a position, not both", field="at")
    if asked.as_ == "desk" and speaker:
        must_have_role(system.app, talk, speaker, "moderator")
    if asked.as_ == "replay":
        talk.must_have_ended()
    if asked.at is None and asked.position is None:
        return _as_it_stands(system, talk.talk, asked)
    return _as_it_stood(system, talk.talk, asked)


def _as_it_stands(system: System, talk: str, asked: ViewQuery) -> View:
    """Read a view; one that the projector has not made yet is folded from the log."""
    snapshot = system.views.snapshot(talk, asked.as_)
    if snapshot is None:
        return _as_it_stood(system, talk, asked)
    return View(snapshot.epoch, snapshot.position, snapshot.view)


def _as_it_stood(system: System, talk: str, asked: ViewQuery) -> View:
    """Look a view up in the past of the talk."""
    moments = system.moments
    if asked.at is None:
        moment = moments.at_position(talk, asked.as_, asked.position)
    else:
        moment = moments.at_second(talk, asked.as_, asked.at)
    return View(system.views.epoch(), moment.position, moment.view)


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks/{talk}/view",
        view,
        "Read a view: as it stands, or as it stood at a moment or position, less what is "
        "hidden, retracted or erased by now.",
        query=ViewQuery,
        answers=View,
        refusals=(400, 401, 403, 404, 409),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}/feed",
        feed,
        "Read the feed page by page, the newest first: what everybody may see by now.",
        query=FeedQuery,
        answers=FeedPage,
        refusals=(400, 404),
    ),
)
