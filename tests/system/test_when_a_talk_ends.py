"""A running server writes the bundle of a talk that ended, and tells a receiver about it."""

import csv
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from gateways import Process, Site
from waiting import eventually

from gateway.signing import signed_id
from projections.sheets import SHEETS
from replay.exports import FORMATS

SECRET = "a secret that the receiver knows too"


@dataclass
class Receiver:
    """Another program: what it was told, by the id of the message. It is down at first."""

    port: int = 0
    is_up: bool = False
    refused: int = 0
    told: dict[str, dict[str, object]] = field(default_factory=dict)

    def take(self, headers: object, body: bytes) -> int:
        if not self.is_up:
            self.refused += 1
            return 503
        message = json.loads(body)
        now = float(headers["webhook-timestamp"])  # type: ignore[index]
        self.told[signed_id(headers, body, [SECRET], now=now)] = message  # type: ignore[arg-type]
        return 204


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    shop = Receiver()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(shop.take(self.headers, body))
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        shop.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield shop
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Path]:
    """The folder of bundles, once a talk was held and is over; the server was stopped meanwhile."""
    folder = tmp_path_factory.mktemp("ends")
    settings = {
        "HEARHEAR_BUNDLE_DIR": str(folder / "bundles"),
        "HEARHEAR_WEBHOOKS": f"http://127.0.0.1:{receiver.port}/hook",
        "HEARHEAR_WEBHOOK_SECRETS": SECRET,
        "HEARHEAR_CALLABLE_NETWORKS": "127.0.0.0/8",
    }
    with Process("serve", folder, **settings) as server:
        site = Site(server.url)
        site.sign_in_host()
        talk = site.live_talk()
        site.command("Ann", "post_line", text="=1+1 is two")
        for name in ("Ann", "Bob", "Cy", "Di", "Eve"):
            site.command(name, "give_feedback", kind="agree")
        site.command("Hal", "end_talk")
        eventually(lambda: receiver.refused > 0, within_s=20, hint="it was tried")
        server.stop()
        receiver.is_up = True
        server.start()
        eventually((folder / "bundles" / talk).exists, within_s=30)
        eventually(lambda: "talk.ended" in str(receiver.told), within_s=30)
        yield folder / "bundles" / talk


def test_a_receiver_that_was_down_is_told_everything_once_and_in_order(
    ended: Path, receiver: Receiver
) -> None:
    told = list(receiver.told.values())

    assert [message["type"] for message in told] == [
        "talk.scheduled",
        "talk.doors-opened",
        "talk.started",
        "talk.ended",
    ]
    assert {message["data"]["talk"] for message in told} == {ended.name}  # type: ignore[index]


def test_the_bundle_holds_every_table_and_form_and_says_what_they_mean(ended: Path) -> None:
    tables = {f"{name}.{ending}" for name in SHEETS for ending in ("csv", "jsonl")}
    forms = {f"timeline.{name}" for name in FORMATS}

    assert {file.name for file in ended.iterdir()} == {
        "README.md",
        "session.jsonl",
        *tables,
        *forms,
    }
    readme = (ended / "README.md").read_text()
    assert readme.startswith("# Pricing\n")
    assert all(f"## {name}\n" in readme for name in SHEETS)


def test_both_forms_of_a_table_hold_the_same_rows(ended: Path) -> None:
    with (ended / "ticks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (ended / "ticks.jsonl").read_text().splitlines()]

    assert len(rows) == 5
    assert [row["attendee"] for row in rows] == [line["attendee"] for line in lines]
    assert len({row["attendee"] for row in rows}) == 5


def test_the_bundle_names_nobody_and_starts_no_formula(ended: Path) -> None:
    written = {file.name: file.read_text() for file in ended.iterdir()}

    assert not [name for name, text in written.items() if '"Ann"' in text or ",Ann," in text]
    assert "'=1+1 is two" in written["chat_lines.csv"]
