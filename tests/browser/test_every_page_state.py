"""Every page in every state: nothing for axe to mend, nothing overflows, no word in the console."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from page_states import STATES, WIDTHS, House, PageState
from playwright.sync_api import Browser, Page
from visitors import Gateway

VIOLATIONS = """
(options) => axe.run({resultTypes: ["violations"], ...options}).then(({violations}) =>
  violations.flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.target} ${node.html}`)))
"""
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
OVERFLOWS = "() => document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def house(browser: Browser, gateway: Gateway) -> House:
    house = House(browser, gateway.url)
    house.settle()
    return house


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_there_is_nothing_to_mend(house: House, state: PageState) -> None:
    with house.open(state) as page:
        page.evaluate(AXE_SCRIPT)
        found = [f"{look}: {wrong}" for look, wrong in wrongs(page)]

    complaints = house.complaints()
    assert found == []
    assert state.is_refused or complaints == []


def wrongs(page: Page) -> Iterator[tuple[str, str]]:
    """Look at the page in each width and colour scheme; tell what is wrong, and in which.

    Every rule looks at each width once and at each scheme once; those about colours look at all.
    """
    for width, (across, down) in WIDTHS.items():
        page.set_viewport_size({"width": across, "height": down})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            is_whole = (width, scheme) in {("phone", "light"), ("wide", "dark")}
            for wrong in page.evaluate(VIOLATIONS, {} if is_whole else COLOURS):
                yield f"{width}, {scheme}", wrong
        if page.evaluate(OVERFLOWS):
            yield width, "it overflows"
