"""Any second of a replay: the page shows what a plain fold of the log shows."""

import json
import random
import subprocess
import sys
from itertools import pairwise
from uuid import UUID, uuid5

import made_session
import pytest
from plain_fold import Shown, seconds_of, shown_at
from playwright.sync_api import Page, expect
from visitors import Gateway, NewVisitor, Visitor
from waiting import eventually

ROWS = """rows => rows.map((row) =>
  [row.dataset.item, row.querySelector(".row-text").textContent.trim()])"""
QUESTIONS = """rows => rows.map((row) =>
  [row.dataset.question, [Number(row.querySelector(".votes").textContent), row.dataset.state]])"""


def shown_in(page: Page) -> Shown:
    return Shown(
        dict(page.locator(".replay-feed .row").evaluate_all(ROWS)),
        {
            question: (votes, state)
            for question, (votes, state) in page.locator(".question").evaluate_all(QUESTIONS)
        },
    )


def log_of(host: Visitor, talk: str) -> list[dict[str, object]]:
    text = host.context.request.get(f"{host.gateway}/api/talks/{talk}/log").text()
    return [json.loads(line) for line in text.splitlines()]


Talk = tuple[str, list[dict[str, object]]]
"""Its id, and its log."""


@pytest.fixture
def talk(gateway: Gateway, new_visitor: NewVisitor) -> Talk:
    """A talk in which much was taken out of sight, at its end and after it."""
    host, ann = new_visitor("Harriet"), new_visitor("Ann")
    talk = made_session.held_by(host)
    room = host.read(f"/api/talks/{talk}/view")["view"]
    lines = [item for item, said in room["feed"].items() if said["kind"] == "line"]
    first, second, third = room["questions"]

    host.command(talk, "hide", item=lines[3], why="Off topic")
    host.command(talk, "hide", item=lines[4], why="Off topic")
    host.command(talk, "restore", item=lines[4])
    host.command(talk, "start_answering", question=first)
    host.command(talk, "finish_answering", question=first)
    host.command(talk, "start_answering", question=second)
    ann.command(talk, "cast_vote", question=second)
    taken_back = ann.command(talk, "post_line", text="I did not mean it")["line"]
    host.command(talk, "set_policy", hold="hold")
    for decide in ({"command": "approve"}, {"command": "reject", "why": "Rude"}):
        held = ann.command(talk, "post_line", text=f"Somebody should {decide['command']} it")
        eventually(lambda held=held: held["line"] in items_at_desk(host, talk), every_s=0.1)
        host.command(talk, decide.pop("command"), item=held["line"], **decide)
    host.command(talk, "end_talk")
    ann.command(talk, "retract_line", line=taken_back)
    host.command(talk, "hide", item=lines[20], why="Off topic")
    host.command(talk, "hide", item=third, why="Off topic")
    erase(gateway, str(uuid5(UUID(talk), "user:Guest 4")))
    return talk, log_of(host, talk)


def items_at_desk(host: Visitor, talk: str) -> dict[str, object]:
    items: dict[str, object] = host.read(f"/api/talks/{talk}/view?as=desk")["view"]["items"]
    return items


def erase(gateway: Gateway, person: str) -> None:
    """Forget somebody, as the operator does."""
    command = [sys.executable, "-m", "hearhear", "erase", person]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=gateway.environment()
    )
    assert "erased from 1 talk" in done.stdout, done.stderr


def test_the_page_at_any_second_shows_the_fold_of_the_log_less_what_is_gone_by_now(
    talk: Talk, new_visitor: NewVisitor
) -> None:
    talk_id, log = talk
    chance = random.Random(7)
    moments = [round(chance.uniform(0, made_session.LENGTH_S), 2) for _ in range(7)]
    listener = new_visitor()

    for second in (*moments, made_session.LENGTH_S, 3600):
        page = listener.visit(f"/talks/{talk_id}/replay?t={second}")
        expect(page.get_by_role("region", name="How it landed")).to_be_visible()
        assert shown_in(page) == shown_at(log, second), second
        page.close()


@pytest.mark.parametrize(
    ("asked", "second"),
    [("-5", 0), ("abc", 0), ("NaN", 0), ("", 0), ("99999", 600), ("Infinity", 600)],
)
def test_a_link_to_no_second_of_the_talk_leads_to_its_nearest_end(
    talk: Talk, new_visitor: NewVisitor, asked: str, second: int
) -> None:
    talk_id, log = talk
    page = new_visitor().visit(f"/talks/{talk_id}/replay?t={asked}")
    expect(page.get_by_role("region", name="How it landed")).to_be_visible()

    strip = page.get_by_role("slider", name="Position in the talk")
    assert abs(float(strip.input_value()) - second) <= 5
    assert shown_in(page) == shown_at(log, second * 2)


def test_scrubbing_shows_the_fold_of_the_log_too(talk: Talk, new_visitor: NewVisitor) -> None:
    talk_id, log = talk
    page = new_visitor().visit(f"/talks/{talk_id}/replay")
    strip = page.get_by_role("slider", name="Position in the talk")
    chance = random.Random(8)

    for _ in range(7):
        second = chance.randrange(made_session.LENGTH_S)
        strip.fill(str(second))
        expect(strip).to_have_value(str(second))
        wanted = shown_at(log, second)
        eventually(lambda wanted=wanted: shown_in(page) == wanted, within_s=10, every_s=0.05)


def test_resting_between_two_changes_shows_the_fold_between_them(
    new_visitor: NewVisitor,
) -> None:
    host = new_visitor("Harriet")
    talk_id = made_session.held_by(host)
    for name in ("Ann", "Ben", "Cem"):
        guest = new_visitor(name)
        for number in range(8):
            guest.command(talk_id, "post_line", text=f"{name} says {number}")
    host.command(talk_id, "end_talk")
    log = log_of(host, talk_id)
    pairs = pairwise(seconds_of(log))
    near = [(one, other) for one, other in pairs if one > 0 and 0.002 < other - one < 0.2]
    assert near
    page = new_visitor().visit(f"/talks/{talk_id}/replay?t={int(near[-1][0]) - 60}")
    strip = page.get_by_role("slider", name="Position in the talk")
    strip.evaluate("strip => (strip.step = 'any')")

    for one, other in near[-20:]:
        second = round((one + other) / 2, 4)
        strip.fill(str(second))
        wanted = shown_at(log, second)
        eventually(lambda wanted=wanted: shown_in(page) == wanted, within_s=10, every_s=0.05)


def test_an_answered_question_leads_to_the_second_of_its_answer(new_visitor: NewVisitor) -> None:
    talk = made_session.ended_by(new_visitor("Harriet"))
    page = new_visitor().visit(f"/talks/{talk}/replay?t=0")
    answered = page.get_by_role("region", name="Answered questions").get_by_role("button")
    expect(answered).to_contain_text(made_session.ASKED[0])
    expect(answered).to_contain_text("20 votes")

    answered.press("Enter")

    position = page.get_by_role("slider", name="Position in the talk")
    assert abs(float(position.input_value()) - made_session.LENGTH_S) <= 5
    expect(
        page.locator('.question[data-state="answered"], .question[data-state="answering"]')
    ).to_be_visible()


def test_before_its_start_a_talk_says_when_there_will_be_a_replay(new_visitor: NewVisitor) -> None:
    talk = new_visitor("Harriet").post("/api/talks", {"title": "Soon"})["id"]

    page = new_visitor().visit(f"/talks/{talk}/replay?t=12")

    expect(page.get_by_text("as soon as the talk has ended")).to_be_visible()
    expect(page.get_by_role("link", name="Go to the room")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)
