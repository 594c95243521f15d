"""The typed client: what it folds, and how it comes back, against a server played by the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Response

import hearhear
from gateway.client import Client, Folded, Refusal, _talk_in

pytestmark = pytest.mark.anyio

SNAPSHOT = {"type": "snapshot", "epoch": "e", "position": 3, "view": {"feed": {}}}


def patch(prev: int, position: int, epoch: str = "e") -> dict[str, Any]:
    feed = {f"l{position}": {"text": "Hello"}}
    return {
        "type": "patch",
        "epoch": epoch,
        "prev": prev,
        "position": position,
        "patch": {"feed": feed},
    }


def test_a_patch_that_fits_is_applied_a_known_one_ignored_a_gap_told() -> None:
    known = Folded()
    known.take(SNAPSHOT)

    assert known.take(patch(2, 4))
    assert known.take(patch(3, 4))
    assert not known.take(patch(5, 6))
    assert not known.take(patch(4, 5, epoch="another"))

    assert (known.position, set(known.view["feed"])) == (4, {"l4"})


def test_the_first_me_after_a_snapshot_is_whole_and_the_next_ones_change_it() -> None:
    known = Folded()
    for frame in (
        SNAPSHOT,
        {"type": "me", "votes": {"old": True}},
        SNAPSHOT,
        {"type": "me", "votes": {"q": True}},
        {"type": "me", "votes": {"r": True, "q": None}},
    ):
        known.take(frame)

    assert known.me == {"votes": {"r": True}}


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("http://127.0.0.1:8000/talks/t", "http://127.0.0.1:8000"),
        ("https://example.org/live/api/talks/t/", "https://example.org/live"),
    ],
)
def test_the_address_of_a_talk_tells_its_site(url: str, site: str) -> None:
    assert _talk_in(url) == (site, "t")


def test_another_address_is_no_talk() -> None:
    with pytest.raises(ValueError, match="the address of a talk"):
        hearhear.connect("http://127.0.0.1:8000/")


Play = Callable[[ServerConnection, int], Awaitable[None]]


class Server:
    """Plays one part for each connection, and notes what came."""

    def __init__(self, *parts: Play) -> None:
        self._parts = parts
        self.heard: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/talks/t"

    async def play(self, connection: ServerConnection) -> None:
        assert connection.request
        self.paths.append(connection.request.path)
        number = min(len(self.paths), len(self._parts)) - 1
        await self._parts[number](connection, number)

    async def hear(self, connection: ServerConnection) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await connection.recv())
        self.heard.append(message)
        return message


@asynccontextmanager
async def playing(server: Server) -> AsyncIterator[Server]:
    async with serve(server.play, "127.0.0.1", 0) as listening:
        server.port = next(iter(listening.sockets)).getsockname()[1]
        yield server


def quick(server: Server, token: str = "t") -> Client:
    return Client(server.url, token=token, jitter=lambda: 0.0)


async def tell(connection: ServerConnection, *frames: dict[str, Any]) -> None:
    for frame in frames:
        await connection.send(json.dumps(frame))


async def test_it_resumes_where_it_was_and_asks_again_with_the_same_id() -> None:
    async def breaks_off(connection: ServerConnection, _: int) -> None:
        await tell(connection, SNAPSHOT, patch(3, 7))
        await server.hear(connection)  # and it is never answered

    async def answers(connection: ServerConnection, _: int) -> None:
        await tell(connection, {"type": "me", "attendee": "a"})
        asked = await server.hear(connection)
        ack = {"type": "ack", "command_id": asked["command_id"], "position": 8, "result": {}}
        await tell(connection, ack)
        await connection.wait_closed()

    server = Server(breaks_off, answers)
    async with playing(server), quick(server) as client:
        accepted = await client.send("post_line", text="Hello")

        assert accepted.position == 8
        first, second = server.heard
        assert first == second
        assert "epoch=e&after=7" in server.paths[1]


async def test_what_is_sent_while_away_goes_out_in_its_order() -> None:
    async def bids_farewell(connection: ServerConnection, _: int) -> None:
        await tell(connection, SNAPSHOT, {"type": "bye", "reason": "restart", "retry_in_s": 0.05})

    async def listens(connection: ServerConnection, _: int) -> None:
        await tell(connection, SNAPSHOT)
        for _number in range(3):
            asked = await server.hear(connection)
            ack = {"command_id": asked["command_id"], "position": None, "result": {}}
            await tell(connection, {"type": "ack", **ack})
        await connection.wait_closed()

    server = Server(bids_farewell, listens)
    async with playing(server), quick(server) as client:
        await client.until(lambda c: c.state != "live")

        await asyncio.gather(*(client.sending("post_line", text=str(n)) for n in range(3)))

        assert [message["text"] for message in server.heard] == ["0", "1", "2"]


async def test_a_gap_makes_it_ask_again() -> None:
    async def skips_one(connection: ServerConnection, _: int) -> None:
        await tell(connection, SNAPSHOT, patch(5, 6))
        await connection.wait_closed()

    async def knows_all(connection: ServerConnection, _: int) -> None:
        await tell(connection, patch(3, 6))
        await connection.wait_closed()

    server = Server(skips_one, knows_all)
    async with playing(server), quick(server) as client:
        await client.until(lambda c: c.position == 6)

        assert "after=3" in server.paths[1]


async def test_a_refusal_is_raised_where_the_command_was_sent() -> None:
    async def refuses(connection: ServerConnection, _: int) -> None:
        await tell(connection, SNAPSHOT)
        asked = await server.hear(connection)
        why = {"status": 409, "reason": "not_open", "detail": "the talk has ended", "field": ""}
        await tell(connection, {"type": "refused", "command_id": asked["command_id"], **why})
        await connection.wait_closed()

    server = Server(refuses)
    async with playing(server), quick(server) as client:
        with pytest.raises(Refusal, match="not_open: the talk has ended"):
            await client.send("post_line", text="Hello")


async def test_what_the_store_had_no_time_for_is_asked_again() -> None:
    async def hesitates(connection: ServerConnection, _: int) -> None:
        await tell(connection, SNAPSHOT)
        asked = await server.hear(connection)
        why = {"status": 503, "reason": "unavailable", "detail": "not now", "field": ""}
        await tell(connection, {"type": "refused", "command_id": asked["command_id"], **why})
        again = await server.hear(connection)
        ack = {"type": "ack", "command_id": again["command_id"], "position": 4, "result": {}}
        await tell(connection, ack)
        await connection.wait_closed()

    server = Server(hesitates)
    async with playing(server), quick(server) as client:
        assert (await client.send("post_line", text="Hello")).position == 4


async def test_without_a_token_it_says_hello() -> None:
    async def asks(connection: ServerConnection, _: int) -> None:
        await tell(connection, {"type": "who"})
        await server.hear(connection)
        await tell(connection, SNAPSHOT)
        await connection.wait_closed()

    server = Server(asks)
    async with playing(server), quick(server, token=""):
        assert server.heard == [{"type": "hello", "token": "", "epoch": "", "after": 0}]


async def test_who_is_not_let_in_is_told_why() -> None:
    def deny(connection: ServerConnection, _: Any) -> Response:
        problem = json.dumps({"reason": "not_found", "detail": "there is no such talk"})
        return connection.respond(404, problem)

    async def nothing(_: ServerConnection) -> None: ...

    async with serve(nothing, "127.0.0.1", 0, process_request=deny) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        with pytest.raises(Refusal, match="not_found") as refused:
            async with hearhear.connect(f"http://127.0.0.1:{port}/talks/t"):
                pass

    assert refused.value.status == 404


async def test_changes_yields_the_latest_view() -> None:
    async def tells(connection: ServerConnection, _: int) -> None:
        await tell(connection, SNAPSHOT, patch(3, 4), patch(4, 5))
        await connection.wait_closed()

    server = Server(tells)
    async with playing(server), quick(server) as client:
        async for view in client.changes():
            if "l5" in view["feed"]:
                break

        assert client.position == 5
