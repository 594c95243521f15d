"""The timeline of a talk: chapters that tile it, highlights worth jumping to, and its heat.

``build`` is a pure function of the facts so far: called while the talk is live or after
its end, once or a hundred times, the same facts give the same timeline bit for bit.
"""

from dataclasses import asdict, dataclass, field, replace

from replay import peaks, reasons
from replay.facts import TalkFacts, on_recording
from replay.heat import resampled
from replay.listeners import NOBODY, Listeners, listeners
from replay.method import METHOD
from replay.peaks import Excess, Peak
from replay.reactions import Reactions, reactions
from replay.reasons import Evidence, Witnesses
from replay.signal import Signal

CURVES = ("loved", "lost", "funny")
HEAT_STEP_S = 2
"""Fine enough to draw, a fifth of a highlight's length."""
SNAP_S = 5.0
"""A highlight that would start so little before a topic starts with it."""
GAP_S = 30.0
"""A pause between topics shorter than this belongs to the topic before."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of the recording with a title; chapters tile it from 0."""

    start_s: float
    end_s: float
    title: str


@dataclass(frozen=True, slots=True)
class Highlight:
    """A moment the audience chose, in seconds of the recording."""

    id: str
    start_s: float
    end_s: float
    score: float
    confidence: float
    title: str
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Heat:
    """How the room reacted, by curve: values from 0 to 1, one for each ``step_s``."""

    step_s: int
    curves: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the stretch of the recording in which the panel answers it.

    ``end_s`` is the end of the talk so far while it is being answered.
    """

    question: str
    text: str
    votes: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a listener needs to find a way through the recording."""

    duration_s: float
    chapters: list[Chapter]
    highlights: list[Highlight]
    """Best first."""
    heat: Heat
    questions: list[Answered] = field(default_factory=list)
    """Those that were answered, in this order."""
    listeners: Listeners = NOBODY
    """What those who listened later found, apart from all of the above."""

    def as_json(self) -> dict[str, object]:
        """The body of the contract's timeline, less its position."""
        return asdict(self)


def build(facts: TalkFacts, *, heat_step_s: int = HEAT_STEP_S) -> Timeline:
    """The timeline of the talk so far."""
    heard = reactions(facts)
    facts = on_recording(facts)
    seen = heard.signal()
    found = peaks.excess(seen)
    return Timeline(
        duration_s=round(facts.duration_s, 3),
        chapters=chapters(facts),
        highlights=_highlights(facts, heard, found),
        heat=_heat_curves(facts, heard, seen, found, heat_step_s),
        questions=answered(facts),
        listeners=listeners(facts.listened, facts.duration_s, heat_step_s),
    )


def chapters(facts: TalkFacts) -> list[Chapter]:
    """The topics, and what lies before, between and after them, from 0 to the end."""
    marks = {0.0: facts.title or "Opening"}
    topics = sorted(facts.topics, key=lambda one: (one.opened_s, one.id))
    nexts = [*(topic.opened_s for topic in topics[1:]), facts.duration_s]
    for topic, until in zip(topics, nexts, strict=False):
        marks[max(0.0, topic.opened_s)] = topic.title
        if topic.closed_s is not None and topic.closed_s + GAP_S < until:
            marks[topic.closed_s] = facts.title or "Between topics"
    starts = [at for at in marks if at < facts.duration_s] or [0.0]
    ends = [*starts[1:], facts.duration_s]
    return [
        Chapter(round(start, 3), round(end, 3), marks[start])
        for start, end in zip(starts, ends, strict=True)
    ]


def answered(facts: TalkFacts) -> list[Answered]:
    """The questions that the recording answers, and where."""
    people = facts.people_behind()
    found = [
        Answered(
            question=one.id,
            text=one.text,
            votes=len(people.get(one.id, ())),
            start_s=round(one.answered_from_s, 3),
            end_s=round(facts.duration_s if one.answered_to_s is None else one.answered_to_s, 3),
        )
        for one in facts.questions
        if one.answered_from_s is not None
    ]
    return sorted(found, key=lambda one: (one.start_s, one.question))


def _highlights(facts: TalkFacts, heard: Reactions, found: Excess) -> list[Highlight]:
    seen = Witnesses.of(facts, heard)
    chosen = peaks.highlights(found, has_ended=facts.has_ended)
    told = [_highlight(seen, peak) for peak in chosen]
    return [one for one in told if one.evidence.people >= METHOD.least_people]


def _highlight(seen: Witnesses, peak: Peak) -> Highlight:
    start_s, end_s = _stretch(seen.facts, seen.heard, peak)
    told = reasons.evidence(seen, peak, start_s)
    return Highlight(
        id=f"h{round(peak.at_s)}",
        start_s=start_s,
        end_s=end_s,
        score=round(peak.score, 3),
        confidence=round(peak.confidence, 3),
        title=reasons.title(told, otherwise=f"At {clock_time(start_s)}"),
        why=reasons.why(told),
        evidence=told,
    )


def _stretch(facts: TalkFacts, heard: Reactions, peak: Peak) -> tuple[float, float]:
    """Where to jump to, and how long it lasts: from the moment to the middle of the reaction."""
    start_s = max(0.0, peak.at_s - peak.width_s / 2 - heard.delay_s)
    end_s = min(facts.duration_s, peak.at_s)
    opened = [one.opened_s for one in facts.topics if 0 <= one.opened_s - start_s <= SNAP_S]
    start_s = min(opened, default=start_s)
    return round(start_s, 3), round(max(end_s, start_s), 3)


def _heat_curves(
    facts: TalkFacts, heard: Reactions, seen: Signal, found: Excess, step_s: int
) -> Heat:
    curves = {"all": resampled(found.score, heard.delay_s, step_s)}
    for curve in CURVES:
        kinds = frozenset(name for name, kind in facts.kinds.items() if kind.curve == curve)
        part = peaks.excess(replace(seen, counts=heard.counts(kinds)))
        curves[curve] = resampled(part.score, heard.delay_s, step_s)
    return Heat(step_s, curves)


def clock_time(at_s: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, seconds = divmod(int(at_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
