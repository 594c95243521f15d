"""The replay: an ended talk as its listeners see it.

It is the room, but its seconds are those of the recording, and each question tells at which
second of it the panel answers.
"""

from collections.abc import Mapping
from typing import Any

from domain.media import MediaClock
from projections.ballot import Ballot
from projections.patch import Document, Patch, diff
from projections.records import UNKNOWN_S
from projections.room import Room
from projections.stage import Stage

Record = dict[str, Any]
_SECONDS = {"answered_from_s", "answered_to_s"}


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

    def document(self) -> Document:
        """Tell what was shown last; it shares maps with the room, so encode or copy it at once."""
        return {**self._room.document(), **self._shown} if self._shown else {}

    def change(self, of_room: Patch) -> Patch:
        """Show the replay as it is, after the room has; return what changed since the last time."""
        begins = not self._shown
        clock = self._stage.media_clock
        room = self._room.document()
        now = on_recording(room, clock, answers_of(self._ballot, clock))
        change = diff(self._shown, now)
        self._shown = now
        same = room if begins else of_room
        return {**{name: same[name] for name in ("talk", "feed") if name in same}, **change}


def on_recording(room: Document, clock: MediaClock, answers: Mapping[str, float]) -> Document:
    """Tell those parts of a room that hold seconds, in seconds of the recording.

    ``answers`` tells for each question at which second it is answered, sooner or later.
    """
    parts = {name: room[name] for name in ("questions", "pulse")}
    return change_on_recording(parts, clock, answers)


def change_on_recording(of_room: Patch, clock: MediaClock, answers: Mapping[str, float]) -> Patch:
    """Tell a change of a room with its seconds those of the recording."""
    change = dict(of_room)
    if "questions" in change:
        change["questions"] = {
            question: record and _answered(question, record, clock, answers)
            for question, record in change["questions"].items()
        }
    if "from_s" in change.get("pulse", {}):
        from_s = _second(clock, change["pulse"]["from_s"])
        change["pulse"] = {**change["pulse"], "from_s": from_s}
    return change


def _answered(
    question: str, record: Record, clock: MediaClock, answers: Mapping[str, float]
) -> Record:
    """Tell a question, or what changed of it; a whole one gets its moment."""
    told = {
        name: _second(clock, value) if name in _SECONDS else value for name, value in record.items()
    }
    if "position" in record:
        told["moment_s"] = answers.get(question, UNKNOWN_S)
    return told


def answers_of(ballot: Ballot, clock: MediaClock) -> dict[str, float]:
    """Tell at which second of the recording each answered question is answered."""
    return {
        question: _second(clock, asked.answered_from_s)
        for question, asked in ballot.questions.items()
        if asked.answered_from_s != UNKNOWN_S
    }


def _second(clock: MediaClock, second: float) -> float:
    return UNKNOWN_S if second == UNKNOWN_S else round(clock.media_at(second), 3)
