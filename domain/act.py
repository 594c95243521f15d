"""One command as it is decided: who asks, where and when, and what may be read and changed.

Lives on the writer's thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Protocol, TypeAlias, TypeVar

from domain import commands, policy, text
from domain.aggregate import Fact, TalkAggregate, talk_stream
from domain.errors import NotAllowed, NotFound
from domain.highlights import Highlights
from domain.listening import Listening
from domain.pace import SAYING, Pace
from domain.participation import ModeratedLine, Participation
from domain.question import Question
from domain.social import SocialPost
from domain.speaker import Speaker, includes
from domain.talk import ModeratedNotice, Talk

Result = dict[str, str]
Held: TypeAlias = Question | ModeratedLine | SocialPost
Item: TypeAlias = Held | ModeratedNotice
_Aggregate = TypeVar("_Aggregate", bound=TalkAggregate)


class Work(Protocol):
    """What a decision reads and changes; the store appends it as a whole or not at all."""

    def get(self, kind: type[_Aggregate], stream: str) -> _Aggregate | None:
        """Find an aggregate as it stands, this batch's earlier decisions included."""

    def add(self, aggregate: TalkAggregate) -> None:
        """Take in an aggregate that has just begun."""

    def item_stream(self, item: str) -> str | None:
        """Tell in whose stream a line, question or post is."""

    def fact_at(self, position: int) -> Fact | None:
        """Find a recorded fact by its position in the whole store."""

    def history(self, stream: str) -> Sequence[Fact]:
        """Read all facts of a stream, in order, this batch's earlier ones included."""


