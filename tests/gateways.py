"""The product in processes of its own, to be asked, killed, frozen and restarted."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
from servers import ProcessGroup, free_port
from waiting import eventually

from domain.clock import utc_now
from gateway.client import Client, connect
from gateway.identity import Identity, UsedCodesInMemory

CHECKOUT = Path(__file__).parents[1]
SECRET = "a secret of tests that is long enough"

_PROGRAM = """
import os, sys
from gateway.bootstrap import serve
from gateway.settings import Settings
serve(Settings.from_env(os.environ), sys.argv[1])
"""


class Process:
    """A gateway, a projector, or both in one (``serve``), started on entering the block.

    ``before`` is run in the process first, to make it another version of itself.
    """

    def __init__(
        self, role: str, folder: Path, *, port: int = 0, before: str = "", **settings: str
    ) -> None:
        self.role = role
        self._program = before + _PROGRAM
        self.port = port or free_port()
        self.log = folder / f"{role}-{self.port}.log"
        plain = {name: word for name, word in os.environ.items() if not name.startswith("HEARHEAR")}
        self._env = {
            **plain,
            "PYTHONPATH": str(CHECKOUT),
            "HEARHEAR_STORE_URL": f"sqlite:///{folder}/hearhear.db",
            "HEARHEAR_SECRETS": SECRET,
            "HEARHEAR_PORT": str(self.port),
            **settings,
        }
        self._group: ProcessGroup | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def launch(self) -> None:
        """Start on the same port and data, and don't wait."""
        command = [sys.executable, "-c", self._program, self.role]
        self._group = ProcessGroup(command, env=self._env, log=self.log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start on the same port and data; a gateway answers when this returns."""
        self.launch()
        self.wait()

    def wait(self) -> None:
        """Return when it answers; a projector has nothing to answer."""
        if self.role != "projector":
            eventually(self._answers, within_s=30, every_s=0.05)

    def kill(self) -> None:
        """SIGKILL; nothing more of it happens."""
        if self._group is not None:
            self._group.kill()
            self._group = None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        assert self._group
        self._group.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: go on where it was frozen."""
        assert self._group
        self._group.signal(signal.SIGCONT)

    def stop(self, *, within_s: float = 10.0) -> None:
        """SIGTERM, and wait for its end."""
        assert self._group
        group, self._group = self._group, None
        group.signal(signal.SIGTERM)
        eventually(group.has_ended, within_s=within_s, every_s=0.02)
        group.kill()

    def _answers(self) -> bool:
        assert self._group
        if self._group.has_ended():
            raise RuntimeError(self.log.read_text()[-2_000:])
        try:
            return httpx.get(f"{self.url}/livez").status_code == 200
        except httpx.TransportError:
            return False


class Site:
    """What a test asks of a gateway over HTTP, and the talk it made there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.tokens: dict[str, str] = {}
        self.talk = ""

    def sign_in_host(self, name: str = "Hal") -> None:
        """Let somebody be host everywhere, as the operator's token does."""
        self.tokens[name] = self.own_token(name, role="host")

    def own_token(self, name: str, *, role: str = "") -> str:
        """Sign a token for a new person without asking the gateway."""
        new_id = lambda: str(uuid4())  # noqa: E731
        codes = UsedCodesInMemory(utc_now)
        identity = Identity((SECRET,), used_codes=codes, now=utc_now, new_id=new_id)
        return identity.token_for(identity.invited(name, role=role))

    def token(self, name: str) -> str:
        """Sign a guest in, once."""
        if name not in self.tokens:
            answer = self._post("/api/sessions", {"name": name}, {})
            self.tokens[name] = answer["token"]
        return self.tokens[name]

    def live_talk(self, host: str = "Hal") -> str:
        """Schedule a talk and start it."""
        self.talk = self._post("/api/talks", {"title": "Pricing"}, self.header(host))["id"]
        self.command(host, "start_talk")
        return self.talk

    def command(self, name: str, command: str, **arguments: Any) -> dict[str, Any]:
        """Ask for a command and return its answer."""
        body = {"command": command, "command_id": str(uuid4()), **arguments}
        return self._post(f"/api/talks/{self.talk}/commands", body, self.header(name))

    def header(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(name)}"}

    def view(self, view: str = "room", name: str = "Hal", *, position: int = 0) -> dict[str, Any]:
        """Read a view as it stands, or as the log tells it up to a position."""
        then = f"&position={position}" if position else ""
        path = f"{self.url}/api/talks/{self.talk}/view?as={view}{then}"
        answer: dict[str, Any] = httpx.get(path, headers=self.header(name)).json()
        return answer

    def connect(self, name: str = "", *, view: str = "room", url: str = "") -> Client:
        """A client of the talk; without a name it only reads."""
        token = self.token(name) if name else ""
        return connect(f"{url or self.url}/talks/{self.talk}", token=token, view=view)

    @property
    def live(self) -> str:
        """The address of the live door."""
        return f"{self.url.replace('http', 'ws', 1)}/api/talks/{self.talk}/live"

    def _post(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        answer = httpx.post(self.url + path, json=body, headers=dict(headers), timeout=20)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told
