"""The live door of a real server over loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gateways import Process, Site
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.client import Refusal

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with Process("serve", tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture
def site(server: Process) -> Site:
    site = Site(server.url)
    site.live_talk()
    return site


class Socket:
    """A socket that shows single frames."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[dict[str, Any]] = []

    async def until(self, kind: str, **having: Any) -> dict[str, Any]:
        """Read until a frame of this kind with these fields."""
        async with asyncio.timeout(10):
            while True:
                frame = json.loads(await self.connection.recv())
                self.frames.append(frame)
                if frame["type"] == kind and having.items() <= frame.items():
                    return frame

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def command(self, command: str, **arguments: Any) -> str:
        command_id = str(uuid4())
        await self.say(type="command", command=command, command_id=command_id, **arguments)
        return command_id

    async def closed(self) -> int | None:
        """Read to the end, and tell the close code."""
        async with asyncio.timeout(15):
            try:
                while True:
                    self.frames.append(json.loads(await self.connection.recv()))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None


@asynccontextmanager
async def socket(
    site: Site, name: str = "", query: str = "", **headers: str
) -> AsyncIterator[Socket]:
    """A socket; without a name it brings no identity."""
    more = {**headers, **(site.header(name) if name else {})}
    async with connect(
        f"{site.live}?{query}", additional_headers=more, proxy=None, max_size=None
    ) as connection:
        yield Socket(connection)


async def test_an_edit_with_the_same_words_sends_nothing(site: Site) -> None:
    lines = f"{site.url}/api/talks/{site.talk}/lines"
    header = site.header("Ann")
    async with httpx.AsyncClient(headers=header) as ann, socket(site, "Bob") as watching:
        said = await ann.post(lines, json={"text": "Hear, hear!"})
        line = said.json()["result"]["line"]
        await watching.until("patch", position=said.json()["position"])
        before = len(watching.frames)

        same = await ann.patch(f"{lines}/{line}", json={"text": "Hear, hear!"})
        following = await ann.post(lines, json={"text": "Well said"})

        assert same.json() == {"position": None, "result": {}}
        patch = await watching.until("patch")
        assert (patch["prev"], patch["position"]) == (
            said.json()["position"],
            following.json()["position"],
        )
        told = [frame["type"] for frame in watching.frames[before:]]
        assert {kind for kind in told if kind != "beat"} == {"patch"}


async def test_two_people_see_each_other_s_lines(site: Site) -> None:
    async with site.connect("Ann") as ann, site.connect("Bob") as bob:
        said = await ann.send("post_line", text="Hear, hear!")
        line = said.result["line"]

        seen = await bob.until(lambda c: c.view["feed"].get(line))
        assert (seen["text"], seen["by"]["name"]) == ("Hear, hear!", "Ann")
        assert (await ann.until(lambda c: c.view["feed"].get(line))) == seen
        assert bob.position >= (said.position or 0)


async def test_first_comes_the_snapshot_then_me_then_the_rest(site: Site) -> None:
    async with socket(site, "Ann") as ann:
        await ann.command("post_line", text="Hello")

        await ann.until("beat")
        await ann.until("beat")

        kinds = [frame["type"] for frame in ann.frames]
        assert kinds[:2] == ["snapshot", "me"]
        assert {"ack", "patch"} <= set(kinds)


async def test_commands_are_answered_in_their_order(site: Site) -> None:
    async with socket(site, "Ann") as ann:
        asked = [await ann.command("ask_question", text=f"Question {n}?") for n in range(5)]
        asked.append(await ann.command("dance"))
        asked += [await ann.command("cast_vote", question=str(uuid4()))]

        await ann.until("refused", command_id=asked[-1])

        answers = [f for f in ann.frames if f["type"] in {"ack", "refused"}]
        assert [answer["command_id"] for answer in answers] == asked
        assert [f["reason"] for f in answers[5:]] == ["unknown_command", "not_found"]


@pytest.mark.parametrize("nonsense", ["{", "[]", '{"type":"snapshot"}', '{"type":"command"}'])
async def test_what_can_t_be_read_is_refused_and_the_socket_goes_on(
    site: Site, nonsense: str
) -> None:
    async with socket(site, "Ann") as ann:
        await ann.connection.send(nonsense)
        refused = await ann.until("refused")
        assert (refused["command_id"], refused["status"]) == (None, 400)

        await ann.command("post_line", text="still here")

        await ann.until("ack")


