"""Whose session it is at the host site: its cookie reaches us, and we ask the site about it.

The site shares its session cookie on a parent domain (``.example.org`` for ``www.`` and
``live.``). What it answered holds for a short time only, so that who signs out there is
signed out here, open sockets included. While the site is down, those it vouched for
stay; newcomers are told. All of this lives on the gateway's loop, but the asking itself.
"""

import asyncio
import http.client
import re
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import Refused, Unavailable
from domain.speaker import Speaker
from gateway.identity import SITE
from gateway.site_people import speaker_of

FRESH_S = 15.0
"""Seconds for which an answer of the site is believed without asking again."""
ANSWERS_WITHIN_S = 4.0
RETRY_S = 5.0
"""Seconds for which a site that did not answer is left alone. The three of them, after
each other, are how long somebody who signed out can still speak: less than 30."""
KNOWN_S = 4 * 3600.0
"""Seconds for which somebody stays who was vouched for, while the site does not answer."""

_LOOKS_EACH_S = 1.0  # at most so often for an open connection, while the site is down
_NOBODY_S = 2.0  # who just signed in is not kept waiting
_REMEMBERED = 20_000  # sessions, the latest
_THREADS = 16
_BODY_LIMIT = 65_536
_NOBODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]{1,4096}")  # RFC 6265: nothing that ends a header

_log = structlog.get_logger(__name__)


class SiteDownError(Exception):
    """The site did not answer, or not what was agreed."""


class Site(Protocol):
    """The host site, as far as its sessions go. Blocks; called from worker threads."""

    def session(self, cookie: str) -> Mapping[str, Any] | None:
        """Tell whose session it is, or that it is nobody's; raises ``SiteDownError``."""


@dataclass(frozen=True)
class _Answer:
    speaker: Speaker | None
    fresh_until: float
    known_until: float


class SiteSessions:
    """Who the host site says they are, remembered for as long as that holds."""

    def __init__(
        self,
        site: Site,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._site = site
        self._now = now
        self._sleep = sleep
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="site")
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Speaker | None]] = {}
        self._silent_until = 0.0

    async def find(self, cookie: str) -> Speaker | None:
        """Tell whose session a cookie holds; nobody for one that the site does not know.

        Raises ``Unavailable`` when the site can't be asked about somebody new.
        """
        if not _COOKIE.fullmatch(cookie):
            return None
        answer = self._answers.get(cookie)
        if answer and self._now() < answer.fresh_until:
            return answer.speaker
        asking = self._asking.get(cookie)
        if asking is None:
            asking = self._asking[cookie] = asyncio.create_task(self._ask(cookie))
            asking.add_done_callback(lambda _: self._asking.pop(cookie))
        return await asyncio.shield(asking)

    async def changed(self, cookie: str, speaker: Speaker) -> None:
        """Wait until the session of a cookie is no longer this speaker's."""
        while True:
            answer = self._answers.get(cookie)
            fresh_s = answer.fresh_until - self._now() if answer else 0.0
            await self._sleep(max(_LOOKS_EACH_S, fresh_s))
            with suppress(Unavailable):
                if await self.find(cookie) != speaker:
                    return

    async def answered(self, cookie: str) -> None:
        """Wait until a silent site tells whose session a cookie holds."""
        while True:
            await self._sleep(RETRY_S)
            with suppress(Unavailable):
                await self.find(cookie)
                return

    def close(self) -> None:
        """Ask no more; what is being asked is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, cookie: str) -> Speaker | None:
        known = self._answers.get(cookie)
        if self._now() < self._silent_until:
            return self._without_site(known)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                told = await loop.run_in_executor(self._threads, self._site.session, cookie)
            speaker = speaker_of(told) if told is not None else None
        except (SiteDownError, TimeoutError, ValueError) as cause:
            _log.warning("the host site does not tell whose session it is", cause=str(cause))
            self._silent_until = self._now() + RETRY_S
            return self._without_site(known)
        self._remember(cookie, speaker)
        return speaker

    def _remember(self, cookie: str, speaker: Speaker | None) -> None:
        now = self._now()
        fresh_s = FRESH_S if speaker else _NOBODY_S
        self._answers[cookie] = _Answer(speaker, now + fresh_s, now + KNOWN_S)
        self._answers.move_to_end(cookie)
        while len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)

    def _without_site(self, known: _Answer | None) -> Speaker | None:
        if known and known.speaker and self._now() < known.known_until:
            return known.speaker
        raise Unavailable("the site where you are signed in does not answer: try again in a moment")


class SessionPage:
    """A page of the host site that tells whose session a cookie holds.

    It gets the cookie and nothing else of the visitor's, and answers JSON (what a token
    would say), or 401, 403 or 204 for nobody. Redirections are not followed.
    """

    def __init__(self, url: str, cookie_name: str) -> None:
        parts = urlsplit(url)
        self._path = parts._replace(scheme="", netloc="").geturl() or "/"
        self._name = cookie_name
        address = (parts.hostname or "", parts.port)
        connection: Callable[..., http.client.HTTPConnection] = http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = partial(http.client.HTTPSConnection, context=context)
        self._connect = partial(connection, *address, timeout=ANSWERS_WITHIN_S)

    def session(self, cookie: str) -> Mapping[str, Any] | None:
        """Tell whose session it is, or that it is nobody's; raises ``SiteDownError``."""
        connection = self._connect()
        try:
            headers = {"Cookie": f"{self._name}={cookie}", "Accept": "application/json"}
            connection.request("GET", self._path, headers=headers)
            response = connection.getresponse()
            body = response.read(_BODY_LIMIT)
        except (OSError, http.client.HTTPException) as cause:
            raise SiteDownError(f"{type(cause).__name__}: {cause}") from None
        finally:
            connection.close()
        if response.status in _NOBODY:
            return None
        if response.status != HTTPStatus.OK:
            raise SiteDownError(f"HEARHEAR_SITE_SESSION_URL answered {response.status}")
        try:
            return msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as wrong:
            raise SiteDownError(f"HEARHEAR_SITE_SESSION_URL answered no JSON: {wrong}") from None


