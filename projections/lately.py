"""Lately: how many people told how the talk lands in the last five minutes that hold a tick.

The desk is warned by it. People are counted and not their clicks, and whatever order ticks
come in, the same is shown in the end.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from domain.aggregate import Fact
from domain.participation import Participation
from projections.patch import Document, Patch, diff
from projections.records import Tick
from projections.stage import Fold, Stage

SLOT_S = 10
SLOTS = 30
WINDOW_S = SLOTS * SLOT_S

_ANY = ""  # the kind of all ticks together; no kind has an empty id


class Lately:
    """Folds feedback ticks; costs what came in, not who has ticked before."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._newest = -1  # the slot of seconds that the latest tick is in
        self._last: defaultdict[str, dict[str, int]] = defaultdict(dict)
        """The latest slot in which an attendee ticked, by kind."""
        self._people: defaultdict[str, Counter[int]] = defaultdict(Counter)
        """How many have ticked last in a slot, by kind."""
        self._is_touched = False
        self.document: Document = self._shown()
        """What was shown last."""

    def load(self, ticks: Iterable[Tick]) -> None:
        """Take up where the rows are; those of the latest window are enough."""
        for tick in ticks:
            self._count(tick.attendee, tick.kind, tick.second)

    def change(self) -> Patch:
        """Show the window as it is; return what changed since the last time."""
        if not self._is_touched:
            return {}
        self._is_touched = False
        now = self._shown()
        change = diff(self.document, now)
        self.document = now
        return change

    def _shown(self) -> dict[str, Any]:
        counted = {kind: self._within(slots) for kind, slots in self._people.items()}
        people = counted.pop(_ANY, 0)
        return {
            "to_s": (self._newest + 1) * SLOT_S if self._newest >= 0 else -1,
            "window_s": WINDOW_S,
            "people": people,
            "kinds": {kind: count for kind, count in counted.items() if count},
        }

    def _within(self, slots: Counter[int]) -> int:
        return sum(slots[slot] for slot in range(self._newest - SLOTS + 1, self._newest + 1))

    def _count(self, attendee: str, kind: str, second: int) -> None:
        slot = second // SLOT_S
        self._newest = max(self._newest, slot)
        for counted in (kind, _ANY):
            last, people = self._last[counted], self._people[counted]
            before = last.get(attendee)
            if before is not None and before >= slot:
                continue
            last[attendee] = slot
            people[slot] += 1
            if before is not None:
                people[before] -= 1
        self._is_touched = True

    # Folds.

    def _feedback_given(self, fact: Participation.FeedbackGiven, _: int) -> None:
        self._count(fact.by, fact.kind, int(max(self._stage.second(fact.timestamp), 0)))

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {Participation.FeedbackGiven: _feedback_given}
