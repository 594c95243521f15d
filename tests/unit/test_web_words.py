"""What the pages say stands in every catalogue, and nothing else does."""

import json
import re
from pathlib import Path

import pytest

WEB = Path("gateway/web")
LANGUAGES = ("en", "de", "fr")
MADE_BY = (  # keys put together at run time: t(`refused.${reason}`)
    "ballot.by.", "corrected.", "desk.state.", "download.", "feed.", "feedback.", "heat.",
    "insight.", "item.", "kind.", "refused.", "role.", "room.", "rules.access", "rules.hold",
    "rules.names", "rules.votes", "share.", "state.", "talk.", "talks.", "trail.",
)  # fmt: skip


def catalogue(language: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((WEB / "locales" / f"{language}.json").read_text("utf-8"))
    return words


def key_of(entry: str) -> str:
    return re.sub(r"_(one|other)$", "", entry)


def said() -> set[str]:
    """Return every key that stands as a plain string in the modules."""
    source = "\n".join(path.read_text("utf-8") for path in WEB.glob("*.js"))
    return set(re.findall(r'"([a-z]+(?:\.[a-zA-Z]+)+)"', source))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    assert catalogue(language).keys() == catalogue("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fills_in_the_same_values(language: str) -> None:
    english = catalogue("en")

    for key, words in catalogue(language).items():
        assert set(re.findall(r"\{\w+\}", words)) == set(re.findall(r"\{\w+\}", english[key])), key


def test_the_modules_ask_for_no_words_that_are_missing() -> None:
    known = {key_of(entry) for entry in catalogue("en")}
    asked = set()
    for path in WEB.glob("*.js"):
        asked |= set(re.findall(r'\bt\(\s*"([\w.]+)"', path.read_text("utf-8")))

    assert asked <= known | {"key"}


def test_no_words_are_kept_that_nobody_says() -> None:
    asked = said()

    for entry in catalogue("en"):
        assert key_of(entry) in asked or key_of(entry).startswith(MADE_BY), entry
