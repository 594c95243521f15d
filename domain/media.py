"""The clock of the recording: which second of it shows what happened at which second of the talk.

Piece by piece, because recordings begin late, pause, and are cut; and as the host corrected it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, Self

from domain.clock import parse

NEAR_S = 604_800.0
"""A recording that began more than a week away can't show the talk: its date is a slip."""

Piece = tuple[float, float]
"""From this second of the talk on, the recording shows that second of it, and runs along."""


@dataclass(frozen=True, slots=True)
class MediaClock:
    """From the talk's clock to the recording's, and back.

    A piece ends where the next begins. Time that a cut took out, or a pause left out, maps to
    the second of the recording in which it is missing.
    """

    pieces: tuple[Piece, ...] = ((0.0, 0.0),)

    @classmethod
    def of(
        cls,
        recording: Mapping[str, Any],
        correction: Mapping[str, Any],
        started_at: datetime | None,
    ) -> Self:
        """The clock of a recording (empty for none) as a host corrected it."""
        pieces = tuple((one["offset_s"], one["media_s"]) for one in correction.get("pieces", ()))
        if not pieces:
            pieces = _pieces_of(recording, started_at)
        shift_s = correction.get("shift_s", 0.0)
        return cls(tuple((offset_s, media_s + shift_s) for offset_s, media_s in pieces))

    def media_at(self, offset_s: float) -> float:
        """Tell which second shows an offset; never before the recording begins."""
        media_s, limit_s = self._running(offset_s)
        return max(min(media_s, limit_s), 0.0)

    def shows(self, offset_s: float) -> bool:
        """Tell whether the recording shows what happened at an offset."""
        media_s, limit_s = self._running(offset_s)
        return 0 <= media_s < limit_s

    def _running(self, offset_s: float) -> tuple[float, float]:
        """Tell the second if nothing were missing, and where the piece ends."""
        number = max(bisect_right(self.pieces, offset_s, key=_offset_of) - 1, 0)
        begins, shows = self.pieces[number]
        is_last = number + 1 == len(self.pieces)
        return shows + offset_s - begins, inf if is_last else self.pieces[number + 1][1]

    def offset_at(self, media_s: float) -> float:
        """Tell how far the talk had come when the recording shows this second."""
        number = max(bisect_right(self.pieces, media_s, key=_media_of) - 1, 0)
        begins, shows = self.pieces[number]
        offset_s = begins + media_s - shows
        if number + 1 < len(self.pieces):
            offset_s = min(offset_s, self.pieces[number + 1][0])
        return offset_s


def _offset_of(piece: Piece) -> float:
    return piece[0]


def _media_of(piece: Piece) -> float:
    return piece[1]


def _pieces_of(recording: Mapping[str, Any], started_at: datetime | None) -> tuple[Piece, ...]:
    """Tell how a recording runs that began at a moment and was cut; without one, with the talk.

    So does one that began too far away: a timeline of months would take minutes to work out.
    """
    if not recording.get("started_at") or started_at is None:
        return ((0.0, 0.0),)
    begun_s = (parse(recording["started_at"]) - started_at).total_seconds()
    if abs(begun_s) > NEAR_S:
        return ((0.0, 0.0),)
    return _cut(begun_s, ((one["start_s"], one["end_s"]) for one in recording["cuts"]))


def _cut(begun_s: float, cuts: Iterable[tuple[float, float]]) -> tuple[Piece, ...]:
    """Leave stretches out, each (from, to) in seconds after the recording began."""
    pieces, media_s, at = [], 0.0, begun_s
    for begin, end in sorted((begun_s + begin, begun_s + end) for begin, end in cuts):
        if end <= at:
            continue
        pieces.append((at, media_s))
        media_s += max(0.0, begin - at)
        at = end
    return (*pieces, (at, media_s))
