"""Posts that another program hands in: signed, once, and refused in one line."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import Door, opened_door

from domain.social import SocialPost
from gateway.signing import signature

SECRET = "s" * 32


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with opened_door(folder, HEARHEAR_POST_SECRETS=f"{'n' * 32},{SECRET}") as door:
        yield door


@pytest.fixture
def talk(door: Door) -> str:
    return door.live_talk(door.session("Hal"))


def told(talk: str, **changes: Any) -> dict[str, Any]:
    return {
        "talk": talk,
        "source": "forum",
        "post_id": "7",
        "author": "Cat",
        "text": "Listening",
        "url": "https://forum.example.org/7",
        **changes,
    }


def hand_in(
    door: Door, body: Any, *, message_id: str = "msg-1", at: float = 0, **headers: str
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = int(time.time() + at)
    signed = {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(SECRET, message_id, timestamp, content),
        **headers,
    }
    return door.client.post("/api/posts", content=content, headers=signed)


def caught(door: Door, talk: str) -> list[SocialPost.Held]:
    facts = (recorded.fact for recorded in door.system.store.read(0, 10_000, talk=talk))
    return [fact for fact in facts if isinstance(fact, SocialPost.Held)]


def test_a_signed_post_is_taken_in_once_however_often_it_comes(door: Door, talk: str) -> None:
    first = hand_in(door, told(talk))
    replayed = hand_in(door, told(talk))
    sent_anew = hand_in(door, told(talk), message_id="msg-2")

    assert first.status_code == 200, first.text
    assert replayed.json() == first.json()
    assert sent_anew.json() == {"position": None, "result": first.json()["result"]}
    [post] = caught(door, talk)
    assert (post.source, post.text, post.because) == ("forum", "Listening", "policy")


def test_a_deletion_is_followed(door: Door, talk: str) -> None:
    post = hand_in(door, told(talk), message_id="a").json()["result"]["post"]

    gone = {"talk": talk, "source": "forum", "post_id": "7", "deleted": True}
    answer = hand_in(door, gone, message_id="b")
    unknown = hand_in(door, {**gone, "post_id": "8"}, message_id="c")

    assert answer.json()["result"] == {"post": post}
    assert (unknown.status_code, unknown.json()["field"]) == (404, "post_id")


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({"webhook-signature": "v1,AAAA"}, "of no secret"),
        ({"webhook-signature": ""}, "not signed"),
        ({"webhook-id": "other"}, "of no secret"),
        ({"webhook-timestamp": "1000"}, "seconds off"),
        ({"webhook-timestamp": "now"}, "a number of seconds"),
    ],
)
def test_a_bad_signature_or_a_stale_timestamp_is_refused(
    door: Door, talk: str, headers: dict[str, str], detail: str
) -> None:
    answer = hand_in(door, told(talk), **headers)

    assert (answer.status_code, answer.json()["reason"]) == (401, "unauthenticated")
    assert detail in answer.json()["detail"]
    assert caught(door, talk) == []


def test_an_old_message_is_refused_though_it_is_signed(door: Door, talk: str) -> None:
    assert hand_in(door, told(talk), at=-301).status_code == 401
    assert hand_in(door, told(talk), at=310).status_code == 401


def test_the_same_id_for_another_message_is_a_conflict(door: Door, talk: str) -> None:
    hand_in(door, told(talk), message_id="same")

    answer = hand_in(door, told(talk, post_id="8"), message_id="same")

    assert answer.json()["reason"] == "conflict"


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"talk": "nowhere"}, 404, ""),
        ({"text": "x" * 2001}, 422, "text"),
        ({"text": "\u202e"}, 422, "text"),
        ({"author": ""}, 422, "author"),
        ({"url": "javascript:alert(1)"}, 400, "url"),
        ({"source": "For um"}, 400, "source"),
        ({"post_id": ""}, 400, "post_id"),
        ({"post_id": 7}, 400, "post_id"),
        ({"more": 1}, 400, "more"),
    ],
)
def test_what_is_no_post_is_refused_by_field(
    door: Door, talk: str, changes: dict[str, Any], status: int, field: str
) -> None:
    answer = hand_in(door, {**told(talk), **changes}, message_id=f"msg-{changes}")

    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_a_body_that_is_none_is_refused(door: Door) -> None:
    assert hand_in(door, b"no json").status_code == 400
    assert hand_in(door, b"[]").status_code == 400
    assert hand_in(door, b'"' + b"x" * (1 << 20) + b'"').status_code == 413


def test_nothing_is_taken_in_where_no_secret_is_set(tmp_path: Path) -> None:
    with opened_door(tmp_path) as door:
        answer = hand_in(door, told("any"))

    assert answer.status_code == 404
    assert "HEARHEAR_POST_SECRETS" in answer.json()["detail"]
