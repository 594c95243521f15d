"""Bluesky: Jetstream, which tells all posts of the network; those with a hashtag are ours.

Two wire forms, told apart by the address: v1 ``/subscribe`` (``kind`` and ``commit``, the
cursor is ``time_us``), and v2 ``…/network.bsky.jetstream.subscribeEvents`` (an envelope with
a ``payload``, the cursor is ``seq``). Shapes: https://github.com/bluesky-social/jetstream
"""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
import structlog
from websockets.exceptions import InvalidStatus

from domain.text import NAME_LIMIT
from gateway.catching.markup import shortened
from gateway.catching.source import AllGone, Gone, Heard, Post, SourceError, What, well_opened
from gateway.outside import ForbiddenAddressError, Outside

NAME = "bluesky"
POSTS = "app.bsky.feed.post"
SUBPROTOCOL = "xrpc.v1.json"
OVERLAP_US = 5_000_000
"""Microseconds of v1 that are read again after a break; v2 begins at the cursor itself."""

_V2 = "network.bsky.jetstream.subscribeEvents"
_MESSAGE_LIMIT = 1 << 20
_HANDLES = 10_000  # remembered
_PROFILE_WITHIN_S = 5.0

_log = structlog.get_logger(__name__)


class Commit(msgspec.Struct):
    """What happened to one record: created, updated or deleted."""

    operation: str
    collection: str
    rkey: str
    record: Any = None


class Identity(msgspec.Struct):
    """What an account is called now."""

    did: str
    handle: str | None = None


class Account(msgspec.Struct):
    """Whether an account is there at all."""

    active: bool = True


class EventV1(msgspec.Struct):
    """A message of v1."""

    did: str
    time_us: int
    kind: str
    commit: Commit | None = None
    identity: Identity | None = None
    account: Account | None = None


class PayloadV2(msgspec.Struct):
    """The payload of a message of v2; its ``$type`` ends with its kind. Notes have no ``seq``."""

    type: str = msgspec.field(name="$type", default="")
    did: str = ""
    seq: int = 0
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    record: Any = None
    identity: Identity | None = None
    account: Account | None = None
    name: str = ""


class MessageV2(msgspec.Struct):
    """A message of v2, or the error before its end."""

    type: str = msgspec.field(name="$type", default="message")
    payload: PayloadV2 | None = None
    error: str = ""


class _Event(msgspec.Struct, frozen=True):
    """What both forms say."""

    did: str
    cursor: int
    commit: Commit | None
    identity: Identity | None
    account: Account | None