async def test_a_client_resumes_with_patches_alone(site: Site) -> None:
    async with socket(site, "Ann") as ann:
        seen = await ann.until("snapshot")
    site.command("Bob", "post_line", text="while Ann was away")
    position = site.command("Bob", "post_line", text="and again")["position"]

    async with socket(site, "Ann", f"epoch={seen['epoch']}&after={seen['position']}") as ann:
        await ann.until("patch", position=position)
        await ann.until("me")

        kinds = [frame["type"] for frame in ann.frames]
        assert "snapshot" not in kinds
        assert kinds.index("patch") < kinds.index("me")


async def test_a_client_of_another_epoch_gets_a_snapshot(site: Site) -> None:
    async with socket(site, "Ann", "epoch=another&after=3") as ann:
        await ann.until("me")

        assert [frame["type"] for frame in ann.frames] == ["snapshot", "me"]


async def test_who_brings_nothing_is_asked_and_says_hello(site: Site) -> None:
    async with socket(site) as ann:
        await ann.until("who")

        await ann.say(type="hello", token=site.token("Ann"), epoch="", after=0)

        me = await ann.until("me")
        assert [frame["type"] for frame in ann.frames] == ["who", "snapshot", "me"]
        assert me["attendee"]


async def test_who_says_hello_without_a_token_only_reads(site: Site) -> None:
    async with socket(site) as reader:
        await reader.say(type="hello", token="")
        await reader.until("snapshot")

        await reader.command("post_line", text="may I?")

        assert (await reader.until("refused"))["reason"] == "unauthenticated"


async def test_a_bad_token_is_refused_and_the_socket_closed(site: Site) -> None:
    async with socket(site) as stranger:
        await stranger.say(type="hello", token="nonsense")

        assert await stranger.closed() == 1008
        assert stranger.frames[-1]["reason"] == "unauthenticated"


async def test_who_says_nothing_is_sent_away_after_ten_seconds(site: Site) -> None:
    async with socket(site) as silent:
        assert await silent.closed() == 1008
        assert [frame["type"] for frame in silent.frames] == ["who"]


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
async def test_a_foreign_origin_is_refused_before_the_upgrade(site: Site, origin: str) -> None:
    with pytest.raises(InvalidStatus) as denied:
        async with socket(site, "Ann", Origin=origin):
            pass

    assert denied.value.response.status_code == 403


async def test_our_own_origin_comes_in(site: Site) -> None:
    async with socket(site, "Ann", Origin=site.url) as ann:
        await ann.until("snapshot")


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [("Ann", "as=desk", 403), ("Ann", "as=kitchen", 400), ("Ann", "after=x", 400)],
)
async def test_what_is_not_for_them_is_refused_before_the_upgrade(
    site: Site, name: str, query: str, status: int
) -> None:
    with pytest.raises(InvalidStatus) as denied:
        async with socket(site, name, query):
            pass

    response = denied.value.response
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_unknown_talk_is_not_found(site: Site) -> None:
    site.talk = str(uuid4())

    with pytest.raises(Refusal) as refused:
        async with site.connect("Ann"):
            pass

    assert refused.value.status == 404


async def test_a_host_sees_the_desk(site: Site) -> None:
    line = site.command("Ann", "post_line", text="rude words")["result"]["line"]
    async with site.connect("Hal", view="desk") as desk:
        await desk.send("hide", item=line, why="rude")

        item = await desk.until(lambda c: c.view["items"].get(line))

        assert (item["text"], item["state"], item["why"]) == ("rude words", "hidden", "rude")


async def test_nothing_hidden_reaches_others_and_its_author_is_told(site: Site) -> None:
    async with site.connect("Ann") as ann, socket(site, "Bob") as bob:
        await bob.until("me")
        line = site.command("Ann", "post_line", text="unheard-of words")["result"]["line"]
        await ann.until(lambda c: c.view["feed"].get(line))
        await bob.until("patch")
        site.command("Hal", "hide", item=line, why="rude")
        await ann.until(lambda c: line not in c.view["feed"])
        await bob.until("patch")

        mine = await ann.until(lambda c: c.me["items"].get(line))
        assert mine["state"] == "hidden"
        async with socket(site, "Cleo") as cleo:
            await cleo.until("me")
            assert "unheard-of" not in json.dumps(cleo.frames)


