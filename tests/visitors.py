"""A gateway to visit, and the people who visit it with browsers of their own."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
from playwright.sync_api import APIResponse, BrowserContext, ConsoleMessage, Page, WebSocket
from servers import ProcessGroup, free_port
from waiting import eventually

STARTS_WITHIN_S = 30.0


class Gateway:
    """``hearhear serve`` (or ``demo``) on a free port, with its data in a folder of its own."""

    def __init__(self, folder: Path, *command: str, **settings: str) -> None:
        self.folder = folder
        self.log = folder / "gateway.log"
        self.url = f"http://127.0.0.1:{free_port()}"
        self._command = command or ("serve",)
        self._settings = settings
        self._running: ProcessGroup | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start on the same port and data, and return when it is ready."""
        port = self.url.rpartition(":")[2]
        command = [sys.executable, "-m", "hearhear", *self._command, "--port", port]
        self._running = ProcessGroup(command, env=self.environment(), log=self.log)
        try:
            eventually(self._is_ready, within_s=STARTS_WITHIN_S, every_s=0.1, hint="it is ready")
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._running:
            self._running.kill()
            self._running = None

    def environment(self) -> Mapping[str, str]:
        """Tell the settings it runs with, for commands on the same data."""
        return {
            **{name: value for name, value in os.environ.items() if "HEARHEAR_" not in name},
            "PYTHONPATH": str(Path.cwd()),
            "HEARHEAR_STORE_URL": f"sqlite:///{self.folder / 'hearhear.db'}",
            "PYTHONUNBUFFERED": "1",
            **self._settings,
        }

    def _is_ready(self) -> bool:
        assert self._running
        assert not self._running.has_ended(), self.log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz").is_success
        except httpx.TransportError:
            return False


class Visitor:
    """Somebody with a browser: their pages, and what went wrong in them."""

    def __init__(self, context: BrowserContext, gateway: str) -> None:
        self.context = context
        self.gateway = gateway
        self.complaints: list[str] = []
        self.received: list[str] = []
        """Every message that came over a WebSocket."""
        context.on("page", self._listen)

    def join(self, name: str) -> Self:
        """Become a guest, as the form of the live page does."""
        self.post("/api/sessions", {"name": name})
        return self

    def hold(self, title: str = "Why our tests are slow", *, state: str = "live") -> str:
        """Schedule a talk, and bring it to that state; whoever does it is its host."""
        talk: str = self.post("/api/talks", {"title": title})["id"]
        for command in {"scheduled": [], "open": ["open_doors"]}.get(state, ["start_talk"]):
            self.command(talk, command)
        return talk

    def command(self, talk: str, name: str, /, **arguments: Any) -> dict[str, str]:
        body = {"command": name, "command_id": str(uuid4()), **arguments}
        result: dict[str, str] = self.post(f"/api/talks/{talk}/commands", body)["result"]
        return result

    def author_of(self, talk: str, line: str) -> str:
        """Tell who said a line, as soon as the room shows it."""

        def author() -> str:
            feed = self.read(f"/api/talks/{talk}/view")["view"]["feed"]
            shown: str = feed.get(line, {}).get("by", {}).get("id", "")
            return shown

        return eventually(author, within_s=STARTS_WITHIN_S, every_s=0.1, hint="the room shows it")

    def take_in(self, talk: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Import a recorded session, and see every line of it taken in."""
        lines = "\n".join(json.dumps(record) for record in records)
        report = self.post(f"/api/talks/{talk}/import", lines)
        assert report["refused"] == []

    def post(self, path: str, body: Mapping[str, Any] | str) -> dict[str, Any]:
        data = body if isinstance(body, str) else dict(body)
        return _answer(path, self.context.request.post(self.gateway + path, data=data))

    def read(self, path: str) -> dict[str, Any]:
        return _answer(path, self.context.request.get(self.gateway + path))

    def visit(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.gateway + path)
        return page

    def _listen(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", self._overhear)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _overhear(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.received.append(str(frame)))


def _answer(path: str, response: APIResponse) -> dict[str, Any]:
    assert response.ok, f"{path}: {response.status} {response.text()}"
    answer: dict[str, Any] = response.json()
    return answer


NewVisitor = Callable[..., Visitor]
