"""Webhooks, told to a receiver that is a function; the log is a real one."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from builders import HAL, NOON

from domain.application import Hearhear
from domain.clock import iso
from domain.commands import ScheduleTalk
from domain.speaker import Speaker
from domain.store import Recorded, Store, open_store
from gateway.outgoing.errands import ErrandFailed
from gateway.outgoing.webhooks import Post, Webhook, posting
from gateway.outside import Outside
from gateway.signing import signed_id

HOW_TO = Path(__file__).parents[2] / "docs/how-to/when-a-talk-ends.md"
NEW, OLD = "n" * 32, "o" * 32


class Receiver:
    """Another program, which answers as it is told and keeps what it heard."""

    def __init__(self) -> None:
        self.is_there = True
        self.answer = httpx.Response(204)
        self.heard: list[httpx.Request] = []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        request = httpx.Request("POST", url, content=body, headers=dict(headers))
        if not self.is_there:
            raise httpx.ConnectError("nobody there", request=request)
        self.heard.append(request)
        return self.answer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/hearhear.db") as opened:
        yield opened


@pytest.fixture
def scheduled(store: Store) -> Recorded:
    host = Speaker(person=HAL, name="Hal")
    with closing(Hearhear(store, now=lambda: NOON, new_id=lambda: "talk-1")) as app:
        app.schedule_talk(ScheduleTalk("Pricing"), str(uuid4()), host).result()
    (told,) = (one for one in store.read(0, 10) if one.fact.TOPIC == "talk.scheduled")
    return told


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def webhook(store: Store, receiver: Receiver) -> Webhook:
    return webhook_to("https://shop.example/hook", store, receiver)


def webhook_to(url: str, store: Store, post: Post) -> Webhook:
    return Webhook(
        url,
        store=store,
        secrets=(NEW, OLD),
        site="https://live.example",
        post=post,
        now=lambda: NOON,
    )


def test_a_message_says_what_happened_and_where_to_look(
    webhook: Webhook, receiver: Receiver, scheduled: Recorded
) -> None:
    webhook.do(scheduled)

    assert orjson.loads(receiver.heard[0].content) == {
        "type": "talk.scheduled",
        "timestamp": iso(NOON),
        "data": {
            "talk": "talk-1",
            "title": "Pricing",
            "position": scheduled.position,
            "room": "https://live.example/talks/talk-1",
            "replay": "https://live.example/talks/talk-1/replay",
            "timeline": "https://live.example/api/talks/talk-1/timeline",
        },
    }


def is_ours(secret: str, told: httpx.Request, body: bytes) -> bool:
    """Check a message as the how-to tells receivers to, at the moment when it was sent."""
    (program,) = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)
    names["time"] = SimpleNamespace(time=NOON.timestamp)
    checked: bool = names["is_ours"](secret, told.headers, body)
    return checked


def test_a_receiver_that_knows_one_secret_can_check_the_signature(
    webhook: Webhook, receiver: Receiver, scheduled: Recorded
) -> None:
    webhook.do(scheduled)

    (told,) = receiver.heard
    assert is_ours(NEW, told, told.content)
    assert is_ours(OLD, told, told.content)
    assert not is_ours("x" * 32, told, told.content)
    assert not is_ours(NEW, told, told.content + b" ")


def test_every_attempt_at_a_message_carries_the_same_id(
    webhook: Webhook, receiver: Receiver, scheduled: Recorded
) -> None:
    webhook.do(scheduled)
    webhook.do(scheduled)

    first, again = (told.headers["webhook-id"] for told in receiver.heard)
    assert first == again


@pytest.mark.parametrize("status", [301, 400, 429, 500])
def test_any_other_answer_than_success_is_a_failure_to_try_again(
    webhook: Webhook, receiver: Receiver, scheduled: Recorded, status: int
) -> None:
    receiver.answer = httpx.Response(status, headers={"retry-after": "30"})

    with pytest.raises(ErrandFailed, match=f"it answered {status}") as failed:
        webhook.do(scheduled)

    assert not failed.value.is_final
    assert failed.value.retry_in_s == 30


def test_a_receiver_that_is_gone_is_asked_no_more(
    webhook: Webhook, receiver: Receiver, scheduled: Recorded
) -> None:
    receiver.answer = httpx.Response(410)

    with pytest.raises(ErrandFailed) as failed:
        webhook.do(scheduled)

    assert failed.value.is_final


def test_no_answer_is_a_failure_to_try_again(
    webhook: Webhook, receiver: Receiver, scheduled: Recorded
) -> None:
    receiver.is_there = False

    with pytest.raises(ErrandFailed, match="nobody there"):
        webhook.do(scheduled)


@pytest.fixture
def shop() -> Iterator[HTTPServer]:
    """A receiver on this machine, which is a private address."""
    with HTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Shop(BaseHTTPRequestHandler):
    """Takes what is signed; keeps it in the headers of its answer."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        known = signed_id(self.headers, body, [NEW], now=NOON.timestamp())  # type: ignore[arg-type]
        self.send_response(204 if known else 400)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_a_private_address_is_told_nothing(
    store: Store, scheduled: Recorded, shop: HTTPServer
) -> None:
    url = f"http://127.0.0.1:{shop.server_port}/hook"

    with pytest.raises(ErrandFailed, match="no public address"):
        webhook_to(url, store, posting(Outside())).do(scheduled)


def test_a_private_address_may_be_allowed(
    store: Store, scheduled: Recorded, shop: HTTPServer
) -> None:
    url = f"http://127.0.0.1:{shop.server_port}/hook"

    webhook_to(url, store, posting(Outside(["127.0.0.0/8"]))).do(scheduled)
