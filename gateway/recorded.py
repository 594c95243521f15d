"""Recorded sessions: JSON lines of what happened elsewhere, taken in as facts of a talk.

The same line of the same talk is the same command, so a repeated import records
nothing twice. Blocks: it lives on a worker thread of its own request.
"""

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from domain import clock, commands
from domain.application import Hearhear
from domain.errors import Invalid, Refused
from domain.speaker import Speaker
from domain.store import Answer
from domain.talk import Talk
from domain.text import NAME_LIMIT

LINE_LIMIT = 1 << 16
"""Bytes of one line."""

ELSEWHERE = "elsewhere"
"""The source of a post that does not tell its own."""

Seconds = Annotated[float, msgspec.Meta(ge=-604_800, le=604_800)]


class Record(msgspec.Struct, frozen=True):
    """One line: what happened ``t`` seconds after the talk started, and who did it.

    ``text`` is what its kind says: a title, a line, a kind of feedback, a number of people.
    ``ref`` names a question for the votes and answers after it, or a post; of a post,
    ``source`` and ``url`` tell where it was. Further fields are left alone.
    """

    t: Seconds
    kind: str
    user: str | None = ""
    text: str | float | None = ""
    ref: str | None = ""
    command_id: str | None = ""
    happened_at: str | None = ""
    curve: commands.Curve = "none"
    source: str | None = ""
    url: str | None = ""


class Refusal(msgspec.Struct, frozen=True):
    """A line that was not taken in, and why."""

    line: int
    reason: str
    field: str


class Report(msgspec.Struct):
    """What became of the lines: new facts, nothing new, or refused."""

    recorded: int = 0
    repeated: int = 0
    refused: list[Refusal] = []


class NothingNew(Exception):  # noqa: N818 - an outcome of a line, not an error
    """The line says what stands already."""


@dataclass(frozen=True)
class _Taken:
    """A line on its way to the store."""

    line: int
    answer: "Future[Answer]"


