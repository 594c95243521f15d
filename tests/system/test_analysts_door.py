"""What analysts get over HTTP: files of tables, for whom, and the trace that names leave."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from doors import Door, opened_door
from waiting import eventually

from projections.sheets import SHEETS

FORMS = ("csv", "jsonl", "parquet")
CROWD = ("Ann", "Bob", "Cy", "Dee", "Eve", "=Flo")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened_door(tmp_path_factory.mktemp("door"), is_projected=True) as door:
        yield door


@pytest.fixture(scope="module")
def host(door: Door) -> dict[str, str]:
    return door.session("Hal")


@pytest.fixture(scope="module")
def talk(door: Door, host: dict[str, str]) -> str:
    """Six people agree at once; Ann alone is lost, asks, and takes a line back."""
    talk = door.live_talk(host)
    crowd = [door.session(name) for name in CROWD]
    for who in crowd:
        door.command(talk, who, "give_feedback", kind="agree")
    door.command(talk, crowd[0], "give_feedback", kind="lost")
    asked = door.command(talk, crowd[0], "ask_question", text="=1+1?")
    door.command(talk, crowd[1], "cast_vote", question=asked.json()["result"]["question"])
    line = door.command(talk, crowd[0], "post_line", text="Oh no").json()["result"]["line"]
    door.command(talk, host, "hide", item=line, why="rude")
    caught_up(door)
    return talk


def caught_up(door: Door) -> None:
    eventually(lambda: door.system.views.tracking() == door.system.store.log.head())


def told(door: Door, path: str, who: dict[str, str], **more: str) -> httpx.Response:
    return door.client.get(path, headers={**who, **more})


def rows(answer: httpx.Response) -> list[dict[str, Any]]:
    """Read the rows of a file, in whichever form it came."""
    assert answer.status_code == 200, answer.text
    if "csv" in answer.headers["content-type"]:
        return list(csv.DictReader(io.StringIO(answer.text, newline="")))
    if "ndjson" in answer.headers["content-type"]:
        return [json.loads(line) for line in answer.text.splitlines()]
    return list(pq.read_table(io.BytesIO(answer.content)).to_pylist())


def table(door: Door, talk: str, name: str, who: dict[str, str], query: str = "") -> Any:
    return rows(told(door, f"/api/talks/{talk}/tables/{name}.jsonl{query}", who))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SHEETS)
def test_every_table_comes_in_every_form(door: Door, talk: str, name: str, form: str) -> None:
    answer = told(door, f"/api/talks/{talk}/tables/{name}.{form}", door.with_role("analyst"))

    columns = {column.name for column in SHEETS[name].seen(raw=False)}
    assert all(row.keys() == columns for row in rows(answer))
    assert int(answer.headers["hearhear-position"]) > 0


def test_an_analyst_sees_pseudonyms_that_are_nobody_s_id(door: Door, talk: str) -> None:
    analyst = door.with_role("analyst")
    raw = door.with_role("analyst_raw")

    seen = {row["attendee"] for row in table(door, talk, "ticks", analyst)}
    ids = {row["attendee"] for row in table(door, talk, "ticks", raw, "?raw=true")}

    assert len(seen) == len(ids) >= len(CROWD)
    assert not seen & ids
    assert {row["attendee"] for row in table(door, talk, "v_participation", analyst)} >= seen


def test_groups_of_fewer_than_five_are_left_out(door: Door, talk: str) -> None:
    seen = table(door, talk, "v_feedback_per_topic", door.with_role("analyst"))
    raw = table(door, talk, "v_feedback_per_topic", door.with_role("analyst_raw"), "?raw=true")
    [funnel] = table(door, talk, "v_funnel", door.with_role("analyst"))

    assert [(row["kind"], row["people"]) for row in seen] == [("agree", 6)]
    assert {row["kind"] for row in raw} >= {"agree", "lost"}
    assert min(funnel["joined"], funnel["ticked"]) >= len(CROWD)
    assert funnel["asked"] == -1


def test_words_are_told_while_the_room_may_see_them_and_names_never(door: Door, talk: str) -> None:
    [line] = table(door, talk, "chat_lines", door.with_role("analyst"))
    [asked] = table(door, talk, "questions", door.with_role("analyst"))

    assert (line["text"], line["hidden"]) == ("", 1)
    assert asked["text"] == "=1+1?"
    assert not {"name", "attendee", "why"} & {*line, *asked}


def test_a_spreadsheet_computes_nothing(door: Door, talk: str) -> None:
    answer = told(door, f"/api/talks/{talk}/tables/questions.csv", door.with_role("analyst"))

    assert [row["text"] for row in rows(answer)] == ["'=1+1?"]


def test_raw_rows_leave_an_entry_in_the_audit_trail(
    door: Door, talk: str, host: dict[str, str]
) -> None:
    people = table(door, talk, "people", door.with_role("analyst_raw"), "?raw=true")

    acts = told(door, f"/api/talks/{talk}/audit?limit=1000", host).json()["items"]
    assert "=Flo" in {one["name"] for one in people}
    last = acts[-1]
    assert (last["act"], last["item"], last["by"]["name"]) == (
        "access.rows-read",
        "people",
        "Analyst_Raw",
    )


@pytest.mark.parametrize(
    ("role", "query", "status"),
    [
        ("attendee", "", 403),
        ("moderator", "", 403),
        ("analyst", "", 200),
        ("host", "", 200),
        ("analyst", "?raw=true", 403),
        ("host", "?raw=true", 403),
        ("analyst_raw", "?raw=true", 200),
    ],
)
def test_who_may_read_what(door: Door, talk: str, role: str, query: str, status: int) -> None:
    path = f"/api/talks/{talk}/tables/people.csv{query}"
    before = door.system.store.log.head()

    answer = told(door, path, door.with_role(role, talk))

    assert answer.status_code == status
    assert (door.system.store.log.head() > before) == (query != "" and status == 200)
    assert told(door, path, {}).status_code == 401


def test_what_a_role_gives_in_one_talk_it_gives_in_no_other(
    door: Door, talk: str, host: dict[str, str]
) -> None:
    other = door.live_talk(host)
    analyst = door.with_role("analyst", talk)

    assert told(door, f"/api/tables/v_funnel.csv?talks={talk}", analyst).status_code == 200
    for asked in (f"?talks={talk},{other}", ""):
        assert told(door, f"/api/tables/v_funnel.csv{asked}", analyst).status_code == 403
        assert told(door, f"/api/feedback{asked}", analyst).status_code == 403


def test_talks_are_told_together(door: Door, talk: str) -> None:
    analyst = door.with_role("analyst")
    caught_up(door)

    funnels = rows(told(door, "/api/tables/v_funnel.jsonl", analyst))
    series = told(door, "/api/feedback?bucket=1m", analyst).json()
    lines = rows(told(door, f"/api/feedback.csv?bucket=1m&talks={talk}", analyst))

    assert talk in {row["talk"] for row in funnels}
    assert [(row["talk"], row["kind"], row["people"]) for row in series] == [(talk, "agree", 6)]
    assert [(row["talk"], row["people"]) for row in lines] == [(talk, "6")]


def test_pulling_on_from_a_position_gets_only_what_is_new(
    door: Door, talk: str, host: dict[str, str]
) -> None:
    analyst = door.with_role("analyst")
    caught_up(door)
    path = f"/api/talks/{talk}/tables/ticks.jsonl"
    first = told(door, path, analyst)
    position = first.headers["hearhear-position"]
    unchanged = told(door, path, analyst, **{"If-None-Match": first.headers["etag"]})

    door.command(talk, host, "give_feedback", kind="funny")
    caught_up(door)

    assert unchanged.status_code == 304
    changed = told(door, path, analyst, **{"If-None-Match": first.headers["etag"]})
    assert len(rows(changed)) == len(rows(first)) + 1
    assert [row["kind"] for row in table(door, talk, "ticks", analyst, f"?after={position}")] == [
        "funny"
    ]
    since = told(door, f"/api/talks/{talk}/feedback?bucket=1s&after={position}", {}).json()
    assert [(row["kind"], row["ticks"]) for row in since if row["kind"] == "funny"] == [
        ("funny", 1)
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["ticks", "ticks_per_second"])
def test_what_a_limit_leaves_out_comes_with_the_next_pull(
    door: Door, talk: str, name: str, form: str
) -> None:
    raw = door.with_role("analyst_raw")
    path = f"/api/talks/{talk}/tables/{name}.{form}?raw=true"
    caught_up(door)
    whole = rows(told(door, path, raw))

    pulled: list[Any] = []
    after = 0
    while batch := rows(answer := told(door, f"{path}&limit=2&after={after}", raw)):
        assert len(batch) <= 2
        pulled += batch
        after = int(answer.headers["hearhear-position"])

    assert len(whole) > 0
    assert sorted(map(str, pulled)) == sorted(map(str, whole))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tables/nothing.csv", 404),
        ("tables/ticks.xls", 404),
        ("tables/ticks.csv?limit=0", 400),
        ("tables/ticks.csv?after=99999999", 400),
        ("feedback?after=99999999", 400),
        ("tables/ticks.csv?after=-1", 400),
        ("tables/ticks.csv?talks=a", 400),
    ],
)
def test_wrong_questions_are_refused(door: Door, talk: str, path: str, status: int) -> None:
    answer = told(door, f"/api/talks/{talk}/{path}", door.with_role("analyst"))

    assert answer.status_code == status


def test_series_come_in_every_form(door: Door, talk: str) -> None:
    path = f"/api/talks/{talk}/feedback"
    caught_up(door)
    series = door.client.get(f"{path}?bucket=1m&kind=agree").json()

    for form in FORMS:
        [row] = rows(door.client.get(f"{path}.{form}?bucket=1m&kind=agree"))
        assert {name: str(value) for name, value in row.items()} == {
            name: str(value) for name, value in series[0].items()
        }
