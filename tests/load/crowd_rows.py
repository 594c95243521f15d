"""From a command to everybody's view: the whole chain, embedded, and two crowds at their worst.

The crowd is one process beside the product's own (with MariaDB and RabbitMQ where it says so),
all on the cores there are. Received means: the first patch that reaches the fact's position,
at each client, counted from when the command was due to be sent.
"""

import asyncio
import random
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import httpx
import numpy as np
import uvloop
from crowd import Crowd, Person, Sent
from rows import Row

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from gateways import Process, Site  # noqa: E402
from servers import MariaDB, RabbitMQ  # noqa: E402
from waiting import eventually_async  # noqa: E402

from domain.store import open_store  # noqa: E402

SIZES = {"innodb_buffer_pool_size": "128M", "innodb_log_file_size": "96M"}  # MariaDB's own
KINDS = ("agree", "insightful", "funny", "disagree", "lost")


@dataclass
class Place:
    """A running product with a live talk."""

    store_url: str
    gateways: list[Process]
    site: Site
    questions: list[str] = field(default_factory=list)

    def crowd(self) -> Crowd:
        return Crowd([f"127.0.0.1:{gateway.port}" for gateway in self.gateways])

    def count(self, name: str) -> int:
        """Count the facts of a kind."""
        with open_store(self.store_url, create=False) as store:
            facts = store.log.read(0, 10**7, talk=self.site.talk)
        return sum(fact.name == name for fact in facts)


@contextmanager
def embedded_place() -> Iterator[Place]:
    """One process with SQLite."""
    with tempfile.TemporaryDirectory() as folder, Process("serve", Path(folder)) as process:
        yield _with_talk(f"sqlite:///{folder}/hearhear.db", [process])


@contextmanager
def production_place(gateways: int) -> Iterator[Place]:
    """MariaDB that flushes at each commit, RabbitMQ, a projector, and gateways."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mariadb = stack.enter_context(MariaDB(**SIZES))
        rabbitmq = stack.enter_context(RabbitMQ())
        mariadb.start()
        rabbitmq.start()
        url = mariadb.fresh_database()
        settings = {"HEARHEAR_STORE_URL": url, "HEARHEAR_BROKER_URL": rabbitmq.url}
        roles = [*["gateway"] * gateways, "projector"]
        processes = [stack.enter_context(Process(role, folder, **settings)) for role in roles]
        yield _with_talk(url, processes[:gateways])


def _with_talk(store_url: str, gateways: list[Process]) -> Place:
    site = Site(gateways[0].url)
    site.sign_in_host()
    site.live_talk()
    place = Place(store_url, gateways, site)
    for n in range(8):
        result = site.command("Hal", "ask_question", text=f"Question {n}?")["result"]
        place.questions.append(result["question"])
    return place


@asynccontextmanager
async def people_in(place: Place, count: int, *, per_s: float) -> AsyncIterator[Crowd]:
    """Let people come in at a rate; they are gone when the block ends."""
    crowd = place.crowd()
    try:
        joining = []
        began = perf_counter()
        for n in range(count):
            token = place.site.own_token(f"Person {n}")
            joining.append(asyncio.create_task(crowd.person(place.site.talk, token).join()))
            await _until(began + n / per_s)
        await asyncio.wait_for(asyncio.gather(*joining), 60)
        yield crowd
    finally:
        crowd.close()


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - perf_counter()))


async def answered(crowd: Crowd, place: Place) -> None:
    """Wait until every command has its answer, and everybody knows what came of the last."""
    await eventually_async(lambda: not any(one.open for one in crowd.people), within_s=60)
    address = f"{place.gateways[0].url}/readyz"
    await eventually_async(lambda: httpx.get(address).json()["lag"] == 0, within_s=30)
    position = place.site.view()["position"]
    await eventually_async(
        lambda: all(one.known.position == position for one in crowd.people), within_s=30
    )


def received_ms(crowd: Crowd, sent: list[Sent]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Tell when each client had each fact, in milliseconds after its command was due."""
    facts = [one for one in sent if one.position is not None]
    positions = np.array([one.position for one in facts])
    due = np.array([one.at for one in facts])
    found = []
    for person in crowd.people:
        arrived, at = np.array(person.arrived), np.array(person.arrived_at)
        place = np.searchsorted(arrived, positions)
        was_here = (due > person.joined_at) & (place < len(arrived))
        found.append(at[place[was_here]] - due[was_here])
    return 1000 * np.concatenate(found)


