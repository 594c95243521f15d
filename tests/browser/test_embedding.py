"""A talk in a page of another site, in a browser that keeps third-party cookies away from it."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, FrameLocator, expect, sync_playwright
from servers import free_port
from visitors import Gateway, NewVisitor, Visitor

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


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serve the pages of the other site from this folder."""
    folder = tmp_path_factory.mktemp("site")
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", int(SITE.rpartition(":")[2])), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield folder
        server.shutdown()


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


def test_the_frame_is_as_high_as_the_talk_needs(site: Path, new_visitor: NewVisitor) -> None:
    host, guest = new_visitor("Harriet"), new_visitor()
    talk = host.hold()
    room = embedded(guest, site, talk)
    expect(room.get_by_role("log")).to_be_visible()

    frame = guest.context.pages[0].locator("iframe")

    def surplus() -> float:
        inner = room.locator("#page").evaluate("page => page.scrollHeight")
        return abs(frame.evaluate("frame => frame.clientHeight") - inner)

    guest.context.pages[0].wait_for_function("document.querySelector('iframe').clientHeight != 640")
    assert surplus() <= 1
    assert room.locator("html").evaluate("page => page.scrollHeight <= page.clientHeight")


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
