"""What the docs show analysts runs as it stands, on the talk of the demo."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import duckdb
import pandas as pd
import pytest
from gateways import CHECKOUT
from processes import run

from domain.application import Hearhear
from domain.clock import utc_now
from domain.speaker import Speaker
from domain.store import open_store
from gateway.demo.run import Stage, Wishes, hold_finished

DOCS = CHECKOUT / "docs"


def block(page: str, language: str, begins: str) -> str:
    """The fenced block of a page that begins so."""
    fence = rf"^```{language}\n({re.escape(begins)}.*?)^```"
    found = re.search(fence, (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a talk of the demo has ended, and the views know it."""
    folder = tmp_path_factory.mktemp("analysts")
    with open_store(f"sqlite:///{folder}/hearhear.db") as store:
        app = Hearhear(store, now=utc_now, new_id=lambda: str(uuid4()))
        host = Speaker(person="hal", name="Hal Host", roles=frozenset({"host"}))
        stage = Stage(app, host, "http://127.0.0.1:1", folder)
        talk = hold_finished(stage, Wishes(seed=7, people=60, speed=1, moments=(60.0, 250.0)))
        app.close()
    (folder / "talk").write_text(talk)
    assert run("rebuild", "all", folder=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def talk(folder: Path) -> str:
    return (folder / "talk").read_text()


@pytest.fixture(scope="module")
def tables(folder: Path, talk: str) -> Path:
    ended = run("analyse", talk, "--parquet", "tables", folder=folder)
    assert ended.returncode == 0, ended.stderr
    return folder / "tables"


def test_the_cells_of_the_notebook_run(folder: Path) -> None:
    notebook = json.loads((DOCS / "tutorial" / "analyse.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    program = "\n".join("".join(cell["source"]) for cell in cells)
    program += "\nassert len(minutes) > 3 and funnel['ticked'] == 60\n"

    ended = subprocess.run(
        [sys.executable, "-W", "error::pandas.errors.PerformanceWarning", "-c", program],
        cwd=folder,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert all(cell["outputs"] == [] for cell in cells)


def test_the_own_view_of_the_how_to_is_short_and_counts_right(folder: Path, talk: str) -> None:
    source = block("how-to/rebuild-a-view.md", "python", "from collections")
    (folder / "laughs.py").write_text(source)

    built = run("rebuild", "laughs", "--with", "laughs.py", folder=folder)
    told = run("analyse", talk, "--json", "--sql", "SELECT * FROM laughs", folder=folder)
    series = run(
        "analyse",
        talk,
        "--json",
        "--sql",
        "SELECT second / 60 AS minute, COUNT(DISTINCT attendee) AS people FROM ticks "
        "WHERE kind = 'funny' GROUP BY minute ORDER BY minute",
        folder=folder,
    )

    assert len(source.splitlines()) <= 20
    assert built.returncode == 0, built.stderr
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [{name: row[name] for name in ("minute", "people")} for row in rows] == [
        json.loads(line) for line in series.stdout.splitlines()
    ]
    assert {row["talk"] for row in rows} == {talk}


def test_the_recipe_for_pandas_runs(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tables.parent)
    told: dict[str, pd.DataFrame] = {}

    exec(block("how-to/analyse.md", "python", "import pandas"), told)

    assert told["ticks"]["attendee"].nunique() == 60


def test_the_recipe_for_duckdb_runs(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tables.parent)

    rows = duckdb.sql(block("how-to/analyse.md", "sql", "-- in duckdb")).fetchall()

    assert len(rows) == 20


def test_a_talk_is_analysed_for_people_and_for_programs(folder: Path, talk: str) -> None:
    shown = run("analyse", talk, folder=folder)
    told = json.loads(run("analyse", talk, "--json", folder=folder).stdout)

    assert "Why bridges sing" in shown.stdout
    assert "█" in shown.stdout
    assert told["funnel"]["ticked"] == 60
    assert sum(one["ticks"] for one in told["feedback"]) > 100
    assert all(len(one["over_time"]) == 24 for one in told["questions"])


def test_a_plot_is_a_picture(folder: Path, talk: str) -> None:
    ended = run("analyse", talk, "--plot", "talk.png", folder=folder)

    assert ended.returncode == 0, ended.stderr
    assert (folder / "talk.png").read_bytes().startswith(b"\x89PNG")


def test_names_are_written_with_a_trace_only(folder: Path, talk: str, tables: Path) -> None:
    plain = pd.read_parquet(tables / "people.parquet")
    ended = run("analyse", talk, "--parquet", "raw", "--raw", folder=folder)

    assert ended.returncode == 0, ended.stderr
    assert "name" not in plain.columns
    assert pd.read_parquet(folder / "raw" / "people.parquet")["name"].str.len().min() > 0
    with open_store(f"sqlite:///{folder}/hearhear.db") as store:
        last = store.read(store.log.head() - 1, 1)[0].fact
    assert type(last).__name__ == "RowsRead"


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--sql", "DELETE FROM talks"], 1, "only a SELECT"),
        (["--sql", "WITH x AS (SELECT 1) DELETE FROM talk_rows"], 1, "readonly"),
        (["--sql", "SELECT nope FROM talks"], 1, "no such column"),
        (["--sql", "SELECT nope FROM talks"], 1, "v_heat"),
        (["--raw"], 2, "--parquet"),
        (["--plot", "talk.bmp"], 1, "png"),
        (["--plot", "nowhere/talk.png"], 1, "No such file"),
    ],
)
def test_what_can_t_be_analysed_is_told_in_one_line(
    folder: Path, talk: str, arguments: list[str], code: int, reason: str
) -> None:
    ended = run("analyse", talk, *arguments, folder=folder)

    assert (ended.returncode, len(ended.stderr.splitlines())) == (code, 1)
    assert reason in ended.stderr


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("talks", "", "can't be the name"),
        ("mine", "x = 1", "one class"),
        ("mine", "1 / 0", "ZeroDivisionError"),
        ("mine", "class V:\n columns={'a': list}\n facts=['x']\n apply=rows=0", "str, int"),
        (
            "mine",
            "class V:\n columns={'a': int}\n facts=['talk.started']\n apply=rows=1",
            "TypeError",
        ),
    ],
)
def test_what_is_wrong_with_an_own_view_is_told_in_one_line(
    folder: Path, name: str, source: str, reason: str
) -> None:
    (folder / "wrong.py").write_text(source)

    ended = run("rebuild", name, "--with", "wrong.py", folder=folder)

    assert ended.returncode in {1, 2}
    assert len(ended.stderr.splitlines()) == 1
    assert reason in ended.stderr
