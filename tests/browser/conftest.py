"""Fixtures of the browser tests: one Chromium for a module, a fresh visitor for each test.

Not one for the whole run: while it is open Playwright's own event loop counts as running, and
no other test could run one.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


@pytest.fixture
def new_visitor(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Let somebody come with a browser of their own: cookies and storage are theirs alone."""
    visitors: list[BrowserContext] = []

    def visitor(**options: object) -> BrowserContext:
        context = browser.new_context(locale="en-GB", **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        visitors.append(context)
        return context

    yield visitor
    for context in visitors:
        context.close()


@pytest.fixture
def page(new_visitor: Callable[..., BrowserContext]) -> Page:
    return new_visitor().new_page()
