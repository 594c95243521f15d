"""What the docs tell to type can be typed: commands and options exist, examples can be read."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import servers
import typer
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from gateway import cli, upload
from gateway.settings import known_names
from projections.projector import open_views
from projections.sheets import SHEETS
from replay.recorded import read

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples(language: str, page: Path) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = page.read_text(encoding="utf-8")
    return [block for name, block in FENCE.findall(text) if name == language]


def typed() -> Iterator[tuple[str, str]]:
    """Every line of shell in the docs, with its page."""
    for page in PAGES:
        for block in examples("sh", page):
            for line in block.replace("\\\n", " ").splitlines():
                if line.strip():
                    yield str(page.relative_to(ROOT)), line


def words_of_hearhear(line: str) -> list[str]:
    """The arguments given to hearhear in a line of shell, if it is called there."""
    found = re.search(r"(?:^|\$\(|/)hearhear ([^|)#]*)", line)
    return shlex.split(found[1]) if found else []


COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
CALLS = {f"{page}: {line}": words for page, line in typed() if (words := words_of_hearhear(line))}


@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS)
def test_the_command_and_its_options_exist(words: list[str]) -> None:
    command = COMMANDS[words[0]]
    options = {option for parameter in command.params for option in parameter.opts}

    assert {word for word in words if word.startswith("--")} <= options | {"--help"}


def test_every_setting_that_a_page_or_a_file_names_exists() -> None:
    files = [*PAGES, ROOT / "compose.yaml", ROOT / "Dockerfile"]
    named = {
        (file.name, name)
        for file in files
        for name in re.findall(r"HEARHEAR_[A-Z]+(?:_[A-Z]+)*", file.read_text(encoding="utf-8"))
    }

    of_tests_and_benches = {"HEARHEAR_REQUIRE", "HEARHEAR_PEERS"}
    known = {*known_names(), *of_tests_and_benches}

    assert {(file, name) for file, name in named if name not in known} == set()


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(), re.MULTILINE)
    }

    assert named <= targets


def test_the_session_of_the_how_to_can_be_imported(tmp_path: Path) -> None:
    [session] = examples("json", ROOT / "docs" / "how-to" / "import-a-session.md")
    file = tmp_path / "session.jsonl"
    file.write_text(session)

    recorded = upload.look_at(file, now=datetime.now(UTC))

    assert (recorded.duration_s, recorded.has_start, recorded.has_end) == (90, True, True)
    assert len(read(session.splitlines()).ticks) == 1


def test_the_databases_of_the_how_to_can_be_made(mariadb: servers.MariaDB) -> None:
    script = (ROOT / "docs" / "how-to" / "databases.sql").read_text()

    for statement in statements(script):
        mariadb.execute(statement)

    grants = " ".join(str(row[0]) for row in mariadb.execute("SHOW GRANTS FOR hearhear"))
    assert set(re.findall(r"ON `(\w+)`", grants)) == {
        "hearhear",
        "hearhear_views",
        "hearhear_keys",
    }


def statements(script: str) -> list[str]:
    """The statements of a file of SQL."""
    text = re.sub(r"^--.*$", "", script, flags=re.MULTILINE)
    return [statement for statement in text.split(";") if statement.strip()]


def test_the_analysts_user_of_the_how_to_may_select_and_nothing_else(
    mariadb: servers.MariaDB,
) -> None:
    url = make_url(mariadb.fresh_database())
    open_views(url.render_as_string(hide_password=False)).dispose()
    script = (ROOT / "docs" / "how-to" / "analysts.sql").read_text()
    for statement in statements(script.replace("hearhear_views.", f"{url.database}.")):
        mariadb.execute(statement)

    engine = create_engine(url.set(username="analyst", password="change-me"))
    with engine.connect() as connection:
        granted = {row[0] for row in connection.execute(text("SHOW TABLES"))}
        for name in granted:
            connection.execute(text(f"SELECT * FROM {name}")).all()
        for forbidden in ("SELECT * FROM people", "SELECT * FROM tick_rows", "DELETE FROM ticks"):
            with pytest.raises(DBAPIError, match="denied"):
                connection.execute(text(forbidden))
    engine.dispose()

    open_to_them = {name for name in granted if not _names_people(name)}
    assert granted == open_to_them >= {name for name in SHEETS if name.startswith("v_")}


def _names_people(table: str) -> bool:
    return bool({"name", "text"} & {column.name for column in SHEETS[table].columns})


def test_json_examples_are_json() -> None:
    for page in PAGES:
        for block in examples("json", page):
            for line in block.splitlines():
                json.loads(line)
