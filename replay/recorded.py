"""A talk kept as JSON lines (the import form), read into facts; its highlights as an object."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import msgspec

from replay.facts import Kind, Line, Question, TalkFacts, Ticks, Topic, Vote
from replay.timeline import Timeline, build

DEFAULT_KINDS = {
    "agree": Kind("Agree", "loved"),
    "insightful": Kind("Insightful", "loved"),
    "funny": Kind("Funny", "funny"),
    "disagree": Kind("Disagree", "none"),
    "lost": Kind("Lost me", "lost"),
}
LONGEST_S = 7 * 24 * 3600.0
"""No talk lasts longer; a time in milliseconds or of a calendar is told as the mistake it is."""
_BY_LABEL = {kind.label: name for name, kind in DEFAULT_KINDS.items()}


class UnreadableError(ValueError):
    """A line is not a record of a talk; the message names the line and the reason."""


class Record(msgspec.Struct, frozen=True):
    """One line: what happened ``t`` seconds after the talk started."""

    t: float
    kind: str
    user: str | None = None
    text: str | None = None
    ref: str | None = None


def records(lines: Iterable[bytes | str]) -> Iterator[Record]:
    """The records of the lines; empty lines are skipped."""
    read = msgspec.json.Decoder(Record).decode
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = read(line)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise UnreadableError(f"line {number}: {error}") from error
        if abs(record.t) > LONGEST_S:
            raise UnreadableError(f"line {number}: t is {record.t:g} s, more than a week")
        yield record


def timeline_of(lines: Iterable[bytes | str]) -> tuple[Timeline, float]:
    """The timeline of a recorded talk, and the seconds it took without reading."""
    facts = read(lines)
    begun = time.perf_counter()
    timeline = build(facts, heat_step_s=1)
    return timeline, time.perf_counter() - begun


def highlights_of(lines: Iterable[bytes | str]) -> dict[str, object]:
    """Highlights, best first, and the heat curve of a recorded talk.

    Times are on the clock of the records. ``compute_s`` is the time it took without reading.
    """
    timeline, compute_s = timeline_of(lines)
    return {**as_highlights(timeline), "compute_s": round(compute_s, 4)}


def as_highlights(timeline: Timeline) -> dict[str, object]:
    """What ``hearhear highlights`` writes of a timeline."""
    highlights = [
        {"start": one.start_s, "end": one.end_s, **_without_times(one)}
        for one in timeline.highlights
    ]
    curve = {"step": timeline.heat.step_s, "values": timeline.heat.curves["all"]}
    return {"highlights": highlights, "curve": curve}


def _without_times(highlight: object) -> dict[str, object]:
    fields = asdict(highlight)  # type: ignore[call-overload]
    return {name: value for name, value in fields.items() if name not in ("start_s", "end_s")}


def read(lines: Iterable[bytes | str]) -> TalkFacts:
    """The facts of a recorded talk; what is no fact of replay is passed over."""
    reader = _Reader()
    for record in records(lines):
        reader.take(record)
    return reader.facts()


@dataclass
class _Reader:
    """Collects records; each kind of record has its method."""

    duration_s: float = 0.0
    started_s: float = 0.0
    title: str = ""
    ticks: list[tuple[float, str, str, None]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)
    questions: dict[str, Question] = field(default_factory=dict)
    topics: list[tuple[float, str]] = field(default_factory=list)
    attendance: list[tuple[float, int]] = field(default_factory=list)

    def take(self, record: Record) -> None:
        self.duration_s = max(self.duration_s, record.t)
        at, who, text = max(0.0, record.t), record.user or "", record.text or ""
        match record.kind:
            case "feedback":
                self.ticks.append((at, who, _BY_LABEL.get(text, text), None))
            case "chat":
                self.lines.append(Line(at, who, text))
            case "vote":
                self.votes.append(Vote(at, who, text))
            case "question":
                ref = record.ref or str(len(self.questions))
                self.questions[ref] = Question(ref, text, at)
            case "topic":
                self.topics.append((at, text))
            case "presence":
                self._count(at, text)
            case "start":
                self.title = text

    def _count(self, at: float, text: str) -> None:
        try:
            self.attendance.append((at, int(float(text))))
        except (ValueError, OverflowError):
            return

    def facts(self) -> TalkFacts:
        return TalkFacts(
            duration_s=self.duration_s,
            title=self.title,
            ticks=Ticks.of(self.ticks),
            kinds=DEFAULT_KINDS,
            lines=tuple(self.lines),
            votes=tuple(self.votes),
            questions=tuple(self.questions.values()),
            topics=tuple(
                Topic(f"topic-{number:04}", title, at)
                for number, (at, title) in enumerate(self.topics, 1)
            ),
            attendance=tuple(self.attendance),
        )
