"""How people find a talk without its long address: a short code to type, a QR code to scan."""

import io
from collections.abc import Iterable
from hashlib import blake2b

import segno

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Nothing that reads as something else when projected, and no vowels to make words of."""

LENGTH = 6
QUIET_ZONE = 4  # modules, as ISO/IEC 18004 asks for


def code_of(talk: str) -> str:
    """Tell the code of a talk: it follows from the talk's id, so nothing has to keep it."""
    number = int.from_bytes(blake2b(talk.encode(), digest_size=8).digest())
    letters = []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def talk_of(code: str, talks: Iterable[str]) -> str:
    """Find the talk of a code as somebody typed it; empty when there is none.

    Costs a hash per talk. Two talks of 28**6 (482 million) may share a code: the first counts.
    """
    typed = "".join(letter for letter in code.upper() if letter in ALPHABET)
    return next((talk for talk in talks if code_of(talk) == typed), "")


def qr_of(text: str) -> bytes:
    """Draw a QR code as SVG: dark on light in every colour scheme, so that cameras read it."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="l").save(
        drawn, kind="svg", xmldecl=False, omitsize=True, border=QUIET_ZONE, light="#fff"
    )
    return drawn.getvalue()
