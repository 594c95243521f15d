"""A store of facts that were played, as far as the views need one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace

from builders import TALK
from playing import Placed

from domain.store import Recorded


class Shelf:
    """Holds one history; it is its own log."""

    def __init__(self, history: Sequence[Placed]) -> None:
        self._history = history
        self.log = self

    def read(self, after: int, limit: int, *, talk: str = TALK) -> list[SimpleNamespace]:
        assert talk == TALK
        found = [one for one in self._history if one[0] > after][:limit]
        return [SimpleNamespace(position=position, fact=fact) for position, fact in found]

    def decode_all(self, stored: Sequence[SimpleNamespace]) -> list[Recorded]:
        at = datetime.now(UTC)
        return [Recorded(one.position, TALK, one.fact, at) for one in stored]
