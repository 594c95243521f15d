"""The throw-away servers keep their promises: data, signals, and nothing left behind."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pika
import pymysql
import pytest
from servers import MariaDB, RabbitMQ
from waiting import eventually, eventually_async

TESTS = Path(__file__).parents[1]


def processes_mentioning(text: str) -> list[str]:
    """Return the processes whose command or environment holds the text."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            if text.encode() in told:
                found.append(process.name)
    return found


def declare_durable(url: str, queue: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().queue_declare(queue, durable=True)


def test_fresh_databases_are_apart(mariadb: MariaDB):
    one, other = mariadb.fresh_database(), mariadb.fresh_database()

    assert one != other
    assert one.startswith(f"mysql+pymysql://root@127.0.0.1:{mariadb.port}/")


def test_a_killed_database_keeps_what_was_committed(own_mariadb: MariaDB):
    own_mariadb.create_database("kept")
    own_mariadb.execute("CREATE TABLE kept.t (n INT) ENGINE=InnoDB")
    own_mariadb.execute("INSERT INTO kept.t VALUES (7)")

    own_mariadb.kill()
    with pytest.raises(pymysql.Error):
        own_mariadb.execute("SELECT 1")
    own_mariadb.start()

    assert own_mariadb.execute("SELECT n FROM kept.t") == ((7,),)


def test_a_frozen_database_answers_after_it_is_thawed(own_mariadb: MariaDB):
    own_mariadb.freeze()
    with pytest.raises(pymysql.Error):
        own_mariadb.execute("SELECT 1", within_s=1)

    own_mariadb.thaw()

    assert own_mariadb.execute("SELECT 1") == ((1,),)


def test_options_reach_the_database(new_mariadb: Callable[..., MariaDB]):
    relaxed = new_mariadb(innodb_flush_log_at_trx_commit=2)

    shown = relaxed.execute(
        "SELECT @@innodb_flush_log_at_trx_commit, @@idle_write_transaction_timeout"
    )

    assert shown == ((2, 2),)


def test_a_killed_broker_leaves_no_process_and_starts_again(own_rabbitmq: RabbitMQ):
    declare_durable(own_rabbitmq.url, "before")

    own_rabbitmq.kill()
    eventually(lambda: len(processes_mentioning(str(own_rabbitmq.folder))) <= 1)  # epmd stays
    own_rabbitmq.start()

    declare_durable(own_rabbitmq.url, "after")


def test_nothing_is_left_when_the_run_itself_is_killed(mariadb: MariaDB):
    assert mariadb.port  # so that the program below will not meet a missing server
    program = """
from servers import MariaDB
server = MariaDB()
server.start()
print(server.folder, flush=True)
input()
"""
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout
    folder = run.stdout.readline().strip()
    assert processes_mentioning(folder)

    run.kill()
    run.communicate()

    eventually(lambda: not processes_mentioning(folder))
    shutil.rmtree(folder)


def test_a_closed_broker_leaves_no_process_and_no_folder(new_rabbitmq: Callable[..., RabbitMQ]):
    broker = new_rabbitmq()
    assert processes_mentioning(str(broker.folder))

    broker.close()

    eventually(lambda: not processes_mentioning(str(broker.folder)))
    assert not broker.folder.exists()


def run_without_browser(folder: Path, *, require: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_browser.py").write_text("def test_one(chromium): pass\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", str(folder)],
        env={"PATH": str(folder), "PYTHONPATH": str(TESTS), "HEARHEAR_REQUIRE": require},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_server_is_skipped_and_named_in_the_closing_lines(tmp_path: Path):
    done = run_without_browser(tmp_path, require="")

    assert done.returncode == 0
    assert "1 skipped for missing servers" in done.stdout
    assert "1 skipped: chromium is not installed" in done.stdout


def test_a_missing_server_fails_where_it_is_required(tmp_path: Path):
    done = run_without_browser(tmp_path, require="mariadb, chromium")

    assert done.returncode == 1
    assert "HEARHEAR_REQUIRE names it" in done.stdout


def test_an_unknown_requirement_is_refused(tmp_path: Path):
    done = run_without_browser(tmp_path, require="postgres")

    assert done.returncode == 4
    assert "HEARHEAR_REQUIRE: unknown postgres" in done.stderr


def test_waiting_ends_at_the_deadline_and_tells_the_last_answer():
    def is_seven() -> bool:
        raise AssertionError("it is six")

    with pytest.raises(AssertionError, match=r"not within 0.05 s: is_seven .*it is six"):
        eventually(is_seven, within_s=0.05)


def test_waiting_returns_the_first_true_answer():
    answers = iter([0, 0, 7, 8])

    assert eventually(lambda: next(answers)) == 7


@pytest.mark.anyio
async def test_waiting_in_a_loop_lets_other_tasks_work():
    done: list[str] = []
    asyncio.get_running_loop().call_later(0.01, done.append, "other")

    assert await eventually_async(lambda: done) == ["other"]
