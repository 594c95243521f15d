"""From the facts of a talk in the store to what replay needs to know of it.

What is hidden, retracted, withdrawn or erased by now gives no text; that somebody
said something stays a fact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from domain.aggregate import Fact
from domain.attendance import Attendance
from domain.clock import parse
from domain.highlights import Highlights
from domain.participation import Participation
from domain.question import Question as AskedQuestion
from domain.standing import Put, Said, Standing
from domain.store import ERASED_MARK, Store
from domain.talk import Talk
from replay.decisions import Decisions, Pinned, decided
from replay.facts import Clock, Kind, Line, Question, TalkFacts, Ticks, Topic, Vote
from replay.timeline import Timeline, build

_BATCH = 2000
_Kind = TypeVar("_Kind", bound=Fact)


def timeline_of(store: Store, talk: str) -> tuple[int, Timeline]:
    """Find the timeline of a talk, as its hosts decided, and the position it is of. Blocks."""
    position, facts = read(store, talk)
    return position, decided(build(collected(facts)), decisions(facts))


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


def read(store: Store, talk: str) -> tuple[int, list[Fact]]:
    """Read the facts of a talk, and the position of the last. Blocks."""
    facts: list[Fact] = []
    position = 0
    while batch := store.read(position, _BATCH, talk=talk):
        facts += (recorded.fact for recorded in batch)
        position = batch[-1].position
    return position, facts


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
            ticks=Ticks.of(
                (at, tick.by, tick.kind, tick.media_s)
                for at, tick in self._heard(Participation.FeedbackGiven)
            ),
            kinds=self._kinds(),
            lines=tuple(self._lines()),
            questions=tuple(self._questions()),
            votes=tuple(self._votes()),
            topics=tuple(self._topics()),
            has_ended=bool(ends),
            attendance=tuple((at, sample.present) for at, sample in samples),
            clock=self._clock(),
        )

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
        began, finished = (
            {fact.originator_id: self._offset(fact) for fact in self._all(kind)}
            for kind in (AskedQuestion.AnsweringStarted, AskedQuestion.AnsweringFinished)
        )
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
                    answered_from_s=began.get(asked.originator_id),
                    answered_to_s=finished.get(asked.originator_id),
                )

    def _votes(self) -> Iterator[Vote]:
        for at, vote in self._heard(Participation.VoteCast):
            if self.standing.is_standing_vote(vote):
                yield Vote(at, vote.by, vote.question)

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

    def _clock(self) -> Clock:
        recordings = self._all(Talk.RecordingAttached)
        if not recordings:
            return Clock()
        begun_s = (parse(recordings[-1].started_at) - self.started_at).total_seconds()
        cuts = ((cut["start_s"], cut["end_s"]) for cut in recordings[-1].cuts)
        return Clock.recorded(begun_s, cuts)

    def _all(self, kind: type[_Kind]) -> list[_Kind]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def _heard(self, kind: type[_Kind]) -> list[tuple[float, _Kind]]:
        """Find facts of a kind since the talk started, each with its offset."""
        offsets = ((self._offset(fact), fact) for fact in self._all(kind))
        return [(at, fact) for at, fact in offsets if at >= 0]

    def _offset(self, fact: Fact) -> float:
        return (fact.timestamp - self.started_at).total_seconds()
