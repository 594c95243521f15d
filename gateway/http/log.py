"""The log of a talk for its host: every fact as a JSON line, streamed."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from domain.clock import iso
from domain.speaker import Speaker
from domain.store import Recorded, Store
from gateway.http.bodies import query_of
from gateway.http.callers import in_thread, speaking, system_of, talk_asked_for
from gateway.http.operations import LINES, Operation
from gateway.http.tables import lines_of_json
from gateway.roles import must_have_role
from gateway.system import System

_BATCH = 1000
_NO_DATA = frozenset({"originator_id", "originator_version", "originator_topic", "timestamp", "by"})


class LogQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where on: the facts after this position."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] = 0


async def log(request: Request) -> Response:
    """Stream the facts of a talk."""
    system, speaker = system_of(request), speaking(request)
    asked = await in_thread(_checked, system, request, speaker)
    facts = lines_of(system.store, request.path_params["talk"], asked.after)
    return StreamingResponse(facts, media_type=LINES)


def _checked(system: System, request: Request, speaker: Speaker) -> LogQuery:
    talk = talk_asked_for(request, speaker)
    asked = query_of(request, LogQuery)
    must_have_role(system.app, talk, speaker, "host")
    return asked


def lines_of(store: Store, talk: str, after: int) -> Iterator[bytes]:
    """Write the facts of a talk after a position as JSON lines, batch by batch. Blocks."""
    while batch := store.read(after, _BATCH, talk=talk):
        yield lines_of_json(map(line_of, batch))
        after = batch[-1].position


def line_of(recorded: Recorded) -> dict[str, Any]:
    """Describe a fact: what it is, when it was and who did it, and its own fields as data."""
    fact = recorded.fact
    fields: Mapping[str, Any] = vars(fact)
    return {
        "position": recorded.position,
        "id": f"{fact.originator_id}@{fact.originator_version}",
        "type": type(fact).TOPIC,  # type: ignore[attr-defined]
        "at": iso(fact.timestamp),
        "by": fact.by,
        "data": {name: value for name, value in fields.items() if name not in _NO_DATA},
    }


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks/{talk}/log",
        log,
        "Stream the facts of a talk, for its host: JSON lines of "
        "`{position, id, type, at, by, data}`.",
        query=LogQuery,
        answer_type=LINES,
        needs_identity=True,
        refusals=(400, 403, 404),
    ),
)