class Bluesky:
    """The posts of the network that have one of some hashtags."""

    name = NAME

    def __init__(self, outside: Outside, url: str, profiles: str, tags: Iterable[str]) -> None:
        self._outside = outside
        self._url = url.rstrip("/?")
        self._is_v2 = _V2 in url
        self._profiles = profiles
        self._tags = {tag.casefold() for tag in tags}
        self._handles: OrderedDict[str, str] = OrderedDict()
        self._client = outside.client(timeout_s=_PROFILE_WITHIN_S)
        version = "v2" if self._is_v2 else "v1"
        self.key = f"{NAME}/{urlsplit(url).hostname}/{version}"

    async def listen(self, cursor: str) -> AsyncGenerator[Heard, None]:
        """Tell what comes from a cursor on."""
        read = _read_v2 if self._is_v2 else _read_v1
        options = {"subprotocols": [SUBPROTOCOL]} if self._is_v2 else {}
        opening = await self._outside.websocket(
            self._address(cursor), max_size=_MESSAGE_LIMIT, **options
        )
        try:
            async with well_opened(opening) as socket:
                async for message in socket:
                    event = _readable(read, message)
                    if event:
                        yield Heard(await self._what(event), str(event.cursor))
        except SourceError as error:
            if not (cursor and _is_too_old(error.__cause__)):
                raise
            _log.warning("catching.gap", source=NAME, why="its cursor is too old by now")
            yield Heard(None, "")

    async def gone(self, _: Sequence[str]) -> Sequence[str]:
        """Tell nothing: the stream tells deletions, those while nobody listened too."""
        return ()

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    def _address(self, cursor: str) -> str:
        if self._is_v2:
            kinds = [("kinds", kind) for kind in ("commit", "identity", "account")]
            query = [*kinds, ("collections", POSTS)]
        else:
            query = [("wantedCollections", POSTS)]
        if cursor:
            behind = 0 if self._is_v2 else OVERLAP_US
            query.append(("cursor", str(max(int(cursor) - behind, 1))))
        return f"{self._url}?{urlencode(query)}"

    async def _what(self, event: _Event) -> What | None:
        if event.identity and event.identity.handle:
            if event.did in self._handles:
                self._remember(event.did, event.identity.handle)
            return None
        if event.account and not event.account.active:
            return AllGone(f"at://{event.did}/")
        commit = event.commit
        if commit is None or commit.collection != POSTS:
            return None
        post_id = f"at://{event.did}/{POSTS}/{commit.rkey}"
        if commit.operation == "delete":
            return Gone(post_id)
        record = commit.record if isinstance(commit.record, dict) else {}
        if commit.operation != "create" or not self._tags & set(tags_of(record)):
            return None
        return Post(
            post_id=post_id,
            author=(await self._author(event.did))[:NAME_LIMIT],
            text=shortened(str(record.get("text", ""))),
            url=f"https://bsky.app/profile/{event.did}/post/{commit.rkey}",
        )

    async def _author(self, did: str) -> str:
        """Tell what an account is called; by its id when that can't be found out."""
        if did not in self._handles and self._profiles:
            handle = await self._asked(did)
            if handle:
                self._remember(did, handle)
        return f"@{self._handles[did]}" if did in self._handles else did

    async def _asked(self, did: str) -> str:
        url = f"{self._profiles}/xrpc/app.bsky.actor.getProfile?{urlencode({'actor': did})}"
        try:
            answer = await self._client.get(url)
            answer.raise_for_status()
            return str(answer.json()["handle"])
        except (httpx.HTTPError, OSError, ForbiddenAddressError, ValueError, LookupError) as error:
            _log.warning("catching.nameless", source=NAME, error=type(error).__name__)
            return ""

    def _remember(self, did: str, handle: str) -> None:
        self._handles[did] = handle
        self._handles.move_to_end(did)
        while len(self._handles) > _HANDLES:
            self._handles.popitem(last=False)


def tags_of(record: dict[str, Any]) -> list[str]:
    """List the hashtags of a post: those in its text, marked by facets, and those beside it."""
    found = list(record.get("tags") or [])
    for facet in record.get("facets") or []:
        features = facet.get("features") or [] if isinstance(facet, dict) else []
        found += [feature.get("tag") for feature in features if isinstance(feature, dict)]
    return [tag.casefold().removeprefix("#") for tag in found if isinstance(tag, str)]


def _read_v1(message: str | bytes) -> _Event:
    told = msgspec.json.decode(message, type=EventV1)
    return _Event(told.did, told.time_us, told.commit, told.identity, told.account)


def _read_v2(message: str | bytes) -> _Event | None:
    told = msgspec.json.decode(message, type=MessageV2)
    if told.type == "error" or told.error:
        raise SourceError(f"it ends with {told.error or 'an error'}")
    payload = told.payload
    if payload is None or not payload.seq:
        _log.info("catching.note", source=NAME, note=payload.name if payload else "")
        return None
    commit = None
    if payload.type.endswith("#commit"):
        commit = Commit(payload.operation, payload.collection, payload.rkey, payload.record)
    return _Event(payload.did, payload.seq, commit, payload.identity, payload.account)


def _readable(read: Callable[[str | bytes], _Event | None], message: str | bytes) -> _Event | None:
    try:
        return read(message)
    except msgspec.DecodeError as error:
        _log.warning("catching.unreadable", source=NAME, error=str(error))
        return None


def _is_too_old(cause: BaseException | None) -> bool:
    """Tell whether v2 has nothing any more from the cursor on: then it begins at its end."""
    return isinstance(cause, InvalidStatus) and b"CursorTooOld" in (cause.response.body or b"")