def disagreements(crowd: Crowd, place: Place) -> int:
    """Count the people whose view is not the one that the server reads from its tables."""
    view = place.site.view()["view"]
    return sum(one.known.view != view for one in {id(p.known): p for p in crowd.people}.values())


def lost_and_doubled(crowd: Crowd, place: Place, command: str, name: str) -> tuple[int, int]:
    """Compare the accepted commands of a kind with the facts there are."""
    accepted = sum(
        one.position is not None for one in crowd.sent.values() if one.command == command
    )
    facts = place.count(name)
    return max(0, accepted - facts), max(0, facts - accepted)


# The whole chain, and embedded.


@dataclass(frozen=True)
class Chain:
    """What 200 mixed commands a second came to."""

    ack_p99: float
    received_p50: float
    received_p99: float
    lost: int
    doubled: int
    refused: int


async def mixed_commands(place: Place, people: int, *, rate: float, seconds: float) -> Chain:
    """Let people tick, vote and talk at a steady rate, all at once in one room."""
    chance = random.Random(7)
    async with people_in(place, people, per_s=100) as crowd:
        began, sent = perf_counter() + 1.0, []
        for n in range(int(rate * seconds)):
            at = began + n / rate
            await _until(at)
            sent.append(_do_something(chance.choice(crowd.people), chance, place, at, n))
        await answered(crowd, place)
        lines = [one for one in sent if one.command == "post_line"]
        received = received_ms(crowd, lines)
        acks = [1000 * (one.acked_at - one.at) for one in sent]
        lost, doubled = lost_and_doubled(crowd, place, "post_line", "participation.line-posted")
        return Chain(
            float(np.percentile(acks, 99)),
            float(np.percentile(received, 50)),
            float(np.percentile(received, 99)),
            lost + disagreements(crowd, place) + crowd.missed,
            doubled,
            sum(bool(one.refused) for one in sent),
        )


def _do_something(who: Person, chance: random.Random, place: Place, at: float, n: int) -> Sent:
    choice = chance.random()
    if choice < 0.5:
        return who.send("give_feedback", kind=chance.choice(KINDS), at=at)
    if choice < 0.75:
        return who.send("cast_vote", question=chance.choice(place.questions), at=at)
    return who.send("post_line", text=f"Line {n}: what a remarkable thing to say! " * 3, at=at)


def chain(rounds: int) -> Iterator[Row]:
    """Measure the whole chain."""
    found = _rounds(rounds, lambda: production_place(1))
    yield Row(
        "whole chain, 1,000 clients, 200 mixed commands/s, MariaDB and RabbitMQ: "
        "p99 ack · p99 received; lost, doubled",
        f"{_median(found, 'ack_p99'):.0f} ms · {_median(found, 'received_p99'):.0f} ms; "
        f"{sum(one.lost + one.doubled for one in found)}",
        "100 ms · 250 ms; 0",
        "30 ms · 100 ms; 0",
        f"received p50 {_median(found, 'received_p50'):.0f} ms; window 50 ms; "
        "everything and the crowd on these cores",
    )


def embedded(rounds: int) -> Iterator[Row]:
    """Measure the same with one process."""
    found = _rounds(rounds, embedded_place)
    yield Row(
        "embedded, same load: p99 received",
        f"{_median(found, 'received_p99'):.0f} ms",
        "150 ms",
        "60 ms",
        f"p99 ack {_median(found, 'ack_p99'):.0f} ms, received p50 "
        f"{_median(found, 'received_p50'):.0f} ms; lost, doubled "
        f"{sum(one.lost + one.doubled for one in found)}; window 50 ms",
    )


def _rounds(rounds: int, opened: Callable[[], object]) -> list[Chain]:
    found = []
    for _ in range(rounds):
        with opened() as place:  # type: ignore[attr-defined]
            work = mixed_commands(place, 1_000, rate=200, seconds=20)
            found.append(_run(work))
    return found


def _median(found: list[Chain], name: str) -> float:
    return statistics.median(getattr(one, name) for one in found)


def _run(work: object) -> Chain:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)  # type: ignore[arg-type, no-any-return]


# Two crowds at their worst.


