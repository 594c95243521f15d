"""A simulated audience: who does what, when. Pure: one seed, one evening.

People arrive, chat, ask, vote and tick as people do: a few do most of it, now and then.
At each moment that they were told to love, many of them react within seconds, late by
their own reaction time, as a real audience does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from gateway.demo.programme import (
    CHEERS,
    FAREWELLS,
    FIRST_NAMES,
    GREETINGS,
    INITIALS,
    MANNERS,
    Programme,
    Subject,
)

Doing = Literal["topic", "line", "question", "vote", "feedback", "post"]

ARRIVE_WITHIN_S = 20.0
LEAVE_S = 20.0
"""What the talk goes on for after the last topic, when people say thank you."""

TICKS_PER_MINUTE, LINES_PER_MINUTE = 1.0, 0.2
"""What a person gives and says on average when nothing special happens."""
REACTION_S = 3.0
"""Median time from a moment to a person's reaction."""
MOVED_SHARE = 0.5
"""How many of those present react to a moment that is loved."""
CHEERING_SHARE = 0.08
"""How many of them say so."""
GREETING_SHARE, THANKING_SHARE = 0.1, 0.04

_CALM_KINDS = ("agree", "agree", "insightful", "funny", "disagree", "lost")
_LOVED_KINDS = ("agree", "insightful", "insightful", "agree", "funny")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing somebody does at ``at_s`` seconds into the talk.

    ``what`` is the text said, the kind of feedback, or the title of the topic. ``about`` is
    the number of the topic, of the post, or of the question; a vote has that of its question.
    """

    at_s: float
    doing: Doing
    who: int
    what: str = ""
    about: int = -1


def names(people: int) -> list[str]:
    """Name everybody; no two are alike."""
    first, initials = len(FIRST_NAMES), len(INITIALS)
    found = []
    for number in range(people):
        name = f"{FIRST_NAMES[number % first]} {INITIALS[number // first % initials]}."
        lap = number // (first * initials)
        found.append(f"{name} {lap + 1}" if lap else name)
    return found


def evening(
    programme: Programme, *, seed: int, people: int, moments: Sequence[float], length_s: float
) -> list[Act]:
    """All that an audience does in a talk of ``length_s``, in the order of time.

    Topics share the time evenly; they are opened by nobody in particular (``who`` is -1), and
    posts are written by people elsewhere.
    """
    around = [*_topics(programme, length_s), *_posts(programme, length_s)]
    if people < 1:
        return sorted(around, key=lambda act: act.at_s)
    random = Random(seed)  # noqa: S311 - an audience, not a secret
    crowd = _Crowd(programme, random, people, length_s)
    acts = [*around, *crowd.small_talk(), *crowd.ticks(), *crowd.questions()]
    for moment in moments:
        acts += crowd.moved_at(moment)
    return sorted((act for act in acts if act.at_s < length_s), key=lambda act: act.at_s)


def _topics(programme: Programme, length_s: float) -> Iterator[Act]:
    for number, subject in enumerate(programme.subjects):
        yield Act(_opens_s(programme, number, length_s), "topic", -1, subject.title, number)


def _posts(programme: Programme, length_s: float) -> Iterator[Act]:
    for number, (_, text) in enumerate(programme.posts):
        at_s = (number + 0.5) * length_s / len(programme.posts)
        yield Act(round(at_s, 3), "post", -1, text, number)


def _opens_s(programme: Programme, number: int, length_s: float) -> float:
    return round(number * length_s / len(programme.subjects), 3)


class _Crowd:
    """The people of one evening: when each arrives, and how much each is given to do."""

    def __init__(self, programme: Programme, random: Random, people: int, length_s: float) -> None:
        self.programme = programme
        self.random = random
        self.length_s = length_s
        late = min(ARRIVE_WITHIN_S, length_s / 4)
        self.arrives_s = [random.random() ** 2 * late for _ in range(people)]
        self.eagerness = [min(random.lognormvariate(0, 1), 6.0) for _ in range(people)]
        self.unsaid: dict[Subject, list[str]] = {}

    def small_talk(self) -> Iterator[Act]:
        """Say hello, something on the topic, and thank you."""
        for who, arrives_s in enumerate(self.arrives_s):
            if self.random.random() < GREETING_SHARE:
                yield Act(arrives_s + self._within(4), "line", who, self._one_of(GREETINGS))
            if self.random.random() < THANKING_SHARE:
                leaves_s = self.length_s - self._within(LEAVE_S)
                yield Act(leaves_s, "line", who, self._one_of(FAREWELLS))
        for who, at_s in self._now_and_then(LINES_PER_MINUTE):
            yield Act(at_s, "line", who, self._on(self._subject(at_s)))

    def ticks(self) -> Iterator[Act]:
        """Tick for no reason that everybody shares."""
        for who, at_s in self._now_and_then(TICKS_PER_MINUTE):
            yield Act(at_s, "feedback", who, self._one_of(_CALM_KINDS))

    def questions(self) -> Iterator[Act]:
        """Ask what the topic begs, early in it; then people vote, for some questions more."""
        asked = 0
        share_s = self.length_s / len(self.programme.subjects)
        for number, subject in enumerate(self.programme.subjects):
            opens_s = _opens_s(self.programme, number, self.length_s)
            for text in subject.questions:
                at_s = opens_s + (0.05 + 0.6 * self.random.random()) * share_s
                yield Act(at_s, "question", self._anybody(), text, about=asked)
                yield from self._votes(asked, at_s, liking=self.random.random() / 8)
                asked += 1

    def moved_at(self, moment_s: float) -> Iterator[Act]:
        """React to a moment: half of those present tick, some cheer, each in their own time."""
        for who, arrives_s in enumerate(self.arrives_s):
            if arrives_s > moment_s:
                continue
            if self.random.random() < MOVED_SHARE:
                yield Act(self._reacts_s(moment_s), "feedback", who, self._one_of(_LOVED_KINDS))
            if self.random.random() < CHEERING_SHARE:
                yield Act(self._reacts_s(moment_s) + 1, "line", who, self._one_of(CHEERS))

    def _votes(self, question: int, asked_s: float, *, liking: float) -> Iterator[Act]:
        for who, arrives_s in enumerate(self.arrives_s):
            if self.random.random() < liking:
                at_s = max(asked_s, arrives_s) + 2 + self.random.expovariate(1 / 60)
                yield Act(at_s, "vote", who, about=question)

    def _now_and_then(self, per_minute: float) -> Iterator[tuple[int, float]]:
        """Spread acts over the talk at an even pace, the eager doing most of them."""
        count = round(per_minute / 60 * len(self.arrives_s) * self.length_s)
        whose = self.random.choices(range(len(self.arrives_s)), self.eagerness, k=count)
        for number, who in enumerate(whose):
            at_s = (number + self.random.random()) * self.length_s / count
            if at_s > self.arrives_s[who]:
                yield who, at_s

    def _on(self, subject: Subject) -> str:
        """Say something on a topic that nobody has said just so before, as long as there is any."""
        unsaid = self.unsaid.get(subject)
        if not unsaid:
            unsaid = [manner.format(line) for manner in MANNERS for line in subject.lines]
            self.random.shuffle(unsaid)
            self.unsaid[subject] = unsaid
        return unsaid.pop()

    def _reacts_s(self, moment_s: float) -> float:
        return moment_s + REACTION_S * self.random.lognormvariate(0, 0.35)

    def _subject(self, at_s: float) -> Subject:
        subjects = self.programme.subjects
        return subjects[min(int(at_s / self.length_s * len(subjects)), len(subjects) - 1)]

    def _anybody(self) -> int:
        return self.random.randrange(len(self.arrives_s))

    def _within(self, seconds: float) -> float:
        return self.random.random() * seconds

    def _one_of(self, choice: Sequence[str]) -> str:
        return self.random.choice(choice)
