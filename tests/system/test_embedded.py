"""The embedded product in a process of its own, over loopback, as a new user would run it."""

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from processes import Running, run
from site_visitors import Json, followed, guest, watching
from waiting import eventually

NASTY = "<img src=x onerror=alert(1)> \u202eevil\u2066 👩‍👩‍👧‍👦 a\0b ']]> =1+1 \u2028"

SESSION: list[Json] = [
    {"t": 0, "kind": "start"},
    {"t": 0, "kind": "topic", "text": "Opening"},
    *(
        {"t": 10 + n / 8, "kind": "feedback", "user": f"u{n % 40}", "text": "funny"}
        for n in range(80)
    ),
    *({"t": 30 + n, "kind": "chat", "user": f"u{n}", "text": f"Line {n}"} for n in range(20)),
    {"t": 60, "kind": "topic", "text": "Prices"},
    {"t": 61, "kind": "question", "user": "u1", "text": "Why?", "ref": "q"},
    *({"t": 62 + n, "kind": "vote", "user": f"u{n}", "text": "q"} for n in range(12)),
    {"t": 300, "kind": "end"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site that most tests share keeps its files."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    with serving(folder) as running:
        yield address_of(running)


def serving(folder: Path) -> Running:
    return Running("serve", "--port", "0", folder=folder)


def address_of(running: Running) -> str:
    return running.tells(r"serving at (http://\S+)")[1]


def test_what_is_said_reaches_everybody_who_watches(site: str) -> None:
    host, ann = guest(site, "Hal"), guest(site, "Ann")
    talk = host.schedule()
    with watching(site, talk, ann) as room:
        assert room.hears("snapshot")["view"]["talk"]["state"] == "scheduled"
        assert room.hears("me")["name"] in {"", "Ann"}

        host.tells(talk, "start_talk")
        line = ann.tells(talk, "post_line", text="Hello")
        room.reaches(line["position"])

        assert room.view["talk"]["state"] == "live"
        assert room.view["feed"][line["result"]["line"]]["text"] == "Hello"
        assert room.hears("beat")["present"] == 1


def test_an_operator_sees_how_far_the_views_are_behind(site: str) -> None:
    host = guest(site, "Hal")
    host.tells(host.schedule(), "start_talk")

    eventually(lambda: numbers(site)["hearhear_views_lag"] == 0, within_s=10)

    told = numbers(site)
    assert told["hearhear_views_position"] == told["hearhear_log_position"] > 0


def test_every_number_for_operators_is_explained(site: str) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/http.md").read_text("utf-8")

    parts = re.compile(r"_(bucket|sum|count)$")
    unexplained = [name for name in numbers(site) if f"`{parts.sub('', name)}`" not in page]

    assert unexplained == []


def numbers(site: str) -> dict[str, float]:
    """Read the numbers of a process, those with labels summed up."""
    found: dict[str, float] = {}
    for line in httpx.get(f"{site}/metrics").text.splitlines():
        if not line.startswith("#"):
            name, value = re.split(r"[{ ]", line)[0], float(line.rpartition(" ")[2])
            found[name] = found.get(name, 0.0) + value
    return found


def test_a_talk_lives_from_its_first_line_to_its_replay(site: str) -> None:
    host, ann, bob = guest(site, "Hal"), guest(site, "Ann"), guest(site, "Bob")
    talk = host.schedule()
    host.tells(talk, "start_talk")
    topic = host.tells(talk, "introduce_topic", title="Prices")["result"]["topic"]
    host.tells(talk, "open_topic", topic=topic)
    question = ann.tells(talk, "ask_question", text="Why so dear?")["result"]["question"]
    bob.tells(talk, "cast_vote", question=question)
    bob.tells(talk, "give_feedback", kind="insightful")
    host.tells(talk, "start_answering", question=question)
    host.tells(talk, "finish_answering", question=question)
    last = host.tells(talk, "end_talk")

    view = followed(ann, talk, last["position"])["view"]
    timeline = ann.read(f"/api/talks/{talk}/timeline")
    (row,) = ann.read(f"/api/talks/{talk}/feedback?bucket=1m")

    assert view["talk"]["state"] == "ended"
    assert view["questions"][question]["votes"] == 1
    assert view["questions"][question]["state"] == "answered"
    assert timeline["position"] == last["position"]
    assert timeline["chapters"][-1]["title"] == "Prices"
    assert (row["topic"], row["kind"], row["ticks"], row["people"]) == (topic, "insightful", 1, 1)


def test_a_recorded_session_is_taken_in_once_and_comes_out_as_it_was(
    site: str, folder: Path
) -> None:
    host = guest(site, "Hal")
    talk = host.schedule(starts_at="2026-11-23T20:00:00Z")

    first, second = host.imports(talk, SESSION), host.imports(talk, SESSION)

    assert (first["recorded"], first["refused"]) == (len(SESSION), [])
    assert (second["recorded"], second["repeated"]) == (0, len(SESSION))
    exported = [json.loads(line) for line in run("export", talk, folder=folder).stdout.splitlines()]
    ticks = [record for record in exported if record["kind"] == "feedback"]
    assert [tick["t"] for tick in ticks] == [10 + n / 8 for n in range(80)]
    assert len({tick["user"] for tick in ticks}) == 40
    copy = host.schedule(starts_at="2026-11-23T20:00:00Z")
    host.imports(copy, exported)
    again = run("export", copy, folder=folder).stdout.splitlines()
    assert [json.loads(line) for line in again] == exported


def test_a_restart_keeps_all(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        site = address_of(running)
        host, ann = guest(site, "Hal"), guest(site, "Ann")
        talk = host.schedule()
        host.tells(talk, "start_talk")
        body = {
            "command": "post_line",
            "command_id": "4b8d3f7e-6c2a-4a86-9d1f-0a1b2c3d4e5f",
            "text": NASTY,
        }
        first = ann.ask("POST", f"/api/talks/{talk}/commands", json=body).json()
        before = followed(ann, talk, first["position"])
        running.ends()

    with serving(tmp_path) as running:
        site = address_of(running)
        host, ann = (type(one)(site, one.token) for one in (host, ann))

        assert "host link" not in running.printed()
        assert ann.read(f"/api/talks/{talk}/view") == before
        assert ann.ask("POST", f"/api/talks/{talk}/commands", json=body).json() == first
        more = f"&epoch={before['epoch']}&after={before['position']}"
        with watching(site, talk, ann, more=more) as room:
            room.hears("me")
            assert room.view == {}
            line = ann.tells(talk, "post_line", text="Again")
            patch = room.hears("patch")
            assert (patch["prev"], patch["position"]) == (before["position"], line["position"])


def test_an_end_says_goodbye_and_takes_less_than_ten_seconds(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        site = address_of(running)
        host = guest(site, "Hal")
        talk = host.schedule()
        with watching(site, talk, host) as room:
            room.hears("me")
            begun = time.monotonic()
            running.group.signal(signal.SIGTERM)

            assert room.hears("bye")["retry_in_s"] > 0
            running.ends(within_s=10)
        assert time.monotonic() - begun < 10


def test_what_people_write_travels_unharmed_and_unread(site: str, folder: Path) -> None:
    host, ann = guest(site, "Hal"), guest(site, NASTY)
    talk = host.schedule(title=NASTY)
    host.tells(talk, "start_talk")
    topic = host.tells(talk, "introduce_topic", title=NASTY)["result"]["topic"]
    host.tells(talk, "open_topic", topic=topic)
    line = ann.tells(talk, "post_line", text=NASTY)
    question = ann.tells(talk, "ask_question", text=NASTY)
    wanted = NASTY.strip()

    view = followed(ann, talk, question["position"])["view"]
    log = host.ask("GET", f"/api/talks/{talk}/log").text.splitlines()
    exported = [json.loads(text) for text in run("export", talk, folder=folder).stdout.splitlines()]
    at_the_end = ann.read(f"/api/talks/{talk}/view?position={question['position']}")["view"]

    shown = view["feed"][line["result"]["line"]]
    assert (shown["text"], shown["by"]["name"]) == (wanted, wanted)
    assert view["questions"][question["result"]["question"]]["text"] == wanted
    assert view["talk"]["title"] == view["talk"]["topics"][topic]["title"] == wanted
    assert at_the_end == view
    assert wanted in {json.loads(text)["data"].get("text") for text in log}
    assert [record["text"] for record in exported if "text" in record] == [wanted] * 3
    assert ann.read(f"/api/talks/{talk}/timeline")["chapters"][-1]["title"]
    for ending in ("vtt", "csv", "chapters.json", "youtube.txt", "ffmeta"):
        text = ann.ask("GET", f"/api/talks/{talk}/timeline.{ending}").text
        assert "\0" not in text


def test_older_rows_of_the_feed_are_read_page_by_page(site: str) -> None:
    host = guest(site, "Hal")
    talk = host.schedule()
    host.tells(talk, "start_talk")
    said = [host.tells(talk, "post_line", text=f"Line {number}") for number in range(5)]
    hidden = host.tells(talk, "hide", item=said[1]["result"]["line"], why="Off topic")
    with watching(site, talk, host) as room:
        room.reaches(hidden["position"])

    texts, before = [], said[4]["position"]
    while page := httpx.get(f"{site}/api/talks/{talk}/feed?before={before}&limit=2").json()["feed"]:
        rows = sorted(page.values(), key=lambda row: -row["position"])
        texts += [row["text"] for row in rows]
        before = rows[-1]["position"]

    assert texts == ["Line 3", "Line 2", "Line 0"]
    assert httpx.get(f"{site}/api/talks/{talk}/feed?limit=0").status_code == 400


def test_a_short_code_and_its_qr_code_lead_into_the_talk(site: str) -> None:
    host = guest(site, "Hal")
    talk = host.schedule()
    host.tells(talk, "open_doors")
    told = httpx.get(f"{site}/api/talks/{talk}/join").json()

    def led(code: str) -> str:
        return httpx.get(f"{site}/j/{code}").headers["location"]

    eventually(lambda: led(told["code"].lower()) == f"/talks/{talk}")
    assert told["url"] == f"{site}/j/{told['code']}"
    assert led("nothing") == "/?code=nothing"
    drawn = httpx.get(f"{site}/api/talks/{talk}/join.svg")
    assert (drawn.headers["content-type"], drawn.content[:4]) == ("image/svg+xml", b"<svg")
    assert httpx.get(f"{site}/api/talks/none/join.svg").status_code == 404
