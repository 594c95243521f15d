"""The door for recorded sessions: JSON lines of any length, taken in as they arrive."""

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from domain.speaker import Speaker
from gateway.http.answers import encoded
from gateway.http.bodies import lines_of
from gateway.http.callers import in_thread, speaking, system_of, talk_asked_for
from gateway.http.operations import LINES, Operation
from gateway.recorded import Import, Record, Report
from gateway.roles import must_have_role
from gateway.system import System

_BATCH = 500  # lines taken in together; as many as the store commits at once


async def import_session(request: Request) -> Response:
    """Take in a recorded session; tells what became of its lines."""
    system, speaker = system_of(request), speaking(request)
    session = await in_thread(_begun, system, request, speaker)
    try:
        async for batch in _batches(lines_of(request)):
            await in_thread(session.take, batch)
    except ClientDisconnect:
        return Response(status_code=499)  # nobody is there to read it; what was taken in stands
    return encoded(session.report)


def _begun(system: System, request: Request, speaker: Speaker) -> Import:
    talk = talk_asked_for(request, speaker)
    must_have_role(system.app, talk, speaker, "host")
    return Import(system.app, talk)


async def _batches(
    lines: AsyncIterator[tuple[int, bytes]],
) -> AsyncIterator[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    async for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


OPERATIONS = (
    Operation(
        "POST",
        "/api/talks/{talk}/import",
        import_session,
        "Take in a recorded session: JSON lines, streamed; the same line twice is one fact.",
        body=Record,
        body_type=LINES,
        answers=Report,
        needs_identity=True,
        refusals=(403, 404),
    ),
)
