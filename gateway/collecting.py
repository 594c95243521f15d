"""From the facts of a talk in the store to what replay needs to know of it.

What is hidden, retracted, withdrawn or erased by now gives no text; that somebody
said something stays a fact.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeAlias, TypeVar

from domain.aggregate import Fact
from domain.attendance import Attendance
from domain.highlights import Highlights
from domain.listening import Listening
from domain.media import MediaClock
from domain.participation import Participation
from domain.question import Question as AskedQuestion
from domain.standing import Put, Said, Standing
from domain.store import ERASED_MARK, Store
from domain.talk import Talk
from replay.decisions import Decisions, Pinned, decided
from replay.facts import Clock, Kind, Line, Question, TalkFacts, Ticks, Topic, Vote
from replay.listeners import JUMP, listeners
from replay.timeline import Timeline, build

_BATCH = 2000
_Kind = TypeVar("_Kind", bound=Fact)


Listened: TypeAlias = tuple[float, str, str, float | None]
"""What a listener did: offset (no matter), attendee, kind, second of the recording."""


def timeline_of(store: Store, talk: str) -> tuple[int, Timeline]:
    """Find the timeline of a talk, as its hosts decided, and the position it is of. Blocks."""
    position, facts = read(store, talk)
    return position, timeline_from(facts)


def timeline_from(facts: Sequence[Fact]) -> Timeline:
    """Find the timeline in the facts of a talk, as its hosts decided."""
    return decided(build(collected(facts)), decisions(facts))


def heard_by(timeline: Timeline, rows: Sequence[Listened]) -> Timeline:
    """Tell the same timeline with what listeners did by now."""
    step_s = timeline.listeners.step_s
    return replace(timeline, listeners=listeners(Ticks.of(rows), timeline.duration_s, step_s))


def decisions(facts: Sequence[Fact]) -> Decisions:
    """Collect what hosts decided about highlights; an erased title is none."""
    pinned: list[Pinned] = []
    titles: dict[str, str] = {}
    dropped: set[str] = set()
    for fact in facts:
        match fact:
            case Highlights.HighlightPinned():
                pinned.append(Pinned(fact.highlight, fact.start_s, fact.end_s))
                titles[fact.highlight] = fact.title
            case Highlights.HighlightRenamed():
                titles[fact.highlight] = fact.title
            case Highlights.HighlightDropped():
                dropped.add(fact.highlight)
            case Highlights.HighlightRestored():
                dropped.discard(fact.highlight)
    known = {one: title for one, title in titles.items() if title != ERASED_MARK}
    return Decisions(tuple(pinned), known, frozenset(dropped))


def listened(facts: Iterable[Fact]) -> Iterator[Listened]:
    """Collect what listeners of the replay did: ticks, and jumps to a second."""
    for fact in facts:
        match fact:
            case Listening.Ticked():
                yield 0.0, fact.by, fact.kind, fact.media_s
            case Listening.Sought():
                yield 0.0, fact.by, JUMP, fact.to_s


def read(store: Store, talk: str) -> tuple[int, list[Fact]]:
    """Read the facts of a talk, and the position of the last. Blocks."""
    facts: list[Fact] = []
    position = 0
    while batch := store.read(position, _BATCH, talk=talk):
        facts += (recorded.fact for recorded in batch)
        position = batch[-1].position
    _forget_the_erased(facts)
    return position, facts


def _forget_the_erased(facts: Sequence[Fact]) -> None:
    """Take out the words of whoever is erased by now.

    The fact comes first, the key goes a moment later: a timeline that is kept may be found
    between the two, and would not be found anew.
    """
    erased = {
        fact.originator_id.rpartition("/")[2]
        for fact in facts
        if isinstance(fact, Participation.Erased)
    }
    for fact in facts if erased else ():
        for words, author in fact.SEALED.items():
            if getattr(fact, author) in erased:
                vars(fact)[words] = ERASED_MARK


def collected(facts: Sequence[Fact]) -> TalkFacts:
    """Collect the facts of a talk, in their order; what was said before it started is left out."""
    standing = Standing()
    for fact in facts:
        standing.apply(fact)
    title = next((fact.title for fact in facts if isinstance(fact, Talk.Scheduled)), "")
    if standing.started_at is None:
        return TalkFacts(duration_s=0.0, title=title)
    return _Collection(facts, standing, standing.started_at).collected(title)


@dataclass(frozen=True)
class _Collection:
    """The facts of a talk that has started."""

    facts: Sequence[Fact]
    standing: Standing
    started_at: datetime

    def collected(self, title: str) -> TalkFacts:
        ends = [self._offset(fact) for fact in self._all(Talk.Ended)]
        samples = self._heard(Attendance.Sampled)
        return TalkFacts(
            duration_s=ends[-1] if ends else max(0.0, *map(self._offset, self.facts)),
            title=title,
            ticks=Ticks.of(self._ticks()),
            kinds=self._kinds(),
            lines=tuple(self._lines()),
            questions=tuple(self._questions()),
            votes=tuple(self._votes()),
            topics=tuple(self._topics()),
            has_ended=bool(ends),
            attendance=tuple((at, sample.present) for at, sample in samples),
            clock=Clock(self._clock.pieces),
            listened=Ticks.of(listened(self.facts)),
            delay_s=self._delay_s(),
        )

    def _ticks(self) -> Iterator[tuple[float, str, str, float | None]]:
        """Tell when ticks were given, and at which second of the recording if that is known.

        A player's position is of the media that was attached then; if another is by now, it
        tells when that second of the talk was.
        """
        attached: Talk.RecordingAttached | None = None
        for fact in self.facts:
            match fact:
                case Talk.RecordingAttached():
                    attached = fact
                case Participation.FeedbackGiven() if self._offset(fact) >= 0:
                    at_s, media_s = self._place(fact, attached)
                    yield at_s, fact.by, fact.kind, media_s

    def _place(
        self, tick: Participation.FeedbackGiven, attached: Talk.RecordingAttached | None
    ) -> tuple[float, float | None]:
        of_another = attached and self._recording and attached.url != self._recording.url
        if tick.media_s < 0 or not attached or not of_another:
            return self._offset(tick), tick.media_s
        at_s = MediaClock.of(vars(attached), {}, self.started_at).offset_at(tick.media_s)
        return at_s, self._clock.media_at(at_s) if self._clock.shows(at_s) else None

    def _kinds(self) -> dict[str, Kind]:
        scheduled = self._all(Talk.Scheduled)
        kinds = {kind: about for fact in scheduled for kind, about in fact.kinds.items()}
        kinds |= {
            fact.kind: {"label": fact.label, "curve": fact.curve}
            for fact in self._all(Talk.KindAdded)
        }
        return {kind: Kind(about["label"], about["curve"]) for kind, about in kinds.items()}

    def _lines(self) -> Iterator[Line]:
        said: list[tuple[float, Said]] = [
            *self._heard(Participation.LinePosted),
            *self._heard(Participation.ReplyPosted),
            *self._heard(Participation.LineHeld),
        ]
        for at, line in said:
            yield Line(at, line.by, self.standing.text(line.line))

    def _questions(self) -> Iterator[Question]:
        stretches = self._answered()
        put: list[tuple[float, Put]] = [
            *self._heard(AskedQuestion.Asked),
            *self._heard(AskedQuestion.Held),
            *self._heard(AskedQuestion.Promoted),
        ]
        for at, asked in put:
            if not self.standing.is_unseen(asked.question):
                yield Question(
                    id=asked.question,
                    text=self.standing.text(asked.question),
                    asked_s=at,
                    answered_from_s=stretches.get(asked.question, (None, None))[0],
                    answered_to_s=stretches.get(asked.question, (None, None))[1],
                )

    def _answered(self) -> dict[str, tuple[float, float | None]]:
        """Tell from when to when each question was answered last, unless it is open again."""
        stretches: dict[str, tuple[float, float | None]] = {}
        for fact in self.facts:
            question = fact.originator_id.rpartition("/")[2]
            match fact:
                case AskedQuestion.AnsweringStarted():
                    stretches[question] = self._offset(fact), None
                case AskedQuestion.AnsweringFinished() if question in stretches:
                    stretches[question] = stretches[question][0], self._offset(fact)
                case AskedQuestion.Reopened():
                    stretches.pop(question, None)
        return stretches

    def _votes(self) -> Iterator[Vote]:
        into = self._merged()
        for at, vote in self._heard(Participation.VoteCast):
            if self.standing.is_standing_vote(vote):
                question = vote.question
                while question in into:
                    question = into[question]
                yield Vote(at, vote.by, question)

    def _merged(self) -> dict[str, str]:
        """Tell which questions are merged into which."""
        into: dict[str, str] = {}
        for fact in self.facts:
            match fact:
                case AskedQuestion.Merged():
                    into[fact.originator_id.rpartition("/")[2]] = fact.into
                case AskedQuestion.Unmerged():
                    into.pop(fact.originator_id.rpartition("/")[2], None)
        return into

    def _topics(self) -> Iterator[Topic]:
        closings = self._all(Talk.TopicClosed)
        for opened in self._all(Talk.TopicOpened):
            closed = (
                self._offset(fact)
                for fact in closings
                if fact.topic == opened.topic
                and fact.originator_version > opened.originator_version
            )
            title = self.standing.text(opened.topic)
            yield Topic(opened.topic, title, self._offset(opened), next(closed, None))

    @cached_property
    def _recording(self) -> Talk.RecordingAttached | None:
        return next(reversed(self._all(Talk.RecordingAttached)), None)

    @cached_property
    def _correction(self) -> Talk.ClockCorrected | None:
        return next(reversed(self._all(Talk.ClockCorrected)), None)

    @cached_property
    def _clock(self) -> MediaClock:
        recording, correction = self._recording, self._correction
        return MediaClock.of(
            vars(recording) if recording else {},
            vars(correction) if correction else {},
            self.started_at,
        )

    def _delay_s(self) -> float | None:
        correction = self._correction
        return correction.delay_s if correction and correction.delay_s >= 0 else None

    def _all(self, kind: type[_Kind]) -> list[_Kind]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def _heard(self, kind: type[_Kind]) -> list[tuple[float, _Kind]]:
        """Find facts of a kind since the talk started, each with its offset."""
        offsets = ((self._offset(fact), fact) for fact in self._all(kind))
        return [(at, fact) for at, fact in offsets if at >= 0]

    def _offset(self, fact: Fact) -> float:
        return (fact.timestamp - self.started_at).total_seconds()
