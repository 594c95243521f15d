"""Participation: one attendee in one talk, with what they say, vote and feel.

Only the attendee and, rarely, a moderator write it, so attendees never contend with
each other, however many act at once.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from domain.aggregate import TalkAggregate, talk_stream
from domain.errors import NotFound, NotOpen, TooFast


@dataclass(frozen=True)
class Pace:
    """At most ``acts`` within ``seconds``."""

    acts: int
    seconds: float


SAYING = Pace(10, 10)  # lines and questions together
VOTING = Pace(60, 10)
TICKING = Pace(20, 10)


@dataclass
class ChatLine:
    """A line of this attendee, as its rules need it."""

    text: str
    is_retracted: bool = False
    is_hidden: bool = False


class Participation(TalkAggregate):
    """One attendee in one talk."""

    TOPIC = "participation"

    class Event(TalkAggregate.Event):
        TOPIC = "participation.event"

    class Joined(TalkAggregate.Created, Event):
        """Somebody did something in this talk for the first time."""

        TOPIC = "participation.joined"
        SEALED: ClassVar = {"name": "attendee"}
        talk: str
        attendee: str
        name: str
        signed_in: bool

    class Renamed(Event):
        TOPIC = "participation.renamed"
        SEALED: ClassVar = {"name": "by"}
        name: str

        def apply(self, participation: "Participation") -> None:
            participation.name = self.name

    class LinePosted(Event):
        TOPIC = "participation.line-posted"
        SEALED: ClassVar = {"text": "by"}
        ITEM: ClassVar = "line"
        line: str
        text: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line] = ChatLine(self.text)
            participation.remember(SAYING, self.timestamp)

    class LineEdited(Event):
        TOPIC = "participation.line-edited"
        SEALED: ClassVar = {"text": "by"}
        line: str
        text: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].text = self.text

    class LineRetracted(Event):
        """Its author took it back, for good."""

        TOPIC = "participation.line-retracted"
        line: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].is_retracted = True

    class LineHidden(Event):
        TOPIC = "participation.line-hidden"
        SEALED: ClassVar = {"why": "by"}
        line: str
        why: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].is_hidden = True

    class LineRestored(Event):
        TOPIC = "participation.line-restored"
        line: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].is_hidden = False

    class QuestionAsked(Event):
        """The attendee's side of ``question.asked``: one turn used of the pace of saying."""

        TOPIC = "participation.question-asked"
        question: str

        def apply(self, participation: "Participation") -> None:
            participation.remember(SAYING, self.timestamp)

    class VoteCast(Event):
        TOPIC = "participation.vote-cast"
        question: str

        def apply(self, participation: "Participation") -> None:
            participation.votes.add(self.question)
            participation.remember(VOTING, self.timestamp)

    class VoteWithdrawn(Event):
        TOPIC = "participation.vote-withdrawn"
        question: str

        def apply(self, participation: "Participation") -> None:
            participation.votes.discard(self.question)
            participation.remember(VOTING, self.timestamp)

    class FeedbackGiven(Event):
        """How the current topic lands; ``topic`` is empty when there is none.

        ``media_s`` is the player's position in seconds when the page knew it, else -1.
        """

        TOPIC = "participation.feedback-given"
        kind: str
        topic: str
        media_s: float

        def apply(self, participation: "Participation") -> None:
            participation.remember(TICKING, self.timestamp)

    class Erased(Event):
        """The person's key is gone: their words and name read as a mark from now on."""

        TOPIC = "participation.erased"

        def apply(self, participation: "Participation") -> None:
            participation.is_erased = True

    def __init__(self, talk: str, attendee: str, name: str, signed_in: bool) -> None:  # noqa: FBT001 - mirrors the fact
        self.talk = talk
        self.attendee = attendee
        self.name = name
        self.signed_in = signed_in
        self.lines: dict[str, ChatLine] = {}
        self.votes: set[str] = set()
        self.is_erased = False
        self.recent: defaultdict[Pace, deque[datetime]] = defaultdict(deque)

    @staticmethod
    def stream_of(talk: str, attendee: str) -> str:
        """Name the stream of an attendee in a talk."""
        return f"{talk_stream(talk)}/participation/{attendee}"

    # Commands: check the rules, then record what happened.

    @classmethod
    def join(
        cls, talk: str, attendee: str, name: str, *, signed_in: bool, at: datetime
    ) -> "Participation":
        """Begin to take part."""
        stream = cls.stream_of(talk, attendee)
        return cls.begin(
            cls.Joined,
            stream,
            by=attendee,
            at=at,
            talk=talk,
            attendee=attendee,
            name=name,
            signed_in=signed_in,
        )

    def rename(self, name: str, *, at: datetime) -> None:
        """Go by another name from now on; the same name changes nothing."""
        if name != self.name:
            self.record(self.Renamed, by=self.attendee, at=at, name=name)

    def post_line(self, line: str, text: str, *, at: datetime) -> None:
        """Say something."""
        self.record(self.LinePosted, by=self.attendee, at=at, line=line, text=text)

    def edit_line(self, line: str, text: str, *, at: datetime) -> None:
        """Change one's own line; the same text again changes nothing."""
        if text != self.standing_line(line).text:
            self.record(self.LineEdited, by=self.attendee, at=at, line=line, text=text)

    def retract_line(self, line: str, *, at: datetime) -> None:
        """Take one's own line back for good; again changes nothing."""
        if not self.line(line).is_retracted:
            self.record(self.LineRetracted, by=self.attendee, at=at, line=line)

    def hide_line(self, line: str, why: str, *, by: str, at: datetime) -> None:
        """Take a line out of everybody's sight; again changes nothing."""
        if not self.line(line).is_hidden:
            self.record(self.LineHidden, by=by, at=at, line=line, why=why)

    def restore_line(self, line: str, *, by: str, at: datetime) -> None:
        """Show a hidden line again; changes nothing when it is not hidden."""
        if self.line(line).is_hidden:
            self.record(self.LineRestored, by=by, at=at, line=line)

    def ask_question(self, question: str, *, at: datetime) -> None:
        """Use a turn for a question (the question itself has a stream of its own)."""
        self.record(self.QuestionAsked, by=self.attendee, at=at, question=question)

    def cast_vote(self, question: str, *, at: datetime) -> None:
        """Vote for a question; a second vote for the same one changes nothing."""
        if question not in self.votes:
            self.record(self.VoteCast, by=self.attendee, at=at, question=question)

    def withdraw_vote(self, question: str, *, at: datetime) -> None:
        """Take the vote back; changes nothing when there is none."""
        if question in self.votes:
            self.record(self.VoteWithdrawn, by=self.attendee, at=at, question=question)

    def give_feedback(self, kind: str, topic: str, media_s: float, *, at: datetime) -> None:
        """Tick how the current topic lands."""
        self.record(
            self.FeedbackGiven, by=self.attendee, at=at, kind=kind, topic=topic, media_s=media_s
        )

    def erase(self, *, at: datetime) -> None:
        """Record that the person was erased; again changes nothing."""
        if not self.is_erased:
            self.record(self.Erased, by="", at=at)

    # What the rules ask.

    def line(self, line: str) -> ChatLine:
        """Find a line of this attendee, retracted or not."""
        try:
            return self.lines[line]
        except KeyError:
            raise NotFound("no such line of yours", field="line") from None

    def standing_line(self, line: str) -> ChatLine:
        """Find a line of this attendee that was not taken back."""
        found = self.line(line)
        if found.is_retracted:
            raise NotOpen("the line was retracted")
        return found

    def must_keep_pace(self, pace: Pace, at: datetime) -> None:
        """Refuse an act that would be one too many within the pace's seconds."""
        span = timedelta(seconds=pace.seconds)
        recent = [then for then in self.recent[pace] if timedelta(0) <= at - then < span]
        if len(recent) >= pace.acts:
            wait = (recent[-pace.acts] + span - at).total_seconds()
            raise TooFast(
                f"at most {pace.acts} of these within {pace.seconds:g} seconds",
                retry_after_s=max(wait, 0.001),
            )

    def remember(self, pace: Pace, at: datetime) -> None:
        """Count an act towards its pace; only the last few matter."""
        recent = self.recent[pace]
        recent.append(at)
        while len(recent) > pace.acts:
            recent.popleft()
