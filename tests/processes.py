"""The product as people start it: ``hearhear …`` in a process of its own, and what it printed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import servers
from waiting import eventually

LAUNCHER = Path(__file__).parents[1] / "hearhear.py"


def command(*arguments: str) -> list[str]:
    """The command line that starts this checkout, whatever folder it is started in."""
    return [sys.executable, str(LAUNCHER), *arguments]


def environment(**settings: str) -> dict[str, str]:
    """Our environment with these settings and no others."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HEARHEAR_")}
    return {**plain, "NO_COLOR": "1", **settings}


def run(
    *arguments: str, folder: Path, settings: Mapping[str, str] | None = None, within_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**(settings or {})),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


class Running:
    """A server or demo that goes on until it is told to end; use it in a ``with`` block."""

    def __init__(self, *arguments: str, folder: Path, **settings: str) -> None:
        self._log = folder / f"{'-'.join(arguments[:1])}-{os.urandom(3).hex()}.log"
        self._log.touch()
        os_environment = environment(**{"PYTHONUNBUFFERED": "1", **settings})
        self._in = folder
        self.group = servers.ProcessGroup(
            ["env", "-C", str(folder), *command(*arguments)], env=os_environment, log=self._log
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.group.kill()

    def printed(self) -> str:
        """All that it wrote so far, results and errors."""
        return self._log.read_text(encoding="utf-8")

    def tells(self, pattern: str, *, within_s: float = 30) -> re.Match[str]:
        """Wait until something it printed matches, and return the match."""

        def found() -> re.Match[str] | None:
            match = re.search(pattern, self.printed())
            assert match or not self.group.has_ended(), self.printed()[-2000:]
            return match

        match = eventually(found, within_s=within_s, every_s=0.05, hint=pattern)
        assert match
        return match

    def ends(self, number: signal.Signals = signal.SIGTERM, *, within_s: float = 10) -> None:
        """Send a signal, and wait until no process of the group is left."""
        self.group.signal(number)
        eventually(self._has_gone, within_s=within_s, every_s=0.05, hint="it ends")

    def _has_gone(self) -> bool:
        if not self.group.has_ended():
            return False
        try:
            os.killpg(self.group.pid, 0)
        except ProcessLookupError:
            return True
        return False
