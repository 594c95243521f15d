"""Servers as an operator starts them, and a recorded session imported into one, there and back."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from processes import Running, run

SESSION = """\
{"t": 0, "kind": "start", "text": "Bridges", "happened_at": "2026-03-14T12:00:00Z"}
{"t": 4.2, "kind": "topic", "text": "Wind and wire"}
{"t": 9.9, "kind": "chat", "user": "u0", "text": "our bridge hums too"}
{"t": 12.5, "kind": "feedback", "user": "u1", "text": "insightful"}
{"t": 20.1, "kind": "question", "user": "u1", "text": "How strong must the wind be?", "ref": "q0"}
{"t": 25, "kind": "vote", "user": "u0", "text": "q0"}
{"t": 90, "kind": "end"}
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Running, str]]:
    """A server of its own, and its address."""
    with Running("serve", "--port", "0", folder=tmp_path) as server:
        yield server, server.tells(r"serving at (http\S+)")[1]


def test_the_first_start_prints_a_host_link_that_works_once(
    served: tuple[Running, str],
) -> None:
    server, site = served
    code = server.tells(r"host link\D*http\S+#code=(\S+)")[1]

    with httpx.Client(base_url=site) as browser:
        first = browser.post("/api/sessions", json={"code": code})
        again = httpx.post(f"{site}/api/sessions", json={"code": code})

        assert (first.status_code, again.status_code) == (201, 401)
        assert browser.get("/api/me").json()["roles"] == ["host"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_ends_within_ten_seconds(
    served: tuple[Running, str], number: signal.Signals
) -> None:
    server, site = served
    assert httpx.get(f"{site}/livez").text == "ok\n"

    server.ends(number, within_s=10)


def test_a_session_goes_in_once_and_comes_out_as_it_was(
    served: tuple[Running, str], tmp_path: Path
) -> None:
    _, site = served
    (tmp_path / "session.jsonl").write_text(SESSION)
    token = run("token", "--name", "Ann", "--role", "host", folder=tmp_path).stdout.split()[-1]

    first = run("import", "session.jsonl", "--url", site, "--token", token, folder=tmp_path)
    talk = first.stdout.split()[-1]
    repeat = ("--url", site, "--token", token, "--talk", talk, "--json")
    again = run("import", "session.jsonl", *repeat, folder=tmp_path)
    exported = run("export", talk, folder=tmp_path)

    assert first.returncode == 0, first.stderr
    assert json.loads(again.stdout)["recorded"] == 0, again.stderr
    records = [json.loads(line) for line in exported.stdout.splitlines()]
    sent = [json.loads(line) for line in SESSION.splitlines()]
    assert [{**record, "text": ""} for record in records[:1]] == [
        {"t": 0, "kind": "start", "text": ""}
    ]
    assert records[1:] == sent[1:]


def test_without_a_token_a_guest_imports_and_is_told_how_to_do_it_again(
    served: tuple[Running, str], tmp_path: Path
) -> None:
    _, site = served
    lines = [line for line in SESSION.splitlines() if '"start"' not in line and '"end"' not in line]
    (tmp_path / "middle.jsonl").write_text("\n".join(lines))

    first = run("import", "middle.jsonl", "--url", site, folder=tmp_path)
    told = re.search(r"--talk (\S+) --token (\S+)", first.stderr)
    assert told, first.stderr
    options = ("--url", site, "--talk", told[1], "--token", told[2], "--json")
    again = json.loads(run("import", "middle.jsonl", *options, folder=tmp_path).stdout)
    kinds = [
        json.loads(line)["kind"]
        for line in run("export", told[1], folder=tmp_path).stdout.splitlines()
    ]

    assert (again["recorded"], again["refused"]) == (0, [])
    assert (kinds[0], kinds[-1], len(kinds)) == ("start", "end", 7)


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("serve", "--port", str(taken.getsockname()[1]), folder=tmp_path)

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "--port" in ended.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {"HEARHEAR_PROT": "1"},
        {"HEARHEAR_PORT": "many"},
        {"HEARHEAR_STORE_URL": "mysql+pymysql://u@127.0.0.1/x", "HEARHEAR_SECRETS": "short"},
        {"HEARHEAR_STORE_URL": "mysql+pymysql://u@127.0.0.1/x"},
    ],
)
def test_settings_that_can_t_be_used_are_told_in_one_line(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    ended = run("gateway", folder=tmp_path, settings=settings)

    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "HEARHEAR_" in ended.stderr


def test_a_database_out_of_reach_is_told_in_one_line(tmp_path: Path) -> None:
    settings = {
        "HEARHEAR_STORE_URL": "mysql+pymysql://nobody@127.0.0.1:9/none",
        "HEARHEAR_SECRETS": "x" * 32,
    }

    ended = run("gateway", "--port", "0", folder=tmp_path, settings=settings)

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr[-2000:]
    assert "HEARHEAR_STORE_URL" in ended.stderr


def test_an_import_tells_why_it_was_refused_in_one_line(
    served: tuple[Running, str], tmp_path: Path
) -> None:
    _, site = served
    (tmp_path / "session.jsonl").write_text(SESSION)

    ended = run("import", "session.jsonl", "--url", site, "--token", "no", folder=tmp_path)

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "unauthenticated" in ended.stderr
