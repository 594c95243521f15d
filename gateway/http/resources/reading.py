"""Reading resources: by the page and one by one, each state with its tag."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import NotFound
from domain.speaker import Speaker, includes
from domain.talk import Talk
from gateway.http.answers import encoded
from gateway.http.bodies import query_of
from gateway.http.callers import caller, in_thread, speaking, system_of, talk_asked_for
from gateway.http.resources.kinds import Resource
from gateway.http.resources.shapes import (
    Answer,
    Line,
    Panelist,
    Post,
    Question,
    StandingVote,
    TalkCard,
    Topic,
)
from gateway.http.validators import has_it, not_modified, revalidated
from gateway.roles import roles_in
from gateway.system import System
from projections.models import LINES, POSTS, Page, Reader

_Told = TypeVar("_Told")


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page: from where on, and how many at most."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200


class Items(msgspec.Struct, Generic[_Told], frozen=True):
    """Some of a collection, in its order."""

    items: list[_Told]


async def page(request: Request, resource: Resource) -> Response:
    """Tell a page of a collection, with a link to the next."""
    return await in_thread(_page, request, resource, _reading(request, resource))


async def one(request: Request, resource: Resource) -> Response:
    """Tell one of a collection."""
    return await in_thread(_one, request, resource, _reading(request, resource))


def _reading(request: Request, resource: Resource) -> Speaker | None:
    return speaking(request) if resource.is_private else caller(request)


def _page(request: Request, resource: Resource, speaker: Speaker | None) -> Response:
    system = system_of(request)
    talk = talk_asked_for(request, speaker)
    asked = query_of(request, PageQuery)
    tag = tag_at(position_of(system, talk.talk))
    if has_it(request, tag):
        return not_modified(tag)
    reader = reader_of(system, talk, speaker)
    items = told(system, resource, talk.talk, Page(asked.after, asked.limit), reader)
    headers = revalidated(tag)
    if len(items) == asked.limit:
        headers["Link"] = link_to_next(request, getattr(items[-1], resource.cursor), asked.limit)
    return encoded(Items(items), headers=headers)


def _one(request: Request, resource: Resource, speaker: Speaker | None) -> Response:
    system = system_of(request)
    talk = talk_asked_for(request, speaker)
    found = found_one(system, resource, talk, request.path_params[resource.item], speaker)
    if found is None:
        raise NotFound(f"no such {resource.item} in this talk", field=resource.item)
    return tagged(request, found)


def found_one(
    system: System, resource: Resource, talk: Talk, item: str, speaker: Speaker | None
) -> Any | None:
    """Find one of a collection as a reader may see it."""
    found = told(system, resource, talk.talk, Page(only=item), reader_of(system, talk, speaker))
    return found[0] if found else None


def reader_of(system: System, talk: Talk, speaker: Speaker | None) -> Reader:
    """Tell as whom somebody reads a talk."""
    if speaker is None:
        return Reader()
    is_moderator = includes(roles_in(system.app, talk, speaker), "moderator")
    return Reader(system.app.attendee_of(speaker, talk.talk), is_moderator)


def told(system: System, resource: Resource, talk: str, page: Page, reader: Reader) -> list[Any]:
    """Tell some of a collection to a reader."""
    return list(_TOLD[resource.name](system, talk, page, reader))


_TOLD: Mapping[str, Callable[[System, str, Page, Reader], Iterable[Any]]] = {
    "talks": lambda system, talk, _, __: [TalkCard.of(system.app.talk(talk))],
    "topics": lambda system, talk, page, _: map(Topic.of, system.models.topics(talk, page)),
    "panelists": lambda system, talk, page, _: map(
        Panelist.of, system.models.panelists(talk, page)
    ),
    "lines": lambda system, talk, page, reader: (
        Line.of(item, reader) for item in system.models.said(talk, LINES, page, reader)
    ),
    "posts": lambda system, talk, page, reader: (
        Post.of(item, reader) for item in system.models.said(talk, POSTS, page, reader)
    ),
    "questions": lambda system, talk, page, reader: (
        Question.of(put, reader) for put in system.models.questions(talk, page, reader)
    ),
    "answers": lambda system, talk, page, reader: (
        Answer.of(item, reader) for item in system.models.answers(talk, page, reader)
    ),
    "votes": lambda system, talk, page, reader: map(
        StandingVote.of, system.models.votes(talk, reader.attendee, page)
    ),
}


# Tags.


def position_of(system: System, talk: str) -> int:
    """Tell the position of the last fact of a talk that the views have taken in.

    To be asked before the views are read: what is told may be newer than its tag, and is then
    asked for once more; never older.
    """
    return system.store.log.last_of(talk, system.models.position())


def tag_at(position: int) -> str:
    """Write the tag of what is told as of a position."""
    return f'"{position}"'


def tag_of(found: Any) -> str:
    """Write the tag of one thing: it changes with whatever is told of it."""
    digest = blake2b(msgspec.json.encode(found), digest_size=12).digest()
    return f'"{urlsafe_b64encode(digest).decode()}"'


def tagged(request: Request, found: Any) -> Response:
    """Tell one thing, unless the client holds it already."""
    tag = tag_of(found)
    return not_modified(tag) if has_it(request, tag) else encoded(found, headers=revalidated(tag))


def link_to_next(request: Request, after: object, limit: int) -> str:
    """Write the link to the next page, with all else that was asked for."""
    following = request.url.include_query_params(after=after, limit=limit)
    return f'<{following.path}?{following.query}>; rel="next"'
