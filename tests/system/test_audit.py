"""The audit trail: every act of the desk, by whom, when and why."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, opened_door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened_door(tmp_path) as door:
        yield door


def test_every_act_of_the_desk_tells_who_did_what_and_why(door: Door) -> None:
    host, ann = door.session("Hal"), door.session("Ann")
    talk = door.live_talk(host)
    line = door.command(talk, ann, "post_line", text="Buy my book").json()["result"]["line"]
    hidden = door.command(talk, host, "hide", item=line, why="=advertising").json()["position"]

    acts = door.client.get(f"/api/talks/{talk}/audit", headers=host).json()["items"]

    assert [act["act"] for act in acts] == [
        "talk.scheduled",
        "talk.doors-opened",
        "talk.started",
        "participation.line-hidden",
    ]
    last = acts[-1]
    assert (last["position"], last["item"], last["why"]) == (hidden, line, "=advertising")
    assert (last["by"]["name"], last["can_undo"]) == ("Hal", True)
    assert door.command(talk, host, "undo", position=last["position"]).status_code == 200


def test_the_trail_comes_in_pages_and_as_a_spreadsheet(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    for title in ("One", "Two"):
        door.command(talk, host, "introduce_topic", title=title)

    first = door.client.get(f"/api/talks/{talk}/audit?limit=4", headers=host)
    following = first.headers["link"].partition(">")[0].lstrip("<")
    second = door.client.get(following, headers=host)
    sheet = door.client.get(f"/api/talks/{talk}/audit.csv", headers=host)

    assert len(first.json()["items"]) == 4
    assert [act["act"] for act in second.json()["items"]] == ["talk.topic-introduced"]
    assert "link" not in second.headers
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert [row["act"] for row in rows][-2:] == ["talk.topic-introduced"] * 2


@pytest.mark.parametrize("path", ["audit", "audit.csv"])
def test_the_trail_is_for_moderators(door: Door, path: str) -> None:
    host, ann = door.session("Hal"), door.session("Ann")
    talk = door.live_talk(host)

    assert door.client.get(f"/api/talks/{talk}/{path}").status_code == 401
    assert door.client.get(f"/api/talks/{talk}/{path}", headers=ann).status_code == 403
    moderator = door.with_role("moderator", talk)
    assert door.client.get(f"/api/talks/{talk}/{path}", headers=moderator).status_code == 200


def test_an_act_can_be_undone_while_it_stands(door: Door) -> None:
    host, ann = door.session("Hal"), door.session("Ann")
    talk = door.live_talk(host)
    line = door.command(talk, ann, "post_line", text="Buy my book").json()["result"]["line"]
    hidden = door.command(talk, host, "hide", item=line, why="advertising").json()["position"]
    undone = door.command(talk, host, "undo", position=hidden).json()["position"]

    acts = door.client.get(f"/api/talks/{talk}/audit", headers=host).json()["items"]
    again = door.command(talk, host, "undo", position=hidden)

    assert {act["position"]: act["can_undo"] for act in acts[-2:]} == {hidden: False, undone: True}
    assert (again.status_code, again.json()["field"]) == (409, "position")


def test_the_host_alone_is_told_whose_an_anonymous_line_is(door: Door) -> None:
    host, ann = door.session("Hal"), door.session("Ann")
    talk = door.live_talk(host)
    door.command(talk, host, "set_policy", names="anonymous")
    line = door.command(talk, ann, "post_line", text="Buy my book").json()["result"]["line"]
    door.command(talk, host, "hide", item=line, why="advertising")
    door.command(talk, host, "mute", attendee=line, why="advertising")
    moderator = door.with_role("moderator", talk)

    told = {
        name: door.client.get(f"/api/talks/{talk}/audit", headers=who).json()["items"][-2:]
        for name, who in (("host", host), ("moderator", moderator))
    }

    assert [act["whom"]["name"] for act in told["host"]] == ["Ann", "Ann"]
    assert [act["whom"] for act in told["moderator"]] == [{"id": "", "name": ""}] * 2
    assert told["moderator"][1]["item"] == ""
    attendee = told["host"][0]["whom"]["id"]
    sheet = door.client.get(f"/api/talks/{talk}/audit.csv", headers=moderator).text
    assert attendee not in sheet
    assert "Ann" not in sheet
