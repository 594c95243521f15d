"""Take pictures of every page, as people see them on a desk and on a phone: ``make screenshots``.

Starts the demo, opens its pages in the installed Chromium, and writes ``screenshots/*.png``.
"""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "screenshots"
SIZES = {"wide": (1280, 800), "phone": (390, 844)}
LOVED_S = 150  # a moment of the finished talk that its audience loved
SETTLES_MS = 4_000  # for the live talk to move on, and for fonts and curves to be drawn


def main() -> None:
    """Take all pictures."""
    chromium = shutil.which("chromium") or sys.exit("screenshots: needs chromium on the PATH")
    FOLDER.mkdir(exist_ok=True)
    demo = _start()
    try:
        pages = _pages(demo)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium))
            _take(browser.new_context(), pages)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=15)


def _start() -> subprocess.Popen[str]:
    """Start a demo whose live talk has got going when the pictures are taken."""
    command = [sys.executable, str(ROOT / "hearhear.py"), "demo", "--seed", "7", "--speed", "3"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603


def _pages(demo: subprocess.Popen[str]) -> dict[str, str]:
    """Wait for the links that the demo prints, and name the pages behind them."""
    links: dict[str, str] = {}
    for line in demo.stdout or ():
        if found := re.match(r"\s*(host|attendee|replay)\s+(http\S+)", line):
            links[found[1]] = found[2]
        if len(links) == len(("host", "attendee", "replay")):
            talks = links["attendee"].partition("/talks/")[0] + "/"
            return {
                "talks": talks,
                "desk": links["host"],
                "live": links["attendee"],
                "replay": f"{links['replay']}?t={LOVED_S}",
            }
    sys.exit("screenshots: the demo ended before it printed its links")


def _take(context: BrowserContext, pages: dict[str, str]) -> None:
    """Take one picture of each page in each size; the host's link works once, so it is first."""
    page = context.new_page()
    for name in ("desk", "live", "replay", "talks"):
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            _open(page, pages[name])
            page.screenshot(path=FOLDER / f"{name}-{size}.png")


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_timeout(SETTLES_MS)


if __name__ == "__main__":
    main()
