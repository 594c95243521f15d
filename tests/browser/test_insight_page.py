"""The insight page: curves with their numbers, for visitors and for hosts, beside another talk."""

import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from visitors import Gateway, NewVisitor, Visitor
from waiting import eventually

KINDS = ("agree", "funny", "lost")
LABELS = {"agree": "Agree", "funny": "Funny", "lost": "Lost me"}


@pytest.fixture
def host(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Harriet")


@pytest.fixture
def talk(host: Visitor, new_visitor: NewVisitor) -> str:
    """Six people react to two topics; one asks, some vote."""
    talk = host.hold("Why our tests are slow")
    crowd = [new_visitor(f"Guest {number}") for number in range(6)]
    for title in ("What slow means", "What to share"):
        topic = host.command(talk, "introduce_topic", title=title)["topic"]
        host.command(talk, "open_topic", topic=topic)
        for number, guest in enumerate(crowd):
            guest.command(talk, "give_feedback", kind="agree")
            guest.command(talk, "give_feedback", kind=KINDS[number % 3])
    question = crowd[0].command(talk, "ask_question", text="How slow is too slow?")["question"]
    for guest in crowd[:5]:
        guest.command(talk, "cast_vote", question=question)
    return talk


def opened(visitor: Visitor, talk: str, query: str = "") -> Page:
    page = visitor.visit(f"/talks/{talk}/insight{query}")
    expect(page.locator(".insight-chart canvas").first).to_be_visible()
    return page


def test_a_host_sees_curves_funnel_and_votes(host: Visitor, talk: str) -> None:
    page = opened(host, talk)

    chart = page.get_by_role("img", name=re.compile(r"Agree: at most \d"))
    expect(chart).to_be_visible()
    funnel = page.get_by_role("region", name="How far people came")
    expect(funnel.get_by_role("listitem")).to_have_text(
        ["joined7", "ticked6", "voted5", "askedfewer than 5"]
    )
    asked = page.get_by_role("region", name="What was asked")
    expect(asked.get_by_role("row").nth(1)).to_contain_text("How slow is too slow?")
    landed = page.get_by_role("region", name="By topic and kind")
    expect(landed.get_by_role("row")).to_have_count(3)  # only what all six did is told
    page.get_by_role("region", name="How it landed").get_by_text("Show the SQL").click()
    expect(page.get_by_text("COUNT(DISTINCT attendee) AS people")).to_be_visible()


def test_topics_kinds_and_buckets_are_chosen_by_keyboard(host: Visitor, talk: str) -> None:
    page = opened(host, talk)
    topic = page.get_by_role("button", name="What to share")

    topic.focus()
    page.keyboard.press("Enter")
    expect(topic).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Funny").press("Space")
    expect(page.get_by_role("button", name="Funny")).to_have_attribute("aria-pressed", "false")
    page.get_by_label("People counted per").select_option("1m")

    expect(page.get_by_role("link", name="CSV").first).to_have_attribute(
        "href", re.compile(rf"/api/talks/{talk}/feedback\.csv\?bucket=1m&topic=")
    )


def test_dragging_over_a_chart_looks_closer_and_a_button_takes_it_back(
    host: Visitor, talk: str
) -> None:
    page = opened(host, talk)
    whole = page.get_by_role("button", name="Show the whole talk")
    expect(whole).to_be_disabled()
    box = page.locator(".u-over").first.bounding_box()
    assert box

    page.mouse.move(box["x"] + 5, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50, steps=4)
    page.mouse.up()
    expect(whole).to_be_enabled()
    whole.click()

    expect(whole).to_be_disabled()


def test_two_talks_stand_side_by_side(host: Visitor, talk: str, gateway: Gateway) -> None:
    other = host.hold("A garden on every roof")
    del gateway

    page = opened(host, talk)
    page.get_by_label("Beside it").select_option(other)

    expect(page.get_by_role("article")).to_have_count(2)
    assert f"with={other}" in page.url


def test_a_visitor_sees_what_the_room_saw(new_visitor: NewVisitor, talk: str) -> None:
    page = opened(new_visitor(), talk)

    expect(page.get_by_text("Hosts and analysts see more here")).to_be_visible()
    expect(page.get_by_role("region", name="How far people came")).to_have_count(0)


def test_the_sql_that_is_shown_finds_what_is_drawn(
    host: Visitor, talk: str, gateway: Gateway
) -> None:
    page = opened(host, talk)
    landed = page.get_by_role("region", name="How it landed")
    for topic in ("All topics", "What to share"):
        page.get_by_role("button", name=topic).click()
        expect(page.get_by_role("button", name=topic)).to_have_attribute("aria-pressed", "true")
        eventually(lambda: people_found(gateway, shown_sql(landed)) == people_drawn(landed))
        assert people_drawn(landed)

    funnel = page.get_by_role("region", name="How far people came")
    assert answered(gateway, shown_sql(funnel)) == [(7, 6, 5, 1)]  # nothing too small for SQL
    asked = page.get_by_role("region", name="What was asked")
    assert [votes for *_, votes in answered(gateway, shown_sql(asked))] == [1, 2, 3, 4, 5]


def shown_sql(part: Locator) -> str:
    return str(part.locator("pre").text_content())


def answered(gateway: Gateway, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database of the views."""
    with closing(sqlite3.connect(gateway.folder / "hearhear-views.db")) as views:
        return views.execute(sql).fetchall()


def people_found(gateway: Gateway, sql: str) -> dict[tuple[str, str], int]:
    return {
        (f"{second // 60}:{second % 60:02}", LABELS[kind]): people
        for second, kind, _, people in answered(gateway, sql)
    }


def people_drawn(part: Locator) -> dict[tuple[str, str], int]:
    """Read the numbers of the chart, of which nobody is left out."""
    labels = part.locator("thead th").all_text_contents()[1:]
    found = {}
    for row in part.locator("tbody tr").all():
        at, *cells = row.locator("td").all_text_contents()
        found |= {(at, label): int(cell) for label, cell in zip(labels, cells, strict=True)}
    return {key: people for key, people in found.items() if people}


def test_the_page_speaks_the_reader_s_language(host: Visitor, talk: str) -> None:
    for language, words in (("de", "Wie es ankam"), ("fr", "Comment c\u2019est passé")):
        page = opened(host, talk, f"?lang={language}")
        expect(page.get_by_role("heading", name=words)).to_be_visible()


def test_on_a_phone_tables_fit_and_rows_under_a_chart_adjoin(host: Visitor, talk: str) -> None:
    page = opened(host, talk)
    page.set_viewport_size({"width": 360, "height": 800})

    for name in ("By topic and kind", "What was asked"):
        table = page.get_by_role("region", name=name).locator(".insight-scroll")
        assert table.evaluate("box => box.scrollWidth - box.clientWidth") == 0, name
    downloads, sql = (
        page.get_by_role("region", name="How far people came").locator(part).bounding_box()
        for part in (".insight-foot", "details")
    )
    assert downloads is not None
    assert sql is not None
    assert sql["y"] - (downloads["y"] + downloads["height"]) == pytest.approx(0, abs=1)
    assert downloads["height"] < 60  # on one line
