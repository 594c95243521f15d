"""A room costs less of the processor than sending to each client in turn."""

import asyncio
import socket
from time import process_time
from typing import Any

import orjson
import pytest
from framed import RawClient, framed_server, served
from seats import line
from waiting import eventually_async

from gateway.rooms import Change, Room

pytestmark = pytest.mark.anyio

CLIENTS = 200
BURST = 10  # changes that come at once, as from one batch of the projector
MESSAGES = 100  # so few that the kernel keeps them all, and nobody has to read meanwhile


class InTurn:
    """The plain way: every message is sent to each client, and waited for."""

    def __init__(self) -> None:
        self.sends: list[Any] = []

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.sends.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def tell(self, change: Change) -> None:
        text = orjson.dumps({"type": "patch", "patch": change.patch}).decode()
        for send in self.sends:
            await send({"type": "websocket.send", "text": text})


async def test_bursts_cost_a_room_less_than_two_thirds_of_sending_to_each_in_turn() -> None:
    changes = [line(position, "x" * 200) for position in range(1, MESSAGES + 1)]

    in_turn, ours = await cost_in_turn(changes), await cost_of_room(changes)

    assert ours < in_turn / 1.5


async def cost_in_turn(changes: list[Change]) -> float:
    app = InTurn()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        async with served(app, listener):
            port = listener.getsockname()[1]
            clients = [deaf(await RawClient.connect(port, buffer=65_536)) for _ in range(CLIENTS)]
            await eventually_async(lambda: len(app.sends) == CLIENTS)
            began = process_time()
            for change in changes:
                await app.tell(change)
            took = process_time() - began
            for client in clients:
                await client.close()
    return took


async def cost_of_room(changes: list[Change]) -> float:
    """The first change of a burst goes out alone, the others as one."""
    later = asyncio.get_running_loop().call_later
    room = Room("t", "room", window_s=0, later=later)
    room.load("e", 0, {"feed": {}})
    async with framed_server(room) as server:
        for _ in range(CLIENTS):
            deaf(await server.connected(buffer=65_536))
        await eventually_async(lambda: len(room) == CLIENTS)
        began = process_time()
        for begin in range(0, MESSAGES, BURST):
            for change in changes[begin : begin + BURST]:
                room.change(change)
            while room.sent < room.position:  # noqa: ASYNC110 - turns of the loop are counted
                await asyncio.sleep(0)
        took = process_time() - began
        assert len(room._writers) == CLIENTS
    return took


def deaf(client: RawClient) -> RawClient:
    """Let a client leave all to the kernel: what it costs to read is not measured."""
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    return client
