"""From a request to the running system, and to whoever speaks."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import to_thread
from starlette.requests import HTTPConnection

from domain.speaker import Speaker
from domain.talk import Talk
from gateway.identity import credentials_of, why_nobody
from gateway.inviting import Inviting
from gateway.system import System

_Answer = TypeVar("_Answer")
_Arguments = ParamSpec("_Arguments")


def system_of(request: HTTPConnection) -> System:
    """Find the system that this request was made to."""
    system: System = request.app.state.system
    return system


def inviting(system: System) -> Inviting:
    """Make what has commands decided and gives invitations their links."""
    return Inviting(system.app, system.identity, system.settings.site)


def caller(request: HTTPConnection) -> Speaker | None:
    """Tell who speaks, or nobody; raises ``Unauthenticated`` for a bad bearer token."""
    return system_of(request).identity.reader(credentials_of(request))


def talk_asked_for(request: HTTPConnection, speaker: Speaker | None) -> Talk:
    """Find the talk of a request, as somebody may know of it; blocks, raises ``NotFound``."""
    return system_of(request).app.talk_for(request.path_params["talk"], speaker)


def speaking(request: HTTPConnection) -> Speaker:
    """Tell who speaks, or raise why nobody does."""
    speaker = caller(request)
    if speaker is None:
        raise why_nobody(request)
    return speaker


async def in_thread(
    function: Callable[_Arguments, _Answer],
    *arguments: _Arguments.args,
    **named: _Arguments.kwargs,
) -> _Answer:
    """Run what blocks on a worker thread."""
    return await to_thread.run_sync(partial(function, *arguments, **named))
