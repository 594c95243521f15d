"""What a source of posts tells, whichever network it is, and how it can fail."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Protocol, TypeAlias

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

LONGEST_WAIT_S = 3_600.0
_LASTING: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "its token is not taken",
    HTTPStatus.FORBIDDEN: "its token does not allow this",
    HTTPStatus.NOT_FOUND: "there is no such stream at its address",
}


@dataclass(frozen=True, slots=True)
class Post:
    """Somebody wrote something; ``author`` is what they are called there."""

    post_id: str
    author: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A post was deleted there; most were never caught."""

    post_id: str


@dataclass(frozen=True, slots=True)
class AllGone:
    """All posts whose ids begin so are gone, with the account that wrote them."""

    prefix: str


What: TypeAlias = Post | Gone | AllGone


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing a source told, if any, and the cursor from which to go on after it."""

    what: What | None
    cursor: str = ""


class Source(Protocol):
    """A network, followed for one talk."""

    @property
    def name(self) -> str:
        """What its posts are said to come from."""

    @property
    def key(self) -> str:
        """Under which its cursor is kept."""

    def listen(self, cursor: str) -> AsyncGenerator[Heard, None]:
        """Tell what is written from a cursor on (empty: from now on), until the stream ends.

        Raises ``SourceError``, or whatever its connection does.
        """

    async def gone(self, post_ids: Sequence[str]) -> Sequence[str]:
        """Tell which posts are there no more, where the stream itself doesn't."""

    async def close(self) -> None:
        """Let go of connections."""


class SourceError(Exception):
    """A source does not tell; ``is_lasting`` when trying again won't change that.

    ``retry_after_s`` is how long it asked to be left alone.
    """

    def __init__(self, why: str, *, is_lasting: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(why)
        self.is_lasting = is_lasting
        self.retry_after_s = retry_after_s


def must_be_well(answer: httpx.Response) -> None:
    """Raise what an answer's status means, unless it is a good one."""
    if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        raise refusal(answer.status_code, answer.headers, now=datetime.now(UTC))


def refusal(status: int, headers: httpx.Headers, *, now: datetime) -> SourceError:
    """Tell what a status other than a good one means."""
    why = _LASTING.get(status, "")
    return SourceError(
        f"it answers {status}{': ' if why else ''}{why}",
        is_lasting=bool(why) or status < HTTPStatus.BAD_REQUEST,
        retry_after_s=_retry_after_s(headers, now),
    )


@asynccontextmanager
async def well_opened(opening: connect) -> AsyncIterator[ClientConnection]:
    """Open a WebSocket; raises what a status other than its upgrade means."""
    try:
        socket = await opening
    except InvalidStatus as refused:
        answer = refused.response
        headers = httpx.Headers(list(answer.headers.raw_items()))
        raise refusal(answer.status_code, headers, now=datetime.now(UTC)) from refused
    async with socket:
        yield socket


def _retry_after_s(headers: httpx.Headers, now: datetime) -> float:
    """Tell how long to stay away: ``Retry-After`` in either form, or X's moment of reset."""
    asked = headers.get("retry-after", "")
    reset = headers.get("x-rate-limit-reset", "")
    try:
        if asked.isdecimal():
            wait = float(asked)
        elif asked:
            wait = (parsedate_to_datetime(asked) - now).total_seconds()
        else:
            wait = float(reset) - now.timestamp() if reset else 0.0
    except (ValueError, TypeError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_WAIT_S)