@dataclass(frozen=True)
class SiteVisit:
    """A request that brought the site's cookie: whose session it is, or why nobody can tell."""

    found: Speaker | Refused | None
    changed: Callable[[Speaker], Awaitable[None]]
    answered: Callable[[], Awaitable[None]]

    def over(self, speaker: Speaker | None) -> Awaitable[None] | None:
        """Tell what to wait for before somebody is recognised anew; None where nothing is."""
        if isinstance(self.found, Refused):
            return self.answered()
        if speaker is not None and speaker == self.found:
            return self.changed(speaker)
        return None


class SiteVisitors:
    """Asks the site, before a request to the API is answered, whose cookie it brings."""

    def __init__(self, app: ASGIApp, sessions: SiteSessions, cookie_name: str) -> None:
        self._app = app
        self._sessions = sessions
        self._name = cookie_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note down what the site says, for :func:`gateway.identity.credentials_of`."""
        if scope["type"] in {"http", "websocket"} and scope["path"].startswith("/api/"):
            connection = HTTPConnection(scope)
            cookie = connection.cookies.get(self._name)
            if cookie and "authorization" not in connection.headers:
                scope[SITE] = await self._visit(cookie)
        await self._app(scope, receive, send)

    async def _visit(self, cookie: str) -> SiteVisit:
        found: Speaker | Refused | None
        try:
            found = await self._sessions.find(cookie)
        except Refused as refused:
            found = refused
        sessions = self._sessions
        return SiteVisit(
            found, partial(sessions.changed, cookie), partial(sessions.answered, cookie)
        )


@asynccontextmanager
async def while_signed_in(
    connection: HTTPConnection, speaker: Speaker | None, end: Callable[[], None]
) -> AsyncIterator[None]:
    """Call ``end`` when the session at the host site, by which somebody came, is over.

    Or when a site that was silent as they came tells again who they are.
    """
    visit: SiteVisit | None = connection.scope.get(SITE)
    over = visit.over(speaker) if visit else None
    if over is None:
        yield
        return
    watching = asyncio.create_task(_end_after(over, end))
    try:
        yield
    finally:
        watching.cancel()


async def _end_after(over: Awaitable[None], end: Callable[[], None]) -> None:
    await over
    end()
