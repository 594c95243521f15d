"""The server around the application: one listening socket, and an end that takes its time."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from gateway.frames import FramedProtocol
from gateway.protocol import MESSAGE_LIMIT
from gateway.settings import Settings
from gateway.upgrading import UpgradingProtocol

BACKLOG = 4096  # connections that wait to be taken: all of a room come back at once
ENDS_WITHIN_S = 5
"""Seconds that requests under way have when the server ends."""

_KEEP_ALIVE_S = 65  # longer than the usual proxy's, so that it never meets a closed connection


def listening(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one. Raises ``OSError`` when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class Server(uvicorn.Server):
    """uvicorn's server, which says goodbye to sockets before it ends them.

    Signals are the business of whoever runs it: ``stop`` ends it.
    """

    def __init__(
        self,
        app: Any,
        settings: Settings,
        *,
        on_started: Callable[[], None],
        before_end: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=UpgradingProtocol,
                ws=FramedProtocol,
                ws_max_size=MESSAGE_LIMIT,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=list(settings.trusted_proxies),
                backlog=BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=ENDS_WITHIN_S,
            )
        )
        self._on_started = on_started
        self._before_end = before_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, then tell."""
        collect_seldom()
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye, then end what is left."""
        await self._before_end()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to :func:`told_to_stop`: uvicorn would raise them again at its end."""
        yield

    def stop(self) -> None:
        """End soon; told again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


def collect_seldom() -> None:
    """Let the garbage collector look less often at what stays; to be called once all is opened.

    With a thousand connections a full collection stops everything for 50 to 100 ms, a middle one
    for up to 16 ms. Garbage in cycles waits longer, some thousand objects of it.
    """
    gc.collect()
    gc.freeze()  # what lives as long as the process is not looked at again
    gc.set_threshold(10_000, 20, 50)


@contextmanager
def told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on the loop whenever the process is told to end, by SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
