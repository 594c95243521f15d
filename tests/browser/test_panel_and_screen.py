"""The panel on the speakers' table, and the screen behind them, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect
from visitors import NewVisitor, Visitor

ANNS = "Does anybody measure them?"


@pytest.fixture
def host(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Harriet")


def asked(talk: str, host: Visitor, *texts: str) -> list[str]:
    return [host.command(talk, "ask_question", text=text)["question"] for text in texts]


def test_the_screen_shows_within_a_second_what_is_being_answered(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = host.hold()
    first, second = asked(talk, host, ANNS, "How slow is too slow?")
    screen = new_visitor().visit(f"/talks/{talk}/screen")
    expect(
        screen.get_by_role("region", name="Most wanted answers").get_by_text(ANNS)
    ).to_be_visible()

    host.command(talk, "start_answering", question=first)

    answering = screen.get_by_role("region", name="Being answered")
    expect(answering.get_by_text(ANNS)).to_be_visible(timeout=1_000)
    host.command(talk, "finish_answering", question=first)
    host.command(talk, "start_answering", question=second)
    expect(answering.get_by_text("How slow is too slow?")).to_be_visible(timeout=1_000)


def test_a_phone_finds_the_way_in_on_the_screen(host: Visitor, new_visitor: NewVisitor) -> None:
    talk = host.hold()
    screen = new_visitor().visit(f"/talks/{talk}/screen")
    join = screen.get_by_role("region", name="Join in")
    drawn = join.get_by_role("img", name="QR code")
    expect(drawn).to_be_visible()
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 0")

    code = join.locator("strong").inner_text()
    phone = new_visitor().visit(f"/j/{code}")

    expect(phone).to_have_url(re.compile(f"/talks/{talk}$"))


def test_an_overlay_has_no_ground_and_only_the_parts_that_were_asked_for(host: Visitor) -> None:
    talk = host.hold()
    [question] = asked(talk, host, ANNS)
    host.command(talk, "start_answering", question=question)

    overlay = host.visit(f"/talks/{talk}/screen?overlay&show=question&scheme=dark")

    expect(overlay.get_by_role("region", name="Being answered").get_by_text(ANNS)).to_be_visible()
    expect(overlay.get_by_role("region")).to_have_count(1)
    assert ground(overlay) == {"rgba(0, 0, 0, 0)"}


def ground(page: Page) -> set[str]:
    """The colours behind everything."""
    found: list[str] = page.evaluate(
        "[document.documentElement, document.body]"
        ".map((element) => getComputedStyle(element).backgroundColor)"
    )
    return set(found)


def test_a_speaker_sees_questions_clocks_and_what_the_desk_says(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = host.hold()
    first, _ = asked(talk, host, ANNS, "How slow is too slow?")
    topic = host.command(talk, "introduce_topic", title="Slow fixtures")["topic"]
    host.command(talk, "open_topic", topic=topic)
    speaker = new_visitor("Pia")
    line = speaker.command(talk, "post_line", text="I am here")["line"]
    panel = speaker.visit(f"/talks/{talk}/panel")
    expect(panel.get_by_role("heading", level=1)).to_have_text("The panel is for speakers")

    host.command(talk, "grant_role", attendee=host.author_of(talk, line), role="panelist")
    host.command(talk, "start_answering", question=first)
    host.command(talk, "announce", text="Five minutes left")

    expect(panel.get_by_role("heading", level=1)).to_have_text("Why our tests are slow")
    expect(panel.get_by_role("region", name="Being answered").get_by_text(ANNS)).to_be_visible()
    expect(panel.get_by_role("region", name="Next").get_by_text("How slow")).to_be_visible()
    expect(
        panel.get_by_role("region", name="From the desk").get_by_text("Five min")
    ).to_be_visible()
    expect(panel.get_by_role("timer")).to_have_text([re.compile(r"^0:\d\d$")] * 2)
    expect(panel.get_by_text("Slow fixtures")).to_be_visible()
