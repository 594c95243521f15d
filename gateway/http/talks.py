"""Talks, and the door that every command goes through."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Annotated, Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain import commands
from domain.commands import ScheduleTalk
from domain.errors import Invalid, Refused
from domain.policy import PUBLIC
from domain.speaker import Speaker
from domain.store import Answer
from gateway.http.accepting import Accepted, answer_of, command_id_of
from gateway.http.answers import encoded
from gateway.http.bodies import body_of, json_of, object_of, query_of
from gateway.http.callers import caller, in_thread, inviting, speaking, system_of, talk_asked_for
from gateway.http.operations import IDEMPOTENCY_KEY, IF_NONE_MATCH, Operation
from gateway.http.resources.reading import Items, link_to_next, tag_at
from gateway.http.resources.shapes import State, TalkCard
from gateway.http.validators import has_it, not_modified, revalidated
from gateway.inviting import Inviting
from gateway.system import System


class Scheduled(msgspec.Struct, frozen=True):
    """A talk that has just been announced."""

    id: str
    title: str
    state: State


class TalksQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which talks: in a state (coming: not live yet), with words of the title, in whatever case.

    ``after`` is the id of the last talk seen.
    """

    state: Literal["scheduled", "open", "live", "ended", "coming", ""] = ""
    title: str = ""
    after: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200

    def wants(self, card: Mapping[str, Any]) -> bool:
        """Tell whether a talk is one of those."""
        states = _COMING if self.state == "coming" else {self.state or card["state"]}
        return card["state"] in states and self.title.casefold() in card["title"].casefold()


_COMING = {"scheduled", "open"}


async def schedule(request: Request) -> Response:
    """Announce a talk; who does it is its host."""
    app, speaker = system_of(request).app, speaking(request)
    command = object_of(await body_of(request), ScheduleTalk)
    command_id = command_id_of(request)
    answer = await answer_of(await in_thread(app.schedule_talk, command, command_id, speaker))
    talk = await in_thread(app.talk, answer.result["talk"])
    return encoded(
        Scheduled(id=talk.talk, title=talk.title, state=talk.state),  # type: ignore[arg-type]
        status=201,
        headers={"Location": f"/api/talks/{talk.talk}"},
    )


async def all_talks(request: Request) -> Response:
    """List talks, the latest announced first, with a link to the next page."""
    return await in_thread(_listed, request, caller(request))


def _listed(request: Request, speaker: Speaker | None) -> Response:
    system, asked = system_of(request), query_of(request, TalksQuery)
    tag = tag_at(system.views.tracking())
    if has_it(request, tag):
        return not_modified(tag)
    behind = _behind(_known(system, speaker), asked.after)
    wanted = filter(asked.wants, behind)
    items = list(islice(wanted, asked.limit))
    headers = revalidated(tag)
    if len(items) == asked.limit:
        headers["Link"] = link_to_next(request, items[-1]["id"], asked.limit)
    return encoded(Items(items), headers=headers)


def _known(system: System, speaker: Speaker | None) -> list[Mapping[str, Any]]:
    """List the talks that somebody may know of."""
    return [
        card
        for card in system.views.talks()
        if card["access"] == PUBLIC or system.app.knows(speaker, card["id"])
    ]


def _behind(cards: Sequence[Mapping[str, Any]], after: str) -> Sequence[Mapping[str, Any]]:
    """Leave out the talks up to one; raises ``Invalid`` when it is not among them."""
    if not after:
        return cards
    ids = [card["id"] for card in cards]
    if after not in ids:
        raise Invalid("there is no such talk to go on from", field="after")
    return cards[ids.index(after) + 1 :]


async def command(request: Request) -> Response:
    """Have a command decided; refusals come in the order of the contract."""
    door, speaker = inviting(system_of(request)), speaking(request)
    body = await body_of(request)
    answer = await answer_of(await in_thread(_submitted, door, request, body, speaker))
    return encoded(Accepted(answer.position, answer.result))


def _submitted(door: Inviting, request: Request, body: bytes, speaker: Speaker) -> "Future[Answer]":
    """Hand a command to the writer; of a talk that is not there its shape doesn't matter."""
    try:
        command_id, asked = commands.decode(json_of(body))
    except Refused:
        talk_asked_for(request, speaker)
        raise
    return door.submit(request.path_params["talk"], asked, command_id, speaker)


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks",
        all_talks,
        "List talks, the latest announced first, in pages.",
        query=TalksQuery,
        headers=(IF_NONE_MATCH,),
        answers=Items[TalkCard],
        refusals=(400, 401),
    ),
    Operation(
        "POST",
        "/api/talks",
        schedule,
        "Announce a talk; who does it is its host.",
        headers=(IDEMPOTENCY_KEY,),
        body=ScheduleTalk,
        answers=Scheduled,
        status=201,
        needs_identity=True,
        refusals=(400, 403, 409, 413, 422, 503),
    ),
    Operation(
        "POST",
        "/api/talks/{talk}/commands",
        command,
        "Have a command decided: its answer, or why it was refused.",
        body=commands.COMMANDS,
        answers=Accepted,
        needs_identity=True,
        refusals=(400, 403, 404, 409, 413, 422, 429, 503),
    ),
)