async def test_who_lost_their_role_is_shown_out_of_the_desk(site: Site) -> None:
    async with site.connect("Bob") as bob:
        await bob.send("post_line", text="I am here")
        attendee = (await bob.until(lambda c: c.me.get("name") and c.me))["attendee"]
    site.command("Hal", "grant_role", attendee=attendee, role="moderator")
    async with socket(site, "Bob", "as=desk") as desk:
        await desk.until("me")

        site.command("Hal", "withdraw_role", attendee=attendee, role="moderator")

        assert await desk.closed() == 1008


async def test_a_vote_shows_in_me_and_in_the_tally(site: Site) -> None:
    question = site.command("Ann", "ask_question", text="Why?")["result"]["question"]
    async with site.connect("Bob") as bob, site.connect("Bob") as phone:
        await bob.send("cast_vote", question=question)

        await phone.until(lambda c: c.me["votes"].get(question))
        await phone.until(lambda c: c.view["questions"][question]["votes"] == 1)

        await bob.send("withdraw_vote", question=question)
        await phone.until(lambda c: question not in c.me["votes"])


async def test_a_beat_tells_the_position_and_how_many_are_present(site: Site) -> None:
    async with socket(site, "Ann") as ann, socket(site, "Bob") as bob:
        await ann.until("snapshot")
        await bob.until("snapshot")

        beat = await ann.until("beat", present=2)

        assert beat["position"] <= ann.frames[0]["position"]


async def test_a_replay_is_there_after_the_end_and_hears_of_what_is_hidden(site: Site) -> None:
    line = site.command("Ann", "post_line", text="regretted words")["result"]["line"]
    with pytest.raises(Refusal, match="not_open"):
        async with site.connect(view="replay"):
            pass
    site.command("Hal", "end_talk")
    async with site.connect(view="replay") as listener:
        await listener.until(lambda c: c.view["talk"]["state"] == "ended")
        assert line in listener.view["feed"]

        site.command("Hal", "hide", item=line, why="regretted")

        await listener.until(lambda c: line not in c.view["feed"])


async def test_a_message_over_64_kib_closes_with_1009(site: Site) -> None:
    async with socket(site, "Ann") as ann:
        await ann.until("snapshot")

        await ann.connection.send("x" * 65_537)

        assert await ann.closed() == 1009


async def test_a_slow_client_holds_nobody_and_ends_at_the_same_view(site: Site) -> None:
    texts = ["🎉" * 1_900 for _ in range(8)]
    async with socket(site, "Slow") as slow, site.connect("Ann") as ann:
        await slow.until("me")
        slow.connection.transport.pause_reading()
        for n in range(8):
            for text in texts:
                await site_post(site, f"Guest {n}", text)
        await ann.until(lambda c: len(c.view["feed"]) == 64)
        slow.connection.transport.resume_reading()

        async with asyncio.timeout(10):
            while slow.frames[-1].get("position", 0) < ann.position:
                slow.frames.append(json.loads(await slow.connection.recv()))


async def site_post(site: Site, name: str, text: str) -> None:
    await asyncio.to_thread(site.command, name, "post_line", text=text)


async def test_the_same_frames_come_as_server_sent_events(site: Site) -> None:
    address = f"{site.url}/api/talks/{site.talk}/events"
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", address, headers=site.header("Ann")) as stream,
    ):
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        snapshot = await _event(lines)
        assert snapshot["data"]["type"] == "snapshot"
        assert (await _event(lines))["data"]["type"] == "me"
    site.command("Ann", "post_line", text="missed")

    resumed = {**site.header("Ann"), "Last-Event-ID": snapshot["id"]}
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", address, headers=resumed) as stream,
    ):
        assert (await _event(stream.aiter_lines()))["data"]["type"] == "patch"


async def _event(lines: AsyncIterator[str]) -> dict[str, Any]:
    """Read the next event that has data."""
    event: dict[str, Any] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "data":
            return {**event, "data": json.loads(value)}
        event[name] = value
    raise AssertionError("the stream ended")


async def test_at_the_end_of_a_server_everybody_is_told_and_comes_back(tmp_path: Path) -> None:
    with Process("serve", tmp_path) as server:
        site = Site(server.url)
        site.live_talk()
        async with socket(site, "Ann") as ann, site.connect("Bob") as bob:
            await ann.until("me")
            await asyncio.to_thread(server.stop)
            assert await ann.closed() == 1012
            assert ann.frames[-1]["type"] == "bye"
            said = bob.sending("post_line", text="said while the server was away")

            await asyncio.to_thread(server.start)

            line = (await asyncio.wait_for(said, 20)).result["line"]
            await bob.until(lambda c: c.view["feed"].get(line))
