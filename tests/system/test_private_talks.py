"""A private talk is there for who was invited or has a role, and for nobody else."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gateways import Process, Site
from waiting import eventually
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from gateway.http.door import OPERATIONS
from gateway.http.operations import Operation

OF_A_TALK = [one for one in OPERATIONS if one.path.startswith("/api/talks/{talk}")]
NO_SUCH_TALK = {"detail": "there is no such talk", "reason": "not_found", "status": 404}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running gateway with a live talk that its host made private."""
    with Process("serve", tmp_path_factory.mktemp("private")) as process:
        site = Site(process.url)
        site.live_talk()
        site.command("Hal", "set_policy", access="private")
        eventually(lambda: access_of(site) == "private", within_s=5)
        yield site


def access_of(site: Site) -> str:
    return str(site.view()["view"]["talk"]["policy"]["access"])


def invited(site: Site, name: str, role: str = "attendee") -> dict[str, str]:
    """Bring somebody the link of an invitation; returns the header that says who they are."""
    link = site.command("Hal", "invite", role=role, expires_in_s=600)["result"]["link"]
    code = link.partition("#code=")[2]
    answer = httpx.post(f"{site.url}/api/sessions", json={"code": code, "name": name})
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def listed(site: Site, headers: dict[str, str]) -> set[str]:
    answer = httpx.get(f"{site.url}/api/talks", headers=headers)
    return {card["id"] for card in answer.json()["items"]}


@pytest.mark.parametrize("one", OF_A_TALK, ids=lambda one: f"{one.method} {one.path}")
def test_a_stranger_cannot_tell_it_from_no_talk(site: Site, one: Operation) -> None:
    words = {"format": "csv", "table": "ticks"}
    path = one.path.replace("{talk}", site.talk)
    for name in {part.split("}")[0] for part in path.split("{")[1:]}:
        path = path.replace(f"{{{name}}}", words.get(name, str(uuid4())))

    for headers in (site.header("Eve"), {} if not one.needs_identity else site.header("Eve")):
        answer = httpx.request(one.method, site.url + path, headers=headers, json={})
        if answer.status_code == 401:  # identity comes first, and tells nothing of the talk
            other = path.replace(site.talk, str(uuid4()))
            assert httpx.request(one.method, site.url + other, json={}).status_code == 401
        else:
            assert NO_SUCH_TALK.items() <= answer.json().items()


def test_who_was_invited_finds_reads_and_speaks(site: Site) -> None:
    ann = invited(site, "Ann")

    command = {"command": "post_line", "command_id": str(uuid4()), "text": "Here I am"}
    said = httpx.post(f"{site.url}/api/talks/{site.talk}/commands", json=command, headers=ann)

    assert said.status_code == 200
    assert httpx.get(f"{site.url}/api/talks/{site.talk}/view", headers=ann).status_code == 200
    assert site.talk in listed(site, ann)


def test_it_is_listed_to_nobody_else(site: Site) -> None:
    assert site.talk in listed(site, site.header("Hal"))
    assert site.talk not in listed(site, site.header("Eve"))
    assert site.talk not in listed(site, {})


def test_whose_token_holds_a_role_everywhere_is_let_in(site: Site) -> None:
    moderator = {"Authorization": f"Bearer {site.own_token('Mia', role='moderator')}"}

    assert httpx.get(f"{site.url}/api/talks/{site.talk}/view", headers=moderator).is_success


def test_a_socket_of_a_stranger_is_refused_before_the_upgrade(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(site.live, additional_headers=site.header("Eve"))

    assert refused.value.response.status_code == 404


@pytest.mark.parametrize("name", ["Eve", ""])
def test_a_socket_that_says_later_who_is_there_is_refused_then(site: Site, name: str) -> None:
    token = site.token(name) if name else ""
    with connect(site.live) as socket:
        assert json.loads(socket.recv(5)) == {"type": "who"}
        socket.send(json.dumps({"type": "hello", "token": token}))

        refused = json.loads(socket.recv(5))

        assert (refused["type"], refused["status"]) == ("refused", 404)
        with pytest.raises(ConnectionClosed):
            socket.recv(5)


def test_server_sent_events_are_refused_as_well(site: Site) -> None:
    answer = httpx.get(f"{site.url}/api/talks/{site.talk}/events", headers=site.header("Eve"))

    assert answer.status_code == 404


def test_who_is_inside_without_a_role_leaves_when_it_becomes_private(site: Site) -> None:
    open_talk = Site(site.url)
    open_talk.tokens = site.tokens
    open_talk.live_talk()
    ann = invited(open_talk, "Ann")
    with (
        connect(open_talk.live, additional_headers=site.header("Eve")) as stranger,
        connect(open_talk.live, additional_headers=ann) as guest,
    ):
        stranger.recv(5)
        guest.recv(5)

        open_talk.command("Hal", "set_policy", access="private")

        assert frames_of(stranger)[-1]["status"] == 404
        open_talk.command("Hal", "announce", text="Among us")
        assert "Among us" in str(frames_of(guest, until=lambda frame: "Among us" in str(frame)))


def test_who_loses_the_only_role_leaves(site: Site) -> None:
    headers = invited(site, "Pia", role="panelist")
    with connect(site.live, additional_headers=headers) as socket:
        me = frames_of(socket, until=lambda frame: frame["type"] == "me")[-1]

        site.command("Hal", "withdraw_role", attendee=me["attendee"], role="panelist")

        assert frames_of(socket)[-1]["status"] == 404


def frames_of(
    socket: ClientConnection, *, until: Callable[[dict[str, Any]], bool] = lambda _: False
) -> list[dict[str, Any]]:
    """Take frames until one is as wished, or the other side closes; within five seconds."""
    frames: list[dict[str, Any]] = []
    ends_at = time.monotonic() + 5
    with suppress(ConnectionClosed):
        while not frames or not until(frames[-1]):
            message = json.loads(socket.recv(ends_at - time.monotonic()))
            frames += message if isinstance(message, list) else [message]
    return frames
