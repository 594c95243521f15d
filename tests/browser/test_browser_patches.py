"""The browser applies patches just as the projections make them."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from projections import patch as merge_patch

# The examples of RFC 7396, appendix A, that are records at both ends.
CASES: list[tuple[Any, Any]] = [
    ({"a": "b"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}),
    ({"a": "b"}, {"a": None}),
    ({"a": "b", "b": "c"}, {"a": None}),
    ({"a": ["b"]}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}),
    ({"e": None}, {"a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}),
    ({"a": "b"}, {"a": {"b": "c"}}),
]


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def files() -> Iterator[str]:
    """Where the parts of the pages are served, without a gateway behind them."""
    handler = partial(_Quiet, directory="gateway/web")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def patches(browser: Browser, files: str) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"{files}/icon.svg")
    yield page
    page.close()


def applied(page: Page, files: str, target: Any, *changes: Any) -> Any:
    script = """async ([address, target, changes]) => {
        const { patched } = await import(address);
        const own = new WeakSet();
        const before = JSON.stringify(target);
        const after = changes.reduce((whole, change) => patched(whole, change, own), target);
        return { after, untouched: JSON.stringify(target) === before };
    }"""
    result = page.evaluate(script, [f"{files}/patch.js", target, list(changes)])
    assert result["untouched"]
    return result["after"]


@pytest.mark.parametrize(("target", "change"), CASES, ids=json.dumps)
def test_a_patch_is_applied_as_the_projections_apply_it(
    patches: Page, files: str, target: Any, change: Any
) -> None:
    assert applied(patches, files, target, change) == merge_patch.apply(target, change)


def test_patches_between_two_drawings_leave_what_was_drawn_alone(patches: Page, files: str) -> None:
    drawn = {"feed": {"1": {"text": "Hello"}, "2": {"text": "Hi"}}}

    after = applied(patches, files, drawn, {"feed": {"3": {"text": "Hey"}}}, {"feed": {"1": None}})

    assert after == {"feed": {"2": {"text": "Hi"}, "3": {"text": "Hey"}}}
