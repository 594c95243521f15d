"""The reference says what the code says: `make reference` would change nothing."""

from pathlib import Path

import pytest

from scripts import reference

PAGES = sorted(reference.FOLDER.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_says_what_the_code_says(page: Path) -> None:
    written = page.read_text(encoding="utf-8")

    assert written == reference.renewed(written), "run: make reference"


def test_every_block_stands_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert {name for _, name, _ in reference.BLOCK.findall(text)} == set(reference.BLOCKS)
