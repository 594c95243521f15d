"""Why a highlight is one: counts that can be checked, a sentence, and a title."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Self

import numpy as np

from replay.facts import LINE, VOTE, Ints, Question, TalkFacts
from replay.peaks import Peak
from replay.reactions import Reactions
from replay.words import Words

_ANSWER_FADES_S = 10.0
"""Applause for an answer may start this long after it ended."""
_TITLE = 90
"""Characters of a title; a longer question or topic is cut at a word."""
_BY_OTHER_MEANS = {LINE: "chat", VOTE: "votes"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a highlight rests on."""

    people: int
    """Different people who reacted within the stretch."""
    audience: int
    """People present at the time; where nobody counted, all who took part in the talk."""
    within_s: int
    from_s: float
    """Where the stretch of their reactions begins, in seconds of the recording."""
    ratio: float
    """Reactions in the stretch against ``usual``."""
    reactions: float
    """People in it, each weighed: the longer they had been silent, the more."""
    usual: float
    """Reactions in a stretch of this length on average over the talk."""
    kinds: dict[str, int]
    """Different people by what they did: labels of feedback, "chat", "votes"."""
    topic: str
    question: str
    """The question being answered."""
    votes: int
    words: list[str]


@dataclass(frozen=True, slots=True)
class Witnesses:
    """All that is looked up to tell why."""

    facts: TalkFacts
    heard: Reactions
    words: Words
    voters: Mapping[str, set[str]]
    """Whose votes stand for each question."""

    @classmethod
    def of(cls, facts: TalkFacts, heard: Reactions) -> Self:
        """Call them in, once per talk."""
        return cls(facts, heard, Words.of(facts.lines), facts.people_behind())


def evidence(seen: Witnesses, peak: Peak, start_s: float) -> Evidence:
    """What happened in the stretch of the peak."""
    facts, heard = seen.facts, seen.heard
    begin_s, end_s = peak.begin_s, peak.end_s
    within = np.flatnonzero((heard.felt_s >= begin_s) & (heard.felt_s < end_s))
    people = len(np.unique(heard.person[within]))
    question = _being_answered(facts.questions, start_s)
    return Evidence(
        people=people,
        audience=max(people, _audience(facts, heard, peak.at_s)),
        within_s=round(peak.width_s),
        from_s=round(max(begin_s, 0.0), 3),
        ratio=round(peak.reactions / peak.usual, 1),
        reactions=round(peak.reactions, 1),
        usual=round(peak.usual, 2),
        kinds=_people_by_kind(facts, heard, within),
        topic=_topic_at(facts, start_s),
        question=question.text if question else "",
        votes=len(seen.voters.get(question.id, ())) if question else 0,
        words=seen.words.telling(begin_s, end_s),
    )


def why(told: Evidence) -> str:
    """One sentence: "41 of 210 people within 20 s, 4.8x the usual; topic 'Pricing'"."""
    crowd = f"{told.people} of {told.audience} people within {told.within_s} s"
    parts = [f"{crowd}, {told.ratio:g}x the usual"]
    mood = next(iter(told.kinds.items()), None)
    if mood and len(told.kinds) > 1:
        parts.append(f"mostly {mood[0]} ({mood[1]})")
    if told.topic:
        parts.append(f"topic '{_cut(told.topic)}'")
    if told.question:
        parts.append(f"answering '{_cut(told.question)}' ({_votes(told.votes)})")
    if told.words:
        parts.append(f"they said {', '.join(told.words)}")
    return "; ".join(parts)


def title(told: Evidence, otherwise: str) -> str:
    """The question being answered, else the topic, else what people said."""
    said = ", ".join(told.words)
    if told.question:
        return _cut(told.question)
    if told.topic and said:
        return f"{_cut(told.topic)}: {said}"
    return _cut(told.topic) or said or otherwise


def _cut(text: str) -> str:
    return shorten(text, _TITLE, placeholder="…")


def _votes(number: int) -> str:
    return "1 vote" if number == 1 else f"{number} votes"


def _audience(facts: TalkFacts, heard: Reactions, at_s: float) -> int:
    sampled = [(offset_s, people) for offset_s, people in facts.attendance if offset_s <= at_s]
    if sampled:
        return max(sampled)[1]
    return heard.people


def _people_by_kind(facts: TalkFacts, heard: Reactions, within: Ints) -> dict[str, int]:
    counted = {
        _label(facts, heard.kinds[code]): len(
            np.unique(heard.person[within[heard.kind[within] == code]])
        )
        for code in np.unique(heard.kind[within])
    }
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _label(facts: TalkFacts, kind: str) -> str:
    known = facts.kinds.get(kind)
    return known.label if known else _BY_OTHER_MEANS.get(kind, kind)


def _topic_at(facts: TalkFacts, at_s: float) -> str:
    """The topic then current: the last one opened, unless it was closed before."""
    opened = [one for one in facts.topics if one.opened_s <= at_s]
    if not opened:
        return ""
    last = max(opened, key=lambda one: (one.opened_s, one.id))
    return last.title if last.closed_s is None or at_s < last.closed_s else ""


def _being_answered(questions: Sequence[Question], at_s: float) -> Question | None:
    answered = [
        one
        for one in questions
        if one.answered_from_s is not None
        and one.answered_from_s <= at_s
        and (one.answered_to_s is None or at_s < one.answered_to_s + _ANSWER_FADES_S)
    ]
    return max(answered, key=lambda one: (one.answered_from_s or 0.0, one.id), default=None)
