"""The room: what everybody in a talk sees, in one document.

Nothing hidden, retracted or erased is in it, nor in any change of it from then on.
"""

from projections.ballot import Ballot
from projections.feed import Feed
from projections.patch import Document, Patch
from projections.pulse import Pulse
from projections.stage import Stage


class Room:
    """Puts the stage, the feed, the ballot and the pulse together."""

    def __init__(self, stage: Stage, feed: Feed, ballot: Ballot, pulse: Pulse) -> None:
        self._stage = stage
        self._feed = feed
        self._ballot = ballot
        self._pulse = pulse
        self._begun = False

    def document(self) -> Document:
        """Tell what was shown last; the maps are the live ones, so encode or copy it at once."""
        return {
            "talk": self._stage.document,
            "feed": self._feed.shown.records,
            "questions": self._ballot.shown.records,
            "pulse": self._pulse.document,
        }

    def change(self) -> Patch:
        """Show the room as it is; return what changed since the last time."""
        parts = {
            "talk": self._stage.change(),
            "feed": self._feed.change(),
            "questions": self._ballot.change(),
            "pulse": self._pulse.change(),
        }
        if self._begun:
            return {name: change for name, change in parts.items() if change}
        self._begun = True
        return {**parts, "pulse": self._pulse.document}