async def conference(place: Place, people: int, *, has_kill: bool) -> tuple[float, int, int]:
    """Let people come in at 33 a second while one in a hundred talks, a line in 15 s each."""
    crowd = place.crowd()
    sent: list[Sent] = []
    began = perf_counter()
    async with AsyncExitStack() as stack:
        stack.callback(crowd.close)
        joining: list[asyncio.Task[None]] = []
        lines = 0
        seconds = people / 33 + 30
        kill_at = began + seconds - 20 if has_kill else float("inf")
        n = 0
        while (now := perf_counter()) < began + seconds:
            while n < people and now >= began + n / 33:
                token = place.site.own_token(f"Person {n}")
                joining.append(asyncio.create_task(crowd.person(place.site.talk, token).join()))
                n += 1
            talkers = crowd.people[::100]
            if talkers and now >= began + 2 + lines * 15 / max(len(talkers), 1):
                at = began + 2 + lines * 15 / max(len(talkers), 1)
                who = talkers[lines % len(talkers)]
                sent.append(who.send("post_line", text=f"Line {lines}", at=max(at, now - 0.01)))
                lines += 1
            if now >= kill_at:
                kill_at = float("inf")
                dying = place.gateways.pop()
                crowd.addresses.pop()
                dying.kill()
            await asyncio.sleep(0.005)
        await asyncio.gather(*joining)
        await eventually_async(lambda: all(p.is_in.is_set() for p in crowd.people), within_s=60)
        await answered(crowd, place)
        received = received_ms(crowd, sent)
        lost, doubled = lost_and_doubled(crowd, place, "post_line", "participation.line-posted")
        missing = disagreements(crowd, place)
    return float(np.percentile(received, 95)), lost + missing, doubled


def venueless(rounds: int) -> Iterator[Row]:
    """2,000 come in within a minute; with one gateway, and with two of which one is killed."""
    for gateways in (1, 2):
        found = []
        for _ in range(rounds):
            with production_place(gateways) as place:
                found.append(_run(conference(place, 2_000, has_kill=gateways > 1)))
        p95 = statistics.median(one[0] for one in found)
        where = "one gateway" if gateways == 1 else "two gateways and a kill"
        yield Row(
            f"venueless, {where}: p95 received · lost · doubled",
            f"{p95:.0f} ms · {sum(f[1] for f in found)} · {sum(f[2] for f in found)}",
            "250 ms · 0 · 0",
            "80 ms · 0 · 0",
            "2,000 people at 33/s, MariaDB, RabbitMQ, projector and the crowd on these cores",
        )


async def ballot(place: Place, people: int) -> tuple[int, float, int]:
    """Let everybody in within 30 s, 60 % vote within 10, 30 % tick within 5; kill a gateway."""
    question = place.questions[0]
    async with people_in(place, people, per_s=people / 30) as crowd:
        voters, tickers = crowd.people[: people * 6 // 10], crowd.people[-people * 3 // 10 :]
        votes = await _spread(
            voters, 10, lambda p, at: p.send("cast_vote", question=question, at=at)
        )
        ticking = asyncio.create_task(
            _spread(tickers, 5, lambda p, at: p.send("give_feedback", kind="agree", at=at))
        )
        await asyncio.sleep(4)
        dying = place.gateways.pop()
        crowd.addresses.pop()
        dying.kill()
        ticks = await ticking
        await eventually_async(lambda: all(p.is_in.is_set() for p in crowd.people), within_s=60)
        await answered(crowd, place)
        view = place.site.view()["view"]
        wrong = abs(view["questions"][question]["votes"] - len(voters))
        wrong += abs(place.count("participation.feedback-given") - len(ticks))
        wrong += disagreements(crowd, place)
        return wrong, float(np.percentile(received_ms(crowd, votes), 95)), crowd.again


async def _spread(
    people: list[Person], seconds: float, act: Callable[[Person, float], Sent]
) -> list[Sent]:
    began, sent = perf_counter(), []
    for n, person in enumerate(people):
        at = began + n * seconds / len(people)
        await _until(at)
        sent.append(act(person, at))
    return sent


def rush(rounds: int) -> Iterator[Row]:
    """Measure a ballot of 2,000 people."""
    found = []
    for _ in range(rounds):
        with production_place(2) as place:
            found.append(_run(ballot(place, 2_000)))
    yield Row(
        "rush: every vote counted once; p95 of vote → everyone's tally",
        f"{sum(one[0] for one in found)} wrong; {statistics.median(o[1] for o in found):.0f} ms",
        "0 wrong; 1 s",
        "0 wrong; 300 ms",
        "1,200 votes in 10 s, 600 ticks in 5 s, one of two gateways killed meanwhile; "
        f"{max(one[2] for one in found)} connections made again",
    )
