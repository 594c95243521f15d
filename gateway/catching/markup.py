"""From a post's HTML to the text a reader sees."""

import html
import re

import nh3

from domain.text import TEXT_LIMIT

_LINE_ENDS = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BLOCK_ENDS = re.compile(r"</(?:p|div|li|blockquote|h[1-6]|pre)\s*>", re.IGNORECASE)
_MANY_ENDS = re.compile(r"\s*\n\s*\n\s*")


def text_of(markup: str) -> str:
    """Take the markup off; paragraphs keep an empty line between them."""
    spaced = _BLOCK_ENDS.sub("\n\n", _LINE_ENDS.sub("\n", markup))
    return _MANY_ENDS.sub("\n\n", html.unescape(nh3.clean(spaced, tags=set()))).strip()


def shortened(text: str, limit: int = TEXT_LIMIT) -> str:
    """Cut what is longer than a post may be; the link leads to the rest."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
