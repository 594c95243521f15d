"""The question: an issue put to the panel. Votes are not here: see ``participation``."""

from datetime import datetime
from typing import ClassVar

from domain.aggregate import TalkAggregate, talk_stream
from domain.errors import NotOpen
from domain.moderated import Moderated


class Question(Moderated, TalkAggregate):
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

    class Held(TalkAggregate.Created, Event):
        """A question waits for a moderator, ``because`` of policy or term."""

        TOPIC = "question.held"
        SEALED: ClassVar = {"text": "author"}
        ITEM: ClassVar = "question"
        talk: str
        question: str
        author: str
        text: str
        because: str
        release_at: str

        def apply(self, question: "Question") -> None:
            question.standing = "held"

    class Promoted(TalkAggregate.Created, Event):
        """A moderator made a question of somebody's chat line; it stays its author's."""

        TOPIC = "question.promoted"
        SEALED: ClassVar = {"text": "author"}
        ITEM: ClassVar = "question"
        talk: str
        question: str
        author: str
        text: str
        line: str

    class Approved(Event):
        TOPIC = "question.approved"

        def apply(self, question: "Question") -> None:
            question.standing = "shown"

    class Released(Event):
        """Nobody decided in time, and the policy shows it then."""

        TOPIC = "question.released"

        def apply(self, question: "Question") -> None:
            question.standing = "shown"

    class Rejected(Event):
        TOPIC = "question.rejected"
        SEALED: ClassVar = {"why": "by"}
        why: str

        def apply(self, question: "Question") -> None:
            question.standing = "rejected"

    class Returned(Event):
        """Back among the held ones: approving or rejecting it was undone."""

        TOPIC = "question.returned"

        def apply(self, question: "Question") -> None:
            question.standing = "held"

    class HeldAgain(Event):
        """Its author changed it, and what it says now waits for a moderator."""

        TOPIC = "question.held-again"
        because: str
        release_at: str

        def apply(self, question: "Question") -> None:
            question.standing = "held"

    class Pinned(Event):
        TOPIC = "question.pinned"

        def apply(self, question: "Question") -> None:
            question.is_pinned = True

    class Unpinned(Event):
        TOPIC = "question.unpinned"

        def apply(self, question: "Question") -> None:
            question.is_pinned = False

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

    class Reopened(Event):
        """Open again: it was not answered after all."""

        TOPIC = "question.reopened"

        def apply(self, question: "Question") -> None:
            question.state = "open"

    class AnsweredInWriting(Event):
        """Somebody of the panel wrote an answer; how the question stands is another matter."""

        TOPIC = "question.answered-in-writing"
        SEALED: ClassVar = {"text": "by"}
        text: str

        def apply(self, question: "Question") -> None:
            question.answer, question.answered_by = self.text, self.by

    class AnswerEdited(Event):
        TOPIC = "question.answer-edited"
        SEALED: ClassVar = {"text": "author"}
        author: str
        text: str

        def apply(self, question: "Question") -> None:
            question.answer = self.text

    class Merged(Event):
        """The same as another question; its votes stand and count there too."""

        TOPIC = "question.merged"
        into: str

        def apply(self, question: "Question") -> None:
            question.merged_into = self.into

    class Unmerged(Event):
        TOPIC = "question.unmerged"
        into: str

        def apply(self, question: "Question") -> None:
            question.merged_into = ""

    class MemberTaken(Event):
        """The other side of ``question.merged``."""

        TOPIC = "question.member-taken"
        member: str

        def apply(self, question: "Question") -> None:
            question.members.append(self.member)

    class MemberReleased(Event):
        """The other side of ``question.unmerged``."""

        TOPIC = "question.member-released"
        member: str

        def apply(self, question: "Question") -> None:
            question.members.remove(self.member)

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
        self.is_pinned = False
        self.standing = "shown"  # or held, rejected
        self.answer = ""
        self.answered_by = ""
        self.merged_into = ""
        self.members: list[str] = []

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

    @classmethod
    def hold(
        cls,
        talk: str,
        question: str,
        text: str,
        because: str,
        release_at: str,
        *,
        by: str,
        at: datetime,
    ) -> "Question":
        """Put a question that waits for a moderator."""
        return cls.begin(
            cls.Held,
            cls.stream_of(talk, question),
            by=by,
            at=at,
            talk=talk,
            question=question,
            author=by,
            text=text,
            because=because,
            release_at=release_at,
        )

    @classmethod
    def promote(
        cls, talk: str, question: str, author: str, text: str, line: str, *, by: str, at: datetime
    ) -> "Question":
        """Make a question of somebody's line."""
        return cls.begin(
            cls.Promoted,
            cls.stream_of(talk, question),
            by=by,
            at=at,
            talk=talk,
            question=question,
            author=author,
            text=text,
            line=line,
        )

    def edit(self, text: str, *, by: str, at: datetime) -> None:
        """Change the text; the same text again changes nothing."""
        self.must_stand()
        if text != self.text:
            self.record(self.Edited, by=by, at=at, author=self.author, text=text)

    def hold_again(self, because: str, release_at: str, *, by: str, at: datetime) -> None:
        """Let what it says now wait; what was rejected stays so."""
        if self.standing == "shown" or (self.standing == "held" and because == "term"):
            self.record(self.HeldAgain, by=by, at=at, because=because, release_at=release_at)

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

    def mark_answered(self, *, by: str, at: datetime) -> None:
        """Let it be answered as it was, also when nobody is answering; again changes nothing."""
        self.must_stand()
        if self.state != "answered":
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

    def reopen(self, *, by: str, at: datetime) -> None:
        """Let it be open again; changes nothing when it is."""
        self.must_stand()
        if self.state != "open":
            self.record(self.Reopened, by=by, at=at)

    def answer_in_writing(self, text: str, *, by: str, at: datetime) -> None:
        """Write the answer, in place of an earlier one."""
        self.must_stand()
        if (text, by) != (self.answer, self.answered_by):
            self.record(self.AnsweredInWriting, by=by, at=at, text=text)

    def edit_answer(self, text: str, *, by: str, at: datetime) -> None:
        """Change the written answer; the same text again changes nothing."""
        self.must_stand()
        if not self.answer:
            raise NotOpen("nobody has answered this question in writing yet")
        if text != self.answer:
            self.record(self.AnswerEdited, by=by, at=at, author=self.answered_by, text=text)

    def merge_into(self, other: "Question", *, by: str, at: datetime) -> None:
        """Count this question's voters with the other's; the same again changes nothing."""
        self.must_stand()
        other.must_stand()
        if self.merged_into == other.question:
            return
        if self.merged_into:
            raise NotOpen("it is merged into another question: unmerge it first")
        self.record(self.Merged, by=by, at=at, into=other.question)
        other.record(other.MemberTaken, by=by, at=at, member=self.question)

    def unmerge_from(self, other: "Question", *, by: str, at: datetime) -> None:
        """Stand alone again, with one's own voters."""
        self.record(self.Unmerged, by=by, at=at, into=other.question)
        other.record(other.MemberReleased, by=by, at=at, member=self.question)

    def must_stand(self) -> None:
        """Refuse what a withdrawn question does not take any more."""
        if self.is_withdrawn:
            raise NotOpen("the question was withdrawn")
