"""A running site as its visitors see it: over HTTP, and through sockets whose view is folded."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from waiting import eventually
from websockets.sync.client import ClientConnection, connect

from projections.patch import apply

Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """A guest, or the bearer of a token, at a site."""

    url: str
    token: str
    name: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request as this person."""
        return httpx.request(method, self.url + path, headers=self.headers, timeout=30, **more)

    def read(self, path: str) -> Any:
        """Read JSON."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def schedule(self, title: str = "Pricing", **more: Any) -> str:
        """Announce a talk; returns its id."""
        answer = self.ask("POST", "/api/talks", json={"title": title, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def tells(self, talk: str, command: str, **arguments: Any) -> Json:
        """Give a command that is accepted; returns its answer."""
        body = {"command": command, "command_id": str(uuid4()), **arguments}
        answer = self.ask("POST", f"/api/talks/{talk}/commands", json=body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    def imports(self, talk: str, records: list[Json]) -> Json:
        """Take a recorded session in; returns the report."""
        lines = "".join(json.dumps(record) + "\n" for record in records)
        answer = self.ask("POST", f"/api/talks/{talk}/import", content=lines)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told


def guest(url: str, name: str = "Ann") -> Person:
    """Begin a session as a guest."""
    answer = httpx.post(f"{url}/api/sessions", json={"name": name}, timeout=30)
    assert answer.status_code == 201, answer.text
    return Person(url, answer.json()["token"], name)


@dataclass
class Watching:
    """A socket in a room, with the view as its frames tell it."""

    socket: ClientConnection
    view: Json = field(default_factory=dict)
    me: Json = field(default_factory=dict)
    position: int = -1
    epoch: str = ""
    others: list[Json] = field(default_factory=list)
    raw: str = ""

    def hears(self, kind: str, *, within_s: float = 10) -> Json:
        """Take frames until one of this kind comes."""
        while True:
            for frame in self._received(within_s):
                self._take(frame)
                if frame["type"] == kind:
                    return frame

    def reaches(self, position: int, *, within_s: float = 10) -> None:
        """Take frames until the view is at a position."""

        def is_there() -> bool:
            for frame in self._received(within_s):
                self._take(frame)
            return self.position >= position

        while not is_there():
            pass

    def _received(self, within_s: float) -> list[Json]:
        text = self.socket.recv(timeout=within_s)
        self.raw += str(text)
        frames = json.loads(text)
        return frames if isinstance(frames, list) else [frames]

    def _take(self, frame: Json) -> None:
        match frame["type"]:
            case "snapshot":
                self.epoch, self.position = frame["epoch"], frame["position"]
                self.view = frame["view"]
            case "patch" if frame["prev"] <= self.position < frame["position"]:
                assert frame["epoch"] == self.epoch
                self.view, self.position = apply(self.view, frame["patch"]), frame["position"]
            case "me":
                part = {key: value for key, value in frame.items() if key != "type"}
                self.me = apply(self.me, part)
            case _:
                self.others.append(frame)


@contextmanager
def watching(
    url: str, talk: str, person: Person | None = None, *, view: str = "room", more: str = ""
) -> Iterator[Watching]:
    """Sit down in a room."""
    address = f"{url.replace('http', 'ws', 1)}/api/talks/{talk}/live?as={view}{more}"
    headers: Mapping[str, str] = person.headers if person else {}
    with connect(address, additional_headers=headers, max_size=None) as socket:
        yield Watching(socket)


def followed(person: Person, talk: str, position: int) -> Json:
    """Read the room once the views have come to a position."""

    def view() -> Json | None:
        read: Json = person.read(f"/api/talks/{talk}/view")
        return read if read["position"] >= position else None

    found = eventually(view, within_s=10)
    assert found
    return found
