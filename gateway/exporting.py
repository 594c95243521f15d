"""A talk as a recorded session: the JSON lines that an import takes.

What is hidden, retracted, withdrawn or erased by now stays out: of a line only the
fact that somebody said something is left. Users are renumbered by first appearance, so
posts come without their links, which would name them; what was said anonymously has a
user of its own each time, so that nothing leads to anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

from domain.aggregate import Fact
from domain.attendance import Attendance
from domain.participation import Participation
from domain.policy import ANONYMOUS, NAMED, whole
from domain.question import Question
from domain.social import SocialPost
from domain.standing import Found, Put, Said, Standing
from domain.store import Store
from domain.talk import Talk

Record = dict[str, Any]

_BATCH = 1000


def records_of(store: Store, talk: str) -> Iterator[Record]:
    """Tell a talk's records in the order in which they happened. Blocks; reads the log twice."""
    standing = Standing()
    for fact in facts_of(store, talk):
        standing.apply(fact)
    export = Export(standing)
    for fact in facts_of(store, talk):
        if record := export.record(fact):
            yield record


def facts_of(store: Store, talk: str) -> Iterator[Fact]:
    """Read the facts of a talk, in batches."""
    after = 0
    while batch := store.read(after, _BATCH, talk=talk):
        yield from (recorded.fact for recorded in batch)
        after = batch[-1].position


@dataclass
class Export:
    """Writes facts as records, numbering users and questions as they appear."""

    standing: Standing
    users: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    posts: int = 0
    names: str = NAMED
    anonymous: dict[str, str] = field(default_factory=dict)
    """What was said anonymously, each with the user it is given."""

    @singledispatchmethod
    def record(self, _fact: Fact) -> Record | None:
        """Write a fact as a record; None for what has no place in one."""
        return None

    @record.register(Talk.Scheduled)
    @record.register(Talk.PolicySet)
    def _(self, fact: Talk.Scheduled | Talk.PolicySet) -> None:
        self.names = whole(fact.policy)["names"]

    @record.register
    def _(self, fact: Talk.Started) -> Record:
        return self._at(fact, "start")

    @record.register
    def _(self, fact: Talk.Ended) -> Record:
        return self._at(fact, "end")

    @record.register
    def _(self, fact: Talk.TopicOpened) -> Record:
        return self._at(fact, "topic", text=self.standing.text(fact.topic))

    @record.register(Participation.LinePosted)
    @record.register(Participation.ReplyPosted)
    @record.register(Participation.LineHeld)
    def _(self, fact: Said) -> Record:
        text = self.standing.text(fact.line)
        user = self._author(fact.line, fact.by)
        said = {"text": text} if text else {}
        return self._at(fact, "chat", user=user, **said)

    @record.register
    def _(self, fact: Participation.FeedbackGiven) -> Record:
        return self._by(fact, "feedback", text=fact.kind)

    @record.register
    def _(self, fact: Attendance.Sampled) -> Record:
        return self._at(fact, "presence", text=str(fact.present))

    @record.register(Question.Asked)
    @record.register(Question.Held)
    @record.register(Question.Promoted)
    def _(self, fact: Put) -> Record | None:
        text = self.standing.text(fact.question)
        if not text:
            return None
        ref = self.questions[fact.question] = f"q{len(self.questions)}"
        user = self._author(fact.question, fact.author, promoted=getattr(fact, "line", ""))
        return self._at(fact, "question", user=user, text=text, ref=ref)

    @record.register
    def _(self, fact: Question.AnsweredInWriting) -> Record | None:
        ref = self.questions.get(fact.originator_id.rpartition("/")[2])
        text = self.standing.answer(fact)
        return self._by(fact, "answer", text=text, ref=ref) if ref and text else None

    @record.register(SocialPost.Caught)
    @record.register(SocialPost.Held)
    def _(self, fact: Found) -> Record | None:
        text = self.standing.text(fact.post)
        if not text:
            return None
        self.posts += 1
        told = {"text": text, "source": fact.source, "ref": f"p{self.posts - 1}"}
        return self._at(fact, "post", user=self._user(fact.author), **told)

    @record.register
    def _(self, fact: Participation.VoteCast) -> Record | None:
        ref = self.questions.get(fact.question)
        if ref is None or not self.standing.is_standing_vote(fact):
            return None
        return self._by(fact, "vote", text=ref)

    def _by(self, fact: Fact, kind: str, **more: str) -> Record:
        return self._at(fact, kind, user=self._user(fact.by), **more)

    def _author(self, item: str, attendee: str, *, promoted: str = "") -> str:
        """Tell whose an item is; a promoted line stays as it was posted."""
        if promoted in self.anonymous:
            return self.anonymous[promoted]
        if self.names != ANONYMOUS or promoted:
            return self._user(attendee)
        return self.anonymous.setdefault(item, f"a{len(self.anonymous)}")

    def _user(self, attendee: str) -> str:
        return self.users.setdefault(attendee, f"u{len(self.users)}")

    def _at(self, fact: Fact, kind: str, **more: str) -> Record:
        started_at = self.standing.started_at or fact.timestamp
        t = round((fact.timestamp - started_at).total_seconds(), 3)
        return {"t": int(t) if t.is_integer() else t, "kind": kind, **more}
