"""Deciding: from a command to the facts it records, or a refusal that records nothing.

One method per command, named like it. Each checks in the order of the contract
(item, state, text, pace) and only then lets an aggregate record, so that a refusal
never leaves half a decision behind. Lives on the writer's thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec

from domain import clock, commands, policy, text
from domain.aggregate import Fact, TalkAggregate, talk_of, talk_stream
from domain.attendance import Attendance
from domain.clock import iso
from domain.errors import Invalid, NotAllowed, NotFound, NotOpen
from domain.highlights import Highlights
from domain.participation import SAYING, TICKING, VOTING, ModeratedLine, Pace, Participation
from domain.person import Person
from domain.question import Question
from domain.speaker import Speaker, includes
from domain.talk import DEFAULT_KINDS, ModeratedNotice, Talk
from domain.undoing import INVERSES

Result = dict[str, str]
Item: TypeAlias = Question | ModeratedLine | ModeratedNotice
_Aggregate = TypeVar("_Aggregate", bound=TalkAggregate)


class Work(Protocol):
    """What a decision reads and changes; the store appends it as a whole or not at all."""

    def get(self, kind: type[_Aggregate], stream: str) -> _Aggregate | None:
        """Find an aggregate as it stands, this batch's earlier decisions included."""

    def add(self, aggregate: TalkAggregate) -> None:
        """Take in an aggregate that has just begun."""

    def item_stream(self, item: str) -> str | None:
        """Tell in whose stream a line or question is."""

    def fact_at(self, position: int) -> Fact | None:
        """Find a recorded fact by its position in the whole store."""


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
            return self._joined()
        found.must_not_be_banned()
        if pace and not self.imported:
            found.must_keep_pace(pace, self.at)
        found.rename(self.speaker.name, at=self.at)
        return found

    def speaking(self) -> Participation:
        """Find or begin the speaker's participation, to say something."""
        found = self.work.get(Participation, Participation.stream_of(self.talk_id, self.by))
        if found and not self.imported:
            if not found.may_speak(self.at):
                raise NotAllowed("you are muted in this talk")
            slow_s = self.talk.policy["slow_s"]
            if slow_s and not self.is_moderator:
                found.must_keep_pace(Pace(SAYING.kind, 1, slow_s), self.at)
        return self.participation(SAYING)

    @property
    def is_moderator(self) -> bool:
        return includes(roles_of(self.speaker, self.talk, self.by), "moderator")

    def why_held(self, said: str) -> str:
        """Tell why a text waits for a moderator; a moderator's own and recorded ones never do."""
        if self.imported or self.is_moderator:
            return ""
        return policy.why_held(self.talk.policy, said)

    def release_at(self, because: str) -> str:
        """Tell when a held text is shown of itself, if ever."""
        return policy.release_at(self.talk.policy, because, self.at)

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

    def item(self, item: str) -> "Item":
        """Find a line, question or notice of this talk, as a moderator takes it in hand."""
        question = self.work.get(Question, Question.stream_of(self.talk_id, item))
        if question:
            return question
        if item in self.talk.notices:
            return ModeratedNotice(self.talk, item)
        return self.author_of(item, field="item").moderated(item)

    def held(self, item: str) -> Question | ModeratedLine:
        """Find a line or question, the things that can be held and pinned."""
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
        said = act.said(command.text)
        line = act.new_id()
        author = act.speaking()
        because = act.why_held(said)
        if because:
            author.hold_line(line, "", said, because, act.release_at(because), at=act.at)
        else:
            author.post_line(line, said, at=act.at)
        return {"line": line}

    def reply(self, act: Act, command: commands.Reply) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.must_stand()
        said = text.checked(command.text)
        line = act.new_id()
        author = act.speaking()
        because = act.why_held(said)
        if because:
            release_at = act.release_at(because)
            author.hold_line(line, command.question, said, because, release_at, at=act.at)
        else:
            author.reply(line, command.question, said, at=act.at)
        return {"reply": line}

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
        act.speaking().ask_question(question, at=act.at)
        because = act.why_held(asked)
        if because:
            release_at = act.release_at(because)
            begun = Question.hold(
                act.talk_id, question, asked, because, release_at, by=act.by, at=act.at
            )
        else:
            begun = Question.ask(act.talk_id, question, asked, by=act.by, at=act.at)
        act.work.add(begun)
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
        voter = act.participation(VOTING)
        for member in act.members(question):
            voter.withdraw_vote(member, at=act.at)
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
        item = act.item(command.item)
        why = text.checked(command.why, field="why")
        act.participation()
        item.hide(why, by=act.by, at=act.at)
        return {}

    def restore(self, act: Act, command: commands.Restore) -> Result:
        item = act.item(command.item)
        act.participation()
        item.reveal(by=act.by, at=act.at)
        return {}

    def approve(self, act: Act, command: commands.Approve) -> Result:
        act.held(command.item).approve(by=act.by, at=act.at)
        return {}

    def reject(self, act: Act, command: commands.Reject) -> Result:
        item = act.held(command.item)
        item.reject(text.checked(command.why, field="why"), by=act.by, at=act.at)
        return {}

    def put_back(self, act: Act, command: commands.PutBack) -> Result:
        act.held(command.item).put_back(by=act.by, at=act.at)
        return {}

    def release_item(self, act: Act, command: commands.ReleaseItem) -> Result:
        act.held(command.item).release(by="", at=act.at)
        return {}

    def pin(self, act: Act, command: commands.Pin) -> Result:
        act.held(command.item).pin(by=act.by, at=act.at)
        return {}

    def unpin(self, act: Act, command: commands.Unpin) -> Result:
        act.held(command.item).unpin(by=act.by, at=act.at)
        return {}

    def merge_questions(self, act: Act, command: commands.MergeQuestions) -> Result:
        question, into = act.question(command.question), act.question(command.into, field="into")
        if into.question in act.members(question):
            raise NotOpen("that question is merged into this one already", field="into")
        question.merge_into(into, by=act.by, at=act.at)
        return {}

    def unmerge_question(self, act: Act, command: commands.UnmergeQuestion) -> Result:
        question = act.question(command.question)
        if question.merged_into:
            question.unmerge_from(act.question(question.merged_into), by=act.by, at=act.at)
        return {}

    def promote_line(self, act: Act, command: commands.PromoteLine) -> Result:
        author = act.author_of(command.line)
        act.must_take_part()
        line = author.standing_line(command.line)
        if author.is_erased or line.is_hidden or line.state != "shown":
            raise NotOpen("the line is not shown", field="line")
        question = act.new_id()
        act.work.add(
            Question.promote(
                act.talk_id,
                question,
                author.attendee,
                text.checked(line.text),
                command.line,
                by=act.by,
                at=act.at,
            )
        )
        return {"question": question}

    def reopen_question(self, act: Act, command: commands.ReopenQuestion) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.reopen(by=act.by, at=act.at)
        return {}

    def announce(self, act: Act, command: commands.Announce) -> Result:
        said = text.checked(command.text)
        notice = act.new_id()
        act.participation()
        act.talk.announce(notice, said, by=act.by, at=act.at)
        return {"notice": notice}

    def mute(self, act: Act, command: commands.Mute) -> Result:
        attendee = act.other(command.attendee)
        why = text.checked(command.why, field="why")
        until = iso(act.at + timedelta(minutes=command.minutes)) if command.minutes else ""
        attendee.mute(why, until, by=act.by, at=act.at)
        return {}

    def unmute(self, act: Act, command: commands.Unmute) -> Result:
        act.other(command.attendee).unmute(by=act.by, at=act.at)
        return {}

    def ban(self, act: Act, command: commands.Ban) -> Result:
        attendee = act.other(command.attendee)
        attendee.ban(text.checked(command.why, field="why"), by=act.by, at=act.at)
        return {}

    def unban(self, act: Act, command: commands.Unban) -> Result:
        act.other(command.attendee).unban(by=act.by, at=act.at)
        return {}

    def undo(self, act: Act, command: commands.Undo) -> Result:
        fact = act.work.fact_at(command.position)
        if fact is None or talk_of(fact.originator_id) != act.talk_id:
            raise NotFound("nothing of this talk was recorded there", field="position")
        inverse = INVERSES.get(type(fact))
        if inverse is None:
            raise NotOpen("what was recorded there is no act of moderation", field="position")
        taken_back = inverse(fact)
        must_include(act.speaker, act.talk, act.by, taken_back)
        return self.decide(act, taken_back)

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

    # Panelists.

    def answer_in_writing(self, act: Act, command: commands.AnswerInWriting) -> Result:
        question = act.question(command.question)
        question.must_stand()
        said = text.checked(command.text)
        act.participation()
        question.answer_in_writing(said, by=act.by, at=act.at)
        return {}

    def edit_answer(self, act: Act, command: commands.EditAnswer) -> Result:
        question = act.question(command.question)
        question.must_stand()
        question.edit_answer(text.checked(command.text), by=act.by, at=act.at)
        return {}

    # Hosts.

    def set_policy(self, act: Act, command: commands.SetPolicy) -> Result:
        act.talk.set_policy(changes(command), by=act.by, at=act.at)
        return {}

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
        act.other(command.attendee)
        act.talk.grant_role(command.attendee, command.role, by=act.by, at=act.at)
        return {}

    def withdraw_role(self, act: Act, command: commands.WithdrawRole) -> Result:
        act.other(command.attendee)
        act.talk.withdraw_role(command.attendee, command.role, by=act.by, at=act.at)
        return {}

    def attach_recording(self, act: Act, command: commands.AttachRecording) -> Result:
        if urlsplit(command.url).scheme not in {"http", "https", ""}:
            raise Invalid("a recording lies at an http(s) address or a path", field="url")
        started_at = checked_moment(command.started_at, field="started_at")
        cuts = [{"start_s": cut.start_s, "end_s": cut.end_s} for cut in command.cuts]
        act.talk.attach_recording(command.url, started_at, cuts, by=act.by, at=act.at)
        return {}

    def pin_highlight(self, act: Act, command: commands.PinHighlight) -> Result:
        if command.end_s <= command.start_s:
            raise Invalid("a highlight ends after it starts", field="end_s")
        title = text.checked(command.title, limit=text.TITLE_LIMIT, field="title")
        highlight = act.new_id()
        act.highlights().pin(highlight, command.start_s, command.end_s, title, by=act.by, at=act.at)
        return {"highlight": highlight}

    def rename_highlight(self, act: Act, command: commands.RenameHighlight) -> Result:
        highlights = act.highlights(command.highlight)
        title = text.checked(command.title, limit=text.TITLE_LIMIT, field="title")
        highlights.rename(command.highlight, title, by=act.by, at=act.at)
        return {}

    def retitle_highlight(self, act: Act, command: commands.RetitleHighlight) -> Result:
        highlights = act.highlights(command.highlight)
        highlights.rename(command.highlight, command.title, by=act.by, at=act.at)
        return {}

    def drop_highlight(self, act: Act, command: commands.DropHighlight) -> Result:
        act.highlights(command.highlight).drop(command.highlight, by=act.by, at=act.at)
        return {}

    def restore_highlight(self, act: Act, command: commands.RestoreHighlight) -> Result:
        act.highlights(command.highlight).restore(command.highlight, by=act.by, at=act.at)
        return {}

    # The product itself.

    def import_topic(self, act: Act, command: commands.ImportTopic) -> Result:
        title = command.title[: text.TITLE_LIMIT]  # as it was, white space and all
        text.checked(title)
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
    rules = {**policy.DEFAULT, **changes(command.policy)}
    kinds = msgspec.to_builtins(command.kinds) or DEFAULT_KINDS
    work.add(
        Talk.schedule(
            talk, title=title, starts_at=starts_at, kinds=kinds, policy=rules, by=attendee, at=at
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
    if not includes(roles_of(speaker, talk, attendee), command.ROLE):
        raise NotAllowed(f"this takes the role {command.ROLE}")


def roles_of(speaker: Speaker, talk: Talk, attendee: str) -> frozenset[str]:
    """Tell all roles of a speaker in a talk: their token's and those granted there."""
    return speaker.roles_in(talk.talk) | talk.roles.get(attendee, frozenset())


def changes(command: commands.SetPolicy) -> dict[str, Any]:
    """Tell what a change of policy names."""
    named = msgspec.structs.asdict(command)
    return {rule: value for rule, value in named.items() if value is not None}


def checked_moment(moment: str, *, field: str) -> str:
    """Return a moment in its one written form."""
    try:
        return clock.iso(clock.parse(moment))
    except ValueError:
        raise Invalid("a moment is written like 2026-11-23T23:01:02Z", field=field) from None
