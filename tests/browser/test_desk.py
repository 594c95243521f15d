"""The desk beyond moderation: who else is there, what it is warned of, and what it hands out."""

import re

import pytest
from playwright.sync_api import expect
from visitors import NewVisitor, Visitor


@pytest.fixture
def host(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Harriet")


@pytest.fixture
def mia(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Mia")


def test_a_question_dropped_on_another_joins_it(host: Visitor, mia: Visitor) -> None:
    talk = host.hold()
    one = mia.command(talk, "ask_question", text="How slow are they?")["question"]
    other = mia.command(talk, "ask_question", text="How long do they take?")["question"]
    for question in (one, other):
        mia.command(talk, "cast_vote", question=question)
    desk = host.visit(f"/talks/{talk}/desk")
    rows = {question: desk.locator(f'[data-question="{question}"]') for question in (one, other)}

    rows[one].drag_to(rows[other])

    expect(rows[one]).to_have_count(0)
    expect(rows[other].locator(".votes")).to_have_text("1")
    expect(desk.get_by_role("region", name="Merged and archived")).to_contain_text("How slow")


def test_topics_are_put_in_order_by_drag_and_by_keyboard_and_put_back(host: Visitor) -> None:
    talk = host.hold()
    for title in ("Prices", "Floods", "Trees"):
        host.command(talk, "introduce_topic", title=title)
    desk = host.visit(f"/talks/{talk}/desk")
    titles = desk.locator(".topic-row > span:first-child")
    expect(titles).to_have_text(["Prices", "Floods", "Trees"])

    desk.locator(".topic-row").nth(2).drag_to(desk.locator(".topic-row").first)
    expect(titles).to_have_text(["Trees", "Prices", "Floods"])

    desk.get_by_role("button", name="Move “Trees” down").focus()
    desk.keyboard.press("Enter")
    expect(titles).to_have_text(["Prices", "Trees", "Floods"])
    expect(desk.get_by_role("button", name="Move “Trees” down")).to_be_focused()
    desk.keyboard.press("Space")
    expect(titles).to_have_text(["Prices", "Floods", "Trees"])
    expect(desk.get_by_role("button", name="Move “Trees” up")).to_be_focused()

    desk.get_by_role("button", name="Trail").click()
    desk.get_by_role("button", name="Undo: put the topics in another order").first.click()
    desk.get_by_role("button", name="Talk", exact=True).click()
    expect(titles).to_have_text(["Prices", "Trees", "Floods"])


def test_a_desk_is_warned_when_many_are_lost_and_knows_who_else_is_there(
    host: Visitor, mia: Visitor, new_visitor: NewVisitor
) -> None:
    talk = host.hold()
    line = mia.command(talk, "post_line", text="I can help")["line"]
    host.command(talk, "grant_role", attendee=host.author_of(talk, line), role="moderator")
    desk, hers = host.visit(f"/talks/{talk}/desk"), mia.visit(f"/talks/{talk}/desk")
    expect(desk.get_by_text("Mia", exact=True).first).to_be_visible()
    expect(desk.locator(".crew")).to_contain_text("Mia")
    expect(hers.locator(".crew")).to_contain_text("Harriet")
    expect(hers.get_by_text("Hosts open the doors, start and end the talk.")).to_be_visible()

    for name in ("Ann", "Bob", "Cy"):
        new_visitor(name).command(talk, "give_feedback", kind="lost")

    warned = desk.get_by_role("alert")
    expect(warned).to_contain_text("100 % “Lost me”")
    expect(warned).to_contain_text("3 of 3 people within 5 minutes.")
    desk.get_by_label("Alert me").select_option("never")
    expect(warned).to_have_text("")


def test_the_links_of_a_talk_lead_where_they_say(host: Visitor) -> None:
    talk = host.hold()
    desk = host.visit(f"/talks/{talk}/desk")

    desk.get_by_role("button", name="Links", exact=True).click()

    links = desk.get_by_role("region", name="Links")
    drawn = links.get_by_role("img", name="QR code")
    expect(drawn).to_be_visible()
    assert drawn.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    expect(links.get_by_role("link", name="The overlay")).to_have_attribute(
        "href", re.compile(f"/talks/{talk}/screen\\?overlay$")
    )


def test_an_invitation_makes_a_moderator_of_who_opens_its_link(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = host.hold()
    desk = host.visit(f"/talks/{talk}/desk")
    desk.get_by_role("button", name="Links", exact=True).click()
    desk.get_by_label("As").select_option("Moderator")
    desk.get_by_role("button", name="Make an invitation").click()
    expect(desk.get_by_role("img", name="QR code of this invitation")).to_be_visible()
    sent = desk.get_by_role("region", name="Invitations").get_by_role("listitem")
    expect(sent).to_contain_text("open")

    link = desk.get_by_role("textbox", name="Link of this invitation").input_value()
    invited = new_visitor()
    page = invited.visit(link.removeprefix(host.gateway))

    expect(page.get_by_role("heading", level=1)).to_have_text("Why our tests are slow")
    expect(desk.locator(".crew")).to_contain_text("Moderator")
    expect(sent).to_contain_text("accepted")
