"""Which addresses outside may be called, and the clients that call no others.

A URL that somebody wrote down may lead into one's own network: its name is resolved
here, and what is connected to is an address that was looked at. Public ones may be called;
private ones (loopback among them) only when their network is allowed. No proxy and no
redirection is followed. Lives on the loop of whoever calls.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from websockets.asyncio.client import connect

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

CONNECTS_WITHIN_S = 10.0
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SECURE = {"https", "wss"}


class ForbiddenAddressError(ValueError):
    """A URL leads where nothing may be called."""


class Outside:
    """What may be called from here: public addresses, and those of ``allowed`` networks."""

    def __init__(self, allowed: Iterable[str] = (), resolve: Resolve | None = None) -> None:
        self._allowed = [ipaddress.ip_network(network, strict=False) for network in allowed]
        self._resolve = resolve or resolved
        self._trusted = httpx.create_ssl_context(trust_env=False)

    def may_call(self, address: str) -> bool:
        """Tell whether an address may be called; one within another is looked at itself."""
        within = _innermost(ipaddress.ip_address(address.partition("%")[0]))
        is_public = within.is_global and not within.is_multicast
        return is_public or any(within in network for network in self._allowed)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a host to the addresses that may be called, in the resolver's order.

        Raises ``ForbiddenAddressError`` when there is none, ``OSError`` when the name is unknown.
        """
        found = await self._resolve(host, port)
        allowed = [address for address in found if self.may_call(address)]
        if not allowed:
            raise ForbiddenAddressError(
                f"{host} is at no public address: HEARHEAR_CALLABLE_NETWORKS may allow it"
            )
        return allowed

    def client(self, *, timeout_s: float = 30.0, **options: Any) -> httpx.AsyncClient:
        """Make an HTTP client that connects to nothing else; to be closed by whoever asked."""
        transport = httpx.AsyncHTTPTransport(verify=self._trusted, trust_env=False)
        transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001 - httpx passes no backend on
            ssl_context=self._trusted, network_backend=_Backend(self)
        )
        timeout = httpx.Timeout(timeout_s, connect=CONNECTS_WITHIN_S)
        return httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False, **options)

    async def websocket(self, url: str, **options: Any) -> connect:
        """Prepare a connection to a WebSocket, for an ``async with`` block."""
        parts = urlsplit(must_be_url(url, "ws", "wss"))
        port = parts.port or (443 if parts.scheme in _SECURE else 80)
        connected = await self._connected(str(parts.hostname), port)
        return connect(url, sock=connected, proxy=None, **options)

    async def _connected(self, host: str, port: int) -> socket.socket:
        failure: OSError = OSError(f"{host} can't be reached")
        for address in await self.addresses(host, port):
            try:
                return await _socket_to(address, port)
            except OSError as error:
                failure = error
        raise failure


class _Backend(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, by addresses that were looked at."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, *arguments: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = OSError(f"{host} can't be reached")
        for address in await self._outside.addresses(host, port):
            try:
                return await self._inner.connect_tcp(address, port, *arguments, **options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def must_be_url(url: str, *schemes: str) -> str:
    """Return a URL of one of the schemes, with a host and no name or password in it."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or "@" in parts.netloc or not url.isprintable() or " " in url:
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ForbiddenAddressError(f"a URL to call begins with {beginnings}, and holds no name")
    return url


async def resolved(host: str, port: int) -> list[str]:
    """Ask the system's resolver for the addresses of a host."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


async def _socket_to(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        async with asyncio.timeout(CONNECTS_WITHIN_S):
            await asyncio.get_running_loop().sock_connect(made, (address, port))
    except BaseException:
        made.close()
        raise
    return made


def _innermost(address: Address) -> Address:
    """Unwrap an IPv4 address that an IPv6 one stands for, by whatever way of wrapping it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
