"""Timelines as they were worked out last, made anew when the talk has gone on."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from eventsourcing.utils import get_topic

from domain.listening import Listening
from domain.standing import TAKES_OUT
from domain.store import Store
from gateway.collecting import Listened, heard_by, listened, read, timeline_from
from replay.timeline import Timeline

FRESH_S = 2.0
"""A timeline this young is taken as it is, unless something was taken out of sight since."""

_KEPT = 64  # talks
_TAKES_OUT = [get_topic(fact) for fact in TAKES_OUT]
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Told:
    """A timeline, the position of the last fact in it, and when it was made."""

    position: int
    timeline: Timeline
    made_at: float
    listened: list[Listened]
    """What listeners did so far: what they do next changes nothing else of the timeline."""


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
            if told is None:
                told = self._made(talk)
            elif not self._is_fresh(talk, told):
                told = self._brought_up_to_date(talk, told)
            self._told[talk] = told
            self._told.move_to_end(talk)
            while len(self._told) > _KEPT:
                self._told.popitem(last=False)
            return told

    def _is_fresh(self, talk: str, told: Told) -> bool:
        is_young = self._clock() - told.made_at < FRESH_S
        return is_young and not self._store.log.has_any(talk, _TAKES_OUT, after=told.position)

    def _brought_up_to_date(self, talk: str, told: Told) -> Told:
        news = self._store.read(told.position, _AT_ONCE, talk=talk)
        if not news:
            return told
        if len(news) == _AT_ONCE or not all(isinstance(one.fact, Listening.Event) for one in news):
            return self._made(talk)
        more = [*told.listened, *listened(one.fact for one in news)]
        timeline = heard_by(told.timeline, more)
        return Told(news[-1].position, timeline, self._clock(), more)

    def _made(self, talk: str) -> Told:
        position, facts = read(self._store, talk)
        return Told(position, timeline_from(facts), self._clock(), list(listened(facts)))
