"""One address before several gateways, as a load balancer has it: to the first that answers."""

import socket
from collections.abc import Sequence
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Self

_AT_ONCE = 65_536  # bytes


class Balancer:
    """Takes each connection to the first of its ports where somebody listens."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = ports
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.balancer = self

    def __enter__(self) -> Self:
        Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def connected(self) -> socket.socket | None:
        """Connect to the first that listens; nothing when none does."""
        for port in self.ports:
            try:
                return socket.create_connection(("127.0.0.1", port))
            except ConnectionRefusedError:
                continue
        return None


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    balancer: Balancer


class _Connection(BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Carry bytes both ways until one end is gone; then the other is, too."""
        behind = self.server.balancer.connected()
        if behind is None:
            return
        back = Thread(target=_carry, args=(behind, self.request), daemon=True)
        back.start()
        _carry(self.request, behind)
        back.join()
        behind.close()


def _carry(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(_AT_ONCE):
            target.sendall(piece)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
