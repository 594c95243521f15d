"""What the pages play: HLS by browser or library, players of video sites, or a link."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import made_session
import pytest
import sites
from playwright.sync_api import Page, expect
from servers import free_port
from visitors import Gateway, NewVisitor, Visitor
from waiting import eventually

MEDIA = f"http://127.0.0.1:{free_port()}"
ADDRESSES = {
    "youtube": "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
    "vimeo": "https://vimeo.com/76979871",
    "vimeo event": "https://vimeo.com/event/4325559/embed/1281fff32a",
}
PLAYS_NO_HLS = "HTMLMediaElement.prototype.canPlayType = () => '';"
HAS_LOADED = "() => document.querySelector('video')?.readyState >= 2"
HAS_SOUGHT = "() => !document.querySelector('video').seeking"
IS_BEYOND = "from => document.querySelector('.heat-seek').value > from"
PLAYS_ON = "from => document.querySelector('video').currentTime > from"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    allowed = {
        "HEARHEAR_MEDIA_SOURCES": MEDIA,
        "HEARHEAR_FRAME_SOURCES": ",".join(sites.ORIGIN.values()),
    }
    with Gateway(folder, **allowed) as gateway:
        yield gateway


@pytest.fixture(scope="module", autouse=True)
def media() -> Iterator[None]:
    with sites.served(Path("tests/fixtures/hls"), int(MEDIA.rpartition(":")[2])):
        yield


@pytest.fixture
def host(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Harriet")


def recorded(host: Visitor, url: str, *, late_s: float = 0) -> str:
    """Hold a talk that has this recording from its start on, or from some seconds later."""
    talk = made_session.ended_by(host)
    began = datetime.fromisoformat(
        host.read(f"/api/talks/{talk}/view")["view"]["talk"]["started_at"]
    )
    started_at = (began + timedelta(seconds=late_s)).isoformat()
    host.command(talk, "attach_recording", url=url, started_at=started_at)
    return talk


def listening_by(means: str, new_visitor: NewVisitor) -> Visitor:
    """Let somebody come whose HLS is played by the browser itself, or by the library."""
    listener = new_visitor()
    if means == "the library":
        listener.context.add_init_script(PLAYS_NO_HLS)
    return listener


def position(page: Page) -> float:
    return float(page.get_by_role("slider", name="Position in the talk").input_value())


@pytest.mark.parametrize("by", ["the browser", "the library"])
def test_an_hls_recording_plays_from_the_second_of_the_link(
    host: Visitor, new_visitor: NewVisitor, by: str
) -> None:
    talk = recorded(host, f"{MEDIA}/talk.m3u8")
    listener = listening_by(by, new_visitor)
    page = listener.visit(f"/talks/{talk}/replay?t=9")
    page.wait_for_function(HAS_LOADED)

    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(PLAYS_ON, arg=9.3)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("slider", name="Position in the talk").fill("17")

    page.wait_for_function(HAS_SOUGHT)
    assert page.locator("video").evaluate("video => video.currentTime") == pytest.approx(
        17, abs=0.1
    )
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    assert any("/vendor/hls.js" in name for name in loaded) == (by == "the library")


def shows_a_player(visitor: Visitor, site: str) -> Visitor:
    """Let their browser find a player where the video site would be."""
    page = sites.player_of(site)
    visitor.context.route(
        f"{sites.ORIGIN[site]}/**", lambda route: route.fulfill(body=page, content_type="text/html")
    )
    return visitor


def ticks_of(host: Visitor, talk: str) -> list[dict[str, Any]]:
    lines = host.context.request.get(f"{host.gateway}/api/talks/{talk}/log").text().splitlines()
    facts = [json.loads(line) for line in lines]
    return [fact for fact in facts if fact["type"].endswith("feedback-given")]


@pytest.mark.parametrize("site", ADDRESSES)
def test_a_reaction_carries_the_second_that_a_player_shows(
    host: Visitor, new_visitor: NewVisitor, site: str
) -> None:
    talk = host.hold()
    host.command(talk, "attach_recording", url=ADDRESSES[site], started_at="2026-03-14T12:00:00Z")
    page = shows_a_player(new_visitor("Ann"), site).visit(f"/talks/{talk}")
    expect(page.frame_locator("iframe").get_by_text("A player")).to_be_visible()

    page.frames[1].evaluate("() => { at = 600; plays = true; }")
    page.frames[1].wait_for_function("() => at > 601")
    before = page.frames[1].evaluate("at")
    page.get_by_role("button", name="Insightful").click()
    after = page.frames[1].evaluate("at")

    eventually(lambda: len(ticks_of(host, talk)) == 1, every_s=0.1)
    (tick,) = ticks_of(host, talk)
    assert before - 1 <= tick["data"]["media_s"] <= after + 1


@pytest.mark.parametrize("site", ADDRESSES)
def test_the_player_of_a_video_site_is_told_where_to_go_and_tells_where_it_is(
    host: Visitor, new_visitor: NewVisitor, site: str
) -> None:
    talk = recorded(host, ADDRESSES[site])
    page = shows_a_player(new_visitor(), site).visit(f"/talks/{talk}/replay?t=120")
    rows = page.get_by_role("log").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    early = rows.count()

    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.wait_for_function(IS_BEYOND, arg=121)
    page.get_by_role("region", name="Highlights").get_by_role("button").first.click()
    expect(rows.nth(early)).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).click()

    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert abs(position(page) - made_session.LOVED_S) <= 15


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        (
            "https://vimeo.com/76979871/8272103f6e",
            "https://player.vimeo.com/video/76979871?dnt=1&h=8272103f6e",
        ),
        (
            "https://player.vimeo.com/video/76979871?h=8272103f6e",
            "https://player.vimeo.com/video/76979871?dnt=1&h=8272103f6e",
        ),
        (
            "https://vimeo.com/showcase/111/video/76979871",
            "https://player.vimeo.com/video/76979871?dnt=1",
        ),
        ("https://vimeo.com/event/4325559", "https://vimeo.com/event/4325559/embed"),
        (
            "https://vimeo.com/event/4325559/1281fff32a",
            "https://vimeo.com/event/4325559/embed/1281fff32a",
        ),
    ],
)
def test_a_vimeo_address_leads_to_its_player_with_the_key_of_what_is_not_listed(
    host: Visitor, address: str, player: str
) -> None:
    page = host.visit("/")

    found = page.evaluate(
        "async address => (await import('/static/stream.js')).sourceOf(address)", address
    )

    assert found == {"how": "vimeo", "src": player}


def test_what_the_policy_does_not_allow_is_a_link_and_the_clock_plays(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = recorded(host, "https://media.example.org/talk.mp4")
    page = new_visitor().visit(f"/talks/{talk}/replay?t=30")

    link = page.get_by_role("link", name="Watch the stream on media.example.org")
    expect(link).to_have_attribute("href", "https://media.example.org/talk.mp4")
    page.get_by_role("button", name="Play", exact=True).click()

    page.wait_for_function(IS_BEYOND, arg=30)


def test_another_recording_goes_on_where_the_former_was_left(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = made_session.ended_by(host)
    page = new_visitor().visit(f"/talks/{talk}/replay?t=8")
    expect(page.get_by_text("There is no recording")).to_be_visible()
    page.get_by_role("slider").fill("12")

    began = host.read(f"/api/talks/{talk}/view")["view"]["talk"]["started_at"]
    host.command(talk, "attach_recording", url=f"{MEDIA}/talk.m3u8", started_at=began)

    page.wait_for_function(HAS_LOADED)
    assert page.locator("video").evaluate("video => video.currentTime") == pytest.approx(
        12, abs=0.1
    )


@pytest.mark.parametrize(
    ("gone", "by"),
    [("gone.mp3", "the browser"), ("gone.m3u8", "the browser"), ("gone.m3u8", "the library")],
)
def test_a_recording_that_is_gone_leaves_the_timeline_to_move_along(
    host: Visitor, new_visitor: NewVisitor, gone: str, by: str
) -> None:
    talk = recorded(host, f"{MEDIA}/{gone}")
    listener = listening_by(by, new_visitor)

    page = listener.visit(f"/talks/{talk}/replay?t=70")

    expect(
        page.get_by_text("The timeline shows the room at any second all the same.")
    ).to_be_visible()
    assert position(page) == 70
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(IS_BEYOND, arg=70)
    expect(page.locator(".replay-feed .row").first).to_be_visible()
    listener.complaints[:] = [one for one in listener.complaints if "404" not in one]  # its own


def test_a_recording_that_began_after_the_talk_by_its_clock_says_so(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = recorded(host, f"{MEDIA}/talk.m3u8", late_s=2 * made_session.LENGTH_S)
    page = new_visitor().visit(f"/talks/{talk}/replay?t=70")
    warning = page.get_by_text("By its clock, the recording began after the talk was over.")
    expect(warning).to_be_visible()

    host.command(talk, "correct_clock", shift_s=2 * made_session.LENGTH_S)

    expect(warning).to_be_hidden()
    expect(page.get_by_role("button", name=list(made_session.TOPICS.values())[2])).to_be_visible()
