"""Deciding: from a command to the facts it records, or a refusal that records nothing.

One method per command, named like it. Each checks in the order of the contract
(item, state, text, pace) and only then lets an aggregate record, so that a refusal
never leaves half a decision behind. Lives on the writer's thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec

from domain import clock, commands, text
from domain.aggregate import TalkAggregate, talk_stream
from domain.attendance import Attendance
from domain.errors import Invalid, NotAllowed, NotFound
from domain.participation import SAYING, TICKING, VOTING, Pace, Participation
from domain.person import Person
from domain.question import Question
from domain.speaker import Speaker, includes
from domain.talk import DEFAULT_KINDS, Talk

Result = dict[str, str]
_Aggregate = TypeVar("_Aggregate", bound=TalkAggregate)


class Work(Protocol):
    """What a decision reads and changes; the store appends it as a whole or not at all."""

    def get(self, kind: type[_Aggregate], stream: str) -> _Aggregate | None:
        """Find an aggregate as it stands, this batch's earlier decisions included."""

    def add(self, aggregate: TalkAggregate) -> None:
        """Take in an aggregate that has just begun."""

    def item_stream(self, item: str) -> str | None:
        """Tell in whose stream a line or question is."""


@dataclass(frozen=True)
class Act:
    """One command as it is decided: who asks, where, when, and what may be changed.

    An ``imported`` act keeps its own time and is held to no state and no pace: it
    happened already, in a session that was recorded elsewhere.
    """

    work: Work
    talk: Talk
    by: str
    speaker: Speaker
    at: datetime
    imported: bool
    new_id: Callable[[], str]

    @property
    def talk_id(self) -> str:
        return self.talk.talk

    def must_take_part(self) -> None:
        """Refuse before the doors are open and after the end."""
        if not self.imported:
            self.talk.must_take_part()

    def participation(self, pace: Pace | None = None) -> Participation:
        """Find or begin the speaker's participation; the last check of a decision."""
        stream = Participation.stream_of(self.talk_id, self.by)
        found = self.work.get(Participation, stream)
        if found is None:
            return self._joined()
        if pace and not self.imported:
            found.must_keep_pace(pace, self.at)
        found.rename(self.speaker.name, at=self.at)
        return found

    def _joined(self) -> Participation:
        participation = Participation.join(
            self.talk_id,
            self.by,
            self.speaker.name,
            signed_in=self.speaker.signed_in,
            at=self.at,
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

    def must_know(self, attendee: str) -> None:
        """Refuse an attendee that has done nothing in this talk."""
        if self.work.get(Participation, Participation.stream_of(self.talk_id, attendee)) is None:
            raise NotFound("no such attendee in this talk", field="attendee")

    def own_line(self, line: str) -> Participation:
        """Find the speaker's participation, which must hold the line."""
        author = self.author_of(line)
        if author.attendee != self.by:
            raise NotAllowed("only its author may do this to a line", field="line")
        return author


class Deciding:
    """The rules of every command within a talk."""

    def decide(self, act: Act, command: commands.Command) -> Result:
        """Record what the command leads to, and return the ids it made.

        Raises ``Refused`` when a rule is against it; then nothing was recorded.
        """
        method = getattr(self, commands.name_of(type(command)))
        result: Result = method(act, command)
        return result

    # Attendees.

    def post_line(self, act: Act, command: commands.PostLine) -> Result:
        act.must_take_part()
        said = "" if act.imported and not command.text else text.checked(command.text)
        line = act.new_id()
        act.participation(SAYING).post_line(line, said, at=act.at)
        return {"line": line}

    def edit_line(self, act: Act, command: commands.EditLine) -> Result:
        participation = act.own_line(command.line)
        act.must_take_part()
        participation.standing_line(command.line)
        said = text.checked(command.text)
        participation.edit_line(command.line, said, at=act.at)
        return {}

    def retract_line(self, act: Act, command: commands.RetractLine) -> Result:
        act.own_line(command.line).retract_line(command.line, at=act.at)
        return {}

    def ask_question(self, act: Act, command: commands.AskQuestion) -> Result:
        act.must_take_part()
        asked = text.checked(command.text)
        question = act.new_id()
        act.participation(SAYING).ask_question(question, at=act.at)
        act.work.add(Question.ask(act.talk_id, question, asked, by=act.by, at=act.at))
        return {"question": question}

    def edit_question(self, act: Act, command: commands.EditQuestion) -> Result:
        question = act.own_question(command.question)
        act.must_take_part()
        question.must_stand()
        question.edit(text.checked(command.text), by=act.by, at=act.at)
        return {}

    def withdraw_question(self, act: Act, command: commands.WithdrawQuestion) -> Result:
        act.own_question(command.question).withdraw(by=act.by, at=act.at)
        return {}

    def cast_vote(self, act: Act, command: commands.CastVote) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.must_stand()
        act.participation(VOTING).cast_vote(command.question, at=act.at)
        return {}

    def withdraw_vote(self, act: Act, command: commands.WithdrawVote) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.must_stand()
        act.participation(VOTING).withdraw_vote(command.question, at=act.at)
        return {}

    def give_feedback(self, act: Act, command: commands.GiveFeedback) -> Result:
        act.talk.must_know_kind(command.kind)
        if not act.imported:
            act.talk.must_be_live()
        media_s = -1.0 if command.media_s is None else command.media_s
        act.participation(TICKING).give_feedback(command.kind, act.talk.topic, media_s, at=act.at)
        return {}

    # Moderators.

    def hide(self, act: Act, command: commands.Hide) -> Result:
        question = act.work.get(Question, Question.stream_of(act.talk_id, command.item))
        author = None if question else act.author_of(command.item, field="item")
        why = text.checked(command.why, field="why")
        act.participation()
        if question:
            question.hide(why, by=act.by, at=act.at)
        if author:
            author.hide_line(command.item, why, by=act.by, at=act.at)
        return {}

    def restore(self, act: Act, command: commands.Restore) -> Result:
        question = act.work.get(Question, Question.stream_of(act.talk_id, command.item))
        author = None if question else act.author_of(command.item, field="item")
        act.participation()
        if question:
            question.reveal(by=act.by, at=act.at)
        if author:
            author.restore_line(command.item, by=act.by, at=act.at)
        return {}

    def archive_question(self, act: Act, command: commands.ArchiveQuestion) -> Result:
        act.question(command.question).archive(by=act.by, at=act.at)
        return {}

    def restore_question(self, act: Act, command: commands.RestoreQuestion) -> Result:
        act.question(command.question).restore(by=act.by, at=act.at)
        return {}

    def start_answering(self, act: Act, command: commands.StartAnswering) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.start_answering(by=act.by, at=act.at)
        return {}

    def finish_answering(self, act: Act, command: commands.FinishAnswering) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.finish_answering(by=act.by, at=act.at)
        return {}

    # Hosts.

    def open_doors(self, act: Act, _: commands.OpenDoors) -> Result:
        act.talk.open_doors(by=act.by, at=act.at)
        return {}

    def start_talk(self, act: Act, _: commands.StartTalk) -> Result:
        act.talk.start(by=act.by, at=act.at)
        return {}

    def end_talk(self, act: Act, _: commands.EndTalk) -> Result:
        act.talk.end(by=act.by, at=act.at)
        return {}

    def introduce_topic(self, act: Act, command: commands.IntroduceTopic) -> Result:
        act.talk.must_not_have_ended()
        title = text.checked(command.title, limit=text.TITLE_LIMIT, field="title")
        topic = act.new_id()
        act.talk.introduce_topic(topic, title, by=act.by, at=act.at)
        return {"topic": topic}

    def open_topic(self, act: Act, command: commands.OpenTopic) -> Result:
        act.talk.topic_title(command.topic)
        act.must_take_part()
        act.talk.open_topic(command.topic, by=act.by, at=act.at)
        return {}

    def close_topic(self, act: Act, _: commands.CloseTopic) -> Result:
        act.must_take_part()
        act.talk.close_topic(by=act.by, at=act.at)
        return {}

    def introduce_panelist(self, act: Act, command: commands.IntroducePanelist) -> Result:
        act.talk.must_not_have_ended()
        name = text.checked(command.name, limit=text.NAME_LIMIT, field="name")
        about = text.checked(command.about, field="about") if command.about else ""
        panelist = act.new_id()
        act.talk.introduce_panelist(panelist, name, about, by=act.by, at=act.at)
        return {"panelist": panelist}

    def grant_role(self, act: Act, command: commands.GrantRole) -> Result:
        act.must_know(command.attendee)
        act.talk.grant_role(command.attendee, command.role, by=act.by, at=act.at)
        return {}

    def withdraw_role(self, act: Act, command: commands.WithdrawRole) -> Result:
        act.must_know(command.attendee)
        act.talk.withdraw_role(command.attendee, command.role, by=act.by, at=act.at)
        return {}

    def attach_recording(self, act: Act, command: commands.AttachRecording) -> Result:
        if urlsplit(command.url).scheme not in {"http", "https", ""}:
            raise Invalid("a recording lies at an http(s) address or a path", field="url")
        started_at = checked_moment(command.started_at, field="started_at")
        cuts = [{"start_s": cut.start_s, "end_s": cut.end_s} for cut in command.cuts]
        act.talk.attach_recording(command.url, started_at, cuts, by=act.by, at=act.at)
        return {}

    # The product itself.

    def import_topic(self, act: Act, command: commands.ImportTopic) -> Result:
        title = text.checked(command.title[: text.TITLE_LIMIT])
        topic = act.new_id()
        act.talk.introduce_topic(topic, title, by=act.by, at=act.at)
        act.talk.open_topic(topic, by=act.by, at=act.at)
        return {"topic": topic}

    def import_kind(self, act: Act, command: commands.ImportKind) -> Result:
        act.talk.add_kind(command.kind, command.label, command.curve, by=act.by, at=act.at)
        return {}

    def sample_attendance(self, act: Act, command: commands.SampleAttendance) -> Result:
        attendance = act.work.get(Attendance, Attendance.stream_of(act.talk_id))
        if attendance is None:
            attendance = Attendance.begin_for(act.talk_id, at=act.at)
            act.work.add(attendance)
        attendance.sample(command.present, at=act.at)
        return {}


def schedule(
    work: Work,
    talk: str,
    command: commands.ScheduleTalk,
    *,
    by: Speaker,
    attendee: str,
    at: datetime,
) -> Result:
    """Announce a talk; its host is its first participant."""
    title = text.checked(command.title, limit=text.TITLE_LIMIT, field="title")
    starts_at = checked_moment(command.starts_at, field="starts_at") if command.starts_at else ""
    if command.policy:
        raise Invalid("this version knows no policies yet: leave it out", field="policy")
    kinds = msgspec.to_builtins(command.kinds) or DEFAULT_KINDS
    work.add(
        Talk.schedule(
            talk, title=title, starts_at=starts_at, kinds=kinds, policy={}, by=attendee, at=at
        )
    )
    work.add(Participation.join(talk, attendee, by.name, signed_in=by.signed_in, at=at))
    return {"talk": talk}


def erase(work: Work, command: commands.ErasePerson, *, at: datetime) -> Result:
    """Record that a person was erased, once for them and once in every talk they attended."""
    if work.get(Person, Person.stream_of(command.person)) is None:
        work.add(Person.erase(command.person, at=at))
    for talk, attendee in command.attended:
        participation = work.get(Participation, Participation.stream_of(talk, attendee))
        if participation:
            participation.erase(at=at)
    return {}


def must_include(speaker: Speaker, talk: Talk, attendee: str, command: commands.Command) -> None:
    """Refuse a command that takes a role which the speaker has not."""
    roles = speaker.roles_in(talk.talk) | talk.roles.get(attendee, set())
    if not includes(frozenset(roles), command.ROLE):
        raise NotAllowed(f"this takes the role {command.ROLE}")


def checked_moment(moment: str, *, field: str) -> str:
    """Return a moment in its one written form."""
    try:
        return clock.iso(clock.parse(moment))
    except ValueError:
        raise Invalid("a moment is written like 2026-11-23T23:01:02Z", field=field) from None
