"""A real server on loopback with one room behind our WebSocket protocol, and raw clients."""

import asyncio
import base64
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from waiting import eventually_async

from gateway.frames import EXTENSION, FramedProtocol
from gateway.protocol import MESSAGE_LIMIT
from gateway.rooms import Room, Seat
from gateway.upgrading import UpgradingProtocol


class FramedServer:
    """Seats every connection in ``room``; ``heard`` notes what clients said."""

    def __init__(self, port: int, room: Room) -> None:
        self.port = port
        self.room = room
        self.heard: list[dict[str, Any]] = []
        self.visits = 0
        self.clients: list[RawClient] = []

    async def connected(self, *, buffer: int = 0) -> "RawClient":
        """A client, gone before the server is."""
        client = await RawClient.connect(self.port, buffer=buffer)
        self.clients.append(client)
        return client

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        wire = scope["extensions"][EXTENSION]
        seat = wire.seat = Seat(wire)
        self.room.enter(seat)
        self.visits += 1
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                self.heard.append(message)
                if message.get("text") == "close me":
                    await send({"type": "websocket.close", "code": 4000})
        finally:
            self.room.leave(seat)
            self.visits -= 1


@asynccontextmanager
async def framed_server(room: Room, **options: Any) -> AsyncIterator[FramedServer]:
    """Serve a room until the block ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = FramedServer(listener.getsockname()[1], room)
        ours = {"http": UpgradingProtocol, "ws": FramedProtocol, "ws_max_size": MESSAGE_LIMIT}
        async with served(app, listener, **{**ours, **options}):
            try:
                yield app
            finally:
                for client in app.clients:
                    await client.close()


@asynccontextmanager
async def served(app: Any, listener: socket.socket, **options: Any) -> AsyncIterator[None]:
    """Let uvicorn serve an application until the block ends."""
    config = uvicorn.Config(
        app, ws_per_message_deflate=False, lifespan="off", log_config=None, **options
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listener]))
    await eventually_async(lambda: server.started, every_s=0.001)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class RawClient:
    """A client that shows every byte, and reads only when told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int, *, buffer: int = 0, more: str = "") -> "RawClient":
        own = socket.socket()
        if buffer:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        own.setblocking(False)
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=own, limit=2**16)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Version: 13\r\n{more}\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head, head
        return cls(reader, writer)

    async def frame(self) -> tuple[int, bytes]:
        """Read one frame: its opcode and payload."""
        first, length = await self.reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await self.reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await self.reader.readexactly(8), "big")
        return first & 0x0F, await self.reader.readexactly(length)

    async def frames(self) -> AsyncIterator[tuple[int, bytes]]:
        """Read frames until the connection ends."""
        try:
            while True:
                yield await self.frame()
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def send(self, opcode: int, payload: bytes) -> None:
        """Send one frame, masked with zeros."""
        length = len(payload)
        if length < 126:
            head = bytes([0x80 | opcode, 0x80 | length])
        elif length < 65_536:
            head = bytes([0x80 | opcode, 0x80 | 126]) + length.to_bytes(2, "big")
        else:
            head = bytes([0x80 | opcode, 0x80 | 127]) + length.to_bytes(8, "big")
        self.writer.write(head + bytes(4) + payload)

    async def close(self) -> None:
        self.writer.transport.abort()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
