"""What replay needs to know of a talk: plain values, whoever read them from wherever.

All times are seconds since the talk started (*offsets*), so nothing here depends on
a wall clock. The same values describe a live talk so far and an ended one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LINE, VOTE = "(line)", "(vote)"
"""What a chat line and a vote are called where they stand beside kinds of feedback."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of feedback tick: its label, and the curve it counts in."""

    label: str
    curve: str = "none"
    """loved, lost, funny or none; every kind counts in the curve "all"."""


@dataclass(frozen=True, slots=True, eq=False)
class Ticks:
    """Many ticks as columns: row i is what ``people[person[i]]`` felt at ``offset_s[i]``.

    The order of the rows means nothing.
    """

    offset_s: Floats
    person: Ints
    kind: Ints
    media_s: Floats
    """Where that person's player stood; NaN where the page did not know."""
    people: tuple[str, ...]
    kinds: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.offset_s)

    @classmethod
    def of(cls, rows: Iterable[tuple[float, str, str, float | None]]) -> Self:
        """Columns from rows of (offset_s, person, kind, media_s)."""
        people: dict[str, int] = {}
        kinds: dict[str, int] = {}
        offset_s, person, kind, media_s = [], [], [], []
        for at, who, what, media in rows:
            offset_s.append(at)
            person.append(people.setdefault(who, len(people)))
            kind.append(kinds.setdefault(what, len(kinds)))
            media_s.append(np.nan if media is None or media < 0 else media)
        return cls(
            np.array(offset_s, float),
            np.array(person, np.int64),
            np.array(kind, np.int64),
            np.array(media_s, float),
            tuple(people),
            tuple(kinds),
        )

    def ordered(self) -> "Ticks":
        """The same ticks by time, then by kind: one order for all orders of arrival."""
        name_order = np.argsort(np.array(self.kinds)) if self.kinds else np.array([], np.int64)
        rank = np.empty(len(self.kinds), np.int64)
        rank[name_order] = np.arange(len(self.kinds))
        rows = np.lexsort((self.media_s, rank[self.kind], self.offset_s))
        return replace(
            self,
            offset_s=self.offset_s[rows],
            person=self.person[rows],
            kind=self.kind[rows],
            media_s=self.media_s[rows],
        )

    def also(self, other: "Ticks") -> "Ticks":
        """These ticks and the others; a person in both stays one person."""
        people = {name: code for code, name in enumerate(self.people)}
        kinds = {name: code for code, name in enumerate(self.kinds)}
        person_of = [people.setdefault(name, len(people)) for name in other.people]
        kind_of = [kinds.setdefault(name, len(kinds)) for name in other.kinds]
        return Ticks(
            np.concatenate([self.offset_s, other.offset_s]),
            np.concatenate([self.person, np.array(person_of, np.int64)[other.person]]),
            np.concatenate([self.kind, np.array(kind_of, np.int64)[other.kind]]),
            np.concatenate([self.media_s, other.media_s]),
            tuple(people),
            tuple(kinds),
        )


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A visible chat line; ``text`` is empty when only the fact is known."""

    offset_s: float
    person: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question put to the panel, and the stretch in which it was answered."""

    id: str
    text: str
    asked_s: float
    answered_from_s: float | None = None
    answered_to_s: float | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """A standing vote, and when it was cast."""

    offset_s: float
    person: str
    question: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A stretch of the talk with a title; ``closed_s`` is None while it is current."""

    id: str
    title: str
    opened_s: float
    closed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """From the talk's clock to the recording's, piece by piece.

    From offset ``pieces[i][0]`` on, the recording shows ``pieces[i][1]`` and runs along;
    a piece ends where the next begins. Time that a cut took out maps to the cut itself.
    """

    pieces: tuple[tuple[float, float], ...] = ((0.0, 0.0),)

    def media(self, offset_s: Floats) -> Floats:
        """The media time of each offset, never before the recording begins."""
        media_s, limit = self._running(offset_s)
        return np.asarray(np.maximum(0.0, np.minimum(media_s, limit)))

    def shows(self, offset_s: Floats) -> NDArray[np.bool_]:
        """Whether the recording shows what happened at each offset."""
        media_s, limit = self._running(offset_s)
        return np.asarray((media_s >= 0) & (media_s < limit))

    def _running(self, offset_s: Floats) -> tuple[Floats, Floats]:
        """The media time if nothing were cut, and where the piece ends."""
        begins, shows = (np.array(column, float) for column in zip(*self.pieces, strict=True))
        piece = np.maximum(np.searchsorted(begins, offset_s, side="right") - 1, 0)
        media_s = shows[piece] + (offset_s - begins[piece])
        return media_s, np.append(shows[1:], np.inf)[piece]

    def media_at(self, offset_s: float) -> float:
        """The media time of one offset."""
        return float(self.media(np.array([offset_s], float))[0])


NO_TICKS = Ticks.of(())


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """One talk, so far or whole."""

    duration_s: float
    title: str = ""
    ticks: Ticks = NO_TICKS
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """By id; a tick of a kind that is not here counts in the curve "all" alone."""
    lines: tuple[Line, ...] = ()
    questions: tuple[Question, ...] = ()
    votes: tuple[Vote, ...] = ()
    topics: tuple[Topic, ...] = ()
    attendance: tuple[tuple[float, int], ...] = ()
    """Samples (offset_s, people present)."""
    clock: Clock = Clock()
    has_ended: bool = True
    listened: Ticks = NO_TICKS
    """What listeners did later, each at ``media_s``; the offsets mean nothing."""
    delay_s: float | None = None
    """How far behind the speaker the audience saw the talk, reaction included, if known."""

    def people_behind(self) -> dict[str, set[str]]:
        """Whose votes stand for each question."""
        people: dict[str, set[str]] = {}
        for vote in self.votes:
            people.setdefault(vote.question, set()).add(vote.person)
        return people


def on_recording(facts: TalkFacts) -> TalkFacts:
    """The same talk with all times in seconds of its recording."""
    clock = facts.clock
    if clock == Clock():
        return facts

    def until(offset_s: float | None) -> float | None:
        return None if offset_s is None else clock.media_at(offset_s)

    return replace(
        facts,
        clock=Clock(),
        duration_s=clock.media_at(facts.duration_s),
        ticks=replace(facts.ticks, offset_s=clock.media(facts.ticks.offset_s)),
        lines=tuple(replace(one, offset_s=clock.media_at(one.offset_s)) for one in facts.lines),
        votes=tuple(replace(one, offset_s=clock.media_at(one.offset_s)) for one in facts.votes),
        topics=tuple(
            replace(one, opened_s=clock.media_at(one.opened_s), closed_s=until(one.closed_s))
            for one in facts.topics
        ),
        questions=tuple(
            replace(
                one,
                asked_s=clock.media_at(one.asked_s),
                answered_from_s=until(one.answered_from_s),
                answered_to_s=until(one.answered_to_s),
            )
            for one in facts.questions
        ),
        attendance=tuple((clock.media_at(at), people) for at, people in facts.attendance),
    )
