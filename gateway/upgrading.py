"""A short way from an HTTP upgrade to the live door.

uvicorn reads the request, writes it down again, and lets the websockets library read it once
more: a quarter of what a connection costs. A plain upgrade, as every browser sends it, is
taken here as it was read; any other goes the long way and is answered there, or refused.
"""

from base64 import b64decode
from binascii import Error as NotBase64

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.frames import FramedProtocol

_KEY_BYTES = 16


class UpgradingProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which hands a plain upgrade on without writing it down."""

    def handle_websocket_upgrade(self) -> None:
        """Go on as a WebSocket; the answer comes when the application accepts."""
        key = self._key()
        if not key:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        protocol = FramedProtocol(
            config=self.config, server_state=self.server_state, app_state=self.app_state
        )
        protocol.connection_made(self.transport)
        protocol.upgraded(self.url, self.headers, key)
        self.transport.set_protocol(protocol)

    def _key(self) -> bytes:
        """Tell the key of a plain upgrade; empty for one that asks for more, or is wrong."""
        if self.scope["method"] != "GET" or self.scope["http_version"] != "1.1":
            return b""
        asked = [pair for pair in self.headers if pair[0].startswith(b"sec-websocket-")]
        told = {name: value for name, value in asked if name != b"sec-websocket-extensions"}
        key = told.pop(b"sec-websocket-key", b"")
        is_plain = told == {b"sec-websocket-version": b"13"} and _is_key(key)
        return key if is_plain and len(asked) == len({name for name, _ in asked}) else b""


def _is_key(key: bytes) -> bool:
    try:
        return len(b64decode(key, validate=True)) == _KEY_BYTES
    except NotBase64:
        return False
