"""Take pictures of every page in every state: ``make screenshots``.

Each on a phone and on a desk, in the light and in the dark, into ``screenshots/*.png``.
``make screenshots ARGS="desk panel-ended"`` takes those whose names begin so.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from page_states import STATES, House, PageState
from playwright.sync_api import sync_playwright
from visitors import Gateway

FOLDER = Path(__file__).parents[1] / "screenshots"
SIZES = {"phone": (390, 844), "wide": (1440, 900)}
SCHEMES = ("light", "dark")


def main(wanted: Sequence[str]) -> None:
    """Take the pictures of all states, or of those whose names begin as wanted."""
    chromium = shutil.which("chromium")
    states = [state for state in STATES if state.name.startswith(tuple(wanted) or "")]
    if not states:
        sys.exit(f"screenshots: no page state begins with {' or '.join(wanted)}")
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Gateway(Path(folder)) as gateway,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium)
        house = House(browser, gateway.url)
        house.settle()
        for state in states:
            take(house, state)
        browser.close()


def take(house: House, state: PageState) -> None:
    """Take one state in every size and colour scheme; only an overlay's ground is transparent."""
    with house.open(state) as page:
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                path = FOLDER / f"{state.name}-{size}-{scheme}.png"
                page.screenshot(path=path, omit_background=True)


if __name__ == "__main__":
    main(sys.argv[1:])
