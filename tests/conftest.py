"""Fixtures for all tests: throw-away servers, the browser, and what is told when one is missing.

A missing server skips its tests, and the closing lines count and name them; when its name is in
``HEARHEAR_REQUIRE`` (``mariadb,rabbitmq,chromium``) the tests fail instead.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest
import servers
import structlog
from servers import MariaDB, RabbitMQ, ServerMissing

from domain.store import Store, open_store

T = TypeVar("T")

SLOWEST_FIRST = ("browser", "system", "contract", "property")
NEEDED = frozenset({"mariadb", "rabbitmq", "chromium"})
MISSING = "missing server: "  # opens the reason of such a skip; the closing lines look for it

hypothesis.settings.register_profile("hearhear", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=50, print_blob=True)
hypothesis.settings.load_profile("hearhear")  # `--hypothesis-profile=ci` is read later and wins


def required() -> frozenset[str]:
    """Return what may not be missing in this run."""
    words = os.environ.get("HEARHEAR_REQUIRE", "").split(",")
    return frozenset(word.strip() for word in words if word.strip())


def installed(make: Callable[[], T]) -> T:
    """Make it; when it isn't installed, skip the test, or fail it when it is required."""
    try:
        return make()
    except ServerMissing as missing:
        if missing.name in required():
            pytest.fail(f"{missing}, and HEARHEAR_REQUIRE names it", pytrace=False)
        pytest.skip(f"{MISSING}{missing}")


@pytest.fixture(autouse=True)
def _log_as_found() -> Iterator[None]:
    """Take back what a command line under test did to the log: it writes to a captured stream."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose files take longest, so that the workers end together.

    Within a folder the order stays as it was drawn.
    """
    ranks = {folder: rank for rank, folder in enumerate(SLOWEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


def pytest_configure() -> None:
    if unknown := required() - NEEDED:
        raise pytest.UsageError(
            f"HEARHEAR_REQUIRE: unknown {', '.join(sorted(unknown))}; "
            f"known are {', '.join(sorted(NEEDED))}"
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(
        reason.partition(MISSING)[2]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and MISSING in (reason := report.longrepr[2])
    )
    if not reasons:
        return
    terminalreporter.section(f"{reasons.total()} skipped for missing servers")
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{count} skipped: {reason}")


def pytest_unconfigure() -> None:
    servers.guard.close()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Coroutine tests (``@pytest.mark.anyio``) run on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the installed browser, for Playwright's ``executable_path``."""
    return installed(servers.find_chromium)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """One database server for the whole run: take a fresh database, and don't disturb it."""
    with installed(MariaDB) as server:
        server.start()
        yield server


@pytest.fixture(params=["sqlite", "mariadb"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a store, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hearhear.db"
    server: MariaDB = request.getfixturevalue("mariadb")
    return server.fresh_database()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store, on each database in turn."""
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """One broker for the whole run: use names of your own, and don't disturb it."""
    with installed(RabbitMQ) as server:
        server.start()
        yield server


@pytest.fixture
def new_mariadb() -> Iterator[Callable[..., MariaDB]]:
    """Start database servers of the test's own, with more options of mariadbd if it likes."""
    with ExitStack() as stack:

        def start(**options: str | int) -> MariaDB:
            server = stack.enter_context(installed(lambda: MariaDB(**options)))
            server.start()
            return server

        yield start


@pytest.fixture
def own_mariadb(new_mariadb: Callable[..., MariaDB]) -> MariaDB:
    """A database server of the test's own, to kill and freeze."""
    return new_mariadb()


@pytest.fixture
def new_rabbitmq() -> Iterator[Callable[..., RabbitMQ]]:
    """Start brokers of the test's own, with lines of rabbitmq.conf if it likes (6 s each)."""
    with ExitStack() as stack:

        def start(*settings: str) -> RabbitMQ:
            server = stack.enter_context(installed(lambda: RabbitMQ(*settings)))
            server.start()
            return server

        yield start


@pytest.fixture(scope="session")
def _disturbed_rabbitmq() -> Iterator[RabbitMQ]:
    with installed(RabbitMQ) as server:
        yield server


@pytest.fixture
def own_rabbitmq(_disturbed_rabbitmq: RabbitMQ) -> RabbitMQ:
    """A broker to kill and freeze, as one test after the other does: use names of your own."""
    _disturbed_rabbitmq.ensure_running()
    return _disturbed_rabbitmq