@dataclass(frozen=True)
class Act:
    """One command as it is decided: who asks, where, when, and what may be changed.

    An ``imported`` act keeps its own time and is held to no state and no pace: it
    happened already, in a session that was recorded elsewhere. ``author`` is who wrote the
    post that is caught, when one is.
    """

    work: Work
    talk: Talk
    by: str
    speaker: Speaker
    at: datetime
    imported: bool
    new_id: Callable[[], str]
    author: str = ""

    @property
    def talk_id(self) -> str:
        return self.talk.talk

    def must_take_part(self) -> None:
        """Refuse before the doors are open and after the end."""
        if not self.imported:
            self.talk.must_take_part()

    def must_not_be_banned(self) -> None:
        """Refuse whatever somebody asks for who was banned from the talk."""
        found = self.work.get(Participation, Participation.stream_of(self.talk_id, self.by))
        if found and not self.imported:
            found.must_not_be_banned()

    def said(self, words: str) -> str:
        """Check what is said; what was recorded elsewhere stays as it was, or without text."""
        if self.imported and not words:
            return ""
        checked = text.checked(words)
        return words if self.imported else checked

    def participation(self, pace: Pace | None = None) -> Participation:
        """Find or begin the speaker's participation; the last check of a decision."""
        stream = Participation.stream_of(self.talk_id, self.by)
        found = self.work.get(Participation, stream)
        if found is None:
            return self._joined(self.by, self.speaker.name, signed_in=self.speaker.signed_in)
        if pace and not self.imported:
            found.must_keep_pace(pace, self.at)
        found.rename(self.speaker.name, at=self.at)
        return found

    def must_be_heard(self) -> Participation | None:
        """Refuse the words of somebody who is muted; tell their participation, if they have one."""
        found = self.work.get(Participation, Participation.stream_of(self.talk_id, self.by))
        if found and not self.imported and not found.may_speak(self.at):
            raise NotAllowed("you are muted in this talk")
        return found

    def must_answer_for(self, attendee: Participation) -> None:
        """Refuse to silence a host, but by hosts."""
        is_host = "host" in self.talk.roles.get(attendee.attendee, ())
        if is_host and not includes(roles_of(self.speaker, self.talk, self.by), "host"):
            raise NotAllowed("a host answers to hosts alone", field="attendee")

    def speaking(self) -> Participation:
        """Find or begin the speaker's participation, to say something."""
        found = self.must_be_heard()
        if found and not self.imported:
            slow_s = self.talk.policy["slow_s"]
            if slow_s and not self.is_moderator:
                found.must_keep_pace(Pace(SAYING.kind, 1, slow_s), self.at)
        return self.participation(SAYING)

    def must_have_a_vote(self) -> None:
        """Refuse a vote of somebody whom the talk's policy does not let vote."""
        has_ticket = bool(roles_of(self.speaker, self.talk, self.by))
        why_not = policy.why_no_vote(
            self.talk.policy, signed_in=self.speaker.signed_in, has_ticket=has_ticket
        )
        if why_not and not self.imported:
            raise NotAllowed(why_not)

    def listening(self, pace: Pace) -> Listening:
        """Find or begin the speaker's listening; the last check of a decision."""
        attended = self.work.get(Participation, Participation.stream_of(self.talk_id, self.by))
        if attended:
            attended.must_not_be_banned()
        found = self.work.get(Listening, Listening.stream_of(self.talk_id, self.by))
        if found:
            found.must_keep_pace(pace, self.at)
            return found
        begun = Listening.begin_for(self.talk_id, self.by, at=self.at)
        self.work.add(begun)
        return begun

    @property
    def is_moderator(self) -> bool:
        return includes(roles_of(self.speaker, self.talk, self.by), "moderator")

    def why_held(self, said: str) -> str:
        """Tell why a text waits for a moderator; a moderator's own and recorded ones never do."""
        if self.imported or self.is_moderator:
            return ""
        return policy.why_held(self.talk.policy, said)

    def why_post_held(self, said: str) -> str:
        """Tell why a post waits for a moderator, whoever caught it; recorded ones never do."""
        return "" if self.imported else policy.why_held(self.talk.policy, said, policy.POSTS)

    def release_at(self, because: str, rule: str = policy.LINES) -> str:
        """Tell when a held text is shown of itself, if ever."""
        return policy.release_at(self.talk.policy, because, self.at, rule)

    def post_author(self, name: str) -> Participation:
        """Find or begin the participation of a post's author, who must not be banned."""
        found = self.work.get(Participation, Participation.stream_of(self.talk_id, self.author))
        if found is None:
            return self._joined(self.author, name, signed_in=False)
        if found.is_banned or not found.may_speak(self.at):
            raise NotAllowed("its author was muted or banned in this talk", field="author")
        found.rename(name, at=self.at)
        return found

    def _joined(self, attendee: str, name: str, *, signed_in: bool) -> Participation:
        participation = Participation.join(
            self.talk_id, attendee, name, signed_in=signed_in, at=self.at
        )
        self.work.add(participation)
        return participation

    def question(self, question: str, *, field: str = "question") -> Question:
        """Find a question of this talk."""
        found = self.work.get(Question, Question.stream_of(self.talk_id, question))
        if found is None:
            raise NotFound("no such question in this talk", field=field)
        return found

    def own_question(self, question: str) -> Question:
        """Find a question that the speaker asked."""
        found = self.question(question)
        if found.author != self.by:
            raise NotAllowed("only its author may do this to a question", field="question")
        return found

    def author_of(self, line: str, *, field: str = "line") -> Participation:
        """Find the participation of whoever wrote a line of this talk."""
        stream = self.work.item_stream(line) or ""
        found = None
        if stream.startswith(f"{talk_stream(self.talk_id)}/participation/"):
            found = self.work.get(Participation, stream)
        if found is None or line not in found.lines:
            raise NotFound("no such item in this talk", field=field)
        return found

    def item(self, item: str) -> "Item":
        """Find a line, question, post or notice of this talk, as a moderator takes it in hand."""
        question = self.work.get(Question, Question.stream_of(self.talk_id, item))
        if question:
            return question
        if item in self.talk.notices:
            return ModeratedNotice(self.talk, item)
        return self.post(item) or self.author_of(item, field="item").moderated(item)

    def post(self, post: str) -> SocialPost | None:
        """Find a post that was caught in this talk."""
        stream = SocialPost.stream_of(self.talk_id, post)
        return self.work.get(SocialPost, stream) if self.work.item_stream(post) == stream else None

    def held(self, item: str) -> Held:
        """Find a line, question or post, the things that can be held and pinned."""
        found = self.item(item)
        if isinstance(found, ModeratedNotice):
            raise NotFound("a notice is never held and always in sight", field="item")
        return found

    def other(self, attendee: str) -> Participation:
        """Find somebody who takes part in this talk."""
        found = self.work.get(Participation, Participation.stream_of(self.talk_id, attendee))
        if found is None:
            raise NotFound("no such attendee in this talk", field="attendee")
        return found

    def behind(self, attendee: str) -> Participation:
        """Find an attendee, or the author of something said: the desk may not know who it is."""
        question = self.work.get(Question, Question.stream_of(self.talk_id, attendee))
        if question:
            return self.other(question.author)
        if self.work.item_stream(attendee):
            return self.author_of(attendee, field="attendee")
        return self.other(attendee)

    def highlights(self, known: str = "") -> Highlights:
        """Find or begin the decisions about highlights, the last check of a decision.

        A ``known`` highlight must be one of the talk's.
        """
        found = self.work.get(Highlights, Highlights.stream_of(self.talk_id))
        begun = found or Highlights.begin_for(self.talk_id, by=self.by, at=self.at)
        if known:
            begun.must_know(known)
        if found is None:
            self.work.add(begun)
        return begun

    def members(self, question: Question) -> list[str]:
        """Tell the questions whose voters count for this one: itself, and those merged into it."""
        merged = [self.members(self.question(member)) for member in question.members]
        return [question.question, *chain.from_iterable(merged)]

    def own_line(self, line: str) -> Participation:
        """Find the speaker's participation, which must hold the line."""
        author = self.author_of(line)
        if author.attendee != self.by:
            raise NotAllowed("only its author may do this to a line", field="line")
        return author


def must_include(speaker: Speaker, talk: Talk, attendee: str, command: commands.Command) -> None:
    """Refuse a command that takes a role which the speaker has not."""
    if not includes(roles_of(speaker, talk, attendee), command.ROLE):
        raise NotAllowed(f"this takes the role {command.ROLE}")


def must_know(speaker: Speaker | None, talk: Talk, attendee: str) -> None:
    """Refuse to tell of a private talk to who has no role there, as if there were none."""
    if talk.policy["access"] == policy.PRIVATE and not (
        speaker and roles_of(speaker, talk, attendee)
    ):
        raise NotFound("there is no such talk")


def roles_of(speaker: Speaker, talk: Talk, attendee: str) -> frozenset[str]:
    """Tell all roles of a speaker in a talk: their token's and those granted there."""
    return speaker.roles_in(talk.talk) | talk.roles.get(attendee, frozenset())
