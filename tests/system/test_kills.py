"""kill -9 of each process in turn, with commands in flight: nothing lost, nothing doubled."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from gateways import Process
from live_system import Production, production
from servers import MariaDB, RabbitMQ

from gateway.client import Accepted, Client

pytestmark = pytest.mark.anyio

PEOPLE = 40
QUESTIONS = 4
IN_FLIGHT = 50
"""Commands without an answer at each kill, at least."""


@dataclass
class Sent:
    """A command as it was sent, and its answer to come."""

    client: Client
    command: str
    command_id: str
    arguments: dict[str, Any]
    answer: "asyncio.Future[Accepted]"


@dataclass
class Crowd:
    """People at both gateways, who all send at once."""

    clients: list[Client]
    questions: list[str]
    chance: random.Random
    sent: list[Sent] = field(default_factory=list)

    def burst(self) -> None:
        """Everybody says a line and changes their mind about some questions."""
        for client in self.clients:
            self._send(client, "post_line", text=f"line {len(self.sent)}")
            for question in self.questions:
                command = self.chance.choice(["cast_vote", "withdraw_vote"])
                self._send(client, command, question=question)

    def _send(self, client: Client, command: str, **arguments: Any) -> None:
        command_id = str(uuid4())
        answer = client.sending(command, command_id=command_id, **arguments)
        self.sent.append(Sent(client, command, command_id, arguments, answer))

    def in_flight(self) -> int:
        return sum(not sent.answer.done() for sent in self.sent)

    async def answered(self, *, within_s: float = 60) -> None:
        """Wait until every command has its answer, and check that none was refused."""
        async with asyncio.timeout(within_s):
            await asyncio.gather(*(sent.answer for sent in self.sent))


Disturb = Callable[[Crowd, Any], Awaitable[None]]
"""What happens to a process while the crowd sends."""


async def in_flight(crowd: Crowd, strike: Callable[[], None]) -> None:
    """Let everybody send, and strike while some have their answer and many have not."""
    before = len(crowd.sent)
    crowd.burst()
    answers = [sent.answer for sent in crowd.sent[before:]]
    await asyncio.wait(answers, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert crowd.in_flight() >= IN_FLIGHT
    strike()


async def each_in_turn(system: Production, crowd: Crowd, disturb: Disturb) -> None:
    """Disturb every kind of process once, in some order."""
    gateway = crowd.chance.choice(system.gateways)
    victims = [gateway, system.active_projector, system.rabbitmq, system.mariadb]
    crowd.chance.shuffle(victims)
    for victim in victims:
        if victim in system.projectors:
            victim = system.active_projector  # noqa: PLW2901 - it may be the other one by now
        await disturb(crowd, victim)
        await crowd.answered()


async def killed(crowd: Crowd, victim: Process | MariaDB | RabbitMQ) -> None:
    """kill -9 with commands in flight, and a new start a moment later."""
    await in_flight(crowd, victim.kill)
    await asyncio.sleep(crowd.chance.uniform(0, 1))  # time for others to fail, too
    await asyncio.to_thread(victim.start)


async def frozen(crowd: Crowd, victim: Process | MariaDB | RabbitMQ) -> None:
    """Not a word for longer than leases and beats last, with commands in flight."""
    await in_flight(crowd, victim.freeze)
    await asyncio.sleep(crowd.chance.uniform(3, 6))
    victim.thaw()


def check_log(system: Production, crowd: Crowd) -> None:
    """Every accepted command is in the log where its answer said, once."""
    names = {position: name for position, name in system.facts("position, name")}  # noqa: C416
    recorded = {
        "post_line": "participation.line-posted",
        "cast_vote": "participation.vote-cast",
        "withdraw_vote": "participation.vote-withdrawn",
    }
    positions = Counter[int]()
    for sent in crowd.sent:
        position = sent.answer.result().position
        if position is not None:
            assert names[position] == recorded[sent.command]
            positions[position] += 1
    assert set(positions.values()) == {1}
    counted = Counter(names.values())
    expected = Counter(recorded[s.command] for s in crowd.sent if s.answer.result().position)
    assert {name: counted[name] for name in expected} == expected
    database = system.database_url.rpartition("/")[2]
    (dense,) = system.mariadb.execute(f"SELECT MAX(position) = COUNT(*) FROM `{database}`.events")
    assert dense == (1,)


async def check_repeats(crowd: Crowd) -> None:
    """The same commands again get their first answers."""
    for sent in crowd.chance.sample(crowd.sent, 60):
        again = await sent.client.send(sent.command, command_id=sent.command_id, **sent.arguments)
        assert again == sent.answer.result()


async def check_views(system: Production, crowd: Crowd) -> None:
    """Everybody sees what the log says, folded anew."""
    ((head,),) = system.facts("MAX(position)")
    last = max(sent.answer.result().position or 0 for sent in crowd.sent)
    folded = await asyncio.to_thread(lambda: system.site.view(position=head)["view"])
    for client in crowd.clients:
        await client.until(lambda c: c.position >= last and c.view == folded, within_s=20)
        votes = standing(crowd, client)
        await client.until(lambda c, votes=votes: set(c.me["votes"]) == votes, within_s=20)


def standing(crowd: Crowd, client: Client) -> set[str]:
    """The questions a person votes for, by the last facts of theirs."""
    told = [s for s in crowd.sent if s.client is client and s.answer.result().position]
    latest = {s.arguments.get("question"): s.command for s in told}
    return {q for q, command in latest.items() if q and command == "cast_vote"}


async def survives(
    folder: Path, mariadb: MariaDB, rabbitmq: RabbitMQ, disturb: Disturb, seed: int
) -> None:
    with production(folder, mariadb, rabbitmq) as system:
        site = system.site
        asked = [site.command("Hal", "ask_question", text=f"{n}?") for n in range(QUESTIONS)]
        clients = []
        for number in range(PEOPLE):
            url = system.gateways[number % 2].url
            site.tokens[f"P{number}"] = site.own_token(f"P{number}")
            clients.append(site.connect(f"P{number}", url=url))
        questions = [answer["result"]["question"] for answer in asked]
        crowd = Crowd(clients, questions, random.Random(seed))
        await asyncio.gather(*(client.__aenter__() for client in clients))
        try:
            await each_in_turn(system, crowd, disturb)
            check_log(system, crowd)
            await check_repeats(crowd)
            await check_views(system, crowd)
        finally:
            await asyncio.gather(*(client.close() for client in clients))


async def test_what_was_accepted_survives_kills(
    tmp_path: Path, own_mariadb: MariaDB, own_rabbitmq: RabbitMQ
) -> None:
    await survives(tmp_path, own_mariadb, own_rabbitmq, killed, seed=1)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [2, 3, 4, 5, 6])
async def test_what_was_accepted_survives_kills_in_any_order(
    tmp_path: Path, own_mariadb: MariaDB, own_rabbitmq: RabbitMQ, seed: int
) -> None:
    await survives(tmp_path, own_mariadb, own_rabbitmq, killed, seed)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2])
async def test_what_was_accepted_survives_freezes(
    tmp_path: Path, own_mariadb: MariaDB, own_rabbitmq: RabbitMQ, seed: int
) -> None:
    await survives(tmp_path, own_mariadb, own_rabbitmq, frozen, seed)
