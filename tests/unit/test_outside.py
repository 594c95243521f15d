"""What may be called outside: public addresses alone, by what is really connected to."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import closing

import httpx
import pytest

from gateway.outside import ForbiddenAddressError, Outside, must_be_url


def resolving(*addresses: str) -> Outside:
    """Make an outside in which every name is at these addresses."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return Outside(resolve=resolve)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_a_private_address_may_not_be_called(address: str) -> None:
    assert not Outside().may_call(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_a_public_address_may_be_called(address: str) -> None:
    assert Outside().may_call(address)


def test_a_private_network_may_be_allowed() -> None:
    outside = Outside(["10.1.0.0/16", "fd00::/8"])

    assert outside.may_call("10.1.2.3")
    assert outside.may_call("::ffff:10.1.2.3")
    assert outside.may_call("fd00::1")
    assert not outside.may_call("10.2.0.1")
    assert not outside.may_call("127.0.0.1")


def test_a_name_is_called_at_its_public_addresses_alone() -> None:
    outside = resolving("10.0.0.1", "93.184.216.34", "::1")

    assert asyncio.run(outside.addresses("example.org", 443)) == ["93.184.216.34"]


def test_a_public_name_that_leads_home_is_refused_by_client_and_socket() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        listener.settimeout(0)

        async def call() -> None:
            outside = resolving("127.0.0.1")
            async with outside.client() as client:
                with pytest.raises(ForbiddenAddressError, match=r"^example\.org is at no public"):
                    await client.get(f"http://example.org:{port}/")
            with pytest.raises(ForbiddenAddressError):
                await outside.websocket(f"ws://example.org:{port}/")

        asyncio.run(call())

        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_redirection_is_not_followed() -> None:
    async def call() -> int:
        server = await asyncio.start_server(_redirecting, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Outside(["127.0.0.1/32"]).client() as client:
            return (await client.get(f"http://127.0.0.1:{port}/")).status_code

    assert asyncio.run(call()) == 302


async def _redirecting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


def test_what_cannot_be_reached_is_told_as_such() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]

    async def call() -> None:
        outside = Outside(["127.0.0.1/32"])
        async with outside.client() as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://127.0.0.1:{port}/")
        with pytest.raises(OSError, match="Connect call failed"):
            await outside.websocket(f"ws://127.0.0.1:{port}/")

    asyncio.run(call())


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "example.org",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org:99999/",
        "https://[::1",
        "https://example.org/\n",
        "",
    ],
)
def test_what_is_no_url_to_call_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenAddressError, match="https://"):
        must_be_url(url, "https", "http")