class Import:
    """Takes the lines of one recorded session into one talk, in their order."""

    def __init__(self, app: Hearhear, talk: Talk) -> None:
        self.report = Report()
        self._app = app
        self._talk = talk.talk
        self._namespace = _namespace(talk.talk)
        self._started_at = talk.started_at
        self._base = talk.started_at or _announced_for(talk)
        self._has_ended = talk.has_ended
        self._kinds = {kind: kind for kind in talk.kinds}
        self._kinds |= {described["label"]: kind for kind, described in talk.kinds.items()}
        self._questions: dict[str, Future[Answer]] = {}
        self._importer = self._speaker("", name="Recorded session", roles=frozenset({"host"}))

    def take(self, lines: Iterable[tuple[int, bytes]]) -> None:
        """Take in some lines, and wait until what they say is stored."""
        taken = []
        for number, line in lines:
            try:
                taken.append(_Taken(number, self._submitted(number, _record(line))))
            except NothingNew:
                self.report.repeated += 1
            except Refused as refused:
                self._refuse(number, refused)
        for one in taken:
            self._await(one)

    def _await(self, taken: _Taken) -> None:
        try:
            answer = taken.answer.result()
        except Refused as refused:
            self._refuse(taken.line, refused)
            return
        if answer.repeated or answer.position is None:
            self.report.repeated += 1
        else:
            self.report.recorded += 1

    def _refuse(self, line: int, refused: Refused) -> None:
        self.report.refused.append(Refusal(line, refused.reason, refused.field))

    # What each kind of line means.

    def _submitted(self, number: int, record: Record) -> "Future[Answer]":
        method = getattr(self, f"_take_{record.kind}", None)
        if method is None:
            raise Invalid("there is no such kind of line", field="kind")
        given = record.command_id
        command_id = commands.checked_id(given) if given else self._id(str(number))
        answer: Future[Answer] = method(record, command_id)
        return answer

    def _take_start(self, record: Record, command_id: str) -> "Future[Answer]":
        if self._started_at:
            raise NothingNew
        if record.happened_at:
            self._base = _moment(record.happened_at)
        self._started_at = self._base
        return self._by_importer(commands.StartTalk(), command_id, record)

    def _take_end(self, record: Record, command_id: str) -> "Future[Answer]":
        if self._has_ended:
            raise NothingNew
        self._has_ended = True
        return self._by_importer(commands.EndTalk(), command_id, record)

    def _take_topic(self, record: Record, command_id: str) -> "Future[Answer]":
        return self._by_importer(commands.ImportTopic(title=_text(record)), command_id, record)

    def _take_chat(self, record: Record, command_id: str) -> "Future[Answer]":
        return self._by_user(commands.PostLine(text=_text(record)), command_id, record)

    def _take_feedback(self, record: Record, command_id: str) -> "Future[Answer]":
        kind = self._known_kind(record)
        return self._by_user(commands.GiveFeedback(kind=kind), command_id, record)

    def _take_question(self, record: Record, command_id: str) -> "Future[Answer]":
        asked = self._by_user(commands.AskQuestion(text=_text(record)), command_id, record)
        if record.ref:
            self._questions[record.ref] = asked
        return asked

    def _take_vote(self, record: Record, command_id: str) -> "Future[Answer]":
        question = self._known_question(_text(record), record)
        return self._by_user(commands.CastVote(question=question), command_id, record)

    def _take_answer(self, record: Record, command_id: str) -> "Future[Answer]":
        if not record.ref:
            raise Invalid("an answer tells by ref which question it answers", field="ref")
        question = self._known_question(record.ref, record)
        answer = commands.AnswerInWriting(question=question, text=_text(record))
        return self._by_user(answer, command_id, record, role="panelist")

    def _take_post(self, record: Record, command_id: str) -> "Future[Answer]":
        told = {
            "source": record.source or ELSEWHERE,
            "author": _name_of(record),
            "text": _text(record),
            "url": record.url or "",
            "post_id": record.ref or command_id,
        }
        return self._by_importer(commands.converted(told, commands.CatchPost), command_id, record)

    def _take_presence(self, record: Record, command_id: str) -> "Future[Answer]":
        try:
            present = int(float(_text(record)))
        except (ValueError, OverflowError):
            raise Invalid("the text is a number of people", field="text") from None
        return self._by_importer(commands.SampleAttendance(present=present), command_id, record)

    def _known_kind(self, record: Record) -> str:
        """Find a kind of feedback by id or label; an unknown one is added before the tick."""
        text = _text(record).strip()[:NAME_LIMIT]
        if not text:
            raise Invalid("the text is a kind of feedback", field="text")
        if text not in self._kinds:
            added = commands.ImportKind(kind=text, label=text, curve=record.curve)
            self._by_importer(added, self._id(f"kind:{text}"), record)
            self._kinds[text] = text
        return self._kinds[text]

    def _known_question(self, ref: str, record: Record) -> str:
        """Find a question by its ``ref``; an unknown one is asked before what is about it."""
        if ref not in self._questions:
            asked = commands.AskQuestion(text=ref)
            self._questions[ref] = self._by_importer(asked, self._id(f"ref:{ref}"), record)
        return self._questions[ref].result().result["question"]

    # Who says it, and when.

    def _by_importer(
        self, command: commands.Command, command_id: str, record: Record
    ) -> "Future[Answer]":
        return self._submit(command, command_id, record, self._importer)

    def _by_user(
        self, command: commands.Command, command_id: str, record: Record, role: str = "attendee"
    ) -> "Future[Answer]":
        who = f"user:{record.user or ''}"
        speaker = self._speaker(who, name=_name_of(record), roles=frozenset({role}))
        return self._submit(command, command_id, record, speaker)

    def _submit(
        self, command: commands.Command, command_id: str, record: Record, speaker: Speaker
    ) -> "Future[Answer]":
        at = self._base + timedelta(seconds=record.t)
        return self._app.submit(self._talk, command, command_id, speaker, at=at, imported=True)

    def _speaker(self, who: str, *, name: str, roles: frozenset[str] = frozenset()) -> Speaker:
        """Tell the same person for the same user of the same talk, whoever imports it."""
        return Speaker(person=self._id(who or "importer"), name=name, roles=roles)

    def _id(self, name: str) -> str:
        return str(uuid5(self._namespace, name))


def _namespace(talk: str) -> UUID:
    try:
        return UUID(talk)
    except ValueError:
        return uuid5(NAMESPACE_URL, talk)


def _announced_for(talk: Talk) -> datetime:
    """Tell when a talk was to start: the same at every import, so never the time of asking."""
    if talk.starts_at:
        return clock.parse(talk.starts_at)
    scheduled_at: datetime = talk.created_on
    return scheduled_at


def _record(line: bytes) -> Record:
    if len(line) > LINE_LIMIT:
        raise Invalid(f"a line has at most {LINE_LIMIT} bytes")
    try:
        return commands.converted(msgspec.json.decode(line), Record)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Invalid("a line is one JSON object in UTF-8") from None


def _name_of(record: Record) -> str:
    return (record.user or "")[:NAME_LIMIT] or "Somebody"


def _text(record: Record) -> str:
    """Return the text of a line; a number may stand there too."""
    return "" if record.text is None else str(record.text)


def _moment(text: str) -> datetime:
    try:
        return clock.parse(text)
    except ValueError:
        raise Invalid(
            "a moment is written like 2026-11-23T23:01:02Z", field="happened_at"
        ) from None
