"""The whole from outside: four feeds fill one talk's stream, over a kill of the catcher."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from networks import Networks, post_record, v1, v2
from processes import Running
from waiting import eventually

HASHTAG = "pricing"


@pytest.fixture
def networks() -> Iterator[Networks]:
    with Networks() as networks:
        yield networks


class Host:
    """Whoever runs a talk at a server of ours."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        token = client.post("/api/sessions", json={"name": "Hal"}).json()["token"]
        self.client.headers["Authorization"] = f"Bearer {token}"
        policy = {"hashtags": [HASHTAG], "hold_posts": "off"}
        scheduled = self.client.post("/api/talks", json={"title": "Pricing", "policy": policy})
        self.talk = str(scheduled.json()["id"])

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        body = {"command": command, "command_id": str(uuid4()), **arguments}
        answer = self.client.post(f"/api/talks/{self.talk}/commands", json=body)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    def feed(self) -> list[tuple[str, str, str]]:
        """Tell kind, source and text of all that the room shows, in order."""
        return [(item["kind"], item["source"], item["text"]) for item in self.items()]

    def items(self) -> list[dict[str, Any]]:
        answer = self.client.get(f"/api/talks/{self.talk}/view")
        feed = answer.json()["view"]["feed"].values() if answer.status_code == 200 else []
        return sorted(feed, key=lambda item: item["position"])

    def shows(self, *items: tuple[str, str, str]) -> None:
        eventually(lambda: self.feed()[-len(items) :] == list(items), within_s=20, hint=f"{items}")


def settings_of(networks: Networks) -> dict[str, str]:
    return {
        "HEARHEAR_STORE_URL": "sqlite:///talks.db",
        "HEARHEAR_MASTODON_URL": networks.url,
        "HEARHEAR_MASTODON_TOKEN": "token",
        "HEARHEAR_BLUESKY_URL": f"{networks.ws_url}/subscribe",
        "HEARHEAR_BLUESKY_PROFILES": networks.url,
        "HEARHEAR_X_URL": networks.url,
        "HEARHEAR_X_TOKEN": "token",
        "HEARHEAR_CALLABLE_NETWORKS": "127.0.0.0/8",
    }


def test_four_feeds_fill_one_stream_in_order_with_chat_and_questions(
    networks: Networks, tmp_path: Path
) -> None:
    first = settings_of(networks)
    second = {
        **first,
        "HEARHEAR_BLUESKY_URL": f"{networks.ws_url}/xrpc/network.bsky.jetstream.subscribeEvents",
    }
    store = {"HEARHEAR_STORE_URL": "sqlite:///talks.db"}
    with (
        Running("serve", "--port", "0", folder=tmp_path, **store) as server,
        httpx.Client(base_url=server.tells(r"serving at (\S+)")[1], timeout=20) as client,
    ):
        host = Host(client)
        with Running("catch", host.talk, folder=tmp_path, **first) as catcher:
            catcher.tells("waiting for open doors")
            host.do("start_talk")
            for stream in (networks.mastodon_events, networks.jetstream, networks.x):
                stream.wait()
            host.do("post_line", text="Welcome")
            networks.toot("1", "from Mastodon")
            host.shows(("line", "", "Welcome"), ("post", "mastodon", "from Mastodon"))
            host.do("ask_question", text="Why so dear?")
            networks.jetstream.tell(v1(10_000_001, "a", record=post_record("from Bluesky")))
            host.shows(
                ("question", "", "Why so dear?"),
                ("post", "bluesky", "from Bluesky"),
            )
            networks.tweet("1", "from X")
            host.shows(("post", "bluesky", "from Bluesky"), ("post", "x", "from X"))
            catcher.group.signal(signal.SIGKILL)
        networks.toot("2", "while nobody listened")
        host.do("post_line", text="Still here")
        with Running("catch", host.talk, folder=tmp_path, **second) as catcher:
            host.shows(("line", "", "Still here"), ("post", "mastodon", "while nobody listened"))
            networks.jetstream2.wait()
            networks.jetstream2.tell(v2(7, "b", record=post_record("from the other wire")))
            host.shows(("post", "bluesky", "from the other wire"))
            networks.mastodon("delete", "1")
            eventually(lambda: "from Mastodon" not in str(host.feed()), within_s=20)
            host.do("end_talk")
            eventually(catcher.group.has_ended, within_s=20)

        texts = [text for _, _, text in host.feed()]
        assert texts == [
            "Welcome",
            "Why so dear?",
            "from Bluesky",
            "from X",
            "Still here",
            "while nobody listened",
            "from the other wire",
        ]
        [post] = [item for item in host.items() if item["text"] == "from X"]
        assert (post["by"]["name"], post["url"]) == ("@cat", "https://x.com/cat/status/1")
