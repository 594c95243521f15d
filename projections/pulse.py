"""The pulse: how the talk lands right now, as people and ticks per kind.

It shows the latest window of seconds that holds a tick; whatever order ticks come in,
the same window is shown in the end.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from domain.aggregate import Fact
from domain.clock import iso
from domain.participation import Participation
from projections.patch import Document, Patch, diff
from projections.records import Tick
from projections.stage import Fold, Stage

WINDOW_S = 10


class Pulse:
    """Folds feedback ticks."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.ticks: list[Tick] = []
        """Ticks given since the last change."""
        self.document: Document = self.shown_now(-1, {})
        """What was shown last."""
        self._from_s = -1
        self._by_kind: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def load(self, ticks: Iterable[Tick]) -> None:
        """Take up where the rows are; those of the latest window are enough."""
        for tick in ticks:
            self._count(tick)

    def change(self) -> Patch:
        """Show the pulse as it is; return what changed since the last time."""
        now = self.shown_now(self._from_s, self._by_kind)
        change = diff(self.document, now)
        self.document = now
        return change

    @staticmethod
    def shown_now(from_s: int, by_kind: Mapping[str, Counter[str]]) -> dict[str, Any]:
        """Tell everybody about a window."""
        return {
            "from_s": from_s,
            "window_s": WINDOW_S,
            "kinds": {
                kind: {"people": len(tickers), "ticks": tickers.total()}
                for kind, tickers in by_kind.items()
            },
        }

    def _count(self, tick: Tick) -> None:
        from_s = tick.second - tick.second % WINDOW_S
        if from_s < self._from_s:
            return
        if from_s > self._from_s:
            self._from_s = from_s
            self._by_kind.clear()
        self._by_kind[tick.kind][tick.attendee] += 1

    # Folds.

    def _feedback_given(self, fact: Participation.FeedbackGiven, position: int) -> None:
        at = fact.timestamp
        second = int(max(self._stage.second(at), 0))
        tick = Tick(second, position, fact.by, fact.topic, fact.kind, iso(at), fact.media_s)
        self.ticks.append(tick)
        self._count(tick)

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {Participation.FeedbackGiven: _feedback_given}
