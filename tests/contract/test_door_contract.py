"""What the plain door promises on every database: ids, texts, one-time codes, presence."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, opened_door

from domain.clock import utc_now
from domain.store import open_engine
from gateway.codes import UsedCodesInStore
from gateway.exporting import records_of
from gateway.presence import COUNTS_FOR_S, Presence, Present
from projections.history import view_at

NASTY = "<script>alert(1)</script> \u202eevil\u2066 👩‍👩‍👧‍👦 a\0b ']]> =1+1 \u2028 é"


@pytest.fixture(params=["sqlite", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hearhear.db"
    return str(request.getfixturevalue("mariadb").fresh_database())


@pytest.fixture
def door(url: str, tmp_path: Path) -> Iterator[Door]:
    with opened_door(tmp_path, HEARHEAR_STORE_URL=url, HEARHEAR_SECRETS="s" * 32) as door:
        yield door


@pytest.mark.parametrize("spelling", ["{} ", "{}  ", " {}", "{}\t", "{}\0", "é{}", "{}{}{}{}{}"])
def test_an_id_has_one_spelling(door: Door, spelling: str) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    question = door.command(talk, host, "ask_question", text="Why?").json()["result"]["question"]
    other_talk, other_question = (spelling.replace("{}", one) for one in (talk, question))

    answers = [
        door.command(talk, host, "cast_vote", question=other_question),
        door.command(talk, host, "hide", item=other_question, why="rude"),
        door.command(other_talk.replace("\t", "%09").replace("\0", "%00"), host, "end_talk"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert door.command(talk, host, "cast_vote", question=question).status_code == 200


def test_texts_come_out_as_they_went_in(door: Door) -> None:
    host, ann = door.session("Hal"), door.session(NASTY)
    talk = door.schedule(host, title=NASTY)
    door.command(talk, host, "start_talk")
    line = door.command(talk, ann, "post_line", text=NASTY).json()["result"]["line"]
    question = door.command(talk, ann, "ask_question", text=NASTY).json()["result"]["question"]

    moment = view_at(door.system.store, talk, "room")
    log = door.client.get(f"/api/talks/{talk}/log", headers=host).text.splitlines()
    exported = list(records_of(door.system.store, talk))

    assert moment is not None
    assert moment.view["talk"]["title"] == NASTY
    assert moment.view["feed"][line]["text"] == NASTY
    assert moment.view["feed"][line]["by"]["name"] == NASTY
    assert moment.view["questions"][question]["text"] == NASTY
    assert [json.loads(one)["data"].get("text") for one in log].count(NASTY) == 2
    assert [one["text"] for one in exported if "text" in one] == [NASTY, NASTY]


def test_a_code_is_taken_once_by_all_gateways(url: str) -> None:
    engines = [open_engine(url) for _ in range(2)]
    here, there = (UsedCodesInStore(engine, utc_now) for engine in engines)

    assert here.take("code-1", expires_at=utc_now())
    assert not there.take("code-1", expires_at=utc_now())
    assert there.take("code-2", expires_at=utc_now())
    for engine in engines:
        engine.dispose()


def test_people_are_counted_over_all_gateways_until_one_is_silent(url: str) -> None:
    seconds = [100.0]
    here, there = (
        Presence(open_engine(url), gateway=name, now=lambda: seconds[0])
        for name in ("here", "there")
    )
    here.tell({"talk-1": Present(3, frozenset({"hal"})), "talk-2": Present(1)})
    there.tell({"talk-1": Present(2, frozenset({"mia", "max"}))})
    assert here.total() == there.total() == {"talk-1": 5, "talk-2": 1}
    assert here.elsewhere() == {"talk-1": Present(2, frozenset({"mia", "max"}))}

    there.tell({})
    assert here.total() == {"talk-1": 3, "talk-2": 1}

    seconds[0] += COUNTS_FOR_S + 1
    assert here.total() == {}
    here.close()
    there.close()
