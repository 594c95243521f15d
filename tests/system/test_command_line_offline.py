"""Commands that work on the store alone: export, timeline, erase and doctor, without a server."""

import json
import sqlite3
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from processes import run

from domain import commands
from domain.application import Hearhear
from domain.clock import utc_now
from domain.speaker import Speaker
from domain.store import open_store
from gateway.demo.run import Stage, Wishes, hold_finished
from projections.reading import Views

SECRET_WORDS = "the heron wears a bowler hat"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in which a talk has ended, and a person has spoken in another."""
    return tmp_path_factory.mktemp("offline")


@pytest.fixture(scope="module")
def talk(folder: Path) -> str:
    with open_store(f"sqlite:///{folder}/hearhear.db") as store:
        app = Hearhear(store, now=utc_now, new_id=lambda: str(uuid4()))
        host = Speaker(person="hal", name="Hal Host", roles=frozenset({"host"}))
        stage = Stage(app, host, "http://127.0.0.1:1", folder)
        talk = hold_finished(stage, Wishes(seed=7, people=60, speed=1, moments=(60.0, 250.0)))
        app.close()
    return talk


def test_the_export_is_a_session_that_can_be_imported(folder: Path, talk: str) -> None:
    ended = run("export", talk, folder=folder)

    kinds = Counter(json.loads(line)["kind"] for line in ended.stdout.splitlines())
    assert ended.returncode == 0, ended.stderr
    assert (kinds["start"], kinds["end"], kinds["topic"]) == (1, 1, 4)
    assert kinds["feedback"] > 100


def test_the_timeline_comes_in_every_format(folder: Path, talk: str) -> None:
    told = json.loads(run("timeline", talk, folder=folder).stdout)
    webvtt = run("timeline", talk, "--format", "vtt", folder=folder).stdout

    starts = [highlight["start_s"] for highlight in told["highlights"]]
    assert all(any(abs(start - moment) <= 10 for start in starts) for moment in (60, 250))
    assert webvtt.startswith("WEBVTT\n")


def test_what_was_exported_gives_the_same_highlights(folder: Path, talk: str) -> None:
    (folder / "talk.jsonl").write_text(run("export", talk, folder=folder).stdout)

    again = json.loads(run("highlights", "talk.jsonl", folder=folder).stdout)["highlights"]
    told = json.loads(run("timeline", talk, folder=folder).stdout)["highlights"]

    assert [round(one["start"]) for one in again] == [round(one["start_s"]) for one in told]


def test_views_are_rebuilt_from_the_facts_alone(folder: Path, talk: str) -> None:
    for view_file in folder.glob("hearhear-views.db*"):
        view_file.unlink()

    ended = run("rebuild", "room", "--json", folder=folder)

    assert ended.returncode == 0, ended.stderr
    with open_store(f"sqlite:///{folder}/hearhear.db") as store:
        assert json.loads(ended.stdout) == {"facts": store.log.head()}
    views = Views(f"sqlite:///{folder}/hearhear-views.db")
    snapshot = views.snapshot(talk, "room")
    views.close()
    assert snapshot
    assert snapshot.view["talk"]["state"] == "ended"


def test_the_doctor_finds_nothing_amiss(folder: Path, talk: str) -> None:
    run("rebuild", "all", folder=folder)

    ended = run("doctor", "--json", folder=folder)

    assert ended.returncode == 0, ended.stderr
    assert all(finding["is_well"] for finding in json.loads(ended.stdout))
    assert talk


def test_the_doctor_names_what_is_missing_and_its_cure(tmp_path: Path) -> None:
    ended = run("doctor", folder=tmp_path)

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "HEARHEAR_STORE_URL" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_command_the_help_comes_and_a_line_that_says_why(tmp_path: Path) -> None:
    ended = run(folder=tmp_path)

    assert (ended.returncode, ended.stderr) == (
        2,
        "hearhear: no command was given (see hearhear --help)\n",
    )
    assert "Usage: hearhear" in ended.stdout


def test_after_a_restore_the_doctor_asks_for_views_of_the_log_as_it_is(
    folder: Path, talk: str
) -> None:
    run("rebuild", "all", folder=folder)
    before = Views(f"sqlite:///{folder}/hearhear-views.db").epoch()

    restored = run("doctor", "--restored", folder=folder)
    run("rebuild", "all", folder=folder)
    after = run("doctor", folder=folder)

    assert (restored.returncode, after.returncode) == (1, 0), restored.stderr + after.stderr
    assert "rebuild all" in restored.stderr
    assert Views(f"sqlite:///{folder}/hearhear-views.db").epoch() != before
    assert talk


def test_an_erased_person_s_words_are_in_no_file_any_more(tmp_path: Path) -> None:
    talk = _talk_with_a_line(tmp_path)
    run("erase", "nobody", folder=tmp_path)  # makes the views
    assert b"bowler hat" in b"".join(_files(tmp_path))

    ended = run("erase", "ann", folder=tmp_path)

    assert (ended.returncode, ended.stdout) == (0, "erased from 1 talk\n"), ended.stderr
    assert b"bowler hat" not in b"".join(_files(tmp_path))
    assert b"Ann Author" not in b"".join(_files(tmp_path))
    assert "bowler" not in run("export", talk, folder=tmp_path).stdout


def _talk_with_a_line(folder: Path) -> str:
    with open_store(f"sqlite:///{folder}/hearhear.db") as store:
        app = Hearhear(store, now=utc_now, new_id=lambda: str(uuid4()))
        host = Speaker(person="hal", name="Hal Host", roles=frozenset({"host"}))
        ann = Speaker(person="ann", name="Ann Author")
        scheduled = app.schedule_talk(commands.ScheduleTalk(title="Herons"), str(uuid4()), host)
        talk = scheduled.result().result["talk"]
        for speaker, command in (
            (host, commands.OpenDoors()),
            (ann, commands.PostLine(text=SECRET_WORDS)),
        ):
            app.submit(talk, command, str(uuid4()), speaker).result()
        app.close()
    return talk


def _files(folder: Path) -> list[bytes]:
    for name in folder.glob("*.db"):
        with sqlite3.connect(name) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return [file.read_bytes() for file in folder.iterdir() if file.is_file()]
