"""Participation: one attendee in one talk, with what they say, vote and feel.

Only the attendee and, rarely, a moderator write it, so attendees never contend with
each other, however many act at once.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.aggregate import Fact, TalkAggregate, talk_stream
from domain.clock import iso
from domain.errors import Invalid, NotAllowed, NotFound, NotOpen
from domain.moderated import Moderated
from domain.pace import SAYING, TICKING, VOTING, Paced

FOREVER = "9999-12-31T23:59:59.999Z"


@dataclass
class ChatLine:
    """A line or reply of this attendee, as its rules need it.

    ``state`` is shown, held or rejected; hiding is apart from it.
    """

    text: str
    state: str = "shown"
    is_retracted: bool = False
    is_hidden: bool = False
    is_pinned: bool = False


class Participation(TalkAggregate, Paced):
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

    class NicknameChosen(Event):
        """They go by this name where the policy shows nicknames."""

        TOPIC = "participation.nickname-chosen"
        SEALED: ClassVar = {"nickname": "by"}
        nickname: str

        def apply(self, participation: "Participation") -> None:
            participation.nickname = self.nickname

    class NicknameCleared(Event):
        """It was taken away: they have none, in what they have said under one too."""

        TOPIC = "participation.nickname-cleared"
        SEALED: ClassVar = {"why": "by"}
        why: str

        def apply(self, participation: "Participation") -> None:
            participation.cleared_nicknames.add(participation.nickname.casefold())
            participation.nickname = ""

    class NicknameGivenBack(Event):
        """Clearing it was undone: they go by it again, in what they have said under one too."""

        TOPIC = "participation.nickname-given-back"
        SEALED: ClassVar = {"nickname": "attendee"}
        attendee: str
        nickname: str

        def apply(self, participation: "Participation") -> None:
            participation.cleared_nicknames.discard(self.nickname.casefold())
            participation.nickname = self.nickname

    class LinePosted(Event):
        TOPIC = "participation.line-posted"
        SEALED: ClassVar = {"text": "by"}
        ITEM: ClassVar = "line"
        line: str
        text: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line] = ChatLine(self.text)
            participation.remember(SAYING, self.timestamp)

    class ReplyPosted(Event):
        """A line about a question; it is edited, hidden and retracted like any line."""

        TOPIC = "participation.reply-posted"
        SEALED: ClassVar = {"text": "by"}
        ITEM: ClassVar = "line"
        line: str
        question: str
        text: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line] = ChatLine(self.text)
            participation.remember(SAYING, self.timestamp)

    class LineHeld(Event):
        """A line (or a reply to ``question``) waits for a moderator, ``because`` of policy or term.

        With a ``release_at`` the steward shows it then, unless it was rejected.
        """

        TOPIC = "participation.line-held"
        SEALED: ClassVar = {"text": "by"}
        ITEM: ClassVar = "line"
        line: str
        question: str
        text: str
        because: str
        release_at: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line] = ChatLine(self.text, state="held")
            participation.remember(SAYING, self.timestamp)

    class LineApproved(Event):
        TOPIC = "participation.line-approved"
        line: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].state = "shown"

    class LineReleased(Event):
        """Nobody decided in time, and the policy shows it then."""

        TOPIC = "participation.line-released"
        line: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].state = "shown"

    class LineRejected(Event):
        TOPIC = "participation.line-rejected"
        SEALED: ClassVar = {"why": "by"}
        line: str
        why: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].state = "rejected"

    class LineReturned(Event):
        """Back among the held ones: approving or rejecting it was undone."""

        TOPIC = "participation.line-returned"
        line: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].state = "held"

    class LineHeldAgain(Event):
        """Its author changed it, and what it says now waits for a moderator."""

        TOPIC = "participation.line-held-again"
        line: str
        because: str
        release_at: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].state = "held"

    class LinePinned(Event):
        TOPIC = "participation.line-pinned"
        line: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].is_pinned = True

    class LineUnpinned(Event):
        TOPIC = "participation.line-unpinned"
        line: str

        def apply(self, participation: "Participation") -> None:
            participation.lines[self.line].is_pinned = False

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

    class Muted(Event):
        """May not say anything until then; an empty ``until`` means until unmuted."""

        TOPIC = "participation.muted"
        SEALED: ClassVar = {"why": "by"}
        why: str
        until: str

        def apply(self, participation: "Participation") -> None:
            participation.muted_until = self.until or FOREVER

    class Unmuted(Event):
        TOPIC = "participation.unmuted"

        def apply(self, participation: "Participation") -> None:
            participation.muted_until = ""

    class Banned(Event):
        """May do nothing at all in this talk."""

        TOPIC = "participation.banned"
        SEALED: ClassVar = {"why": "by"}
        why: str

        def apply(self, participation: "Participation") -> None:
            participation.is_banned = True

    class Unbanned(Event):
        TOPIC = "participation.unbanned"

        def apply(self, participation: "Participation") -> None:
            participation.is_banned = False

    class Erased(Event):
        """The person's key is gone: their words and name read as a mark from now on."""

        TOPIC = "participation.erased"

        def apply(self, participation: "Participation") -> None:
            participation.is_erased = True
            participation.nickname = ""
            participation.cleared_nicknames.clear()
            for line in participation.lines.values():
                line.text = ""

    def __init__(self, talk: str, attendee: str, name: str, signed_in: bool) -> None:  # noqa: FBT001 - mirrors the fact
        self.talk = talk
        self.attendee = attendee
        self.name = name
        self.signed_in = signed_in
        self.nickname = ""
        self.cleared_nicknames: set[str] = set()
        self.lines: dict[str, ChatLine] = {}
        self.votes: set[str] = set()
        self.muted_until = ""
        self.is_banned = False
        self.is_erased = False
        self.recent: defaultdict[str, deque[datetime]] = defaultdict(deque)

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

    def choose_nickname(self, nickname: str, *, at: datetime) -> None:
        """Go by a nickname where nicknames are shown; the same one changes nothing.

        Raises ``Invalid`` for one that a moderator has taken away.
        """
        if nickname.casefold() in self.cleared_nicknames:
            raise Invalid("a moderator took this name away: choose another", field="nickname")
        if nickname != self.nickname:
            self.record(self.NicknameChosen, by=self.attendee, at=at, nickname=nickname)

    def clear_nickname(self, why: str, *, by: str, at: datetime) -> None:
        """Take the nickname away; changes nothing when there is none."""
        if self.nickname:
            self.record(self.NicknameCleared, by=by, at=at, why=why)

    def give_nickname_back(self, nickname: str, *, by: str, at: datetime) -> None:
        """Let them go by a nickname that was taken away, unless they are forgotten by now."""
        if not self.is_erased and nickname != self.nickname:
            self.record(
                self.NicknameGivenBack, by=by, at=at, attendee=self.attendee, nickname=nickname
            )

    def post_line(self, line: str, text: str, *, at: datetime) -> None:
        """Say something."""
        self.record(self.LinePosted, by=self.attendee, at=at, line=line, text=text)

    def edit_line(self, line: str, text: str, *, at: datetime) -> None:
        """Change one's own line; the same text again changes nothing."""
        if text != self.standing_line(line).text:
            self.record(self.LineEdited, by=self.attendee, at=at, line=line, text=text)

    def hold_line_again(self, line: str, because: str, release_at: str, *, at: datetime) -> None:
        """Let what a line says now wait; what was rejected stays so."""
        state = self.line(line).state
        if state == "shown" or (state == "held" and because == "term"):
            self.record(
                self.LineHeldAgain,
                by=self.attendee,
                at=at,
                line=line,
                because=because,
                release_at=release_at,
            )

    def retract_line(self, line: str, *, at: datetime) -> None:
        """Take one's own line back for good; again changes nothing."""
        if not self.line(line).is_retracted:
            self.record(self.LineRetracted, by=self.attendee, at=at, line=line)

    def reply(self, line: str, question: str, text: str, *, at: datetime) -> None:
        """Say something about a question."""
        self.record(
            self.ReplyPosted, by=self.attendee, at=at, line=line, question=question, text=text
        )

    def hold_line(
        self, line: str, question: str, text: str, because: str, release_at: str, *, at: datetime
    ) -> None:
        """Say something that waits for a moderator; ``question`` is empty for a plain line."""
        self.record(
            self.LineHeld,
            by=self.attendee,
            at=at,
            line=line,
            question=question,
            text=text,
            because=because,
            release_at=release_at,
        )

    def moderated(self, line: str) -> "ModeratedLine":
        """Take one line of this attendee in hand, as a moderator does."""
        return ModeratedLine(self, line)

    def mute(self, why: str, until: str, *, by: str, at: datetime) -> None:
        """Let them say nothing until then, or until unmuted; the same again changes nothing."""
        if (until or FOREVER) != self.muted_until:
            self.record(self.Muted, by=by, at=at, why=why, until=until)

    def unmute(self, *, by: str, at: datetime) -> None:
        """Let them speak again; changes nothing when they may."""
        if self.muted_until:
            self.record(self.Unmuted, by=by, at=at)

    def ban(self, why: str, *, by: str, at: datetime) -> None:
        """Let them do nothing in this talk; again changes nothing."""
        if not self.is_banned:
            self.record(self.Banned, by=by, at=at, why=why)

    def unban(self, *, by: str, at: datetime) -> None:
        """Let them take part again; changes nothing when they may."""
        if self.is_banned:
            self.record(self.Unbanned, by=by, at=at)

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

    def must_not_be_banned(self) -> None:
        """Refuse whatever a banned attendee asks for."""
        if self.is_banned:
            raise NotAllowed("you were banned from this talk")

    def may_speak(self, at: datetime) -> bool:
        """Tell whether they are not muted at a moment."""
        return self.muted_until <= iso(at)


@dataclass(frozen=True)
class ModeratedLine(Moderated):
    """A line in a moderator's hand."""

    author: Participation
    line: str

    Hidden: ClassVar = Participation.LineHidden
    Revealed: ClassVar = Participation.LineRestored
    Approved: ClassVar = Participation.LineApproved
    Released: ClassVar = Participation.LineReleased
    Rejected: ClassVar = Participation.LineRejected
    Returned: ClassVar = Participation.LineReturned
    Pinned: ClassVar = Participation.LinePinned
    Unpinned: ClassVar = Participation.LineUnpinned

    # What stands is the line's, and only read here.

    @property
    def standing(self) -> str:  # type: ignore[override]
        return self.author.line(self.line).state

    @property
    def is_hidden(self) -> bool:  # type: ignore[override]
        return self.author.line(self.line).is_hidden

    @property
    def is_pinned(self) -> bool:  # type: ignore[override]
        return self.author.line(self.line).is_pinned

    def record(self, fact: type[Fact], *, by: str, at: datetime, **state: str) -> None:
        """Record it of the author's participation."""
        self.author.record(fact, by=by, at=at, line=self.line, **state)
