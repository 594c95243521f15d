"""What the host decided about the highlights, laid over the timeline that was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from replay.reasons import Evidence
from replay.timeline import Chapter, Highlight, Timeline

BY_THE_HOST = "chosen by the host"
_NO_EVIDENCE = Evidence(
    people=0,
    audience=0,
    within_s=0,
    from_s=0.0,
    ratio=0.0,
    reactions=0.0,
    usual=0.0,
    kinds={},
    topic="",
    question="",
    votes=0,
    words=[],
)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A stretch that the host chose, in seconds of the recording."""

    id: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Decisions:
    """All that hosts decided; an empty title means the one that was found."""

    pinned: tuple[Pinned, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()


def decided(timeline: Timeline, decisions: Decisions) -> Timeline:
    """Apply the decisions: pinned ones come first and replace what was found in their stretch."""
    standing = [pin for pin in decisions.pinned if pin.id not in decisions.dropped]
    pins = [_pinned(timeline, pin) for pin in standing]
    found = [
        one
        for one in timeline.highlights
        if one.id not in decisions.dropped and not any(_overlap(one, pin) for pin in pins)
    ]
    return replace(timeline, highlights=[_titled(one, decisions) for one in [*pins, *found]])


def _pinned(timeline: Timeline, pin: Pinned) -> Highlight:
    """Make a highlight of a pin, with the evidence of what was found there, if anything was."""
    start_s, end_s = pin.start_s, min(pin.end_s, max(timeline.duration_s, pin.start_s))
    there = [one for one in timeline.highlights if one.start_s < end_s and start_s < one.end_s]
    best = there[0] if there else None
    return Highlight(
        id=pin.id,
        start_s=start_s,
        end_s=end_s,
        score=best.score if best else 0.0,
        confidence=1.0,
        title=best.title if best else _chapter_at(timeline.chapters, start_s),
        why=f"{BY_THE_HOST}; {best.why}" if best else BY_THE_HOST,
        evidence=best.evidence if best else _NO_EVIDENCE,
    )


def _titled(highlight: Highlight, decisions: Decisions) -> Highlight:
    title = decisions.titles.get(highlight.id, "")
    return replace(highlight, title=title) if title else highlight


def _chapter_at(chapters: list[Chapter], second: float) -> str:
    begun = [chapter.title for chapter in chapters if chapter.start_s <= second]
    return begun[-1] if begun else ""


def _overlap(one: Highlight, other: Highlight) -> bool:
    return one.start_s < other.end_s and other.start_s < one.end_s
