"""Moderation in a real browser: what waits, what is merged, who is muted, what is taken back."""

import pytest
from playwright.sync_api import Locator, Page, expect
from visitors import NewVisitor, Visitor

UNKIND = "An unkind word"


@pytest.fixture
def ann(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Ann")


@pytest.fixture
def bob(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Bob")


@pytest.fixture
def host(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Harriet")


def say(page: Page, text: str) -> None:
    page.get_by_label("Say something or ask the panel").fill(text)
    page.get_by_role("button", name="Say", exact=True).click()


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("log").get_by_role("listitem").filter(has_text=text)


def question_row(page: Page, question: str) -> Locator:
    return page.locator(f'[data-question="{question}"]')


def queue(desk: Page) -> Locator:
    return desk.get_by_role("region", name="Waiting")


def test_a_held_line_reaches_the_room_only_when_approved_by_keyboard(
    host: Visitor, ann: Visitor, bob: Visitor
) -> None:
    talk = host.hold()
    host.command(talk, "set_policy", hold="hold")
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")
    anns = ann.visit(f"/talks/{talk}")
    say(anns, "First of all")
    say(anns, "Second thought")
    expect(row(anns, "Second thought").get_by_text("Waiting for a moderator")).to_be_visible()
    waiting = queue(desk).get_by_role("listitem")
    expect(waiting).to_have_count(2)
    host.command(talk, "announce", text="Something else")
    expect(row(room, "Something else")).to_be_visible()  # later than both, so both would be there
    expect(row(room, "Second thought")).to_have_count(0)
    assert not [message for message in bob.received if "Second thought" in message]

    waiting.first.focus()
    desk.keyboard.press("j")
    expect(waiting.filter(has_text="Second thought")).to_be_focused()
    desk.keyboard.press("a")

    expect(row(room, "Second thought")).to_be_visible()
    expect(waiting.filter(has_text="First of all")).to_be_focused()
    desk.keyboard.press("r")
    desk.get_by_role("dialog").get_by_label("Why").fill("Not here")
    desk.keyboard.press("Enter")
    expect(queue(desk).get_by_text("Nothing waits for you.")).to_be_visible()
    expect(row(anns, "First of all").get_by_text("Not let through: Not here")).to_be_visible()
    assert not [message for message in bob.received if "First of all" in message]

    row(anns, "First of all").get_by_role("button", name="Take back").click()
    expect(row(anns, "First of all")).to_have_count(0)


def test_a_line_that_waits_for_its_time_shows_how_long(host: Visitor, ann: Visitor) -> None:
    talk = host.hold()
    desk = host.visit(f"/talks/{talk}/desk")
    desk.get_by_role("button", name="Rules").click()
    lines = desk.get_by_role("group", name="Lines and questions")
    lines.get_by_label("wait, then appear by themselves").check()
    desk.get_by_label("Appear after (seconds)").fill("600")
    desk.get_by_role("button", name="Save the rules").click()
    expect(desk.get_by_text("The new rules hold from now on.")).to_be_visible()

    ann.command(talk, "post_line", text=UNKIND)

    expect(queue(desk).locator(".countdown")).to_contain_text("Shown in 9:5")


def test_watched_words_make_a_line_wait_and_are_told_to_the_desk(
    host: Visitor, ann: Visitor
) -> None:
    talk = host.hold()
    desk = host.visit(f"/talks/{talk}/desk")
    desk.get_by_role("button", name="Rules").click()
    words = desk.get_by_label("Watched words, one per line")
    words.fill("unkind\n\nrude ")
    desk.get_by_role("button", name="Save the rules").click()
    expect(desk.get_by_text("The new rules hold from now on.")).to_be_visible()

    ann.command(talk, "post_line", text=UNKIND)

    expect(queue(desk).get_by_text("It holds one of the watched words.")).to_be_visible()
    desk.reload()
    desk.get_by_role("button", name="Rules").click()
    expect(words).to_have_value("unkind\nrude")


def test_merged_questions_count_everybody_once_and_part_again(
    host: Visitor, ann: Visitor, bob: Visitor
) -> None:
    talk = host.hold()
    one = ann.command(talk, "ask_question", text="How slow are they?")["question"]
    other = ann.command(talk, "ask_question", text="How long do they take?")["question"]
    for visitor, question in [(ann, one), (ann, other), (bob, other)]:
        visitor.command(talk, "cast_vote", question=question)
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")

    question_row(desk, one).get_by_role("button", name="More…").click()
    desk.get_by_role("button", name="Merge into…").click()
    expect(question_row(desk, other).get_by_role("button")).to_be_focused()
    desk.keyboard.press("Enter")

    expect(question_row(room, one)).to_have_count(0)
    expect(question_row(room, other).locator(".votes")).to_have_text("2")
    desk.get_by_role("button", name="Unmerge").click()
    expect(question_row(room, one).locator(".votes")).to_have_text("1")
    expect(question_row(room, other).locator(".votes")).to_have_text("2")


def test_a_line_becomes_a_question_that_is_pinned_and_answered_in_writing(
    host: Visitor, ann: Visitor, bob: Visitor
) -> None:
    talk = host.hold()
    ann.command(talk, "post_line", text="What about the fixtures")
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")

    row(desk, "fixtures").get_by_role("button", name="More…").click()
    desk.get_by_role("button", name="Make it a question").click()
    asked = desk.locator(".question").filter(has_text="fixtures")
    asked.get_by_role("button", name="More…").click()
    desk.get_by_role("button", name="Pin", exact=True).click()
    expect(desk.get_by_role("dialog")).to_have_count(0)
    asked.get_by_role("button", name="More…").click()
    desk.get_by_label("Answer in writing").fill("They are shared by now.")
    desk.get_by_role("button", name="Publish the answer").click()

    shown = room.locator(".question").filter(has_text="fixtures")
    expect(shown.get_by_text("Pinned")).to_be_visible()
    expect(shown.get_by_text("They are shared by now.")).to_be_visible()


def test_somebody_muted_is_told_so_and_may_speak_again(host: Visitor, ann: Visitor) -> None:
    talk = host.hold()
    ann.command(talk, "post_line", text=UNKIND)
    desk, anns = host.visit(f"/talks/{talk}/desk"), ann.visit(f"/talks/{talk}")

    row(desk, UNKIND).get_by_role("button", name="More…").click()
    desk.get_by_role("button", name="Mute or ban…").click()
    desk.get_by_label("Why").fill("Calm down")
    desk.get_by_role("button", name="Mute 5 min").click()
    expect(anns.get_by_text("You are muted until")).to_be_visible()
    say(anns, "But I must")

    expect(anns.get_by_text("You may not do that here.")).to_be_visible()
    expect(row(anns, "But I must")).to_have_count(0)
    desk.get_by_role("button", name="People").click()
    desk.get_by_role("button", name="Unmute").click()
    expect(anns.get_by_text("You are muted until")).to_have_count(0)


def test_a_nickname_is_taken_away_and_given_back(host: Visitor, ann: Visitor, bob: Visitor) -> None:
    talk = host.hold()
    host.command(talk, "set_policy", names="nickname")
    ann.command(talk, "choose_nickname", nickname="Rude Word")
    ann.command(talk, "post_line", text="Hello all")
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")
    anns = ann.visit(f"/talks/{talk}")
    expect(row(room, "Hello all").locator("bdi")).to_have_text("Rude Word")

    row(desk, "Hello all").get_by_role("button", name="More…").click()
    desk.get_by_role("button", name="Mute, ban, take the name away…").click()
    desk.get_by_label("Why").fill("An insult")
    desk.get_by_role("button", name="Take the nickname away").click()

    expect(row(room, "Hello all").locator("bdi")).to_have_text("Anonymous")
    expect(anns.get_by_text("A moderator took your name away.")).to_be_visible()
    anns.get_by_label("Which name shall the room see?").fill("rude word")
    anns.get_by_role("button", name="Choose").click()
    expect(anns.get_by_text("Please choose another.")).to_be_visible()
    desk.get_by_role("button", name="Trail").click()
    cleared = desk.locator(".trail-act").filter(has_text="took a nickname away")
    expect(cleared.get_by_text("An insult")).to_be_visible()
    cleared.get_by_role("button", name="Undo").click()
    expect(row(room, "Hello all").locator("bdi")).to_have_text("Rude Word")
    expect(anns.get_by_text("The room sees you as Rude Word")).to_be_visible()


def test_undo_on_the_trail_puts_a_hidden_line_back(
    host: Visitor, ann: Visitor, bob: Visitor
) -> None:
    talk = host.hold()
    line = ann.command(talk, "post_line", text="Quite harmless")["line"]
    host.command(talk, "hide", item=line, why="A slip")
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")

    desk.get_by_role("button", name="Trail").click()
    acts = desk.get_by_role("region", name="Trail").get_by_role("listitem")
    acts.filter(has_text="A slip").get_by_role("button", name="Undo").click()

    expect(row(room, "Quite harmless")).to_be_visible()
    expect(acts.filter(has_text="restored").filter(has_text="Quite harmless")).to_be_visible()
