"""Feedback as series: ticks and people per bucket of time, for pages and spreadsheets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.commands import Seconds
from domain.speaker import Speaker
from gateway.http.answers import encoded
from gateway.http.bodies import query_of
from gateway.http.callers import caller, in_thread, speaking, system_of, talk_asked_for
from gateway.http.operations import IF_NONE_MATCH, Operation
from gateway.http.resources.reading import position_of, tag_at
from gateway.http.sheets import checked_talks, must_be_reached
from gateway.http.validators import has_it, not_modified, revalidated
from gateway.sheet_files import CSV, FORMS, LINES, PARQUET, Listed
from gateway.system import System
from projections.sheets import LEAST_PEOPLE

BUCKETS = {"1s": 1, "10s": 10, "1m": 60}
COLUMNS: Mapping[str, type] = {
    "at": str,
    "offset_s": float,
    "topic": str,
    "kind": str,
    "ticks": int,
    "people": int,
}


class FeedbackQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which ticks, in which buckets; ``from`` and ``to`` are seconds since the talk started.

    With ``after`` only buckets that got a tick after that position, each counted whole;
    ``together`` counts people once whatever the topic, which is empty then.
    """

    bucket: Literal["1s", "10s", "1m"] = "10s"
    kind: str = ""
    topic: str = ""
    from_: Seconds | None = msgspec.field(name="from", default=None)
    to: Seconds | None = None
    after: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] = 0
    together: bool = False


class FeedbackAcrossQuery(FeedbackQuery, frozen=True, forbid_unknown_fields=True):
    """The same of several talks: ids with commas between them, or none for all."""

    talks: str = ""


class FeedbackRow(msgspec.Struct, frozen=True):
    """The ticks of one kind and topic within one bucket, and how many people gave them."""

    at: str
    offset_s: float
    topic: str
    kind: str
    ticks: int
    people: int


class FeedbackAcrossRow(FeedbackRow, frozen=True):
    """The same, with the talk that it is of."""

    talk: str


async def feedback(request: Request) -> Response:
    """Tell the series as JSON."""
    return await in_thread(_told, system_of(request), request, caller(request), "")


async def feedback_as(request: Request) -> Response:
    """Write the series in the form that its path ends with."""
    form = request.url.path.rpartition(".")[2]
    return await in_thread(_told, system_of(request), request, caller(request), form)


async def feedback_across(request: Request) -> Response:
    """Tell the series of several talks, but of groups that are too small."""
    return await in_thread(_told_across, system_of(request), request, speaking(request))


def _told_across(system: System, request: Request, speaker: Speaker) -> Response:
    asked = query_of(request, FeedbackAcrossQuery)
    talks = checked_talks(system, speaker, asked.talks)
    must_be_reached(system, asked.after)
    tag = tag_at(system.models.position())
    if has_it(request, tag):
        return not_modified(tag)
    form = request.path_params.get("format", "")
    if form not in {"", *FORMS}:
        raise HTTPException(404, f"a series is written as one of {', '.join(FORMS)}")
    rows = [
        {"talk": talk, **row}
        for talk in talks or [str(card["id"]) for card in system.views.talks()]
        for row in series(system, talk, asked)
        if row["people"] >= LEAST_PEOPLE
    ]
    return written(rows, form, revalidated(tag), of_one_talk=False)


def _told(system: System, request: Request, speaker: Speaker | None, form: str) -> Response:
    talk = talk_asked_for(request, speaker)
    asked = query_of(request, FeedbackQuery)
    must_be_reached(system, asked.after)
    tag = tag_at(position_of(system, talk.talk))
    if has_it(request, tag):
        return not_modified(tag)
    return written(list(series(system, talk.talk, asked)), form, revalidated(tag))


def series(system: System, talk: str, asked: FeedbackQuery) -> Iterator[Mapping[str, Any]]:
    """Count ticks and people of a talk, per bucket."""
    yield from system.views.feedback(
        talk,
        bucket_s=BUCKETS[asked.bucket],
        kind=asked.kind,
        topic=asked.topic,
        since=asked.from_,
        until=asked.to,
        after=asked.after,
        together=asked.together,
    )


def written(
    rows: Sequence[Mapping[str, Any]],
    form: str,
    headers: Mapping[str, str],
    *,
    of_one_talk: bool = True,
) -> Response:
    """Answer with rows in a form; JSON without one."""
    if not form:
        return encoded(rows, headers=headers)
    kinds = COLUMNS if of_one_talk else {"talk": str, **COLUMNS}
    listed = Listed(kinds, [tuple(row[name] for name in kinds) for row in rows])
    content = b"".join(FORMS[form].write(listed))
    return Response(content, headers=dict(headers), media_type=FORMS[form].media_type)


_OF_A_TALK = tuple(
    Operation(
        "GET",
        f"/api/talks/{{talk}}/feedback{ending}",
        handler,
        f"Tell feedback per bucket of time, with people counted, as {form}.",
        query=FeedbackQuery,
        headers=(IF_NONE_MATCH,),
        answers=list[FeedbackRow] if not ending else None,
        answer_type=media_type,
        refusals=(400, 401, 404),
        name=f"feedback{ending.replace('.', '_')}",
    )
    for ending, handler, form, media_type in (
        ("", feedback, "JSON", "application/json"),
        (".csv", feedback_as, "CSV that is safe in a spreadsheet", CSV),
        (".jsonl", feedback_as, "JSON lines", LINES),
        (".parquet", feedback_as, "Parquet", PARQUET),
    )
)
_ACROSS = tuple(
    Operation(
        "GET",
        f"/api/feedback{ending}",
        feedback_across,
        f"Tell the same of several talks, for analysts, {form}; of groups of at least five people.",
        query=FeedbackAcrossQuery,
        headers=(IF_NONE_MATCH,),
        answers=list[FeedbackAcrossRow] if not ending else None,
        answer_type="*/*" if ending else "application/json",
        needs_identity=True,
        refusals=(400, 403, 404),
        name=name,
    )
    for ending, form, name in (
        ("", "as JSON", "feedback_across"),
        (".{format}", f"in a form: {', '.join(FORMS)}", "feedback_across_as"),
    )
)
OPERATIONS = (*_OF_A_TALK, *_ACROSS)
