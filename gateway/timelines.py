"""Timelines as they were worked out last, made anew when the talk has gone on."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from eventsourcing.utils import get_topic

from domain.standing import TAKES_OUT
from domain.store import Store
from gateway.collecting import timeline_of
from replay.timeline import Timeline

FRESH_S = 2.0
"""A timeline this young is taken as it is, unless something was taken out of sight since."""

_KEPT = 64  # talks
_TAKES_OUT = [get_topic(fact) for fact in TAKES_OUT]


@dataclass(frozen=True)
class Told:
    """A timeline, the position of the last fact in it, and when it was made."""

    position: int
    timeline: Timeline
    made_at: float


class Timelines:
    """The timelines of all talks. Thread-safe; works out one at a time, for it takes a core."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._told: OrderedDict[str, Told] = OrderedDict()
        self._lock = Lock()

    def of(self, talk: str) -> Told:
        """Tell the timeline of a talk. Blocks."""
        with self._lock:
            told = self._told.get(talk)
            if told is None or not self._still_holds(talk, told):
                told = self._made(talk)
            self._told[talk] = told
            self._told.move_to_end(talk)
            while len(self._told) > _KEPT:
                self._told.popitem(last=False)
            return told

    def _still_holds(self, talk: str, told: Told) -> bool:
        if self._clock() - told.made_at < FRESH_S:
            return not self._store.log.has_any(talk, _TAKES_OUT, after=told.position)
        return not self._store.log.read(told.position, 1, talk=talk)

    def _made(self, talk: str) -> Told:
        position, timeline = timeline_of(self._store, talk)
        return Told(position, timeline, self._clock())
