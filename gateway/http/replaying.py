"""The replay as a listener's player goes along, stretch by stretch, and what was said in it."""

from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain.commands import Seconds
from domain.errors import Invalid
from domain.speaker import Speaker
from gateway.http.answers import encoded
from gateway.http.bodies import query_of
from gateway.http.callers import caller, in_thread, system_of, talk_asked_for
from gateway.http.operations import Operation
from gateway.http.validators import has_it, not_modified, revalidated
from gateway.system import System

LONGEST_S = 600.0


class StretchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which seconds of the recording; at most ten minutes at once, which is the default."""

    from_s: Seconds = 0.0
    to_s: Seconds | None = None


class Change(msgspec.Struct, frozen=True):
    """What changed in the view at a second of the recording: a merge patch (RFC 7396).

    Changes within 0.2 s are told as one, from ``at_s`` to ``until_s``. For a moment between the
    two, ask for a stretch that begins there.
    """

    at_s: float
    until_s: float
    patch: dict[str, Any]


class ReplayStretch(msgspec.Struct, frozen=True):
    """The replay view at ``from_s``, and every change behind it up to and with ``to_s``."""

    epoch: str
    position: int
    from_s: float
    to_s: float
    view: dict[str, Any]
    changes: list[Change]


async def stretch(request: Request) -> Response:
    """Tell a stretch of the replay."""
    return await in_thread(_read, system_of(request), request, caller(request))


def _read(system: System, request: Request, speaker: Speaker | None) -> Response:
    talk = talk_asked_for(request, speaker)
    asked = query_of(request, StretchQuery)
    to_s = asked.from_s + LONGEST_S if asked.to_s is None else asked.to_s
    if not asked.from_s <= to_s <= asked.from_s + LONGEST_S:
        raise Invalid(f"a stretch ends at most {LONGEST_S:g} s after it begins", field="to_s")
    talk.must_have_ended()
    epoch = system.views.epoch()
    tag = f'"{epoch}-{system.moments.version(talk.talk)}"'
    if has_it(request, tag):
        return not_modified(tag)
    found = system.moments.stretch(talk.talk, asked.from_s, to_s)
    changes = [Change(step.at_s, step.until_s, step.patch) for step in found.steps]
    begin = found.begin
    answer = ReplayStretch(epoch, begin.position, asked.from_s, to_s, begin.view, changes)
    return encoded(answer, headers=revalidated(tag))


class SearchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which words to look for, in whatever case; the first ``limit`` that hold them are told."""

    q: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class FoundItem(msgspec.Struct, frozen=True):
    """Something that was said, and the second of the recording at which it was."""

    id: str
    kind: str
    by: dict[str, str]
    text: str
    position: int
    at_s: float


class SearchPage(msgspec.Struct, frozen=True):
    """What holds the words, in order of saying."""

    items: list[FoundItem]


async def search(request: Request) -> Response:
    """Find what was said in a talk."""
    return encoded(await in_thread(_search, system_of(request), request, caller(request)))


def _search(system: System, request: Request, speaker: Speaker | None) -> SearchPage:
    talk = talk_asked_for(request, speaker)
    asked = query_of(request, SearchQuery)
    found = system.views.search(talk.talk, asked.q, limit=asked.limit)
    shown = ("kind", "by", "text", "position")
    return SearchPage(
        [
            FoundItem(id=one.item, at_s=one.at_s, **{name: one.told[name] for name in shown})
            for one in found
        ]
    )


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks/{talk}/replay",
        stretch,
        "Read a stretch of an ended talk as its listeners see it: the view at its first second, "
        "and what changes until its last, to be applied as the player comes by. With an ETag.",
        query=StretchQuery,
        answers=ReplayStretch,
        refusals=(400, 401, 404, 409),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}/search",
        search,
        "Find what was said by some words in it: what everybody may see by now, with its second "
        "in the recording.",
        query=SearchQuery,
        answers=SearchPage,
        refusals=(400, 401, 404),
    ),
)
