"""What the shared-frame protocol relies on in uvicorn, on both of its loops."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from framed import FramedServer, RawClient, framed_server
from seats import line
from waiting import eventually_async

from gateway.protocol import MESSAGE_LIMIT, Bye, encode
from gateway.rooms import Change, Room, Seat

pytestmark = pytest.mark.anyio

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"], scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
async def room() -> Room:
    loop = asyncio.get_running_loop()
    room = Room("t", "room", window_s=0, later=loop.call_later, now=loop.time)
    room.load("e", 0, {"feed": {}})
    return room


@pytest.fixture
async def server(room: Room) -> AsyncIterator[FramedServer]:
    async with framed_server(room) as server:
        yield server


async def joined(server: FramedServer, *, buffer: int = 0) -> RawClient:
    """A client that has read its snapshot."""
    client = await server.connected(buffer=buffer)
    opcode, payload = await client.frame()
    assert (opcode, json.loads(payload)["type"]) == (TEXT, "snapshot")
    return client


def edited(position: int) -> Change:
    """A long line whose text changes."""
    return Change("e", position - 1, position, {"feed": {"l": {"text": "x" * 20_000}}})


async def filled(room: Room) -> Seat:
    """Change the view until a client that does not read is full, and return its seat."""
    async with asyncio.timeout(20):
        while not room._behind:
            room.change(edited(room.position + 1))
            await asyncio.sleep(0)
    (seat,) = room._behind
    return seat


async def test_one_frame_reaches_everybody(server: FramedServer, room: Room) -> None:
    clients = [await joined(server) for _ in range(5)]

    room.change(line(1))

    frames = [await client.frame() for client in clients]
    assert len(set(frames)) == 1
    assert json.loads(frames[0][1])["position"] == 1


async def test_large_frames_arrive_whole(server: FramedServer, room: Room) -> None:
    client = await joined(server)

    room.change(line(1, "x" * 300_000))

    _, payload = await client.frame()
    assert len(json.loads(payload)["patch"]["feed"]["l1"]["text"]) == 300_000


async def test_who_does_not_read_holds_nobody_and_gets_all_in_the_end(
    server: FramedServer, room: Room
) -> None:
    slow, quick = await joined(server, buffer=4096), await joined(server)
    seen = 0
    for position in range(1, 101):
        room.change(edited(position))
        seen = json.loads((await quick.frame())[1])["position"]
    assert seen == 100
    assert len(room._behind) == 1

    async for _, payload in slow.frames():
        if json.loads(payload)["position"] == 100:
            break

    await eventually_async(lambda: not room._behind)
    room.change(line(101))
    assert json.loads((await slow.frame())[1])["position"] == 101


async def test_who_does_not_read_costs_a_bounded_buffer(server: FramedServer, room: Room) -> None:
    await joined(server, buffer=4096)

    seat = await filled(room)
    for position in range(room.position + 1, room.position + 101):
        room.change(edited(position))
        await asyncio.sleep(0)

    waiting = seat.wire._protocol.transport.get_write_buffer_size()  # type: ignore[attr-defined]
    assert waiting < 50_000  # of 2 MB


async def test_nothing_follows_the_answer_to_a_close(server: FramedServer, room: Room) -> None:
    client = await joined(server)

    client.send(CLOSE, (1000).to_bytes(2, "big"))
    await eventually_async(lambda: not len(room))
    room.change(line(1))

    assert [opcode async for opcode, _ in client.frames()] == [CLOSE]


async def test_nothing_follows_a_close_of_the_application(server: FramedServer, room: Room) -> None:
    client = await joined(server)

    client.send(TEXT, b"close me")
    await eventually_async(lambda: not len(room))
    room.change(line(1))
    client.send(CLOSE, (4000).to_bytes(2, "big"))

    assert [opcode async for opcode, _ in client.frames()] == [CLOSE]


async def test_a_message_that_is_too_large_closes_with_1009(
    server: FramedServer, room: Room
) -> None:
    client = await joined(server)

    client.send(TEXT, b"x" * (MESSAGE_LIMIT + 1))
    await eventually_async(lambda: not len(room))
    room.change(line(1))

    frames = [frame async for frame in client.frames()]
    assert [(opcode, int.from_bytes(said[:2], "big")) for opcode, said in frames] == [(CLOSE, 1009)]


async def test_a_message_at_the_limit_is_heard(server: FramedServer) -> None:
    client = await joined(server)

    client.send(TEXT, b"x" * MESSAGE_LIMIT)

    await eventually_async(lambda: server.heard)


async def test_a_frame_against_the_protocol_ends_the_seat(server: FramedServer, room: Room) -> None:
    client = await joined(server)

    client.writer.write(b"\x81\x05hello")  # not masked
    await eventually_async(lambda: not len(room))
    room.change(line(1))

    assert [opcode async for opcode, _ in client.frames()] == [CLOSE]


async def test_a_connection_that_breaks_leaves_the_room(server: FramedServer, room: Room) -> None:
    client = await joined(server)

    await client.close()

    await eventually_async(lambda: not len(room) and not server.visits)
    room.change(line(1))


async def test_who_does_not_answer_pings_leaves_the_room(room: Room) -> None:
    async with framed_server(room, ws_ping_interval=0.05, ws_ping_timeout=0.05) as server:
        client = await joined(server)

        await eventually_async(lambda: not len(room))
        room.change(line(1))

        assert [opcode async for opcode, _ in client.frames()] == [PING, CLOSE]


async def test_a_farewell_comes_last(server: FramedServer, room: Room) -> None:
    client = await joined(server)
    (seat,) = room.seats

    seat.wire.close(1012, encode(Bye(reason="restart", retry_in_s=1)))
    seat.wire.close(1012, encode(Bye(reason="restart", retry_in_s=1)))
    room.change(line(1))
    client.send(CLOSE, (1012).to_bytes(2, "big"))

    frames = [frame async for frame in client.frames()]
    assert [opcode for opcode, _ in frames] == [TEXT, CLOSE]
    assert int.from_bytes(frames[1][1][:2], "big") == 1012
    await eventually_async(lambda: not server.visits)


async def test_a_farewell_reaches_the_application_of_a_client_that_does_not_read(
    server: FramedServer, room: Room
) -> None:
    await joined(server, buffer=4096)
    seat = await filled(room)

    seat.wire.close(1012)

    await eventually_async(lambda: not server.visits)


async def test_a_server_that_ends_closes_everybody_with_1012(room: Room) -> None:
    async with framed_server(room) as server:
        client = await RawClient.connect(server.port)
        await client.frame()
    room.change(line(1))

    opcode, said = await client.frame()
    assert (opcode, int.from_bytes(said[:2], "big")) == (CLOSE, 1012)
    assert not len(room)
    await client.close()


@pytest.mark.parametrize("more", ["", "Sec-WebSocket-Protocol: chat\r\n"], ids=["short", "long"])
async def test_an_upgrade_is_answered_whichever_way_it_goes(
    server: FramedServer, more: str
) -> None:
    client = await RawClient.connect(server.port, more=more)
    server.clients.append(client)

    opcode, payload = await client.frame()

    assert (opcode, json.loads(payload)["type"]) == (TEXT, "snapshot")


@pytest.mark.parametrize(
    "wrong",
    [
        "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n",
        "Sec-WebSocket-Version: 13\r\n",
    ],
)
async def test_a_wrong_upgrade_is_refused(server: FramedServer, wrong: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}{wrong}\r\n".encode())

    status = await reader.readline()
    writer.close()
    await writer.wait_closed()

    assert status.split()[1] in {b"400", b"426"}
