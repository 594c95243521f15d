"""Webhooks, told to a receiver that is a function; the log is a real one."""

import re
from collections.abc import Iterator
from contextlib import closing
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
from gateway.outgoing.webhooks import Webhook

HOW_TO = Path(__file__).parents[2] / "docs/how-to/when-a-talk-ends.md"
NEW, OLD = "n" * 32, "o" * 32


class Receiver:
    """Another program, which answers as it is told and keeps what it heard."""

    def __init__(self) -> None:
        self.is_there = True
        self.answer = httpx.Response(204)
        self.heard: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
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
def webhook(store: Store, receiver: Receiver) -> Iterator[Webhook]:
    with httpx.Client(transport=httpx.MockTransport(receiver)) as client:
        yield Webhook(
            "https://shop.example/hook",
            store=store,
            secrets=(NEW, OLD),
            site="https://live.example",
            client=client,
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
