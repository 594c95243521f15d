"""Mastodon: a hashtag's stream, by server-sent events or by WebSocket.

The scheme of its address chooses: ``https`` streams events, ``wss`` a WebSocket. The
stream itself does not reach back; after a break the hashtag's timeline tells what was
missed, from the last post on. Frames: https://docs.joinmastodon.org/methods/streaming/
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TypeAlias
from urllib.parse import quote, urlencode, urlsplit

import msgspec
import structlog
from httpx_sse import aconnect_sse

from domain.text import NAME_LIMIT
from gateway.catching.markup import shortened, text_of
from gateway.catching.source import Gone, Heard, Post, What, must_be_well, well_opened
from gateway.outside import Outside

NAME = "mastodon"
SILENT_S = 60.0  # a heartbeat comes each 15 seconds
_PAGE, _PAGES = 40, 25  # statuses asked for at once, and how often, after a break
_ASKED_ABOUT = 40  # posts, one request each: an instance takes 300 in 5 minutes
_MESSAGE_LIMIT = 1 << 20
_PUBLIC = {"public", "unlisted"}

_Events: TypeAlias = AsyncGenerator[tuple[str, str], None]
"""Events of a stream, each with its payload."""

_log = structlog.get_logger(__name__)


class Account(msgspec.Struct):
    """Who wrote it: ``ann`` here, ``ann@other.example`` elsewhere."""

    acct: str


class Status(msgspec.Struct):
    """A post, as far as it matters here; ``reblog`` is set when it only repeats another."""

    id: str
    account: Account
    content: str
    visibility: str = "public"
    spoiler_text: str = ""
    url: str | None = None
    uri: str = ""
    reblog: msgspec.Raw | None = None


class _Frame(msgspec.Struct):
    """A message of the WebSocket: an event, and its payload as text."""

    event: str
    payload: str = ""


class Mastodon:
    """One hashtag at one server."""

    name = NAME

    def __init__(self, outside: Outside, url: str, token: str, tag: str) -> None:
        parts = urlsplit(url)
        self._outside = outside
        self._url = url.rstrip("/")
        self._is_socket = parts.scheme in {"ws", "wss"}
        self._host = parts.hostname or ""
        secure = "https" if parts.scheme in {"https", "wss"} else "http"
        self._site = f"{secure}{self._url[len(parts.scheme) :]}"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._tag = tag
        self._client = outside.client(headers=self._headers, timeout_s=SILENT_S)
        self.key = f"{NAME}/{self._host}/{tag.casefold()}"

    async def listen(self, cursor: str) -> AsyncGenerator[Heard, None]:
        """Tell what was missed since the cursor, then what comes."""
        stream = self._socket() if self._is_socket else self._events()
        async with stream as events:  # before looking back, so that nothing falls in between
            async for status in self._missed(cursor):
                cursor = later(cursor, status.id)
                yield Heard(self._post(status), cursor)
            async with aclosing(events) as coming:
                async for event, payload in coming:
                    what = self._what(event, payload)
                    if isinstance(what, Post):
                        cursor = later(cursor, what.post_id)
                    yield Heard(what, cursor)

    async def gone(self, post_ids: Sequence[str]) -> list[str]:
        """Ask for each post: deletions are not told to who was away."""
        missing = []
        for post_id in post_ids[-_ASKED_ABOUT:]:
            answer = await self._client.get(f"{self._site}/api/v1/statuses/{quote(post_id)}")
            if answer.status_code in {404, 410}:
                missing.append(post_id)
            else:
                must_be_well(answer)
        return missing

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    @asynccontextmanager
    async def _events(self) -> AsyncIterator[_Events]:
        url = f"{self._site}/api/v1/streaming/hashtag?{urlencode({'tag': self._tag})}"
        async with aconnect_sse(self._client, "GET", url) as source:
            must_be_well(source.response)
            yield ((event.event, event.data) async for event in source.aiter_sse())

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[_Events]:
        url = f"{self._url}/api/v1/streaming?{urlencode({'stream': 'hashtag', 'tag': self._tag})}"
        opening = await self._outside.websocket(
            url, additional_headers=self._headers, max_size=_MESSAGE_LIMIT
        )
        async with well_opened(opening) as socket:
            yield (_unwrapped(message) async for message in socket)

    async def _missed(self, cursor: str) -> AsyncIterator[Status]:
        """Read the timeline from the cursor on, oldest first."""
        for _ in range(_PAGES if cursor else 0):
            query = urlencode({"min_id": cursor, "limit": _PAGE})
            url = f"{self._site}/api/v1/timelines/tag/{quote(self._tag)}?{query}"
            answer = await self._client.get(url)
            must_be_well(answer)
            page = msgspec.json.decode(answer.content, type=list[Status])
            for status in reversed(page):
                yield status
            if len(page) < _PAGE:
                return
            cursor = page[0].id

    def _what(self, event: str, payload: str) -> What | None:
        if event == "delete":
            return Gone(payload.strip())
        if event != "update":
            return None
        try:
            return self._post(msgspec.json.decode(payload, type=Status))
        except msgspec.DecodeError as error:
            _log.warning("catching.unreadable", source=NAME, error=str(error))
            return None

    def _post(self, status: Status) -> Post | None:
        if status.visibility not in _PUBLIC or status.reblog is not None:
            return None
        warned = f"[{status.spoiler_text}] " if status.spoiler_text else ""
        acct = status.account.acct
        handle = f"@{acct}" if "@" in acct else f"@{acct}@{self._host}"
        return Post(
            post_id=status.id,
            author=handle[:NAME_LIMIT],
            text=shortened(f"{warned}{text_of(status.content)}"),
            url=status.url or status.uri,
        )


def later(one: str, other: str) -> str:
    """Tell which of two ids is the later one: they are numbers, or sort as text."""
    return max(one, other, key=lambda post_id: (len(post_id), post_id))


def _unwrapped(message: str | bytes) -> tuple[str, str]:
    try:
        frame = msgspec.json.decode(message, type=_Frame)
    except msgspec.DecodeError as error:
        _log.warning("catching.unreadable", source=NAME, error=str(error))
        return "", ""
    return frame.event, frame.payload
