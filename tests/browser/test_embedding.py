"""A talk in a page of another site, in a browser that keeps third-party cookies away from it."""

import re
from collections.abc import Iterator
from pathlib import Path

import made_session
import pytest
import sites
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright
from servers import free_port
from visitors import Gateway, NewVisitor, Visitor
from waiting import eventually

ICON = '<link rel="icon" href="data:,">'
SITE = f"http://localhost:{free_port()}"  # another site than 127.0.0.1, to the browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        blocking = ["--test-third-party-cookie-phaseout"]
        browser = playwright.chromium.launch(executable_path=chromium, args=blocking)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    with Gateway(folder, HEARHEAR_FRAME_ANCESTORS=SITE) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serve the pages of the other site from this folder."""
    folder = tmp_path_factory.mktemp("site")
    with sites.served(folder, int(SITE.rpartition(":")[2])):
        yield folder


def embedded(visitor: Visitor, site: Path, talk: str, attributes: str = "") -> FrameLocator:
    """Open a page of the other site that holds the talk."""
    script = f'<script src="{visitor.gateway}/embed.js" data-talk="{talk}" {attributes}></script>'
    (site / "page.html").write_text(
        f"<!doctype html><title>A site</title>{ICON}<h1>Ours</h1>{script}"
    )
    page = visitor.context.new_page()
    page.goto(f"{SITE}/page.html")
    return page.frame_locator("iframe")


def test_a_guest_joins_and_speaks_though_the_browser_keeps_no_cookie(
    site: Path, new_visitor: NewVisitor
) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = host.hold()
    room = embedded(guest, site, talk)

    room.get_by_label("What shall we call you?").fill("Nina")
    room.get_by_role("button", name="Join in").click()
    room.get_by_label("Say something or ask the panel").fill("Hello from another site")
    room.get_by_role("button", name="Say", exact=True).click()

    expect(room.get_by_role("log").locator("bdi")).to_have_text("Nina")
    assert [one for one in guest.context.cookies() if one["name"] == "hearhear"] == []


def test_the_site_says_who_is_looking(site: Path, new_visitor: NewVisitor) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = host.hold()
    token = guest.post("/api/sessions", {"name": "Sam of the site"})["token"]
    guest.context.clear_cookies()

    room = embedded(guest, site, talk, f'data-token="{token}"')

    room.get_by_label("Say something or ask the panel").fill("I was not asked for a name")
    room.get_by_role("button", name="Say", exact=True).click()
    expect(room.get_by_role("log").locator("bdi")).to_have_text("Sam of the site")


def test_a_token_that_is_no_good_leaves_a_reader_who_may_join(
    site: Path, new_visitor: NewVisitor
) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = host.hold()

    room = embedded(guest, site, talk, 'data-token="stale"')

    expect(room.get_by_label("What shall we call you?")).to_be_visible()


def surplus(page: Page) -> float:
    """Tell by how much the frame of a page is higher or lower than what is in it."""
    inner = page.frame_locator("iframe").locator("#page")
    needs: float = inner.evaluate("page => page.scrollHeight")
    return abs(page.locator("iframe").evaluate("frame => frame.clientHeight") - needs)


def test_the_frame_is_as_high_as_the_talk_needs(site: Path, new_visitor: NewVisitor) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = host.hold()
    room = embedded(guest, site, talk)
    expect(room.get_by_role("log")).to_be_visible()
    page = guest.context.pages[0]

    page.wait_for_function("document.querySelector('iframe').clientHeight != 640")

    assert surplus(page) <= 1
    assert room.locator("html").evaluate("page => page.scrollHeight <= page.clientHeight")


def test_who_comes_after_the_end_finds_the_replay_and_moves_through_it(
    site: Path, new_visitor: NewVisitor
) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = made_session.ended_by(host)

    replay = embedded(guest, site, talk, 'data-at="30"')

    position = replay.get_by_role("slider", name="Position in the talk")
    expect(position).to_have_value("30")
    rows = replay.get_by_role("log").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    early = rows.count()
    replay.get_by_role("region", name="Highlights").get_by_role("button").first.click()
    expect(rows.nth(early)).to_be_visible()
    assert abs(float(position.input_value()) - made_session.LOVED_S) <= 15
    replay.get_by_role("button", name="Copy link to this moment").click()
    expect(replay.get_by_role("status").get_by_text(re.compile("link|/talks/"))).to_be_visible()
    assert "/page.html" in guest.context.pages[0].url


def test_a_listener_in_a_frame_reacts_under_a_name_though_the_browser_keeps_no_cookie(
    site: Path, new_visitor: NewVisitor
) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = made_session.ended_by(host)
    replay = embedded(guest, site, talk, 'data-at="245"')
    ticks = replay.get_by_role("region", name="How it landed")

    ticks.get_by_role("button", name="Insightful").click()
    replay.get_by_label("What shall we call you?").fill("Lisa")
    replay.get_by_role("button", name="Join in").click()

    expect(replay.locator(".heat-legend")).to_contain_text("Listeners")
    assert [one for one in guest.context.cookies() if one["name"] == "hearhear"] == []


def test_a_room_that_ends_leads_to_its_replay_in_the_same_frame(
    site: Path, new_visitor: NewVisitor
) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = made_session.held_by(host)
    room = embedded(guest, site, talk, 'data-lang="de"')
    room.get_by_label("Wie dürfen wir dich nennen?").fill("Nina")
    room.get_by_role("button", name="Mitmachen").click()
    expect(room.get_by_role("log")).to_be_visible()

    host.command(talk, "end_talk")
    room.get_by_role("link", name="Zur Wiedergabe").click()

    expect(room.get_by_role("slider")).to_be_visible()
    expect(room.get_by_role("heading", name="Höhepunkte")).to_be_visible()
    assert f"/embed/{talk}/replay" in guest.context.pages[0].frames[1].url
    assert len(guest.context.pages) == 1


def test_the_frame_is_as_high_as_the_replay_needs(site: Path, new_visitor: NewVisitor) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = made_session.ended_by(host)
    replay = embedded(guest, site, talk)
    expect(replay.get_by_role("log")).to_be_visible()
    page = guest.context.pages[0]

    for width in (1440, 320):
        page.set_viewport_size({"width": width, "height": 800})
        eventually(lambda: surplus(page) <= 1, within_s=10, hint="the frame fits")

    assert replay.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth")


def test_a_site_that_is_not_listed_shows_nothing(site: Path, new_visitor: NewVisitor) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = host.hold()
    (site / "page.html").write_text("")
    page = guest.context.new_page()
    page.goto(f"{SITE.replace('localhost', '127.0.0.1')}/page.html")

    page.set_content(f'<iframe src="{guest.gateway}/embed/{talk}"></iframe>')

    expect(page.frame_locator("iframe").get_by_role("log")).to_have_count(0)
    assert any("frame-ancestors" in complaint for complaint in guest.complaints)
    guest.complaints.clear()
