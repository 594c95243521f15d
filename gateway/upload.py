"""``hearhear import``: send a recorded session to a running gateway, over HTTP."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from gateway.options import CommandError

TIMEOUT_S = 600.0


@dataclass(frozen=True)
class Recorded:
    """What a look at a file tells before it is sent."""

    title: str
    starts_at: str
    duration_s: float
    has_start: bool
    has_end: bool


@dataclass(frozen=True)
class Gateway:
    """A running gateway, spoken to as the person of a token."""

    url: str
    token: str = ""

    def as_guest(self, name: str) -> "Gateway":
        """Speak as a new guest."""
        return Gateway(self.url, self.post("/api/sessions", {"name": name})["token"])

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send JSON, and return the JSON that is answered."""
        return self.send(path, json.dumps(body).encode(), content_type="application/json")

    def send(
        self, path: str, body: bytes | IO[bytes], *, content_type: str, length: int = 0
    ) -> dict[str, Any]:
        """Send a body, and return the JSON that is answered; a refusal fails in one line."""
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        headers["Content-Length"] = str(len(body) if isinstance(body, bytes) else length)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, answer = self._exchange(path, body, headers)
        if status < 400:  # noqa: PLR2004 - the first status that is a refusal
            return answer
        reason = answer.get("reason", status)
        raise CommandError(f"{self.url} refused {path}: {answer.get('detail', status)} ({reason})")

    def _exchange(
        self, path: str, body: bytes | IO[bytes], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(self.url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.netloc, timeout=TIMEOUT_S, blocksize=1 << 16)
        try:
            response = _sent(connection, parts.path.rstrip("/") + path, body, headers)
            return response.status, json.loads(response.read() or b"{}")
        except json.JSONDecodeError as error:
            raise CommandError(f"{self.url} does not answer like Hearhear: check --url") from error
        except (OSError, HTTPException) as error:
            raise CommandError(
                f"{self.url} can't be reached ({error}): is it running? check --url"
            ) from error
        finally:
            connection.close()


def _sent(
    connection: HTTPConnection, path: str, body: bytes | IO[bytes], headers: Mapping[str, str]
) -> HTTPResponse:
    with suppress(BrokenPipeError):  # refused before it was all read: the answer tells why
        connection.request("POST", path, body, dict(headers))
    return connection.getresponse()


def look_at(file: Path, *, now: datetime) -> Recorded:
    """Read a file once, to know its title, its length, and whether it says when it begins.

    A session that doesn't tell its date is taken to have ended just now.
    """
    title, happened_at, last_s, kinds = file.stem, "", 0.0, set()
    for number, record in _records(file):
        kinds.add(record.get("kind"))
        last_s = max(last_s, _seconds(record, file, number))
        if record.get("kind") == "start":
            title = record.get("text") or title
            happened_at = record.get("happened_at") or happened_at
    if not kinds:
        raise CommandError(f"{file} holds no record: one JSON object a line is expected")
    begun_at = (now - timedelta(seconds=last_s)).replace(microsecond=0)
    return Recorded(
        title=title[:300],
        starts_at=happened_at or begun_at.isoformat(),
        duration_s=last_s,
        has_start="start" in kinds,
        has_end="end" in kinds,
    )


def _records(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            if not isinstance(record, dict):
                raise CommandError(f"{file}, line {number}: a JSON object is expected")
            yield number, record


def _seconds(record: Mapping[str, Any], file: Path, number: int) -> float:
    try:
        return float(record["t"])
    except (KeyError, TypeError, ValueError):
        raise CommandError(f"{file}, line {number}: t should be a number of seconds") from None


def schedule(gateway: Gateway, recorded: Recorded) -> str:
    """Schedule a talk for a recorded session, and start it if the session itself doesn't."""
    talk = str(
        gateway.post("/api/talks", {"title": recorded.title, "starts_at": recorded.starts_at})["id"]
    )
    if not recorded.has_start:
        _send_one(gateway, talk, {"t": 0, "kind": "start"})
    return talk


def finish(gateway: Gateway, talk: str, recorded: Recorded) -> None:
    """End a talk that was scheduled for a session which doesn't end by itself."""
    if not recorded.has_end:
        _send_one(gateway, talk, {"t": recorded.duration_s, "kind": "end"})


def _send_one(gateway: Gateway, talk: str, record: dict[str, Any]) -> None:
    """Import one record of our own, with an id of its own: the file's lines keep theirs."""
    command_id = str(uuid5(NAMESPACE_URL, f"hearhear:{talk}:{record['kind']}"))
    line = json.dumps({**record, "command_id": command_id}).encode() + b"\n"
    send(gateway, talk, line)


def send(gateway: Gateway, talk: str, lines: bytes | IO[bytes], length: int = 0) -> dict[str, Any]:
    """Send JSON lines into a talk; tells what was recorded, repeated and refused."""
    return gateway.send(
        f"/api/talks/{talk}/import", lines, content_type="application/x-ndjson", length=length
    )
