"""What patches of talks that nobody follows here cost a gateway.

    python tests/load/foreign_talks.py

One message of the fan-out tells what a batch of the projector changed in all talks. Not part of
any test run.
"""
# ruff: noqa: T201 - figures are what it is for

import asyncio
import sys
from pathlib import Path
from time import process_time
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.hub import Hub
from projections.fanout import PATCHES

FACTS_PER_S = 5_000
ROUNDS = 200
LINE = {
    "kind": "line",
    "by": {"id": "f" * 32, "name": "Ann"},
    "text": "x" * 200,
    "at": "2026-03-02T12:00:00.000Z",
    "position": 123_456,
    "about": "",
    "source": "",
    "url": "",
    "edited": False,
    "pinned": False,
}


class NoViews:
    """Nobody comes in, so nothing is read."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def batch(facts: int, talks: int) -> bytes:
    """Make the message of a batch: one line per fact, spread over the talks."""
    patches = [
        {
            "talk": f"talk-{n % talks}",
            "view": "room",
            "epoch": "e",
            "prev": n,
            "position": n + 1,
            "patch": {"feed": {f"{n:032x}": LINE}},
            "redacts": False,
        }
        for n in range(facts)
    ]
    return orjson.dumps({"patches": patches, "me": []})


async def main() -> None:
    """Tell the share of a core at a rate of facts that one projector can fold."""
    hub = Hub(NoViews(), window_s=0, now=lambda: 0.0, later=asyncio.get_running_loop().call_later)
    for facts in (10, 100, 500):
        body = batch(facts, talks=50)
        began = process_time()
        for _ in range(ROUNDS):
            hub.deliver(PATCHES, body)
        each_us = 1e6 * (process_time() - began) / ROUNDS / facts
        share = each_us * FACTS_PER_S / 1e6
        print(f"batches of {facts} facts: {each_us:.1f} µs a fact; {FACTS_PER_S:,}/s: {share:.1%}")


if __name__ == "__main__":
    asyncio.run(main())
