"""Measure the fan-out: ``python tests/load/fanout_latency.py amqp://127.0.0.1/`` (or memory://).

Both ends run in this one process, so the figures are an upper bound. Not part of any test run.
"""
# ruff: noqa: T201 - figures are what it is for

import asyncio
import struct
import sys
import threading
from pathlib import Path
from time import perf_counter, sleep
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from projections.fanout import Fanout, Message, open_fanout

ROUNDS = 500
PAUSE_S = 0.005
PATCH = b"x" * 800


def told(what: str, durations: list[float]) -> None:
    durations.sort()
    p50, p99 = (1000 * durations[int(len(durations) * q)] for q in (0.5, 0.99))
    print(f"{what}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def publish_rounds(fanout: Fanout) -> list[float]:
    publisher, confirmed = fanout.publisher(), []
    for _ in range(ROUNDS):
        started = perf_counter()
        publisher.publish([Message("patches", struct.pack("d", started) + PATCH)])
        confirmed.append(perf_counter() - started)
        sleep(PAUSE_S)
    return confirmed


async def measure_publishing(fanout: Fanout) -> None:
    arrived: list[float] = []
    subscriber = fanout.subscriber(
        on_message=lambda _, body: arrived.append(perf_counter() - struct.unpack("d", body[:8])[0]),
        on_bound=lambda: None,
        on_lost=lambda: print("lost the broker"),
    )
    await subscriber.start()
    confirmed = await asyncio.to_thread(publish_rounds, fanout)
    await subscriber.close()
    told("publish to confirm", confirmed)
    told("publish to gateway", arrived)


def measure_nudging(fanout: Fanout) -> None:
    nudger, waker = fanout.nudger(), fanout.waker()
    woken_after: list[float] = []
    started, woken, has_ended = 0.0, threading.Event(), threading.Event()

    def project() -> None:
        while not has_ended.is_set():
            if waker.wait(0.25):
                woken_after.append(perf_counter() - started)
                woken.set()

    thread = threading.Thread(target=project)
    thread.start()
    sleep(0.5)
    woken_after.clear()
    for _ in range(ROUNDS):
        woken.clear()
        started = perf_counter()
        nudger.nudge()
        woken.wait(1)
        sleep(PAUSE_S)
    has_ended.set()
    thread.join()
    told("nudge to waking", woken_after)


if __name__ == "__main__":
    with open_fanout(sys.argv[1], prefix=f"load-{uuid4().hex[:8]}") as measured:
        asyncio.run(measure_publishing(measured))
        measure_nudging(measured)
