"""The plain door over a real application on SQLite, asked without a socket."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from domain.application import Hearhear
from domain.clock import utc_now
from domain.store import open_store
from gateway.http.door import application
from gateway.hub import Hub
from gateway.identity import Identity, UsedCodesInMemory
from gateway.metrics import Metrics
from gateway.moments import Moments
from gateway.newcomers import Newcomers
from gateway.origins import Origins
from gateway.projecting import projecting
from gateway.settings import Settings, with_kept_secrets
from gateway.system import System
from gateway.timelines import Timelines
from projections.fanout.memory import MemoryFanout
from projections.models import Models
from projections.projector import open_views
from projections.reading import Views


class InProcess(httpx.BaseTransport):
    """Brings requests to an application on a loop of its own thread."""

    def __init__(self, app: Any, portal: BlockingPortal) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._handled, request, request.read())

    async def _handled(self, request: httpx.Request, body: bytes) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        if "transfer-encoding" in request.headers:
            del asked.headers["content-length"]
        answer = await self._inner.handle_async_request(asked)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )


@dataclass(frozen=True)
class Shown:
    """A view as the fake tells it."""

    epoch: str
    position: int
    view: dict[str, Any]


@dataclass
class NoViews:
    """Views of an installation whose projector has not made any yet, but for those put here."""

    shown: dict[tuple[str, str], Shown] = field(default_factory=dict)
    rows: list[Mapping[str, Any]] = field(default_factory=list)

    def talks(self) -> Sequence[Mapping[str, Any]]:
        return []

    def snapshot(self, talk: str, view: str) -> Shown | None:
        return self.shown.get((talk, view))

    def feed(self, _talk: str, **_: Any) -> Mapping[str, Any]:
        return {}

    def search(self, _talk: str, _words: str, **_: Any) -> Sequence[Any]:
        return []

    def feedback(self, _talk: str, **_: Any) -> Sequence[Mapping[str, Any]]:
        return self.rows

    def epoch(self) -> str:
        return "log-1"

    def tracking(self) -> int:
        return 0


@dataclass
class Door:
    """The door, and the parts behind it that a test looks at."""

    system: System
    client: httpx.Client

    def session(self, name: str = "Ann") -> dict[str, str]:
        """Begin a session; returns the header that tells it."""
        answer = self.client.post("/api/sessions", json={"name": name})
        self.client.cookies.clear()
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def with_role(self, role: str, talk: str = "") -> dict[str, str]:
        """Sign a token with a role; returns the header that tells it."""
        identity = self.system.identity
        token = identity.token_for(identity.invited(role.title(), role=role, talk=talk))
        return {"Authorization": f"Bearer {token}"}

    def schedule(self, host: Mapping[str, str], title: str = "A talk") -> str:
        """Announce a talk; returns its id."""
        body = {"title": title, "starts_at": "2026-11-23T20:00:00Z"}
        answer = self.client.post("/api/talks", json=body, headers=dict(host))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def command(
        self, talk: str, who: Mapping[str, str], command: str, **arguments: Any
    ) -> httpx.Response:
        """Ask for a command."""
        body = {"command": command, "command_id": str(uuid4()), **arguments}
        return self.client.post(f"/api/talks/{talk}/commands", json=body, headers=dict(who))

    def live_talk(self, host: Mapping[str, str]) -> str:
        """Announce and start a talk; returns its id."""
        talk = self.schedule(host)
        assert self.command(talk, host, "start_talk").status_code == 200
        return talk


class _Later:
    """Postpones nothing: no room is open in these tests."""

    def __call__(self, *_: Any) -> None: ...


@contextmanager
def opened_door(
    folder: Path, views: Any = None, *, is_projected: bool = False, **env: str
) -> Iterator[Door]:
    """Open a door over a store in a folder, with a projector at work if it ``is_projected``."""
    settings = with_kept_secrets(
        Settings.from_env({"HEARHEAR_STORE_URL": f"sqlite:///{folder}/hearhear.db", **env})
    )
    with ExitStack() as stack:
        store = stack.enter_context(open_store(settings.store_url, settings.keys_url))
        fanout = MemoryFanout()
        nudger = fanout.nudger()
        app = Hearhear(
            store, now=utc_now, new_id=lambda: str(uuid4()), on_commit=lambda _: nudger.nudge()
        )
        stack.callback(app.close)
        if is_projected:
            stack.enter_context(projecting(settings, store, fanout, "door"))
            views = stack.enter_context(closing(Views(settings.views_url)))
        system = System(
            settings=settings,
            store=store,
            app=app,
            views=views or NoViews(),
            models=stack.enter_context(closing(Models(open_views(settings.views_url)))),
            hub=Hub(views, window_s=0.05, now=time.monotonic, later=_Later()),  # type: ignore[arg-type]
            identity=Identity(
                settings.secrets,
                used_codes=UsedCodesInMemory(utc_now),
                now=utc_now,
                new_id=lambda: str(uuid4()),
            ),
            origins=Origins(settings),
            metrics=Metrics(),
            timelines=Timelines(store),
            moments=Moments(store),
            newcomers=Newcomers(settings.sessions_per_address, time.monotonic),
        )
        portal = stack.enter_context(start_blocking_portal())
        yield Door(system, stack.enter_context(_client(system, portal)))


def _client(system: System, portal: BlockingPortal) -> httpx.Client:
    transport = InProcess(application(system), portal)
    return httpx.Client(transport=transport, base_url="http://127.0.0.1:8000")
