"""Fixtures of the browser tests: a Chromium and a gateway for a module, fresh visitors for a test.

Not one browser for the whole run: while it is open Playwright's own event loop counts as
running, and no other test could run one.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from visitors import Gateway, NewVisitor, Visitor

WAITS_MS = 30_000  # a busy machine draws late; what should be quick says so itself
expect.set_options(timeout=WAITS_MS)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def new_visitor(browser: Browser, gateway: Gateway) -> Iterator[NewVisitor]:
    """Let people come, each with cookies and storage of their own; nobody may have complaints."""
    visitors: list[Visitor] = []

    def come(name: str = "", **options: object) -> Visitor:
        context = browser.new_context(**{"locale": "en-GB", **options})  # type: ignore[arg-type]
        context.set_default_timeout(WAITS_MS)
        visitor = Visitor(context, gateway.url)
        visitors.append(visitor)
        return visitor.join(name) if name else visitor

    yield come
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []
