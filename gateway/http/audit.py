"""The audit trail of a talk, for its moderators: as pages of data and as a spreadsheet."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain.speaker import Speaker, includes
from domain.store import Recorded, Store
from domain.talk import Talk
from gateway.auditing import NEEDED, Act, acts_of
from gateway.http.answers import encoded
from gateway.http.bodies import query_of
from gateway.http.callers import in_thread, speaking, system_of, talk_asked_for
from gateway.http.operations import Operation
from gateway.http.resources.reading import link_to_next
from gateway.http.tables import CSV, csv_of
from gateway.roles import must_have_role, roles_in
from gateway.system import System

_BATCH = 1000
_COLUMNS = ("position", "at", "by", "name", "act", "item", "whom", "whose", "why")


class AuditQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where on, and how many at most."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200


class AuditPage(msgspec.Struct, frozen=True):
    """Some acts, in order of position."""

    items: list[Act]


async def audit(request: Request) -> Response:
    """Tell a page of acts, with a link to the next."""
    acts, asked = await in_thread(_page, system_of(request), request, speaking(request))
    headers = {}
    if len(acts) == asked.limit:
        headers["Link"] = link_to_next(request, acts[-1].position, asked.limit)
    return encoded(AuditPage(acts), headers=headers)


async def audit_csv(request: Request) -> Response:
    """Tell all acts as CSV."""
    acts = await in_thread(_all, system_of(request), request, speaking(request))
    return Response(csv_of(_COLUMNS, map(_row, acts)), media_type=CSV)


def _page(system: System, request: Request, speaker: Speaker) -> tuple[list[Act], AuditQuery]:
    talk = _moderated(system, request, speaker)
    asked = query_of(request, AuditQuery)
    behind = (act for act in _acts(system, talk, speaker) if act.position > asked.after)
    return list(islice(behind, asked.limit)), asked


def _all(system: System, request: Request, speaker: Speaker) -> list[Act]:
    return _acts(system, _moderated(system, request, speaker), speaker)


def _moderated(system: System, request: Request, speaker: Speaker) -> Talk:
    talk = talk_asked_for(request, speaker)
    must_have_role(system.app, talk, speaker, "moderator")
    return talk


def _acts(system: System, talk: Talk, speaker: Speaker) -> list[Act]:
    """Read the trail of a talk. Costs a pass over its facts, but for ticks and votes."""
    is_host = includes(roles_in(system.app, talk, speaker), "host")
    return acts_of(talk.talk, _facts(system.store, talk.talk), to_host=is_host)


def _facts(store: Store, talk: str) -> Iterator[Recorded]:
    after = 0
    while batch := store.read(after, _BATCH, talk=talk, names=NEEDED):
        yield from batch
        after = batch[-1].position


def _row(act: Act) -> dict[str, Any]:
    whom = {"whom": act.whom.id, "whose": act.whom.name}
    return {**msgspec.structs.asdict(act), "by": act.by.id, "name": act.by.name, **whom}


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks/{talk}/audit",
        audit,
        "Tell who of the desk did what, when and why, for moderators.",
        query=AuditQuery,
        answers=AuditPage,
        needs_identity=True,
        refusals=(400, 403, 404),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}/audit.csv",
        audit_csv,
        "The same as CSV, whole.",
        answer_type=CSV,
        needs_identity=True,
        refusals=(403, 404),
    ),
)
