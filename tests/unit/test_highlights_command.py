"""``hearhear highlights``: JSON, words, pictures and formats of a talk kept as JSON lines."""

import json
import random
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway import cli
from replay.exports import FORMATS


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Twenty minutes in which thirty people laugh after a question is answered, at second 600."""
    rnd = random.Random(1)
    rows = [
        {"t": 0, "kind": "start", "text": "Prices"},
        {"t": 300, "kind": "topic", "text": "Costs $5 or $6"},
        *(
            {"t": 600 + 12 * rnd.random(), "kind": "feedback", "user": f"p{n}", "text": "Funny"}
            for n in range(30)
        ),
        *(
            {"t": 1200 * rnd.random(), "kind": "feedback", "user": f"p{n % 40}", "text": "Agree"}
            for n in range(80)
        ),
        {"t": 1200, "kind": "end"},
    ]
    file = tmp_path / "talk.jsonl"
    rows.sort(key=lambda row: float(str(row["t"])))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def run(*arguments: str) -> str:
    done = CliRunner().invoke(cli.app, ["highlights", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_the_explanation_tells_what_a_highlight_rests_on(talk: Path) -> None:
    told = run(str(talk), "--explain")

    best = json.loads(run(str(talk)))["highlights"][0]
    assert best["why"] in told
    assert f"{best['evidence']['people']} people, weighing" in told
    assert "luck alone may reach a score of" in told
    assert "Funny 30" in told


def test_a_plot_is_a_picture(talk: Path, tmp_path: Path) -> None:
    picture = tmp_path / "talk.png"

    run(str(talk), "--plot", str(picture))

    assert picture.read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_a_plot_names_the_extra(
    talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    with pytest.raises(cli.CommandError, match=r"hearhear\[plot\]"):
        run(str(talk), "--plot", "talk.png")


@pytest.mark.parametrize(
    "wrong",
    [("--format", "nope"), ("--explain", "--format", "csv"), ("--plot", "talk.nope")],
    ids=" ".join,
)
def test_wrong_usage_is_told_as_such(talk: Path, wrong: tuple[str, ...]) -> None:
    with pytest.raises(cli.CommandError) as failed:
        run(str(talk), *wrong)

    assert failed.value.code == cli.WRONG_USAGE


def test_a_picture_that_cannot_be_written_names_its_path(talk: Path) -> None:
    with pytest.raises(cli.CommandError, match="give another path"):
        run(str(talk), "--plot", str(talk.parent / "nowhere" / "talk.png"))


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - {"json"}))
def test_every_format_is_written_as_the_talk_of_a_store_is(talk: Path, form: str) -> None:
    from replay.recorded import timeline_of

    with talk.open("rb") as lines:
        timeline, _ = timeline_of(lines)

    assert run(str(talk), "--format", form) == FORMATS[form].write(timeline).replace("\r\n", "\n")
