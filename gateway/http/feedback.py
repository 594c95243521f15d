"""Feedback as series: ticks and people per bucket of time, for pages and spreadsheets."""

from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain.commands import Seconds
from gateway.http.answers import encoded
from gateway.http.bodies import query_of
from gateway.http.callers import caller, in_thread, system_of
from gateway.http.operations import IF_NONE_MATCH, LINES, Operation
from gateway.http.resources.reading import position_of, tag_at
from gateway.http.tables import CSV, csv_of, lines_of_json
from gateway.http.validators import has_it, not_modified, revalidated
from gateway.system import System

BUCKETS = {"1s": 1, "10s": 10, "1m": 60}
COLUMNS = ("at", "offset_s", "topic", "kind", "ticks", "people")


class FeedbackQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which ticks, in which buckets; ``from`` and ``to`` are seconds since the talk started."""

    bucket: Literal["1s", "10s", "1m"] = "10s"
    kind: str = ""
    topic: str = ""
    from_: Seconds | None = msgspec.field(name="from", default=None)
    to: Seconds | None = None


class FeedbackRow(msgspec.Struct, frozen=True):
    """The ticks of one kind and topic within one bucket, and how many people gave them."""

    at: str
    offset_s: float
    topic: str
    kind: str
    ticks: int
    people: int


async def feedback(request: Request) -> Response:
    """Tell the series as JSON."""
    caller(request)  # nobody needs a token, but a bad one is refused
    return await in_thread(_told, system_of(request), request)


def _told(system: System, request: Request) -> Response:
    talk = system.app.talk(request.path_params["talk"])
    tag = tag_at(position_of(system, talk.talk))
    if has_it(request, tag):
        return not_modified(tag)
    return encoded(_read(system, request), headers=revalidated(tag))


async def feedback_csv(request: Request) -> Response:
    """Tell the series as CSV."""
    rows = map(msgspec.structs.asdict, await _rows(request))
    return Response(csv_of(COLUMNS, rows), media_type=CSV)


async def feedback_lines(request: Request) -> Response:
    """Tell the series as JSON lines."""
    rows = map(msgspec.structs.asdict, await _rows(request))
    return Response(lines_of_json(rows), media_type=LINES)


async def _rows(request: Request) -> list[FeedbackRow]:
    caller(request)  # nobody needs a token, but a bad one is refused
    return await in_thread(_read, system_of(request), request)


def _read(system: System, request: Request) -> list[FeedbackRow]:
    talk = system.app.talk(request.path_params["talk"])
    asked = query_of(request, FeedbackQuery)
    rows = system.views.feedback(
        talk.talk,
        bucket_s=BUCKETS[asked.bucket],
        kind=asked.kind,
        topic=asked.topic,
        since=asked.from_,
        until=asked.to,
    )
    return [FeedbackRow(**row) for row in rows]


OPERATIONS = tuple(
    Operation(
        "GET",
        f"/api/talks/{{talk}}/feedback{ending}",
        handler,
        f"Tell feedback per bucket of time, with people counted, as {form}.",
        query=FeedbackQuery,
        headers=(IF_NONE_MATCH,) if not ending else (),
        answers=list[FeedbackRow] if not ending else None,
        answer_type=media_type,
        refusals=(400, 401, 404),
    )
    for ending, handler, form, media_type in (
        ("", feedback, "JSON", "application/json"),
        (".csv", feedback_csv, "CSV that is safe in a spreadsheet", CSV),
        (".jsonl", feedback_lines, "JSON lines", LINES),
    )
)
