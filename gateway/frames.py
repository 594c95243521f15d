"""Frames shared by a whole room: uvicorn's WebSocket protocol with a wire beside it.

A server's frames are not masked, so the bytes of one are the same for every client: the room
builds it once and its wires write it straight to their transports. Chosen as uvicorn's ``ws``;
an application finds the wire in ``scope["extensions"]``. Lives on the gateway's loop.
"""

import socket
from asyncio.transports import BaseTransport
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import SERVER, Protocol, State
from websockets.utils import accept_key

from gateway.protocol import Message
from gateway.rooms import Seat

EXTENSION = "hearhear.wire"

KERNEL_BUFFER = 128 * 1024
"""Bytes the kernel keeps for a client that does not read; what is beyond waits in its room."""


class FrameWire:
    """Writes frames of the room to one connection, until a close frame or its end.

    The transport takes what the kernel does not, and pauses the seat at once: at most one
    message more than the kernel's buffer waits for a client that does not read.
    """

    __slots__ = ("_protocol", "is_open", "seat")

    def __init__(self, protocol: "FramedProtocol") -> None:
        self._protocol = protocol
        self.seat: Seat | None = None  # set before anything is written
        self.is_open = True

    def write(self, message: Message) -> None:
        if self.is_open:
            self._protocol.transport.write(message.framed)

    def recall(self) -> bool:
        """Nothing can be recalled: what was written has left."""
        return False

    def close(self, code: int, farewell: Message | None = None) -> None:
        if self.is_open:
            if farewell is not None:
                self.write(farewell)
            self._protocol.send_close(code)

    def end(self) -> None:
        """Let nothing follow: to be called before every close frame and at every exit."""
        if self.is_open:
            self.is_open = False
            if self.seat is not None:
                self.seat.end()

    async def idle(self) -> None:
        """Wait until the client reads, or is gone."""
        await self._protocol.writable.wait()


class FramedProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which pauses the wire with the transport and ends it at every exit.

    What it relies on in uvicorn is held by tests/contract/test_frames.py.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.wire = FrameWire(self)
        self._answer = b""  # to the upgrade, only while one that was handed over waits for it

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)
        if (own := transport.get_extra_info("socket")) is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:  # noqa: PLR2004 - Switching Protocols
            cast("dict[str, Any]", self.scope)["extensions"][EXTENSION] = self.wire

    # An upgrade that was read already (gateway/upgrading.py).

    def upgraded(self, url: bytes, headers: Sequence[tuple[bytes, bytes]], key: bytes) -> None:
        """Let the application see an upgrade as it was read; it is answered when it accepts."""
        self._answer = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_key(key.decode())}\r\n"
        ).encode()
        self.handshake_initiated = True
        target = httptools.parse_url(url)
        self.scope = {
            "type": "websocket",
            "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": self.root_path,
            "path": self.root_path + unquote(target.path.decode("ascii")),
            "raw_path": self.root_path.encode("ascii") + target.path,
            "query_string": target.query or b"",
            "headers": headers,
            "subprotocols": [],
            "state": self.app_state.copy(),
            "extensions": cast("Any", {"websocket.http.response": {}, EXTENSION: self.wire}),
        }
        self.queue.put_nowait({"type": "websocket.connect"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    def _accept(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        if self.disconnected:
            raise ClientDisconnected
        if self.transport.is_closing():
            return
        more = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(self._answer + more + b"\r\n")
        self._answer = b""
        self.handshake_complete = True
        self.conn = cast(
            "Any", Protocol(SERVER, state=State.OPEN, max_size=self.config.ws_max_size)
        )
        self.start_keepalive()

    def data_received(self, data: bytes) -> None:
        """Read frames; a client may send none before its upgrade is answered."""
        if self._answer:
            self.transport.close()
        else:
            super().data_received(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.wire.seat is not None and not self.wire.seat.paused:
            self.wire.seat.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.wire.seat is not None and self.wire.seat.paused:
            self.wire.seat.resume()

    def send_close(self, code: int) -> None:
        """Close in the name of the wire; the application hears of it as a disconnect."""
        self.wire.end()
        if self.close_sent or self.transport.is_closing():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        self.conn.send_close(code)
        self._say_close()

    def _say_close(self) -> None:
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    # Every exit ends the wire first: nothing may follow a close frame.

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.wire.end()
        if message["type"] == "websocket.accept" and self._answer:
            self._accept(message.get("headers", ()))
            return
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            # Answered in full, with a refusal; uvicorn would log an unfinished handshake.
            self.handshake_complete = True

    def handle_close(self, event: Frame) -> None:
        self.wire.end()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        """Close our side, and read on until the client closes its own.

        A connection closed with unread data would be reset, and the close code lost with it.
        """
        if self.close_sent or self.conn.close_sent is None:
            return  # only the rest of what was wrong
        self.wire.end()
        code = self.conn.close_sent.code
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        self._say_close()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def keepalive_timeout(self) -> None:
        self.wire.end()
        super().keepalive_timeout()

    def shutdown(self) -> None:
        self.wire.end()
        super().shutdown()

    def on_task_complete(self, task: Any) -> None:
        self.wire.end()
        super().on_task_complete(task)

    def connection_lost(self, exc: Exception | None) -> None:
        self.wire.end()
        super().connection_lost(exc)
