"""The demo as a visitor starts it: links, pages, replay and live talk, and nothing left behind."""

import re
import signal
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from processes import Running, run
from waiting import eventually

import hearhear

MOMENTS = (40.0, 100.0, 170.0)


def met(timeline: dict[str, list[dict[str, float]]]) -> int:
    """How many of the moments a highlight starts at, within ten seconds."""
    starts = [highlight["start_s"] for highlight in timeline["highlights"]]
    return sum(any(abs(start - moment) <= 10 for start in starts) for moment in MOMENTS)


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the demo puts its throw-away data."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def test_the_demo_shows_what_it_promises_and_leaves_nothing_behind(
    tmp_path: Path, temporary: Path
) -> None:
    wishes = ("--seed", "7", "--moments", "40,100,170", "--people", "80", "--speed", "30")
    with Running("demo", *wishes, folder=tmp_path, TMPDIR=str(temporary)) as demo:
        link = demo.tells(r"replay\s+(http\S+)")[1]
        attendee = demo.tells(r"attendee\s+(http\S+)")[1]
        host = demo.tells(r"host\s+(http\S+)")[1]
        site = "{0.scheme}://{0.netloc}".format(urlsplit(link))
        finished, live = re.findall(r"/talks/([^/#?\s]+)", f"{link} {attendee}")

        with httpx.Client(base_url=site, timeout=10) as visitor:
            for page in (link, attendee, host):
                assert "<html" in visitor.get(page).text
            assert met(visitor.get(f"/api/talks/{finished}/timeline").json()) == 3
            view = visitor.get(f"/api/talks/{finished}/view").json()["view"]
            heard = visitor.get(view["talk"]["media"]["url"], headers={"Range": "bytes=0-43"})
            assert (heard.status_code, heard.content[:4]) == (206, b"RIFF")

            def has_ended() -> bool:
                return bool(
                    visitor.get(f"/api/talks/{live}/view").json()["view"]["talk"]["ended_at"]
                )

            eventually(has_ended, within_s=30)
            assert met(visitor.get(f"/api/talks/{live}/timeline").json()) == 3

        assert list(temporary.iterdir()) != []
        demo.ends(signal.SIGINT)

    assert list(temporary.iterdir()) == []


def test_two_demos_run_beside_each_other(tmp_path: Path) -> None:
    with (
        Running("demo", "--people", "5", folder=tmp_path) as one,
        Running("demo", "--people", "5", folder=tmp_path) as other,
    ):
        sites = {demo.tells(r"replay\s+(http://[^/]+)")[1] for demo in (one, other)}

    assert len(sites) == 2


@pytest.mark.anyio
async def test_its_people_are_counted_as_present(tmp_path: Path) -> None:
    with Running("demo", "--people", "40", folder=tmp_path) as demo:
        async with hearhear.connect(demo.tells(r"attendee\s+(http\S+)")[1]) as reader:
            await reader.until(lambda told: told.present >= 40)


@pytest.mark.parametrize(
    "wish", [("--moments", "soon"), ("--people", "-1"), ("--speed", "0"), ("--port", "x")]
)
def test_a_wish_that_can_t_be_read_is_wrong_usage(tmp_path: Path, wish: tuple[str, str]) -> None:
    ended = run("demo", *wish, folder=tmp_path)

    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
