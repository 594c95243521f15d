"""Invitations at the plain door: from the host's command to the role of who brings the link."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from doors import Door, opened_door

from domain.store import ERASED_MARK


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened_door(tmp_path, HEARHEAR_PUBLIC_URL="https://live.example.org") as door:
        yield door


def code_in(link: str) -> str:
    return link.partition("#code=")[2]


def invited(door: Door, talk: str, host: dict[str, str], role: str) -> str:
    """Make an invitation; returns its link."""
    answer = door.command(talk, host, "invite", role=role, expires_in_s=600)
    return str(answer.json()["result"]["link"])


def brought(door: Door, code: str, **more: str) -> httpx.Response:
    answer = door.client.post("/api/sessions", json={"code": code, **more})
    door.client.cookies.clear()
    return answer


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.mark.parametrize(
    ("role", "page"), [("moderator", "/desk"), ("host", "/desk"), ("panelist", "/panel")]
)
def test_a_link_leads_to_the_page_of_its_role(door: Door, role: str, page: str) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)

    link = invited(door, talk, host, role)

    assert link.startswith(f"https://live.example.org/talks/{talk}{page}#code=")
    answer = brought(door, code_in(link))
    assert (answer.status_code, answer.json()["name"]) == (201, role.title())


def test_who_brings_the_link_moderates_and_nobody_else_does(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    code = code_in(invited(door, talk, host, "moderator"))

    mia = bearer(brought(door, code, name="Mia"))
    other = brought(door, code, name="Eve")

    assert door.command(talk, mia, "announce", text="Be kind").status_code == 200
    assert (other.status_code, other.json()["reason"]) == (401, "unauthenticated")
    assert other.json()["field"] == "code"


def test_who_speaks_already_stays_who_they_are(door: Door) -> None:
    host, ann = door.session("Hal"), door.session("Ann")
    talk = door.live_talk(host)
    code = code_in(invited(door, talk, host, "panelist"))

    answer = door.client.post("/api/sessions", json={"code": code}, headers=ann)
    again = door.client.post("/api/sessions", json={"code": code}, headers=ann)

    me = door.client.get("/api/me", headers=ann).json()
    assert answer.json()["person"] == again.json()["person"] == me["person"]
    question = door.command(talk, host, "ask_question", text="Why?").json()["result"]["question"]
    answered = door.command(talk, ann, "answer_in_writing", question=question, text="Because")
    assert answered.status_code == 200


def test_a_repeated_command_gets_the_same_link(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    body = {"command": "invite", "command_id": str(uuid4()), "role": "host", "expires_in_s": 60}
    path = f"/api/talks/{talk}/commands"

    first = door.client.post(path, json=body, headers=host).json()
    second = door.client.post(path, json=body, headers=host).json()

    assert first == second


def test_a_ticket_asks_for_a_name_and_is_not_used_up_by_that(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    code = code_in(invited(door, talk, host, "attendee"))

    nameless = brought(door, code)
    named = brought(door, code, name="Ann")

    assert (nameless.status_code, nameless.json()["field"]) == (422, "name")
    assert named.status_code == 201


def test_an_invitation_taken_back_is_worth_nothing(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)
    made = door.command(talk, host, "invite", role="host", expires_in_s=60).json()

    door.command(talk, host, "undo", position=made["position"])

    answer = brought(door, code_in(made["result"]["link"]))
    assert (answer.status_code, answer.json()["field"]) == (401, "code")
    assert "withdrawn" in answer.json()["detail"]


def test_a_code_of_somebody_else_s_making_is_refused(door: Door, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with opened_door(folder) as other:
        their_host = other.session("Hal")
        code = code_in(invited(other, other.live_talk(their_host), their_host, "host"))

    answer = brought(door, code)

    assert (answer.status_code, answer.json()["reason"]) == (401, "unauthenticated")


def test_no_fact_tells_what_the_link_holds(door: Door) -> None:
    host = door.session("Hal")
    talk = door.live_talk(host)

    code = code_in(invited(door, talk, host, "host"))

    log = door.client.get(f"/api/talks/{talk}/log", headers=host).text
    assert "talk.invited" in log
    assert code not in log
    assert ERASED_MARK not in log
