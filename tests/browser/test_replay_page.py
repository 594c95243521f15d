"""The demo's pages in a real browser: the live talk fills, the replay jumps to what was loved."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from visitors import Gateway, NewVisitor, Visitor
from waiting import eventually

LOVED_S = (60.0, 150.0)
CLOSE_S = 10.0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("demo")
    moments = ",".join(str(moment) for moment in LOVED_S)
    with Gateway(folder, "demo", "--json", "--moments", moments, "--people", "80") as demo:
        yield demo


@pytest.fixture
def links(gateway: Gateway) -> dict[str, str]:
    """Return the paths that the demo printed, by what they are for."""
    eventually(lambda: "}" in gateway.log.read_text(), within_s=30)
    printed = gateway.log.read_text()
    told = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    return {name: address.removeprefix(gateway.url) for name, address in told.items()}


@pytest.fixture
def listener(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


def second(page: Page) -> float:
    played: float = page.locator("audio").evaluate("audio => audio.currentTime")
    return played


def test_the_live_talk_fills_while_one_watches(listener: Visitor, links: dict[str, str]) -> None:
    page = listener.visit(links["attendee"])
    rows = page.get_by_role("log").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    newest = rows.last.get_attribute("data-item")

    expect(rows.last).not_to_have_attribute("data-item", str(newest))


def test_the_replay_jumps_to_the_moments_that_were_loved(
    listener: Visitor, links: dict[str, str]
) -> None:
    page = listener.visit(links["replay"])
    highlights = page.get_by_role("region", name="Highlights").get_by_role("button")
    expect(highlights.first).to_be_visible()

    reached = []
    for _ in LOVED_S:
        page.keyboard.press("n")
        reached.append(second(page))

    for moment, start in zip(LOVED_S, reached, strict=True):
        assert abs(start - moment) <= CLOSE_S
    page.keyboard.press("p")
    assert second(page) == reached[0]
    expect(highlights.first.locator("..")).to_have_attribute("aria-current", "true")


def test_why_it_is_a_highlight_is_told_in_the_reader_s_language(
    new_visitor: NewVisitor, links: dict[str, str]
) -> None:
    page = new_visitor("", locale="de-DE").visit(links["replay"])

    first = page.get_by_role("region", name="Höhepunkte").get_by_role("listitem").first

    expect(first).to_contain_text("Personen innerhalb von")
    expect(first).to_contain_text("vor allem")
    expect(first).not_to_contain_text("people")


def test_the_recording_plays_on_from_where_one_jumped(
    listener: Visitor, links: dict[str, str]
) -> None:
    page = listener.visit(links["replay"])
    highlight = page.get_by_role("region", name="Highlights").get_by_role("button").nth(1)
    highlight.click()
    start = second(page)

    page.get_by_role("button", name="Play", exact=True).click()

    page.wait_for_function(
        "start => document.querySelector('audio').currentTime > start + 0.3", arg=start
    )
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_the_browser_reads_the_chapters_as_a_text_track(
    listener: Visitor, links: dict[str, str]
) -> None:
    page = listener.visit(links["replay"])
    chapters = page.get_by_role("region", name="Chapters").get_by_role("button")
    expect(chapters.first).to_be_visible()

    cues = page.evaluate(
        """async () => {
          const track = document.querySelector("audio track");
          track.track.mode = "hidden";
          if (track.readyState !== 2) await new Promise((done) => (track.onload = done));
          return [...track.track.cues].map(({ startTime, text }) => [startTime, text]);
        }"""
    )

    titles = chapters.locator("strong").all_inner_texts()
    assert [text for _, text in cues] == titles
    assert cues[0][0] == 0


def test_a_shared_link_opens_the_room_as_it_was_at_that_second(
    listener: Visitor, links: dict[str, str]
) -> None:
    page = listener.visit(f"{links['replay']}?t=30")
    rows = page.get_by_role("log").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    early = rows.count()

    page.get_by_role("slider", name="Position in the talk").fill("120")

    expect(rows.nth(early)).to_be_visible()
    assert second(page) == 120
    page.get_by_role("slider", name="Position in the talk").press("Home")
    expect(page.get_by_text("Nobody had said anything at this second.")).to_be_visible()


def test_what_was_said_is_searched_and_jumped_to(listener: Visitor, links: dict[str, str]) -> None:
    page = listener.visit(links["replay"])
    page.get_by_role("searchbox").fill("WINDY nights")
    first = page.get_by_role("search").get_by_role("button").first
    at = first.locator(".jump-at").inner_text()

    first.click()

    minutes, seconds = map(int, at.split(":"))
    assert int(second(page)) == minutes * 60 + seconds


def test_chapters_and_cut_list_are_there_to_be_taken_along(
    listener: Visitor, links: dict[str, str]
) -> None:
    page = listener.visit(links["replay"])
    page.get_by_text("Downloads").click()
    offered = page.locator(".downloads").get_by_role("link")

    taken = {}
    for link in offered.all():
        with page.expect_download() as download:
            link.click()
        taken[link.inner_text()] = download.value.path().read_text()

    assert taken["Cut list of the highlights (ffmpeg)"].startswith("ffconcat version 1.0")
    assert taken["Chapters (WebVTT)"].startswith("WEBVTT")
    assert len(taken) == 7
    assert all(taken.values())


def test_a_listener_ticks_and_the_curve_of_listeners_appears(
    new_visitor: NewVisitor, links: dict[str, str]
) -> None:
    page = new_visitor().visit(f"{links['replay']}?t=75")
    legend, ticks = page.locator(".heat-legend"), page.get_by_role("region", name="How it landed")
    expect(legend).to_contain_text("Loved")
    expect(legend).not_to_contain_text("Listeners")

    ticks.get_by_role("button", name="Insightful").click()
    page.get_by_label("What shall we call you?").fill("Lisa")
    page.get_by_role("button", name="Join in").click()

    expect(legend).to_contain_text("Listeners")


def test_the_host_link_opens_the_desk_and_the_host_pins_renames_and_takes_it_back(
    new_visitor: NewVisitor, links: dict[str, str]
) -> None:
    host = new_visitor()
    desk = host.visit(links["host"])  # it works once
    expect(desk.get_by_role("button", name="End the talk")).to_be_visible()
    assert urlsplit(desk.url).fragment == ""
    page = host.visit(f"{links['replay']}?t=110")
    highlights = page.get_by_role("region", name="Highlights")

    page.get_by_role("button", name="Pin this moment").click()
    box = page.get_by_role("dialog")
    box.get_by_label("Title").fill("The hum")
    box.get_by_role("button", name="Pin this moment").click()
    expect(highlights.get_by_text("The hum")).to_be_visible()
    page.get_by_role("button", name="Rename: The hum").click()
    box.get_by_label("Title").fill("The song")
    box.get_by_role("button", name="Rename", exact=True).click()
    expect(highlights.get_by_text("The song")).to_be_visible()

    page.get_by_text("corrections").click()
    page.get_by_role("button", name="Undo: Renamed a highlight").click()

    expect(highlights.get_by_text("The hum")).to_be_visible()
    expect(highlights.get_by_text("The song")).to_be_hidden()
    page.get_by_role("button", name="Undo: Pinned a highlight").click()
    expect(highlights.get_by_text("The hum")).to_be_hidden()
