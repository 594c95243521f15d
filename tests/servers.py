"""Throw-away servers for tests, started from installed binaries on free loopback ports.

Each server runs in a process session of its own and is ended by its process group. A guard
process ends them as well when the test run itself is killed, so nothing is left running.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from typing import Any, Self
from uuid import uuid4

import pymysql

STARTS_WITHIN_S = 60.0

_MARIADB_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin")
_RABBITMQ_SCRIPTS = (
    "/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server",
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/rabbitmq*/sbin/rabbitmq-server",
)
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_MARIADB_OPTIONS: Mapping[str, str | int] = {
    "innodb_flush_log_at_trx_commit": 1,
    "innodb_buffer_pool_size": "32M",
    "innodb_log_file_size": "16M",
    "innodb_lock_wait_timeout": 2,
    "idle_write_transaction_timeout": 2,
    "max_connections": 200,
    "performance_schema": "off",
    "skip_name_resolve": 1,
    "skip_networking": 0,
}

_RABBITMQ_SETTINGS = (
    "disk_free_limit.absolute = 10MB",
    "vm_memory_high_watermark.absolute = 256MB",
)


class ServerMissing(Exception):  # noqa: N818 - reads as a statement where it is raised
    """A server that the test needs is not installed; ``name`` is its word in HEARHEAR_REQUIRE."""

    def __init__(self, name: str, binary: str) -> None:
        super().__init__(f"{name} is not installed: no {binary} found")
        self.name = name


def free_port() -> int:
    """Return a loopback port nobody listens on.

    It lies below the range of outgoing connections, so that no client can take it while the
    server which had it is down.
    """
    numbers = SystemRandom()  # the seeded generator would give parallel runs the same ports
    while True:
        port = numbers.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def find_chromium() -> str:
    """Return the path of the installed browser, or raise :class:`ServerMissing`."""
    for name in _CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    raise ServerMissing("chromium", " or ".join(_CHROMIUM_NAMES[:2]))


class _Guard:
    """A small process which outlives the test run just long enough to end what it left.

    It is told the process groups on its standard input, and kills them when that closes, as it
    does however the test run ends.
    """

    _PROGRAM = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def watch(self, group: int) -> None:
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-c", self._PROGRAM],
                stdin=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None


guard = _Guard()


class ProcessGroup:
    """One command in a session of its own, and the signals a test may send to all of it."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guard.watch(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Send the signal to every process of the group; a group that has gone is no error."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End all of it at once, also when it is frozen, and wait until it has gone."""
        self.signal(signal.SIGKILL)
        self._process.wait()
        guard.forget(self._process.pid)


class _Server(ABC):
    """What both servers share: a folder, a port, and a life that a test may disturb."""

    def __init__(self) -> None:
        # Not pytest's folders: a socket's path may have 107 characters at most.
        self.folder = Path(tempfile.mkdtemp(prefix="hearhear-"))
        self.port = free_port()
        self._running: ProcessGroup | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Start on the same port and data, and return when it answers."""
        assert self._running is None, "it runs already"
        self._running = self._launch()
        try:
            _wait_until(self._answers_or_has_ended, within_s=STARTS_WITHIN_S)
        except BaseException:
            self.kill()
            raise

    def ensure_running(self) -> None:
        """Thaw or start it if need be."""
        if self._running is None:
            self.start()
        else:
            self.thaw()

    def kill(self) -> None:
        """SIGKILL to all its processes; what it had not flushed is lost."""
        if self._running is not None:
            self._running.kill()
            self._running = None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        assert self._running
        self._running.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: go on where it was frozen."""
        assert self._running
        self._running.signal(signal.SIGCONT)

    def close(self) -> None:
        """End it and remove its data; may be called twice."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @abstractmethod
    def _launch(self) -> ProcessGroup:
        """Start its process."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it can be used by now."""

    def _answers_or_has_ended(self) -> bool:
        assert self._running
        if self._running.has_ended():
            raise RuntimeError(f"it ended while starting:\n{_tail(self.log)}")
        return self._answers()


