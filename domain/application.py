"""The application: what a door calls to have a command decided and recorded.

Decisions are made on the writer's single thread; ``submit`` may be called from any
thread or loop and returns at once with a future.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

import msgspec

from domain import deciding
from domain.act import Act, Result, Work, must_include, must_know, roles_of
from domain.aggregate import talk_stream
from domain.commands import AcceptInvite, CatchPost, Command, ErasePerson, ScheduleTalk
from domain.deciding import Deciding
from domain.errors import NotAllowed, NotFound, Refused
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost, id_of_post, person_of
from domain.speaker import Speaker, includes
from domain.store import Answer, GroupCommit, Store
from domain.talk import Talk
from domain.text import plain

_REMEMBERED = 1_000  # talks


@dataclass(frozen=True)
class Asked:
    """A command on its way to the writer, with all that its decision needs from outside."""

    talk: str
    command: Command
    command_id: str
    speaker: Speaker
    attendee: str
    at: datetime
    imported: bool = False
    author: str = ""

    @property
    def actor(self) -> str:
        """Whose command id it is: idempotency belongs to the person."""
        return self.speaker.person

    @property
    def body(self) -> bytes:
        """What exactly is asked; the same id with another body is a conflict.

        A talk being scheduled gets its id here, so the id is no part of the asking.
        """
        talk = "" if isinstance(self.command, ScheduleTalk) else self.talk
        return msgspec.json.encode([talk, type(self.command).__name__, self.command])

    @property
    def streams(self) -> list[str]:
        """What the decision is likely to read: the talk, the speaker's part, a question, a post."""
        likely = [talk_stream(self.talk), Participation.stream_of(self.talk, self.attendee)]
        if isinstance(self.command, CatchPost):
            post = id_of_post(self.talk, self.command.source, self.command.post_id)
            likely.append(SocialPost.stream_of(self.talk, post))
            likely.append(Participation.stream_of(self.talk, self.author))
        question = getattr(self.command, "question", "")
        return [*likely, Question.stream_of(self.talk, question)] if question else likely


