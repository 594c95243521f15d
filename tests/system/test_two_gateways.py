"""Two gateways, two projectors, MariaDB and RabbitMQ: one talk."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from gateways import Process, Site
from live_system import Production, production
from servers import MariaDB, RabbitMQ, free_port
from websockets.asyncio.client import ClientConnection, connect

pytestmark = pytest.mark.anyio

PEOPLE = 200
VOTES_EACH = 16


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, mariadb: MariaDB, rabbitmq: RabbitMQ
) -> Iterator[Production]:
    with production(tmp_path_factory.mktemp("production"), mariadb, rabbitmq) as system:
        yield system


async def test_a_line_reaches_the_other_gateway(system: Production) -> None:
    site = system.site
    async with (
        site.connect("Ann") as ann,
        site.connect("Bob", url=system.others_address()) as bob,
    ):
        line = (await ann.send("post_line", text="Hear, hear!")).result["line"]

        seen = await bob.until(lambda c: c.view["feed"].get(line))
        assert seen["by"]["name"] == "Ann"
        await bob.until(lambda c: c.present == 2)


async def test_a_client_goes_on_at_the_other_gateway(system: Production) -> None:
    site = system.site
    async with site.connect("Ann") as ann:
        here = f"epoch={ann.epoch}&after={ann.position}"
    position = site.command("Bob", "post_line", text="meanwhile")["position"]
    site_there = f"{system.others_address().replace('http', 'ws', 1)}/api/talks/{site.talk}/live"

    async with connect(
        f"{site_there}?{here}", additional_headers=site.header("Ann"), proxy=None
    ) as there:
        async with asyncio.timeout(10):
            while (frame := json.loads(await there.recv())).get("position", 0) < position:
                assert frame["type"] != "snapshot"


async def test_nothing_hidden_is_shown_by_either_gateway(system: Production) -> None:
    site = system.site
    line = site.command("Ann", "post_line", text="unheard-of words")["result"]["line"]
    async with site.connect("Bob", url=system.others_address()) as bob:
        await bob.until(lambda c: c.view["feed"].get(line))

        site.command("Hal", "hide", item=line, why="rude")

        await bob.until(lambda c: line not in c.view["feed"])
        async with site.connect("Cleo", url=system.others_address()) as cleo:
            assert "unheard-of" not in json.dumps(cleo.view)


async def votes_of_one_person(
    socket: ClientConnection, question: str, together: asyncio.Barrier
) -> None:
    """Vote with several command ids at once, when everybody does, and read the answers."""
    ids = {str(uuid4()) for _ in range(VOTES_EACH // 2)}
    await together.wait()
    for command_id in ids:
        vote = {"type": "command", "command": "cast_vote", "command_id": command_id}
        await socket.send(json.dumps({**vote, "question": question}))
    while ids:
        frame = json.loads(await socket.recv())
        if frame["type"] in {"ack", "refused"}:
            assert frame["type"] == "ack", frame
            ids.discard(frame["command_id"])


async def test_every_person_s_simultaneous_votes_at_both_gateways_count_once(
    system: Production,
) -> None:
    site = system.site
    question = site.command("Hal", "ask_question", text="How much?")["result"]["question"]
    tokens = [site.own_token(f"Voter {n}") for n in range(PEOPLE)]
    together = asyncio.Barrier(2 * PEOPLE)

    async def at(url: str, token: str) -> None:
        address = f"{url.replace('http', 'ws', 1)}/api/talks/{site.talk}/live"
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(
            address, additional_headers=headers, proxy=None, open_timeout=60, max_queue=None
        ) as socket:
            await votes_of_one_person(socket, question, together)

    async with asyncio.timeout(150), asyncio.TaskGroup() as voting:
        for gateway in system.gateways:
            for token in tokens:
                voting.create_task(at(gateway.url, token))

    cast = system.facts("position", "name = 'participation.vote-cast'")
    assert len(cast) == PEOPLE
    async with site.connect() as here, site.connect(url=system.others_address()) as there:
        for client in (here, there):
            await client.until(lambda c: c.view["questions"][question]["votes"] == PEOPLE)


async def test_without_a_broker_everybody_hears_by_polling(tmp_path: Path) -> None:
    nobody = {"HEARHEAR_BROKER_URL": f"amqp://guest:guest@127.0.0.1:{free_port()}/"}
    with (
        Process("gateway", tmp_path, **nobody) as gateway,
        Process("projector", tmp_path, **nobody),
    ):
        site = Site(gateway.url)
        site.sign_in_host()
        site.live_talk()
        async with site.connect("Ann") as ann, site.connect("Bob") as bob:
            waits = []
            for number in range(5):
                line = (await ann.send("post_line", text=str(number))).result["line"]
                began = time.monotonic()
                await bob.until(lambda c, line=line: c.view["feed"].get(line))
                waits.append(time.monotonic() - began)
            question = (await ann.send("ask_question", text="Why?")).result["question"]
            await bob.send("cast_vote", question=question)
            await bob.until(lambda c: c.me["votes"].get(question))

    assert sorted(waits)[2] < 1.0  # the projector polls every 250 ms, and so does the gateway
