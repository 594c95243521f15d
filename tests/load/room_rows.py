"""The room beside its peers: messages delivered per second, slow clients, and coming in.

Each server runs on one core and the generator on the other; lines of 200 bytes, each counted
once at each client. What other work on the machine disturbs is measured again, some times.
"""

import math
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from peers import Peers, Server, measured, must_be_complete, ours, peer
from rows import Row

Running = Callable[[Path], AbstractContextManager[Server]]

QUIET = 0.15  # of a core, that other work may take while something is measured


@dataclass(frozen=True)
class Found:
    """What the generator found out about a server, medians of all rounds."""

    delivered: float  # messages per second with p99 <= 100 ms, or what was told of in addition
    p99_ms: float
    accepted: float  # connections per second
    kilobytes: float  # per idle connection
    steps: tuple[tuple[float, float], ...]  # all that were delivered in time, with their p99

    def p99_at(self, delivered: float) -> float:
        """Tell the p99 with which at least so many messages per second are delivered."""
        return min((p99 for rate, p99 in self.steps if rate >= delivered), default=math.inf)


def best(peers: Peers, running: Running, clients: int) -> Found:
    """Find the most that a server delivers with p99 of at most 100 ms."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        lines = measured(
            peers, server, "-n", clients, "--ramp", 50, "--dur", 1.5, "--max-rate", 1e5
        )
    [connected] = [line for line in lines if line.get("connect")]
    steps = [line for line in lines if line.get("ok")]
    top = max(steps, key=lambda step: step["delivered_per_s"], default={})
    return Found(
        top.get("delivered_per_s", 0.0),
        top.get("p99_ms", 0.0),
        connected["conn_per_s"],
        connected["kb_per_conn"],
        tuple((step["delivered_per_s"], step["p99_ms"]) for step in steps),
    )


def median(found: list[Found]) -> Found:
    columns = zip(*((f.delivered, f.p99_ms, f.accepted, f.kilobytes) for f in found), strict=True)
    steps = tuple(step for one in found for step in one.steps)
    return Found(*(statistics.median(column) for column in columns), steps)


def side_by_side(
    peers: Peers, servers: dict[str, Running], clients: int, rounds: int
) -> dict[str, Found]:
    """Measure all in turn, some rounds, for other work on the machine comes and goes."""
    found: dict[str, list[Found]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, running in servers.items():
            found[name].append(best(peers, running, clients))
    return {name: median(each) for name, each in found.items()}


def our(window_ms: int) -> Running:
    return partial(ours, window_ms=window_ms)


def full_rooms(peers: Peers, rounds: int) -> Iterator[Row]:
    """Tell what 1,000 clients get, beside socket.io, ws and raw C; and of coming in."""
    servers: dict[str, Running] = {
        name: partial(peer, name, peers) for name in ("socket.io", "ws", "raw C")
    }
    found = side_by_side(peers, {**servers, "ours": our(0), "ours, 20 ms": our(20)}, 1_000, rounds)
    mine, windowed, io = found["ours"], found["ours, 20 ms"], found["socket.io"]
    absolute = ", ".join(f"{name} {one.delivered / 1000:.0f} k" for name, one in found.items())
    yield Row(
        "window 0, 1,000 clients: delivered against socket.io · ws · raw C",
        " · ".join(f"{mine.delivered / found[name].delivered:.2f}x" for name in servers),
        "1.4x · 1.15x · 0.55x",
        "1.6x · 1.3x · 0.68x",
        f"{absolute} messages/s; p99 {mine.p99_ms:.0f} ms",
    )
    yield Row(
        "window 20 ms, 1,000 clients against socket.io; p99",
        f"{windowed.delivered / io.delivered:.1f}x; {windowed.p99_at(15 * io.delivered):.0f} ms",
        "15x; 45 ms",
        "30x; 30 ms",
        f"at most {windowed.delivered / 1000:.0f} k messages/s, with p99 {windowed.p99_ms:.0f} ms; "
        f"the p99 beside it is the lowest with 15x or more; with 30x: "
        f"{windowed.p99_at(30 * io.delivered):.0f} ms",
    )
    yield Row(
        "memory per idle connection · accepted per second against socket.io",
        f"{mine.kilobytes:.0f} KB · {mine.accepted / io.accepted:.2f}x",
        "30 KB · 1.3x",
        "20 KB · 2x",
        f"{mine.accepted:.0f} and {io.accepted:.0f} connections/s; socket.io {io.kilobytes:.0f} KB",
    )


def fuller_rooms(peers: Peers, rounds: int) -> Iterator[Row]:
    """Tell what 3,000 clients get, beside socket.io."""
    servers: dict[str, Running] = {"socket.io": partial(peer, "socket.io", peers), "ours": our(0)}
    found = side_by_side(peers, servers, 3_000, rounds)
    yield Row(
        "window 0, 3,000 clients against socket.io",
        f"{found['ours'].delivered / found['socket.io'].delivered:.2f}x",
        "1.8x",
        "2.3x",
        ", ".join(f"{name} {one.delivered / 1000:.0f} k" for name, one in found.items()),
    )


def slow_readers(peers: Peers, rounds: int) -> Iterator[Row]:
    """Let a quarter of the clients stop reading, and tell how the others fare."""

    def run(slow: int) -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as folder, our(50)(Path(folder)) as server:
            connected, *steps = measured(
                peers, server, "-n", 1000, "--slow", slow, "--rates", "50,50", "--dur", 5
            )
            for step in steps:
                must_be_complete(server, step)
            grown = _memory_kb(server.pid) - connected["pss1_kb"]
        return max(step["p99_ms"] for step in steps), grown / 1024

    with_all = [run(0) for _ in range(rounds)]
    with_slow = [run(250) for _ in range(rounds)]
    p99_all, p99_slow = (statistics.median(p for p, _ in runs) for runs in (with_all, with_slow))
    grown_all, grown_slow = (statistics.median(g for _, g in r) for r in (with_all, with_slow))
    yield Row(
        "a quarter of 1,000 clients stops reading: p99 of the others against the run without; "
        "memory growth",
        f"{p99_slow / p99_all:.2f}x; {grown_slow:.1f} MB",
        "1.5x; the rings",
        "1.1x",
        f"p99 {p99_slow:.0f} and {p99_all:.0f} ms at 50 lines/s for 10 s, window 50 ms; without "
        f"slow readers memory grows by {grown_all:.1f} MB; a ring holds 256 KB of JSON",
    )


def _memory_kb(pid: int) -> int:
    """Read how much memory a process has for itself."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise LookupError(pid)
