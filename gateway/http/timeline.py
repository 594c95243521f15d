"""The timeline of a talk, in any state, and in the formats that players read."""

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.speaker import Speaker
from gateway.http.answers import encoded
from gateway.http.callers import caller, in_thread, system_of, talk_asked_for
from gateway.http.operations import IF_NONE_MATCH, Operation
from gateway.http.resources.reading import tag_at
from gateway.http.validators import has_it, not_modified, revalidated
from gateway.system import System
from gateway.timelines import Told
from replay.exports import FORMATS
from replay.listeners import Listeners
from replay.timeline import Answered, Chapter, Heat, Highlight


class TimelineAt(msgspec.Struct, frozen=True):
    """Chapters, highlights (best first), heat and answered questions, with the last position.

    What listeners of the replay found stands apart.
    """

    position: int
    duration_s: float
    chapters: list[Chapter]
    highlights: list[Highlight]
    heat: Heat
    questions: list[Answered]
    listeners: Listeners


async def timeline(request: Request) -> Response:
    """Tell the timeline."""
    told = await _told(request)
    now, tag = told.timeline, tag_at(told.position)
    if has_it(request, tag):
        return not_modified(tag)
    return encoded(
        TimelineAt(
            told.position,
            now.duration_s,
            now.chapters,
            now.highlights,
            now.heat,
            now.questions,
            now.listeners,
        ),
        headers=revalidated(tag),
    )


async def timeline_as(request: Request) -> Response:
    """Write the timeline in a format, named by what stands after the dot."""
    if request.path_params["format"] == "json":
        return await timeline(request)
    written = FORMATS.get(request.path_params["format"])
    if written is None:
        raise HTTPException(404, f"a timeline is written as one of {', '.join(FORMATS)}")
    told = await _told(request)
    tag = tag_at(told.position)
    if has_it(request, tag):
        return not_modified(tag)
    return Response(
        written.write(told.timeline),
        headers=revalidated(tag),
        media_type=written.media_type,
    )


async def _told(request: Request) -> Told:
    return await in_thread(_read, system_of(request), request, caller(request))


def _read(system: System, request: Request, speaker: Speaker | None) -> Told:
    return system.timelines.of(talk_asked_for(request, speaker).talk)


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks/{talk}/timeline",
        timeline,
        "Tell chapters, highlights and heat, for a talk in any state.",
        headers=(IF_NONE_MATCH,),
        answers=TimelineAt,
        refusals=(401, 404),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}/timeline.{format}",
        timeline_as,
        f"Write the timeline in a format: {', '.join(FORMATS)}.",
        headers=(IF_NONE_MATCH,),
        answer_type="*/*",
        refusals=(401, 404),
    ),
)
