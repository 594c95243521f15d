"""A timeline in words, for people: each highlight with all that its score rests on."""

from collections.abc import Iterator

from replay.peaks import luck
from replay.timeline import Highlight, Timeline, clock_time


def explained(timeline: Timeline) -> str:
    """The highlights, best first, each with its reasons."""
    sure_from = luck(int(timeline.duration_s))
    head = (
        f"{len(timeline.highlights)} highlights in {clock_time(timeline.duration_s)}; "
        f"luck alone may reach a score of {sure_from:.1f} in a talk this long"
    )
    told = (line for one in enumerate(timeline.highlights, 1) for line in _told(*one))
    return "\n".join([head, *told]) + "\n"


def _told(number: int, highlight: Highlight) -> Iterator[str]:
    evidence = highlight.evidence
    stretch = f"{clock_time(highlight.start_s)}-{clock_time(highlight.end_s)}"
    yield f"\n{number}. {stretch}  {highlight.title}"
    yield f"   {highlight.why}"
    yield f"   score {highlight.score:.1f}, confidence {highlight.confidence:.2f}"
    if evidence.within_s:
        begin, end = evidence.from_s, evidence.from_s + evidence.within_s
        yield (
            f"   they reacted from {clock_time(begin)} to {clock_time(end)}: {evidence.people} "
            f"people, weighing {evidence.reactions:g} where {evidence.usual:g} is usual"
        )
    if evidence.kinds:
        kinds = ", ".join(f"{kind} {people}" for kind, people in evidence.kinds.items())
        yield f"   {kinds}"
