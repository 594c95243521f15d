"""The question: an issue put to the panel. Votes are not here: see ``participation``."""

from datetime import datetime
from typing import ClassVar

from domain.aggregate import TalkAggregate, talk_stream
from domain.errors import NotOpen


class Question(TalkAggregate):
    """One question, from being asked until it is answered or put away.

    ``state`` is open, answering or answered; archiving and hiding are apart from it,
    so that taking them back shows what was there. Withdrawing is final.
    """

    TOPIC = "question"

    class Event(TalkAggregate.Event):
        TOPIC = "question.event"

    class Asked(TalkAggregate.Created, Event):
        TOPIC = "question.asked"
        SEALED: ClassVar = {"text": "author"}
        ITEM: ClassVar = "question"
        talk: str
        question: str
        author: str
        text: str

    class Edited(Event):
        TOPIC = "question.edited"
        SEALED: ClassVar = {"text": "author"}
        author: str
        text: str

        def apply(self, question: "Question") -> None:
            question.text = self.text

    class Withdrawn(Event):
        """Its author took it back, for good."""

        TOPIC = "question.withdrawn"

        def apply(self, question: "Question") -> None:
            question.is_withdrawn = True

    class AnsweringStarted(Event):
        TOPIC = "question.answering-started"

        def apply(self, question: "Question") -> None:
            question.state = "answering"

    class AnsweringFinished(Event):
        TOPIC = "question.answering-finished"

        def apply(self, question: "Question") -> None:
            question.state = "answered"

    class Archived(Event):
        TOPIC = "question.archived"

        def apply(self, question: "Question") -> None:
            question.is_archived = True

    class Restored(Event):
        """Back from the archive."""

        TOPIC = "question.restored"

        def apply(self, question: "Question") -> None:
            question.is_archived = False

    class Hidden(Event):
        TOPIC = "question.hidden"
        SEALED: ClassVar = {"why": "by"}
        why: str

        def apply(self, question: "Question") -> None:
            question.is_hidden = True

    class Revealed(Event):
        """Shown again after having been hidden."""

        TOPIC = "question.revealed"

        def apply(self, question: "Question") -> None:
            question.is_hidden = False

    def __init__(self, talk: str, question: str, author: str, text: str) -> None:
        self.talk = talk
        self.question = question
        self.author = author
        self.text = text
        self.state = "open"
        self.is_withdrawn = False
        self.is_archived = False
        self.is_hidden = False

    @staticmethod
    def stream_of(talk: str, question: str) -> str:
        """Name the stream of a question."""
        return f"{talk_stream(talk)}/question/{question}"

    # Commands: check the rules, then record what happened.

    @classmethod
    def ask(cls, talk: str, question: str, text: str, *, by: str, at: datetime) -> "Question":
        """Put a question to the panel."""
        stream = cls.stream_of(talk, question)
        return cls.begin(
            cls.Asked, stream, by=by, at=at, talk=talk, question=question, author=by, text=text
        )

    def edit(self, text: str, *, by: str, at: datetime) -> None:
        """Change the text; the same text again changes nothing."""
        self.must_stand()
        if text != self.text:
            self.record(self.Edited, by=by, at=at, author=self.author, text=text)

    def withdraw(self, *, by: str, at: datetime) -> None:
        """Take the question back for good; again changes nothing."""
        if not self.is_withdrawn:
            self.record(self.Withdrawn, by=by, at=at)

    def start_answering(self, *, by: str, at: datetime) -> None:
        """Tell that the panel takes this question now; again changes nothing."""
        self.must_stand()
        if self.state != "answering":
            self.record(self.AnsweringStarted, by=by, at=at)

    def finish_answering(self, *, by: str, at: datetime) -> None:
        """Tell that the panel is done with it; again changes nothing."""
        self.must_stand()
        if self.state == "open":
            raise NotOpen("nobody is answering this question: start answering it first")
        if self.state == "answering":
            self.record(self.AnsweringFinished, by=by, at=at)

    def archive(self, *, by: str, at: datetime) -> None:
        """Put it away, its votes kept; again changes nothing."""
        self.must_stand()
        if not self.is_archived:
            self.record(self.Archived, by=by, at=at)

    def restore(self, *, by: str, at: datetime) -> None:
        """Take it out of the archive; again changes nothing."""
        self.must_stand()
        if self.is_archived:
            self.record(self.Restored, by=by, at=at)

    def hide(self, why: str, *, by: str, at: datetime) -> None:
        """Take it out of everybody's sight; again changes nothing."""
        if not self.is_hidden:
            self.record(self.Hidden, by=by, at=at, why=why)

    def reveal(self, *, by: str, at: datetime) -> None:
        """Show it again; changes nothing when it is not hidden."""
        if self.is_hidden:
            self.record(self.Revealed, by=by, at=at)

    def must_stand(self) -> None:
        """Refuse what a withdrawn question does not take any more."""
        if self.is_withdrawn:
            raise NotOpen("the question was withdrawn")
