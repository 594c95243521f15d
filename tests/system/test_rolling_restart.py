"""A gateway that is told to end, while another goes on."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateways import Process, Site
from waiting import eventually_async
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

pytestmark = pytest.mark.anyio


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Process, Process]]:
    with Process("serve", tmp_path) as staying, Process("gateway", tmp_path) as ending:
        yield staying, ending


async def until(socket: ClientConnection, kind: str) -> dict[str, object]:
    while (frame := json.loads(await socket.recv()))["type"] != kind:
        pass
    return dict(frame)


async def test_a_gateway_told_to_end_is_not_ready_then_says_when_to_come_back(
    servers: tuple[Process, Process],
) -> None:
    staying, ending = servers
    site = Site(staying.url)
    site.live_talk()
    there = site.live.replace(str(staying.port), str(ending.port))
    async with (
        asyncio.timeout(20),
        connect(there, additional_headers=site.header("Ann"), proxy=None) as socket,
    ):
        snapshot = await until(socket, "snapshot")

        stopping = asyncio.create_task(asyncio.to_thread(ending.stop))

        await eventually_async(lambda: is_not_ready(ending.url), every_s=0.02)
        bye = await until(socket, "bye")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        await stopping

    assert 0 < float(str(bye["retry_in_s"])) < 4
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    again = f"{site.live}?epoch={snapshot['epoch']}&after={snapshot['position']}"
    async with connect(again, additional_headers=site.header("Ann"), proxy=None) as elsewhere:
        resumed = json.loads(await elsewhere.recv())
        assert resumed["type"] == "me"  # nothing was missed, so nothing is sent again


def is_not_ready(url: str) -> bool:
    return httpx.get(f"{url}/readyz").status_code == 503
