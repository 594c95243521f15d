"""Every figure of the live room's speed, in one table.

    python tests/load/bench.py [--rounds 3] [--peers FOLDER] [--write] [PART …]

Parts: rooms, fuller-rooms, slow-readers (these need the peers: see peers.py), chain, embedded,
venueless, rush, commits, slow-disk, projector. Without parts it measures all. ``--write``
puts the rows into docs/explanation/performance.md, in place of the former ones of the same
figures, so that parts may be measured one after the other. Not part of any test run.
"""
# ruff: noqa: T201 - figures are what it is for

import argparse
import platform
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import commit_rows
import crowd_rows
import room_rows
from peers import Peers
from rows import Row, merged, table

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "performance.md"

Part = Callable[[int], Iterator[Row]]


def parts(peers_folder: str) -> dict[str, Part]:
    """Name the parts; each is told how many rounds to take."""

    def of_room(measure: Callable[[Peers, int], Iterator[Row]]) -> Part:
        return lambda rounds: measure(Peers.found(peers_folder), rounds)

    return {
        "rooms": of_room(room_rows.full_rooms),
        "fuller-rooms": of_room(room_rows.fuller_rooms),
        "slow-readers": of_room(room_rows.slow_readers),
        "chain": crowd_rows.chain,
        "embedded": crowd_rows.embedded,
        "venueless": crowd_rows.venueless,
        "rush": crowd_rows.rush,
        "commits": partial(commit_rows.commits, is_slow=False),
        "slow-disk": partial(commit_rows.commits, is_slow=True),
        "projector": commit_rows.projector,
    }


def main() -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    known = parts(asked.peers)
    if unknown := set(asked.parts) - set(known):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    lines: list[str] = []
    for name in asked.parts or known:
        taken = f"`{name}`, {asked.rounds}, {datetime.now(UTC):%Y-%m-%d}"
        for row in known[name](asked.rounds):
            print(f"{row.figure}: {row.measured} ({row.behind})", flush=True)
            lines.append(row.line(taken))
    print(f"\n{machine()}\n\n{table(lines)}")
    if asked.write:
        write(lines)


def machine() -> str:
    """Tell what it was measured on."""
    cores = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return (
        f"{len(cores)} cores of {cores[0]}, Linux {platform.release()}, "
        f"Python {platform.python_version()}."
    )


def write(lines: list[str]) -> None:
    """Put rows into the table between the marks of the page."""
    page = PAGE.read_text("utf-8")
    begin, end = "<!-- measured -->", "<!-- /measured -->"
    before, _, rest = page.partition(begin)
    former, _, after = rest.partition(end)
    measured = f"{machine()}\n\n{merged(former, lines)}"
    PAGE.write_text(f"{before}{begin}\n\n{measured}\n\n{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
