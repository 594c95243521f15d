"""What a change of role, a mute and a ban do to sockets that are open, and how soon."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateways import Process, Site

from gateway.client import Refusal

pytestmark = pytest.mark.anyio

WITHIN_S = 5.0
PROXIED = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("people")
    limited = {"HEARHEAR_SESSIONS_PER_ADDRESS": "2", "HEARHEAR_TRUSTED_PROXIES": "127.0.0.1"}
    with Process("serve", folder, **limited) as server:
        yield server


@pytest.fixture
def site(server: Process) -> Site:
    site = Site(server.url)
    site.live_talk()
    return site


async def test_an_open_socket_is_told_of_a_ban_and_its_commands_are_refused(site: Site) -> None:
    async with site.connect("Ann") as ann:
        said = await ann.send("post_line", text="Hello")
        banned = await ann.until(lambda c: c.me.get("attendee"))

        site.command("Hal", "ban", attendee=banned, why="threats")

        assert await ann.until(lambda c: c.me["banned"], within_s=WITHIN_S)
        for command, arguments in (
            ("post_line", {"text": "Me again"}),
            ("edit_line", {"line": said.result["line"], "text": "Me again"}),
        ):
            with pytest.raises(Refusal) as refused:
                await ann.send(command, **arguments)
            assert refused.value.status == 403
        site.command("Hal", "unban", attendee=banned)
        await ann.until(lambda c: not c.me["banned"], within_s=WITHIN_S)
        await ann.send("post_line", text="Thank you")


async def test_an_open_socket_is_told_of_a_mute(site: Site) -> None:
    async with site.connect("Ann") as ann:
        await ann.send("post_line", text="Hello")
        attendee = await ann.until(lambda c: c.me.get("attendee"))

        site.command("Hal", "mute", attendee=attendee, why="shouting", minutes=5)

        assert await ann.until(lambda c: c.me["muted_until"], within_s=WITHIN_S)
        with pytest.raises(Refusal) as refused:
            await ann.send("post_line", text="Me again")
        assert refused.value.status == 403


async def test_a_granted_role_reaches_an_open_socket(site: Site) -> None:
    async with site.connect("Ann") as ann:
        await ann.send("post_line", text="Hello")
        attendee = await ann.until(lambda c: c.me.get("attendee"))

        site.command("Hal", "grant_role", attendee=attendee, role="moderator")

        await ann.until(lambda c: c.me["roles"].get("moderator"), within_s=WITHIN_S)
        await ann.send("announce", text="I moderate")
        site.command("Hal", "withdraw_role", attendee=attendee, role="moderator")
        await ann.until(lambda c: not c.me["roles"], within_s=WITHIN_S)
        with pytest.raises(Refusal) as refused:
            await ann.send("announce", text="I did")
        assert refused.value.status == 403


async def test_a_desk_of_server_sent_events_ends_with_the_role(site: Site) -> None:
    site.command("Mia", "post_line", text="Hello")
    async with site.connect("Mia") as mia:
        attendee = await mia.until(lambda c: c.me.get("attendee"))
    site.command("Hal", "grant_role", attendee=attendee, role="moderator")
    address = f"{site.url}/api/talks/{site.talk}/events?as=desk"
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", address, headers=site.header("Mia")) as stream,
    ):
        lines = stream.aiter_lines()
        async for line in lines:
            if '"me"' in line:
                break

        site.command("Hal", "withdraw_role", attendee=attendee, role="moderator")

        async with asyncio.timeout(WITHIN_S):
            told = [line async for line in lines if line.startswith("data: ")]
        assert json.loads(told[-1].removeprefix("data: "))["reason"] == "not_allowed"


async def test_an_invitation_over_a_socket_is_answered_with_its_link(site: Site) -> None:
    async with site.connect("Hal") as hal:
        made = await hal.send("invite", role="moderator", expires_in_s=60)

    code = made.result["link"].partition("#code=")[2]
    answer = await asyncio.to_thread(httpx.post, f"{site.url}/api/sessions", json={"code": code})

    site.tokens["Mia"] = answer.json()["token"]
    async with site.connect("Mia", view="desk") as desk:
        await desk.until(lambda c: c.view["invites"][made.result["invite"]]["state"] == "accepted")


def test_guests_of_one_address_are_counted_behind_a_trusted_proxy(site: Site) -> None:
    address = f"{site.url}/api/sessions"

    came = [httpx.post(address, json={"name": "Ann"}, headers=PROXIED) for _ in range(3)]

    assert [one.status_code for one in came] == [201, 201, 429]
    assert came[2].json()["reason"] == "too_fast"
    assert int(came[2].headers["Retry-After"]) > 3_000
    elsewhere = {"X-Forwarded-For": "203.0.113.8"}
    assert httpx.post(address, json={"name": "Ann"}, headers=elsewhere).status_code == 201


def test_a_proxy_that_is_not_trusted_is_not_believed(tmp_path: Path) -> None:
    limited = {"HEARHEAR_SESSIONS_PER_ADDRESS": "1", "HEARHEAR_TRUSTED_PROXIES": "198.51.100.1"}
    with Process("serve", tmp_path, **limited) as server:
        address = f"{server.url}/api/sessions"
        came = [httpx.post(address, json={"name": "Ann"}, headers=PROXIED) for _ in range(3)]

    assert [one.status_code for one in came] == [201, 201, 201]
