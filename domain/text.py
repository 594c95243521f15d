"""What people write: trimmed, never empty, never longer than its limit."""

import unicodedata

from domain.errors import TextEmpty, TextTooLong

TEXT_LIMIT = 2000  # characters of lines, questions and answers
NAME_LIMIT = 80
TITLE_LIMIT = 300

_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
_KEPT = {"\n", "\t"}
_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def checked(text: str, *, limit: int = TEXT_LIMIT, field: str = "text") -> str:
    """Return the text without white space around it.

    Raises ``TextEmpty`` when there is nothing to see in it and ``TextTooLong`` when
    it has more than ``limit`` characters.
    """
    trimmed = text.strip()
    if all(unicodedata.category(character) in _INVISIBLE for character in trimmed):
        raise TextEmpty("there is nothing to read in this text", field=field)
    if len(trimmed) > limit:
        raise TextTooLong(f"at most {limit} characters, these are {len(trimmed)}", field=field)
    return trimmed


def plain(text: str) -> str:
    """Return a text of a stranger's without what only tricks the eye or a terminal.

    Control characters (NUL among them), halves of characters, and the marks that turn the
    direction of what follows them.
    """
    return "".join(
        character
        for character in text.replace("\r\n", "\n")
        if character in _KEPT
        or not (character in _TURNING or unicodedata.category(character) in {"Cc", "Cs"})
    )
