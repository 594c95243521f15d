"""Analysts' tables as files, streamed as they are read: of one talk, or of many.

Analysts see pseudonyms and groups of at least five; ``raw`` rows take the role ``analyst_raw``,
and whoever reads them is noted in the talk before the first row goes out.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

import msgspec
from anyio import CancelScope
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from domain.commands import NoteRowsRead
from domain.errors import Invalid
from domain.speaker import Speaker
from gateway.http.answers import encoded
from gateway.http.bodies import query_of
from gateway.http.callers import caller, in_thread, speaking, system_of, talk_asked_for
from gateway.http.operations import IF_NONE_MATCH, Operation
from gateway.http.resources.reading import position_of, tag_at
from gateway.http.validators import has_it, not_modified, revalidated
from gateway.roles import may_analyse, must_analyse, must_analyse_everywhere
from gateway.sheet_files import FORMS, Form
from gateway.system import System
from projections.pulling import Pseudonyms, Pull, pulled
from projections.sheets import SHEETS, Sheet

POSITION = "Hearhear-Position"
"""The header with the position to pull on from."""
TALKS_AT_ONCE = 100

_Position = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
_Limit = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class SheetQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows: of facts after a position, so many at most; ``raw`` with names and words.

    Where ``limit`` cuts off rows with positions, the next pull goes on with the rest.
    """

    after: _Position = 0
    limit: _Limit | None = None
    raw: bool = False


class SheetsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows, of which talks: ids with commas between them, or none for all."""

    talks: str = ""
    after: _Position = 0
    limit: _Limit | None = None


class ColumnShown(msgspec.Struct, frozen=True):
    """A column of a table, and how analysts see it."""

    name: str
    type: str
    shown: str


class SheetShown(msgspec.Struct, frozen=True):
    """A table that analysts may read."""

    name: str
    about: str
    columns: list[ColumnShown]


class TalkTables(msgspec.Struct, frozen=True):
    """What whoever asks may read of a talk: its tables as analysts do, and raw ones."""

    analyse: bool
    raw: bool


@dataclass(frozen=True)
class _Asked:
    """What somebody may read, and the tag of its state."""

    pull: Pull
    tag: str


@dataclass(frozen=True)
class _Opened:
    """A file on its way out: what has been opened for it, and its pieces."""

    stack: ExitStack
    pieces: Iterator[bytes]
    position: int


async def list_sheets(_: Request) -> Response:
    """Tell which tables there are."""
    return encoded([_shown(sheet) for sheet in SHEETS.values()])


def _shown(sheet: Sheet) -> SheetShown:
    columns = [ColumnShown(one.name, one.kind.__name__, one.shown.value) for one in sheet.columns]
    return SheetShown(sheet.name, sheet.what, columns)


async def talk_tables(request: Request) -> Response:
    """Tell whether whoever asks may read the tables of a talk."""
    return encoded(await in_thread(_allowed, system_of(request), request, caller(request)))


def _allowed(system: System, request: Request, speaker: Speaker | None) -> TalkTables:
    talk = talk_asked_for(request, speaker)
    analyse, raw = (may_analyse(system.app, talk, speaker, raw=raw) for raw in (False, True))
    return TalkTables(analyse, raw)


async def talk_sheet(request: Request) -> Response:
    """Stream a table of one talk."""
    asked = await in_thread(_checked_talk, system_of(request), request, speaking(request))
    return await _answered(request, asked)


async def sheet_across(request: Request) -> Response:
    """Stream a table across talks."""
    asked = await in_thread(_checked_talks, system_of(request), request, speaking(request))
    return await _answered(request, asked)


def _checked_talk(system: System, request: Request, speaker: Speaker) -> _Asked:
    talk = talk_asked_for(request, speaker)
    sheet, asked = _sheet(request), query_of(request, SheetQuery)
    must_analyse(system.app, talk, speaker, raw=asked.raw)
    must_be_reached(system, asked.after)
    tag = tag_at(position_of(system, talk.talk))
    if asked.raw:
        command = NoteRowsRead(table=sheet.name)
        system.app.submit(talk.talk, command, str(uuid4()), speaker).result()
    return _Asked(Pull(sheet, (talk.talk,), asked.after, asked.limit, raw=asked.raw), tag)


def _checked_talks(system: System, request: Request, speaker: Speaker) -> _Asked:
    sheet, asked = _sheet(request), query_of(request, SheetsQuery)
    talks = checked_talks(system, speaker, asked.talks)
    must_be_reached(system, asked.after)
    return _Asked(Pull(sheet, talks, asked.after, asked.limit), tag_at(system.models.position()))


def checked_talks(system: System, speaker: Speaker, named: str) -> tuple[str, ...]:
    """Read the ids of talks, each of which the speaker must be allowed to analyse."""
    talks = tuple(filter(None, named.split(",")))
    if len(talks) > TALKS_AT_ONCE:
        raise Invalid(f"at most {TALKS_AT_ONCE} talks at once", field="talks")
    if not talks:
        must_analyse_everywhere(speaker)
    for talk in talks:
        must_analyse(system.app, system.app.talk_for(talk, speaker), speaker, raw=False)
    return talks


def must_be_reached(system: System, after: int) -> None:
    """Refuse to pull on from where nobody is: what is told from there on would have gaps."""
    if after and after > (end := system.models.position()):
        raise Invalid(
            f"the tables end at position {end}: pull on from {POSITION} of the last answer; "
            "while they are made anew, later; or anew, without `after`, if the log was restored",
            field="after",
        )


def _sheet(request: Request) -> Sheet:
    sheet = SHEETS.get(request.path_params["table"])
    if sheet is None or request.path_params["format"] not in FORMS:
        raise HTTPException(404, "there is no such table, or form: GET /api/tables lists them")
    return sheet


async def _answered(request: Request, asked: _Asked) -> Response:
    if asked.pull.sheet.follows_log and has_it(request, asked.tag):
        return not_modified(asked.tag)
    form = FORMS[request.path_params["format"]]
    opened = await in_thread(_opened, system_of(request), asked.pull, form)
    name = f"{asked.pull.sheet.name}.{request.path_params['format']}"
    headers = {
        **(revalidated(asked.tag) if asked.pull.sheet.follows_log else {}),
        POSITION: str(opened.position),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return StreamingResponse(_streamed(opened), headers=headers, media_type=form.media_type)


def _opened(system: System, pull: Pull, form: Form) -> _Opened:
    pseudonyms = Pseudonyms(system.settings.secrets[0])
    with ExitStack() as stack:
        found = stack.enter_context(pulled(system.models.engine, pull, pseudonyms))
        pieces = form.write(found)
        return _Opened(stack.pop_all(), pieces, found.position)


async def _streamed(opened: _Opened) -> AsyncIterator[bytes]:
    """Send piece by piece, on worker threads; whoever goes away holds no connection."""
    try:
        async for piece in iterate_in_threadpool(opened.pieces):
            yield piece
    finally:
        with CancelScope(shield=True):
            await in_thread(opened.stack.close)


OPERATIONS = (
    Operation(
        "GET",
        "/api/tables",
        list_sheets,
        "List the tables of analysts, with their columns.",
        answers=list[SheetShown],
    ),
    Operation(
        "GET",
        "/api/tables/{table}.{format}",
        sheet_across,
        f"Stream a table of many talks, for analysts: {', '.join(FORMS)}.",
        query=SheetsQuery,
        headers=(IF_NONE_MATCH,),
        answer_type="*/*",
        needs_identity=True,
        refusals=(400, 403, 404),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}/tables",
        talk_tables,
        "Tell whether whoever asks may read the tables of a talk.",
        answers=TalkTables,
        refusals=(401, 404),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}/tables/{table}.{format}",
        talk_sheet,
        f"Stream a table of a talk, for analysts and hosts: {', '.join(FORMS)}; "
        "`raw` rows for `analyst_raw`, noted in the audit trail.",
        query=SheetQuery,
        headers=(IF_NONE_MATCH,),
        answer_type="*/*",
        needs_identity=True,
        refusals=(400, 403, 404, 503),
    ),
)
