"""What the product itself asks for: scheduling, recorded sessions, samples and erasure."""

from datetime import datetime

import msgspec

from domain import commands, policy, text
from domain.access import Access
from domain.act import Act, Result, Work
from domain.attendance import Attendance
from domain.deciding.dispatching import Dispatching
from domain.deciding.hosts import changes, checked_moment
from domain.participation import Participation
from domain.person import Person
from domain.speaker import Speaker
from domain.talk import DEFAULT_KINDS, Talk


class Product(Dispatching):
    """What no door takes."""

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

    def accept_invite(self, act: Act, command: commands.AcceptInvite) -> Result:
        act.talk.must_still_invite(command.invite, by=act.by, at=act.at)
        act.participation()
        act.talk.accept_invite(command.invite, by=act.by, at=act.at)
        return {}

    def sample_attendance(self, act: Act, command: commands.SampleAttendance) -> Result:
        attendance = act.work.get(Attendance, Attendance.stream_of(act.talk_id))
        if attendance is None:
            attendance = Attendance.begin_for(act.talk_id, at=act.at)
            act.work.add(attendance)
        attendance.sample(command.present, at=act.at)
        return {}

    def note_rows_read(self, act: Act, command: commands.NoteRowsRead) -> Result:
        access = act.work.get(Access, Access.stream_of(act.talk_id))
        if access is None:
            access = Access.begin_for(act.talk_id, by=act.by, at=act.at)
            act.work.add(access)
        access.rows_read(command.table, act.speaker.name, by=act.by, at=act.at)
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
    rules = policy.whole(changes(command.policy))
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
