"""The peers to measure the room against, and the generator that measures all alike.

None of them is ours, and none is kept here: BENCH_PEERS, or ``--peers``, names a folder with
``loadgen`` (compiled), ``rawfan`` (compiled), ``sio.js``, ``ws.js`` and their ``node_modules``.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from gateways import SECRET, Site  # noqa: E402
from servers import ProcessGroup, free_port  # noqa: E402
from waiting import eventually  # noqa: E402

SERVER_CORE, GENERATOR_CORE = "0", "1"

HOW_TO_GET_THEM = """the peers are missing: BENCH_PEERS names a folder that holds
  loadgen   the generator, compiled (g++ -O2 -std=c++17 -o loadgen loadgen.cpp -lz)
  rawfan    send() of the same bytes to N sockets in C, compiled
  sio.js    a room in Node and socket.io; ws.js the same in ws (npm install socket.io ws)"""


@dataclass(frozen=True)
class Peers:
    """The folder of what is not ours."""

    folder: Path

    @classmethod
    def found(cls, folder: str) -> "Peers":
        """Find them, or end and say how to get them."""
        path = Path(folder or os.environ.get("BENCH_PEERS", ""))
        needed = ("loadgen", "rawfan", "sio.js", "ws.js", "node_modules")
        if not folder and "BENCH_PEERS" not in os.environ:
            raise SystemExit(HOW_TO_GET_THEM)
        if missing := [name for name in needed if not (path / name).exists()]:
            raise SystemExit(f"{HOW_TO_GET_THEM}\nin {path} there is no {', '.join(missing)}")
        return cls(path)


@dataclass(frozen=True)
class Server:
    """A server on its core, and how the generator speaks with it."""

    name: str
    pid: int
    speech: Sequence[str]


@contextmanager
def on_core(
    core: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[ProcessGroup]:
    """Run a command on one core until the block ends."""
    group = ProcessGroup(["taskset", "-c", core, *command], env=env or dict(os.environ), log=log)
    try:
        yield group
    finally:
        group.kill()


@contextmanager
def peer(name: str, peers: Peers, scratch: Path, *, window_ms: int = 0) -> Iterator[Server]:
    """Run one of the peers: socket.io, ws, or raw C."""
    port = str(free_port())
    address = f"127.0.0.1:{port}"
    command, speech = {
        "socket.io": (
            ["node", "sio.js", port],
            ["sio", f"http://{address}/socket.io/?EIO=4&transport=websocket"],
        ),
        "ws": (["node", "ws.js", port], ["ws", f"ws://{address}/"]),
        "raw C": (["./rawfan", port, str(window_ms)], ["ws", f"ws://{address}/"]),
    }[name]
    inside = ["env", f"--chdir={peers.folder}", *command]
    with on_core(SERVER_CORE, inside, scratch / f"{name}.log") as group:
        eventually(lambda: listens(int(port)), within_s=20)
        yield Server(name, group.pid, ["--mode", speech[0], "--url", speech[1]])


@contextmanager
def ours(scratch: Path, *, window_ms: int) -> Iterator[Server]:
    """Run our gateway with a live talk; lines go in at the hub's door."""
    port = free_port()
    folder = scratch / f"ours-{port}"
    folder.mkdir()
    env = {
        **{name: word for name, word in os.environ.items() if not name.startswith("HEARHEAR_")},
        "HEARHEAR_STORE_URL": f"sqlite:///{folder}/hearhear.db",
        "HEARHEAR_SECRETS": SECRET,
        "HEARHEAR_PORT": str(port),
        "HEARHEAR_WINDOW_MS": str(window_ms),
        "HEARHEAR_ALLOWED_ORIGINS": "http://127.0.0.1",  # the origin that the generator names
    }
    program = [sys.executable, str(Path(__file__).with_name("room_server.py"))]
    with on_core(SERVER_CORE, program, folder / "log", env) as group:
        eventually(lambda: listens(port), within_s=30)
        site = Site(f"http://127.0.0.1:{port}")
        site.sign_in_host()
        site.live_talk()
        speech = [
            *("--mode", "ws", "--url", site.live),
            *("--sub", '{"type":"hello"}', "--ready", '"snapshot"'),
            *("--pub-mode", "ws", "--pub-url", f"ws://127.0.0.1:{port}/bench/{site.talk}"),
            *("--msg", "ts=@TS@ seq=@SEQ@ @PAD@", "--ts-pat", '"text":"ts=', "--seq-pat", " seq="),
        ]
        yield Server(f"ours, window {window_ms} ms", group.pid, speech)


def measured(peers: Peers, server: Server, *more: object) -> list[dict[str, Any]]:
    """Let the generator measure a server; returns the lines it printed."""
    command = [
        *("taskset", "-c", GENERATOR_CORE, str(peers.folder / "loadgen")),
        *(*server.speech, "--pid", str(server.pid), "--name", server.name),
        *map(str, more),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    if done.returncode:
        raise RuntimeError(f"{server.name}: the generator failed: {done.stderr[-1000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def must_be_complete(server: Server, step: Mapping[str, Any]) -> None:
    """Raise unless every client got every line: the latencies of the others tell nothing."""
    if step["got"] != step["expect"]:
        raise RuntimeError(
            f"{server.name}: {step['got']} of {step['expect']} lines came, {step['missing']} "
            f"missing; {step['live']} clients were connected: measure again on a quiet machine"
        )


def listens(port: int) -> bool:
    """Whether anything takes connections on a port of loopback."""
    with socket.socket() as own:
        own.settimeout(1)
        return own.connect_ex(("127.0.0.1", port)) == 0
