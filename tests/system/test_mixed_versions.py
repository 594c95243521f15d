"""Two versions side by side, as they are while one gateway after the other is replaced.

The newer one is made up: it has other parts of pages, says more in every patch than this version
knows, to gateways as to clients, and sends a kind of message that this version never heard of.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from gateways import Process, Site
from servers import RabbitMQ
from waiting import eventually
from websockets.asyncio.client import connect

pytestmark = pytest.mark.anyio

NEWER = """
from gateway import protocol
from gateway.http import pages
from projections import outbox
from projections.fanout import Message
from projections.fanout.rabbitmq import RabbitPublisher

def more_in_frames(epoch, prev, position, change, known=protocol.patch):
    told = known(epoch, prev, position, change)
    return protocol.Message(told.payload[:-1] + b',"mood":"sunny"}', told.cursor)

def more_in_patches(epoch, one, known=outbox._wire):
    return known(epoch, one) | {"mood": "sunny"}

def another_kind(self, messages, known=RabbitPublisher.publish):
    known(self, [Message("mood", b"not JSON"), *messages])

pages.version_of = lambda parts: "newer"
protocol.patch = more_in_frames
outbox._wire = more_in_patches
RabbitPublisher.publish = another_kind
"""


@dataclass
class Both:
    """A gateway of each version; the projector is of the newer one."""

    older: Process
    newer: Process
    site: Site


@pytest.fixture
def both(tmp_path: Path, rabbitmq: RabbitMQ) -> Iterator[Both]:
    broker = {"HEARHEAR_BROKER_URL": rabbitmq.url}
    with ExitStack() as stack:
        older, newer, _ = (
            stack.enter_context(Process(role, tmp_path, before=before, **broker))
            for role, before in (("gateway", ""), ("gateway", NEWER), ("projector", NEWER))
        )
        site = Site(older.url)
        site.sign_in_host()
        site.live_talk()
        for gateway in (older, newer):  # so that they hear each other by the broker, not by polling
            eventually(lambda url=gateway.url: broker_of(url) == "ok", within_s=20)
        yield Both(older, newer, site)


def broker_of(url: str) -> str:
    return str(httpx.get(f"{url}/readyz").json()["broker"])


async def test_people_at_both_versions_hear_each_other(both: Both) -> None:
    site = both.site
    async with site.connect("Ann") as ann, site.connect("Bob", url=both.newer.url) as bob:
        for speaker in (ann, bob):
            line = (await speaker.send("post_line", text="Hear, hear!")).result["line"]

            for one in (ann, bob):
                await one.until(lambda c, line=line: line in c.view["feed"])

        assert (ann.view, ann.position) == (bob.view, bob.position)


def test_pages_of_either_version_get_their_parts_from_the_other(both: Both) -> None:
    for asked, other in ((both.older, both.newer), (both.newer, both.older)):
        page = httpx.get(f"{asked.url}/talks/{both.site.talk}").text
        parts = re.findall(r'"(/static/[^"]+)"', page)

        for part in parts:
            answer = httpx.get(other.url + part)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-cache"
        assert parts


async def test_who_was_at_the_older_one_goes_on_at_the_newer(both: Both) -> None:
    site = both.site
    async with site.connect("Ann") as ann:
        line = (await ann.send("post_line", text="before")).result["line"]
        await ann.until(lambda c: line in c.view["feed"])
    both.older.stop()
    site.url = both.newer.url

    resumed = f"{site.live}?epoch={ann.epoch}&after={ann.position}"
    async with (
        asyncio.timeout(10),
        connect(resumed, additional_headers=site.header("Ann"), proxy=None) as there,
    ):
        first = json.loads(await there.recv())
        assert first["type"] == "me", first  # nothing was missed
        said = await asyncio.to_thread(site.command, "Ann", "post_line", text="after")
        while (frame := json.loads(await there.recv()))["type"] != "patch":
            pass

    assert (frame["prev"], frame["position"]) == (ann.position, said["position"])
    assert frame["mood"] == "sunny"
