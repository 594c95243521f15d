"""The words that tell a moment from the rest of the talk's chat."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from replay.facts import Line

_WORD = re.compile(r"[^\W\d_][\w'\u2019-]{2,30}")
_SAID_BY = 3
"""A word that fewer people said tells nothing; and nobody can put one there alone."""
_SHARE = 0.5
"""A telling word was said then by at least half of all the people who ever said it."""
_MOST = 3


@dataclass(frozen=True, slots=True)
class Words:
    """Who said which word when; built once per talk, asked once per highlight."""

    offsets_s: Sequence[float]
    said: Sequence[tuple[str, frozenset[str]]]
    """Person and words of each line, in the order of ``offsets_s``."""
    by_everyone: Counter[str]
    """How many people said a word in the whole talk."""

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Self:
        """Read the lines of a talk."""
        spoken = sorted(line for line in lines if line.text)
        said = [(line.person, frozenset(_WORD.findall(line.text.lower()))) for line in spoken]
        return cls([line.offset_s for line in spoken], said, _people_by_word(said))

    def telling(self, begin_s: float, end_s: float) -> list[str]:
        """At most three words of the stretch that belong to it more than to the talk."""
        begin, end = (bisect_left(self.offsets_s, at) for at in (begin_s, end_s))
        inside = _people_by_word(self.said[begin:end])
        told = [
            (-people, word)
            for word, people in inside.items()
            if people >= _SAID_BY and people >= _SHARE * self.by_everyone[word]
        ]
        return [word for _, word in sorted(told)[:_MOST]]


def _people_by_word(said: Iterable[tuple[str, frozenset[str]]]) -> Counter[str]:
    pairs = {(person, word) for person, words in said for word in words}
    return Counter(word for _, word in pairs)