class Hearhear:
    """Every talk of an installation, as one place to ask.

    ``now`` tells the time and ``new_id`` makes ids; ``guests_schedule`` lets people
    without the role host schedule talks. ``on_commit`` is called on the writer's
    thread with the position of the last fact, after each commit.
    """

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        guests_schedule: bool = True,
        on_commit: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.now = now
        self.new_id = new_id
        self.guests_schedule = guests_schedule
        self._deciding = Deciding()
        self._talks: dict[str, Talk] = {}  # as they stood when they were last asked for
        self._writer = GroupCommit(
            store, check=self._check, decide=self._decide, on_commit=on_commit
        )

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._writer.close()

    # Asking.

    def submit(
        self,
        talk: str,
        command: Command,
        command_id: str,
        speaker: Speaker,
        *,
        at: datetime | None = None,
        imported: bool = False,
    ) -> "Future[Answer]":
        """Have a command decided; the future holds its answer or raises ``Refused``.

        The same id asked again by the same person gets the first answer. ``at`` and
        ``imported`` are for recorded sessions alone: a person never sets a time.
        """
        try:
            attendee = self._introduced(speaker, talk, command)
            author = self._author(speaker, talk, attendee, command)
        except Refused as refused:
            return _refused(refused)
        asked = Asked(
            talk=talk,
            command=command,
            command_id=command_id,
            speaker=speaker,
            attendee=attendee,
            at=at or self.now(),
            imported=imported,
            author=author,
        )
        return self._writer.submit(asked)

    def schedule_talk(
        self, command: ScheduleTalk, command_id: str, speaker: Speaker
    ) -> "Future[Answer]":
        """Announce a talk; the answer's result holds its id as ``talk``."""
        return self.submit(self.new_id(), command, command_id, speaker)

    def erase(self, person: str) -> int:
        """Forget a person: record it, then delete their key. Returns in how many talks.

        Their sealed words read as a mark from then on; views follow the recorded fact.
        May be repeated, and is after a restore of the key table.
        """
        attended = tuple(self.store.keys.attended(person))
        command = ErasePerson(person=person, attended=attended)
        system = Speaker(person="system", name="")
        asked = Asked("", command, self.new_id(), system, "", self.now())
        self._writer.submit(asked).result()
        self.store.keys.erase(person)
        return len(attended)

    # Looking.

    def attendee_of(self, speaker: Speaker, talk: str) -> str:
        """Tell the person's id within a talk; it differs from talk to talk."""
        return self.store.keys.attendee(speaker.person, talk)

    def talk(self, talk: str) -> Talk:
        """Read a talk as it stands in the store, not to be changed; raises ``NotFound``.

        Costs one short read while the talk itself has not changed.
        """
        known = self._talks.get(talk)
        if known and not self.store.log.stream(talk_stream(talk), known.version):
            return known
        found = self.store.aggregate(Talk, talk_stream(talk))
        if found is None:
            raise NotFound("there is no such talk")
        if len(self._talks) >= _REMEMBERED:
            self._talks.clear()
        self._talks[talk] = found
        return found

    def talk_for(self, talk: str, speaker: Speaker | None) -> Talk:
        """Read a talk as :meth:`talk` does, for somebody, who may not know of a private one."""
        found = self.talk(talk)
        has_met = speaker is not None and self.store.keys.has_met(speaker.person, talk)
        attendee = self.attendee_of(speaker, talk) if speaker and has_met else ""
        must_know(speaker, found, attendee)
        return found

    def knows(self, speaker: Speaker | None, talk: str) -> bool:
        """Tell whether somebody may know of a talk that is there."""
        try:
            self.talk_for(talk, speaker)
        except NotFound:
            return False
        return True

    def _introduced(self, speaker: Speaker, talk: str, command: Command) -> str:
        """Tell the speaker's id; none is made up for a talk that is not there."""
        is_known = self.store.keys.has_met(speaker.person, talk)
        match command:
            case ScheduleTalk():
                pass
            case AcceptInvite():
                self.talk(talk)
            case _ if not is_known:
                self.talk_for(talk, speaker)
        return self.attendee_of(speaker, talk)

    def _author(self, speaker: Speaker, talk: str, attendee: str, command: Command) -> str:
        """Tell the id of a post's author; none is made up for who may not catch posts."""
        if not isinstance(command, CatchPost):
            return ""
        if not includes(roles_of(speaker, self.talk(talk), attendee), command.ROLE):
            return ""
        author = person_of(command.source, plain(command.author).strip())
        return self.store.keys.attendee(author, talk)

    # Deciding, on the writer's thread.

    def _check(self, work: Work, asked: Asked) -> None:
        """Check what comes before the repeat: that the talk is there, and the role."""
        match asked.command:
            case ErasePerson():
                return
            case ScheduleTalk():
                if not (self.guests_schedule or includes(asked.speaker.roles_in(""), "host")):
                    raise NotAllowed("scheduling a talk takes the role host")
            case command:
                talk = _talk_in(work, asked.talk)
                if not (asked.imported or isinstance(command, AcceptInvite)):
                    must_know(asked.speaker, talk, asked.attendee)
                must_include(asked.speaker, talk, asked.attendee, command)

    def _decide(self, work: Work, asked: Asked) -> Result:
        match asked.command:
            case ErasePerson() as command:
                return deciding.erase(work, command, at=asked.at)
            case ScheduleTalk() as command:
                return deciding.schedule(
                    work,
                    asked.talk,
                    command,
                    by=asked.speaker,
                    attendee=asked.attendee,
                    at=asked.at,
                )
            case command:
                return self._deciding.decide(self._act(work, asked), command)

    def _act(self, work: Work, asked: Asked) -> Act:
        return Act(
            work=work,
            talk=_talk_in(work, asked.talk),
            by=asked.attendee,
            speaker=asked.speaker,
            at=asked.at,
            imported=asked.imported,
            new_id=self.new_id,
            author=asked.author,
        )


def _refused(refused: Refused) -> "Future[Answer]":
    future: Future[Answer] = Future()
    future.set_exception(refused)
    return future


def _talk_in(work: Work, talk: str) -> Talk:
    found = work.get(Talk, talk_stream(talk))
    if found is None:
        raise NotFound("there is no such talk")
    return found
