"""The replay: an ended talk as its listeners see it.

It is the room, but its seconds are those of the recording, each question tells at which second
of it the panel answers, and people are named only where the policy says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.media import MediaClock
from projections.ballot import Ballot
from projections.patch import Document, Patch, diff
from projections.records import UNKNOWN_S, TalkCard
from projections.room import Room
from projections.stage import Stage

Record = dict[str, Any]
_SECONDS = {"answered_from_s", "answered_to_s"}
_SAID_IN_PUBLIC = {"post", "notice"}


class Replay:
    """Shows the room of an ended talk; before the end there is none."""

    def __init__(self, stage: Stage, ballot: Ballot, room: Room) -> None:
        self._stage = stage
        self._ballot = ballot
        self._room = room
        self._shown: Document = {}

    @property
    def is_on(self) -> bool:
        """Whether the talk has ended."""
        return self._stage.card.state == "ended"

    def lens(self) -> "Lens":
        """Tell how listeners see this room, as its hosts have it by now."""
        clock = self._stage.media_clock
        answers = {
            question: _second(clock, asked.answered_from_s)
            for question, asked in self._ballot.questions.items()
            if asked.answered_from_s != UNKNOWN_S
        }
        return Lens(clock, answers, is_named=names_people(self._stage.card))

    def document(self) -> Document:
        """Tell what was shown last; it shares maps with the room, so encode or copy it at once."""
        return {**self._room.document(), **self._shown} if self._shown else {}

    def change(self, of_room: Patch) -> Patch:
        """Show the replay as it is, after the room has; return what changed since the last time."""
        begins = not self._shown
        room = self._room.document()
        now = self.lens().document(room)
        change = diff(self._shown, now)
        self._shown = now
        talk = room["talk"] if begins else of_room.get("talk")
        return {"talk": talk, **change} if talk else change


def names_people(card: TalkCard) -> bool:
    """Tell whether listeners are told who said what; that the talk ended is not asked here."""
    return bool(card.policy.get("names_in_replay"))


@dataclass(frozen=True)
class Lens:
    """How listeners see a room: with seconds of the recording, and with names or without.

    ``answers`` tells for each question at which second it is answered, sooner or later.
    """

    clock: MediaClock = field(default_factory=MediaClock)
    answers: Mapping[str, float] = field(default_factory=dict)
    is_named: bool = False

    def document(self, room: Document) -> Document:
        """Tell those parts of a room that listeners see otherwise."""
        return self.change({name: room[name] for name in ("feed", "questions", "pulse")})

    def change(self, of_room: Patch) -> Patch:
        """Tell a change of a room as listeners see it."""
        change = dict(of_room)
        if "questions" in change:
            change["questions"] = {
                question: record and self._answered(question, self.unnamed(record))
                for question, record in change["questions"].items()
            }
        if "feed" in change and not self.is_named:
            change["feed"] = {
                item: record and self.unnamed(record) for item, record in change["feed"].items()
            }
        if "from_s" in change.get("pulse", {}):
            from_s = _second(self.clock, change["pulse"]["from_s"])
            change["pulse"] = {**change["pulse"], "from_s": from_s}
        return change

    def _answered(self, question: str, record: Record) -> Record:
        """Tell a question, or what changed of it; a whole one gets its moment."""
        told = {
            name: _second(self.clock, value) if name in _SECONDS else value
            for name, value in record.items()
        }
        if "position" in record:
            told["moment_s"] = self.answers.get(question, UNKNOWN_S)
        return told

    def unnamed(self, record: Record) -> Record:
        """Leave out who said it, unless it was said for everybody: a post elsewhere, a notice."""
        if self.is_named or "by" not in record or record.get("kind") in _SAID_IN_PUBLIC:
            return record
        return {**record, "by": dict.fromkeys(record["by"], "")}


def _second(clock: MediaClock, second: float) -> float:
    return UNKNOWN_S if second == UNKNOWN_S else round(clock.media_at(second), 3)
