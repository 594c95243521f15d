"""Recorded sessions: taken in once however often they are sent, and told again by the export."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from doors import Door, opened_door

from gateway.exporting import records_of

SESSION: list[dict[str, Any]] = [
    {"t": 0, "kind": "start"},
    {"t": 0.5, "kind": "presence", "text": "3"},
    {"t": 1, "kind": "feedback", "user": "a", "text": "funny"},
    {"t": 2, "kind": "topic", "user": "", "text": "Opening <b>\u202e👋"},
    {"t": 3.125, "kind": "chat", "user": "b", "text": "Hello\0 there"},
    {"t": 3.125, "kind": "chat", "user": "b", "text": "Hello\0 there"},
    {"t": 4, "kind": "chat", "user": "a"},
    {"t": 5, "kind": "feedback", "user": "b", "text": "Mizeur: I support"},
    {"t": 6, "kind": "question", "user": "a", "text": "Why?", "ref": "first"},
    {"t": 7, "kind": "vote", "user": "b", "text": "first"},
    {"t": 7, "kind": "vote", "user": "c", "text": "first"},
    {"t": 8, "kind": "vote", "user": "c", "text": "What of the rest?"},
    {"t": 9, "kind": "answer", "user": "pat", "text": "Because.", "ref": "first"},
    {"t": 9.5, "kind": "answer", "user": "pat", "text": "Because of tax.", "ref": "first"},
    {
        "t": 10,
        "kind": "post",
        "user": "@cat@example.social",
        "text": "Dear! #pricing",
        "source": "mastodon",
        "ref": "109",
        "url": "https://example.social/@cat/109",
    },
    {"t": 11, "kind": "post", "user": "Dee", "text": "Hm"},
    {"t": 60, "kind": "topic", "text": "x" * 400},
    {"t": 61.5, "kind": "feedback", "user": "c", "text": "Lost me"},
    {"t": 90, "kind": "end"},
]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened_door(tmp_path) as door:
        yield door


def sent(door: Door, talk: str, host: dict[str, str], records: list[Any]) -> dict[str, Any]:
    body = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in records)
    answer = door.client.post(f"/api/talks/{talk}/import", content=body, headers=host)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def exported(door: Door, talk: str) -> list[dict[str, Any]]:
    return list(records_of(door.system.store, talk))


def of_kind(records: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [record for record in records if record["kind"] == kind]


def test_the_same_session_twice_is_taken_in_once(door: Door) -> None:
    host = door.session("Hal")
    talk = door.schedule(host)

    first = sent(door, talk, host, SESSION)
    head = door.system.store.log.head()
    second = sent(door, talk, host, SESSION)

    assert first == {"recorded": len(SESSION), "repeated": 0, "refused": []}
    assert second == {"recorded": 0, "repeated": len(SESSION), "refused": []}
    assert door.system.store.log.head() == head


def test_an_export_tells_what_was_taken_in(door: Door) -> None:
    host = door.session("Hal")
    talk = door.schedule(host)
    sent(door, talk, host, SESSION)

    records = exported(door, talk)

    assert [one["t"] for one in of_kind(records, "feedback")] == [1, 5, 61.5]
    assert [one["text"] for one in of_kind(records, "feedback")] == [
        "funny",
        "Mizeur: I support",
        "lost",
    ]
    assert of_kind(records, "chat") == [
        {"t": 3.125, "kind": "chat", "user": "u1", "text": "Hello\0 there"},
        {"t": 3.125, "kind": "chat", "user": "u1", "text": "Hello\0 there"},
        {"t": 4, "kind": "chat", "user": "u0"},
    ]
    assert [one["text"] for one in of_kind(records, "topic")] == ["Opening <b>\u202e👋", "x" * 300]
    assert len(of_kind(records, "vote")) == 3
    assert of_kind(records, "answer") == [
        {"t": 9.5, "kind": "answer", "user": "u4", "text": "Because of tax.", "ref": "q0"}
    ]
    assert of_kind(records, "post") == [
        {
            "t": 10,
            "kind": "post",
            "user": "u5",
            "text": "Dear! #pricing",
            "source": "mastodon",
            "ref": "p0",
        },
        {"t": 11, "kind": "post", "user": "u6", "text": "Hm", "source": "elsewhere", "ref": "p1"},
    ]
    assert records[0] == {"t": 0, "kind": "start"}
    assert records[-1] == {"t": 90, "kind": "end"}


def test_an_export_can_be_taken_in_again(door: Door) -> None:
    host = door.session("Hal")
    talk, copy = door.schedule(host), door.schedule(host)
    sent(door, talk, host, SESSION)
    records = exported(door, talk)

    sent(door, copy, host, records)

    assert exported(door, copy) == records


def test_an_export_shows_nothing_that_was_taken_back(door: Door) -> None:
    host = door.session("Hal")
    ann, bob = door.session("Ann"), door.session("Bob")
    talk = door.live_talk(host)
    hidden = door.command(talk, ann, "post_line", text="hidden words").json()["result"]["line"]
    taken = door.command(talk, ann, "post_line", text="taken words").json()["result"]["line"]
    door.command(talk, ann, "edit_line", line=hidden, text="other hidden words")
    question = door.command(talk, ann, "ask_question", text="shy?").json()["result"]["question"]
    door.command(talk, bob, "cast_vote", question=question)
    door.command(talk, host, "hide", item=hidden, why="rude words")
    door.command(talk, ann, "retract_line", line=taken)
    door.command(talk, ann, "withdraw_question", question=question)

    told = json.dumps(exported(door, talk))

    assert "words" not in told
    assert "shy" not in told
    assert told.count('"chat"') == 2


def test_an_export_shows_nothing_that_is_held_or_was_rejected(door: Door) -> None:
    host, ann = door.session("Hal"), door.session("Ann")
    talk = door.live_talk(host)
    door.command(talk, host, "set_policy", hold="hold")
    lines = [
        door.command(talk, ann, "post_line", text=text).json()["result"]["line"]
        for text in ("held words", "rejected words", "approved speech")
    ]
    door.command(talk, ann, "ask_question", text="held question words?")
    door.command(talk, host, "reject", item=lines[1], why="rude words")
    door.command(talk, host, "approve", item=lines[2])

    told = json.dumps(exported(door, talk))

    assert "words" not in told
    assert "approved speech" in told
    assert told.count('"chat"') == 3


def test_an_export_shows_no_post_that_is_held_hidden_or_deleted_at_its_source(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)

    def caught(number: int) -> str:
        post = {"source": "x", "author": f"@cat{number}", "text": f"words {number}", "url": ""}
        answer = door.command(talk, host, "catch_post", **post, post_id=str(number))
        return str(answer.json()["result"]["post"])

    posts = [caught(number) for number in range(4)]
    for post in posts[1:]:
        door.command(talk, host, "approve", item=post)
    door.command(talk, host, "hide", item=posts[1], why="rude")
    door.command(talk, host, "withdraw_post", source="x", post_id="2")

    records = of_kind(exported(door, talk), "post")

    assert [record["text"] for record in records] == ["words 3"]


def test_times_count_from_the_announced_start_and_never_from_now(door: Door) -> None:
    host = door.session("Hal")
    talk = door.schedule(host)

    sent(door, talk, host, SESSION)

    card = door.client.get(f"/api/talks/{talk}").json()
    assert card["started_at"] == "2026-11-23T20:00:00.000Z"
    assert card["ended_at"] == "2026-11-23T20:01:30.000Z"


def test_a_start_can_tell_when_it_happened(door: Door) -> None:
    host = door.session("Hal")
    talk = door.schedule(host)

    start = {"t": 0, "kind": "start", "happened_at": "2014-05-07T19:00:00-04:00"}
    sent(door, talk, host, [start, {"t": 5, "kind": "end"}])

    card = door.client.get(f"/api/talks/{talk}").json()
    assert card["started_at"] == "2014-05-07T23:00:00.000Z"
    assert card["ended_at"] == "2014-05-07T23:00:05.000Z"


def test_a_session_goes_into_an_ended_talk_too(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    door.command(talk, host, "end_talk")

    told = sent(door, talk, host, SESSION)

    assert told["refused"] == []
    assert len(of_kind(exported(door, talk), "feedback")) == 3


def test_lines_that_cannot_be_taken_in_are_told_by_number_and_hinder_no_other(door: Door) -> None:
    host = door.session("Hal")
    talk = door.schedule(host)

    told = sent(
        door,
        talk,
        host,
        [
            {"t": 0, "kind": "start"},
            "no json",
            "",
            {"t": "soon", "kind": "chat"},
            {"t": 1, "kind": "dance"},
            {"t": 1, "kind": "presence", "text": "many"},
            {"t": 1, "kind": "question", "text": " "},
            {"t": 1, "kind": "chat", "text": "x" * 70_000},
            {"t": 1, "kind": "chat", "text": "x", "command_id": "7"},
            {"t": 2, "kind": "chat", "user": "a", "text": "well", "command_id": str(uuid4())},
            {"t": 2, "kind": "answer", "user": "a", "text": "to what?"},
            {"t": 2, "kind": "post", "user": "a", "text": "x", "source": "Not A Word"},
            {"t": 2, "kind": "post", "user": "a", "text": "x", "url": "javascript:alert(1)"},
            {"t": 2, "kind": "post", "user": "a", "text": ""},
        ],
    )

    assert told["recorded"] == 2
    assert [(one["line"], one["reason"], one["field"]) for one in told["refused"]] == [
        (2, "invalid", ""),
        (4, "invalid", "t"),
        (5, "invalid", "kind"),
        (6, "invalid", "text"),
        (8, "invalid", ""),
        (9, "invalid", "command_id"),
        (11, "invalid", "ref"),
        (12, "invalid", "source"),
        (7, "text_empty", "text"),
        (13, "invalid", "url"),
        (14, "text_empty", "text"),
    ]


def test_only_a_host_takes_sessions_in(door: Door) -> None:
    talk = door.schedule(door.session("Hal"))
    path = f"/api/talks/{talk}/import"

    assert door.client.post(path, content=b"").status_code == 401
    assert door.client.post(path, content=b"", headers=door.session()).status_code == 403
    assert door.client.post("/api/talks/x/import", headers=door.session()).status_code == 404


def test_a_timeline_is_told_in_every_format(door: Door) -> None:
    host = door.session("Hal")
    talk = door.schedule(host, title="Markup <b> \u202e👋 \x00")
    sent(door, talk, host, SESSION)
    path = f"/api/talks/{talk}/timeline"

    timeline = door.client.get(path).json()

    assert timeline.keys() == {
        *("position", "duration_s", "chapters", "highlights", "heat"),
        *("questions", "listeners"),
    }
    assert timeline["duration_s"] == 90
    assert [chapter["start_s"] for chapter in timeline["chapters"]] == [0, 2, 60]
    assert door.client.get(f"{path}.json").json() == timeline
    assert door.client.get(f"{path}.vtt").text.startswith("WEBVTT")
    for ending in ("chapters.json", "youtube.txt", "ffmeta", "csv", "highlights.vtt"):
        assert door.client.get(f"{path}.{ending}").status_code == 200
    assert door.client.get(f"{path}.mp3").status_code == 404
