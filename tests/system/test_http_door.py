"""The plain door, asked without a socket: shapes, refusals in their order, headers, bodies."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from doors import Door, opened_door
from openapi_spec_validator import validate

from gateway.joining import code_of, qr_of

HOST_ONLY = {"command": "start_talk"}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened_door(tmp_path) as door:
        yield door


def test_a_guest_gets_a_token_and_a_cookie_that_scripts_cannot_read(door: Door) -> None:
    answer = door.client.post("/api/sessions", json={"name": " Ann "})

    assert answer.status_code == 201
    assert answer.json().keys() == {"person", "name", "token"}
    assert answer.json()["name"] == "Ann"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert door.client.get("/api/me").json()["name"] == "Ann"


def test_the_cookie_is_secure_where_the_site_is(tmp_path: Path) -> None:
    with opened_door(tmp_path, HEARHEAR_PUBLIC_URL="https://live.example.org") as door:
        answer = door.client.post("/api/sessions", json={"name": "Ann"})

    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


def test_a_link_s_code_gives_one_session_with_its_role(door: Door) -> None:
    identity = door.system.identity
    code = identity.code_for(identity.invited("Hal", role="host"))

    first = door.client.post("/api/sessions", json={"code": code})
    second = door.client.post("/api/sessions", json={"code": code})

    assert first.status_code == 201
    assert door.client.get("/api/me").json()["roles"] == ["host"]
    assert second.json()["reason"] == "unauthenticated"


def test_a_name_may_come_with_a_code_and_a_bad_one_does_not_use_it_up(door: Door) -> None:
    identity = door.system.identity
    code = identity.code_for(identity.invited("Host", role="host"))

    refused = door.client.post("/api/sessions", json={"code": code, "name": " "})
    answer = door.client.post("/api/sessions", json={"code": code, "name": "Hal"})

    assert refused.json()["reason"] == "text_empty"
    assert answer.json()["name"] == "Hal"


def test_a_command_is_answered_with_its_position_and_ids(door: Door) -> None:
    ann = door.session()
    talk = door.live_talk(ann)

    answer = door.command(talk, ann, "post_line", text="Hello 👋 \u202e<b>").json()

    assert answer["position"] > 0
    assert answer["result"].keys() == {"line"}


def test_the_same_command_id_gets_the_first_answer(door: Door) -> None:
    ann = door.session()
    talk = door.live_talk(ann)
    command = {"command": "ask_question", "command_id": str(uuid4()), "text": "Why?"}
    path = f"/api/talks/{talk}/commands"

    first, second = (door.client.post(path, json=command, headers=ann) for _ in range(2))
    other = door.client.post(path, json={**command, "text": "How?"}, headers=ann)

    assert second.json() == first.json()
    assert (other.status_code, other.json()["reason"]) == (409, "conflict")


def test_the_same_idempotency_key_schedules_one_talk(door: Door) -> None:
    headers = {**door.session(), "Idempotency-Key": str(uuid4())}

    first, second = (
        door.client.post("/api/talks", json={"title": "Once"}, headers=headers) for _ in range(2)
    )

    assert first.json() == second.json()
    assert first.json()["state"] == "scheduled"


def test_a_talk_tells_how_it_stands(door: Door) -> None:
    talk = door.live_talk(door.session())

    card = door.client.get(f"/api/talks/{talk}").json()

    assert card["state"] == "live"
    assert card["starts_at"] == "2026-11-23T20:00:00.000Z"
    assert card["started_at"]
    assert card["ended_at"] == ""


# Each row breaks this rule and all that are checked later: the earlier one answers.
IN_ORDER = [
    ("nobody", "no-such-talk", "{", 401, "unauthenticated", ""),
    ("attendee", "no-such-talk", "{", 404, "not_found", ""),
    ("attendee", "", "{", 400, "invalid", ""),
    ("attendee", "", "[]", 400, "invalid", ""),
    ("attendee", "", '"\\ud800"', 400, "invalid", ""),
    ("attendee", "", '{"command": "dance"}', 400, "invalid", "command_id"),
    ("attendee", "", '{"command_id": "ID", "command": "dance"}', 400, "unknown_command", "command"),
    ("attendee", "", '{"command_id": "ID", "command": "hide"}', 400, "invalid", "item"),
    (
        "attendee",
        "",
        '{"command_id": "ID", "command": "hide", "item": "x", "why": 1}',
        400,
        "invalid",
        "why",
    ),
    (
        "attendee",
        "",
        '{"command_id": "ID", "command": "hide", "item": "x", "why": ""}',
        403,
        "not_allowed",
        "",
    ),
    (
        "host",
        "",
        '{"command_id": "ID", "command": "hide", "item": "x", "why": ""}',
        404,
        "not_found",
        "item",
    ),
    (
        "attendee",
        "",
        '{"command_id": "ID", "command": "post_line", "text": ""}',
        409,
        "not_open",
        "",
    ),
]


@pytest.mark.parametrize(("who", "talk", "body", "status", "reason", "field"), IN_ORDER)
def test_refusals_come_in_the_order_of_the_contract(
    door: Door, who: str, talk: str, body: str, status: int, reason: str, field: str
) -> None:
    host = door.session("Hal")
    talk = talk or door.schedule(host)
    headers = {"nobody": {}, "attendee": door.session(), "host": host}[who]

    answer = door.client.post(
        f"/api/talks/{talk}/commands", content=body.replace("ID", str(uuid4())), headers=headers
    )

    told = answer.json()
    assert (answer.status_code, told["reason"], told["field"]) == (status, reason, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told.keys() == {"type", "title", "status", "detail", "reason", "field"}


def test_who_is_too_fast_is_told_when_to_come_back(door: Door) -> None:
    ann = door.session()
    talk = door.live_talk(ann)

    answers = [door.command(talk, ann, "post_line", text=f"Line {n}") for n in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].json()["reason"] == "too_fast"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 10


def test_a_bad_bearer_token_is_refused_and_a_stale_cookie_is_nobody(door: Door) -> None:
    talk = door.live_talk(door.session())
    path = f"/api/talks/{talk}/timeline"

    bad = door.client.get(path, headers={"Authorization": "Bearer bad"})
    stale = door.client.get(path, headers={"Cookie": "hearhear=stale"})

    assert bad.status_code == 401
    assert bad.headers["www-authenticate"].startswith("Bearer")
    assert stale.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/talks/none", 404, "not_found"),
        ("GET", "/static/../settings.py", 404, "not_found"),
        ("GET", "/static/index.html", 404, "not_found"),
        ("PUT", "/api/talks", 405, "method_not_allowed"),
        ("BREW", "/api/talks", 405, "method_not_allowed"),
        ("POST", "/livez", 405, "method_not_allowed"),
        ("GET", "/api/me", 401, "unauthenticated"),
    ],
)
def test_errors_are_problems_too(
    door: Door, method: str, path: str, status: int, reason: str
) -> None:
    answer = door.client.request(method, path)

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/api/me", "/nowhere", "/livez", "/static/style.css"])
def test_every_answer_has_the_security_headers(door: Door, path: str) -> None:
    headers = door.client.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_an_error_nobody_thought_of_tells_nothing_of_itself(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("the text of a private line")

    monkeypatch.setattr(door.system.app, "talk", broken)

    answer = door.client.get("/api/talks/x")

    assert (answer.status_code, answer.json()["reason"]) == (500, "internal")
    assert "private" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 201),
        ({}, 201),
    ],
)
def test_pages_of_other_sites_may_not_act(door: Door, headers: dict[str, str], status: int) -> None:
    assert door.client.post("/api/sessions", json={"name": "A"}, headers=headers).status_code == (
        status
    )


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_a_mebibyte_is_refused(door: Door, *, declared: bool) -> None:
    talk = door.schedule(door.session())
    body = b'"' + b"x" * (1 << 20) + b'"'

    answer = door.client.post(
        f"/api/talks/{talk}/commands",
        content=body if declared else iter([body]),
        headers=door.session(),
    )

    assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")


def test_pages_are_shells_that_browsers_revalidate(door: Door) -> None:
    first = door.client.get("/talks/any")

    again = door.client.get("/talks/any", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert again.status_code == 304
    assert not again.content


def test_parts_of_a_page_are_kept_for_good_under_the_address_it_names(door: Door) -> None:
    page = door.client.get("/talks/any").text
    parts = re.findall(r'"(/static/[^"]+)"', page)

    kept = [door.client.get(path).headers["cache-control"] for path in parts]

    assert len({part.split("/")[2] for part in parts}) == 1
    assert len(kept) > 2
    assert all("immutable" in caching for caching in kept)


@pytest.mark.parametrize("folder", ["/static", "/static/of-another-gateway"])
def test_a_part_asked_for_by_another_address_is_revalidated(door: Door, folder: str) -> None:
    script = door.client.get(f"{folder}/vendor/preact.js")

    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cache-control"] == "no-cache"


def test_the_log_is_for_hosts(door: Door) -> None:
    host, ann = door.session("Hal"), door.session()
    talk = door.live_talk(host)
    door.command(talk, ann, "post_line", text="Tell\0 <b>me</b> \u202e👋")
    path = f"/api/talks/{talk}/log"

    lines = [json.loads(line) for line in door.client.get(path, headers=host).iter_lines()]
    rest = door.client.get(f"{path}?after={lines[1]['position']}", headers=host)

    assert door.client.get(path).status_code == 401
    assert door.client.get(path, headers=ann).status_code == 403
    assert [line["position"] for line in lines] == sorted(line["position"] for line in lines)
    assert lines[-1]["type"] == "participation.line-posted"
    assert lines[-1]["data"]["text"] == "Tell\0 <b>me</b> \u202e👋"
    assert lines[-1].keys() == {"position", "id", "type", "at", "by", "data"}
    assert len(rest.text.splitlines()) == len(lines) - 2


def test_the_documents_describe_what_is_served(door: Door) -> None:
    document = door.client.get("/api/openapi.json").json()
    live = door.client.get("/api/asyncapi.json").json()

    validate(document)
    assert "/api/talks/{talk}/commands" in document["paths"]
    assert live["asyncapi"] == "3.0.0"
    assert "Snapshot" in live["components"]["messages"]


def test_a_gateway_without_its_store_is_not_ready(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        raise OSError("the database is away")

    monkeypatch.setattr(door.system.store.log, "head", away)

    answer = door.client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "store": "down",
        "views": "ok",
        "broker": "down",
        "lag": -1,
    }
    assert door.client.get("/livez").status_code == 200


def test_health_tells_what_is_there(door: Door) -> None:
    door.live_talk(door.session())

    ready = door.client.get("/readyz")
    numbers = door.client.get("/metrics").text

    assert door.client.get("/livez").text == "ok\n"
    assert ready.json()["store"] == "ok"
    assert ready.json()["lag"] > 0
    assert 'hearhear_requests_total{method="POST",path="/api/talks",status="201"} 1.0' in numbers
    assert 'path="/api/talks/{talk}/commands"' in numbers


def test_the_way_in_is_drawn_as_people_reach_the_talk(tmp_path: Path) -> None:
    with opened_door(tmp_path, HEARHEAR_PUBLIC_URL="https://live.example.org") as door:
        talk = door.schedule(door.with_role("host"))

        drawn = door.client.get(f"/api/talks/{talk}/join.svg")
        nowhere = door.client.get("/api/talks/nowhere/join.svg")

    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.content == qr_of(f"https://live.example.org/j/{code_of(talk)}")
    assert nowhere.status_code == 404


def test_a_link_with_a_code_is_drawn_for_whoever_says_who_they_are(door: Door) -> None:
    link = {"text": "https://live.example.org/talks/one#code=secret"}

    drawn = door.client.post("/api/qr", json=link, headers=door.session("Ann"))
    refused = door.client.post("/api/qr", json=link)
    empty = door.client.post("/api/qr", json={"text": ""}, headers=door.session("Ann"))

    assert drawn.content == qr_of(link["text"])
    assert refused.status_code == 401
    assert (empty.status_code, empty.json()["field"]) == (400, "text")


def test_a_stretch_of_the_replay_is_read_once_until_something_changes(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    line = door.command(talk, host, "post_line", text="Hello").json()["result"]["line"]
    path = f"/api/talks/{talk}/replay"
    assert door.client.get(path).status_code == 409
    door.command(talk, host, "end_talk")

    first = door.client.get(path, params={"from_s": 0, "to_s": 600})
    known = {"If-None-Match": first.headers["ETag"]}
    again = door.client.get(path, params={"from_s": 0, "to_s": 600}, headers=known)
    door.command(talk, host, "tick_replay", kind="funny", media_s=3)
    unmoved = door.client.get(path, params={"from_s": 0, "to_s": 600}, headers=known)
    door.command(talk, host, "hide", item=line, why="rude")
    then = door.client.get(path, params={"from_s": 0, "to_s": 600}, headers=known)

    assert first.json()["view"]["talk"]["state"] == "live"
    assert [change["patch"]["feed"][line]["text"] for change in first.json()["changes"][:1]] == [
        "Hello"
    ]
    assert (again.status_code, unmoved.status_code, again.content) == (304, 304, b"")
    assert then.status_code == 200
    assert "Hello" not in then.text


@pytest.mark.parametrize("wrong", [{"from_s": 5, "to_s": 4}, {"to_s": 601}, {"from_s": -1}])
def test_a_stretch_has_bounds(door: Door, wrong: dict[str, float]) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    door.command(talk, host, "end_talk")

    answer = door.client.get(f"/api/talks/{talk}/replay", params=wrong)

    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid")
    assert answer.json()["field"] in wrong
