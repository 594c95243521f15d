"""Facts told to the views of a talk, one after the other, for tests of single views."""

from typing import Any

from builders import BOB, HAL, TALK, later

from domain.aggregate import Fact, talk_stream
from domain.attendance import Attendance
from domain.participation import Participation
from domain.question import Question
from domain.talk import DEFAULT_KINDS, Talk
from projections.patch import Patch
from projections.talk_views import Changes, TalkViews


class Telling:
    """A live talk and its views; ``told`` after each step what changed."""

    def __init__(self) -> None:
        self.views = TalkViews(TALK)
        self.position = 0
        self.tell(
            Talk.Scheduled,
            talk_stream(TALK),
            talk=TALK,
            title="Pricing",
            starts_at="",
            kinds=DEFAULT_KINDS,
            policy={},
        )
        self.talk(Talk.DoorsOpened)
        self.talk(Talk.Started)
        self.views.change()

    def tell(
        self, fact: type[Fact], stream: str, *, by: str = HAL, second: float = 0, **state: Any
    ) -> None:
        """Fold a fact at the next position."""
        self.position += 1
        told = object.__new__(fact)
        common = {"originator_id": stream, "originator_version": 1, "timestamp": later(second)}
        told.__dict__.update(common, by=by, **state)
        self.views.fold(told, self.position)

    def talk(self, fact: type[Talk.Event], **state: Any) -> None:
        self.tell(fact, talk_stream(TALK), **state)

    def person(
        self, fact: type[Participation.Event], who: str = BOB, *, by: str = "", **state: Any
    ) -> None:
        self.tell(fact, Participation.stream_of(TALK, who), by=by or who, **state)

    def joins(self, who: str) -> None:
        self.person(
            Participation.Joined,
            who,
            talk=TALK,
            attendee=who,
            name=who.title(),
            signed_in=False,
        )

    def posts(self, line: str, who: str = BOB, *, second: float = 0) -> None:
        self.person(Participation.LinePosted, who, line=line, text=f"Says {line}", second=second)

    def asks(self, question: str, who: str = BOB, *, second: float = 0) -> None:
        self.tell(
            Question.Asked,
            Question.stream_of(TALK, question),
            by=who,
            second=second,
            talk=TALK,
            question=question,
            author=who,
            text=f"Asks {question}",
        )

    def question(self, fact: type[Question.Event], question: str, **state: Any) -> None:
        self.tell(fact, Question.stream_of(TALK, question), **state)

    def votes(self, who: str, question: str) -> None:
        self.person(Participation.VoteCast, who, question=question)

    def ticks(self, who: str, kind: str, *, second: float) -> None:
        self.person(
            Participation.FeedbackGiven, who, kind=kind, topic="", media_s=-1.0, second=second
        )

    def samples(self, present: int, *, second: float) -> None:
        self.tell(Attendance.Sampled, Attendance.stream_of(TALK), present=present, second=second)

    def change(self) -> Changes:
        """Tell what changed since it was asked last."""
        return self.views.change()

    def room(self) -> Patch:
        return self.change().views["room"]

    def desk(self) -> Patch:
        return self.change().views["desk"]