class MariaDB(_Server):
    """A database server with durable commits and small buffers, for one test run or one test.

    ``options`` are added to mariadbd's own, as ``innodb_flush_log_at_trx_commit=2``;
    ``preload`` is a library that its process loads before all others.
    """

    def __init__(self, **options: str | int) -> None:
        self.preload = ""
        self._binary = _find_mariadb("mariadbd")
        self._installer = _find_mariadb("mariadb-install-db")
        self._options = {**_MARIADB_OPTIONS, **options}
        super().__init__()
        self._install()

    def url(self, database: str) -> str:
        """Return what ``HEARHEAR_STORE_URL`` takes for that database."""
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> None:
        """Create an empty database, text as utf8mb4."""
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")

    def fresh_database(self) -> str:
        """Create an empty database under a name of its own, and return its URL."""
        name = f"test_{uuid4().hex[:12]}"
        self.create_database(name)
        return self.url(name)

    def execute(self, statement: str, *, within_s: int = 10) -> Sequence[tuple[object, ...]]:
        """Run one statement as root on a connection of its own, and return its rows."""
        with self._connect(within_s) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            rows: Sequence[tuple[object, ...]] = cursor.fetchall()
            return rows

    def _install(self) -> None:
        command = [
            self._installer,
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *_as_root("--user=root"),
        ]
        self._temporary.mkdir()
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")

    def _launch(self) -> ProcessGroup:
        command = [
            self._binary,
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            *_as_root("--user=root"),
            *(f"--{name}={value}" for name, value in self._options.items()),
        ]
        return ProcessGroup(command, env=self._environment, log=self.log)

    @property
    def _temporary(self) -> Path:
        return self.folder / "temporary"

    @property
    def _environment(self) -> Mapping[str, str]:
        """A folder of its own for temporary tables: a server that starts removes all it finds."""
        preload = {"LD_PRELOAD": self.preload} if self.preload else {}
        return {**_plain_environment(), "TMPDIR": str(self._temporary), **preload}

    def _answers(self) -> bool:
        with suppress(pymysql.Error):
            self._connect(within_s=2).close()
            return True
        return False

    def _connect(self, within_s: int) -> Any:
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            autocommit=True,
            connect_timeout=within_s,
            read_timeout=within_s,
            write_timeout=within_s,
        )


class RabbitMQ(_Server):
    """A broker without plugins, with a name daemon (epmd) of its own.

    ``settings`` are lines of its rabbitmq.conf, which replace ours.
    """

    def __init__(self, *settings: str) -> None:
        self._settings = settings or _RABBITMQ_SETTINGS
        self._script = _find_rabbitmq()
        self._epmd_binary = _find_epmd()
        super().__init__()
        self._epmd_port = free_port()
        self._dist_port = free_port()
        self._epmd: ProcessGroup | None = None
        self._write_configuration()

    @property
    def url(self) -> str:
        """What ``HEARHEAR_BROKER_URL`` takes."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def close(self) -> None:
        super().close()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd = None

    def _write_configuration(self) -> None:
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(uuid4().hex.upper())
        cookie.chmod(0o400)
        (self.folder / "plugins").write_text("[].\n")
        (self.folder / "environment").touch()  # else the installed broker's would be read
        (self.folder / "rabbitmq.conf").write_text("\n".join(self._settings) + "\n")

    def _launch(self) -> ProcessGroup:
        environment = self._environment()
        if self._epmd is None:
            self._epmd = ProcessGroup(
                [self._epmd_binary, "-address", "127.0.0.1", "-port", str(self._epmd_port)],
                env=environment,
                log=self.folder / "epmd.log",
            )
        return ProcessGroup([self._script], env=environment, log=self.log)

    def _environment(self) -> dict[str, str]:
        return _plain_environment() | {
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the server, with no shell between
            "RABBITMQ_NODENAME": f"hearhear{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "environment"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as probe:
            probe.sendall(b"AMQP\x00\x00\x09\x01")
            return probe.recv(1) == b"\x01"  # a method frame: it says hello
        return False


def _find_mariadb(name: str) -> str:
    search = os.pathsep.join([os.environ.get("PATH", ""), *_MARIADB_FOLDERS])
    if path := shutil.which(name, path=search):
        return path
    raise ServerMissing("mariadb", name)


def _find_rabbitmq() -> str:
    """Find RabbitMQ's own script, not Debian's wrapper on the PATH, which changes the user."""
    for pattern in _RABBITMQ_SCRIPTS:
        for script in sorted(Path("/").glob(pattern[1:]), reverse=True):
            return str(script)
    on_path = shutil.which("rabbitmq-server")
    if on_path and Path(on_path).resolve().with_name("rabbitmq-env").exists():
        return str(Path(on_path).resolve())
    raise ServerMissing("rabbitmq", "rabbitmq-server")


def _find_epmd() -> str:
    if path := shutil.which("epmd"):
        return path
    raise ServerMissing("rabbitmq", "epmd")


def _plain_environment() -> dict[str, str]:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return {"PATH": path, "LANG": "C.UTF-8"}


def _as_root(*options: str) -> Sequence[str]:
    return options if os.geteuid() == 0 else ()


def _wait_until(condition: Callable[[], bool], *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s} s")
        time.sleep(0.05)  # between two questions, until the deadline


def _tail(log: Path) -> str:
    with suppress(OSError):
        return log.read_text(errors="replace")[-4_000:]
    return "(no log)"
