"""Earlier moments of talks, by reels kept of those that were asked about last."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from threading import Lock
from typing import Literal

from domain.errors import NotFound
from domain.store import Recorded, Store
from projections.history import Happening, History, Moment, facts_of, in_log, in_time, shown
from projections.patch import Document, Patch, merge
from projections.reel import Reel
from projections.replay import Lens
from projections.talk_views import DESK, REPLAY, ROOM

ROOM_FOR = 64 << 20
"""Bytes of all reels together; the one in hand is kept however large."""
GOING_ON = 4
"""Reels of live talks that can go on; of others a new one is made when more has happened."""
SKEW_S = 2.0
"""How much the clocks of gateways may differ before a live talk's reel is made anew."""
STEP_S = 0.2
"""Changes of a stretch so near to each other are told as one, within a second."""

Order = Literal["time", "log"]
"""Of facts: as they happened, or as they were recorded."""


@dataclass(frozen=True, slots=True)
class Step:
    """What changed at a second of the recording, or from there to ``until_s``, as a merge patch.

    Both are told in milliseconds; what changed lies between them.
    """

    at_s: float
    until_s: float
    patch: Patch


@dataclass(frozen=True, slots=True)
class Stretch:
    """The replay from one second of the recording to another: how it begins, and each change."""

    begin: Moment
    steps: list[Step]


@dataclass
class _Past:
    """One view of a talk through all of it, in one order. Its ``lock`` is held by who uses it."""

    talk: str
    view: str
    order: Order
    lock: Lock = field(default_factory=Lock)
    reel: Reel | None = None
    position: int = 0
    """Up to which facts of the talk are known."""
    version: int = 0
    """Position of the last fact that any view shows."""
    began: datetime | None = None
    lens: Lens = field(default_factory=Lens)

    def up_to_date(self, store: Store) -> Reel:
        """Take in what is new, or begin anew when earlier moments look different by it.

        Raises ``NotFound`` when there is no such talk.
        """
        if self.reel is None:
            self.reel = self._anew(store)
            return self.reel
        news = facts_of(store, self.talk, self.position)
        if not self._goes_on(self.reel, news):
            self.reel = self._anew(store)
        elif news:
            self.position = news[-1].position
            self.version = max((one.position for one in shown(news)), default=self.version)
        return self.reel

    def _goes_on(self, reel: Reel, news: Sequence[Recorded]) -> bool:
        happened = list(shown(news))
        if not happened:
            return True
        if self.began is None:
            return False
        if self.order == "log":
            return reel.extend(in_log(happened))
        end = reel.end
        return reel.extend(_not_before(end, one) for one in in_time(happened, self.began))

    def _anew(self, store: Store) -> Reel:
        history = History.read(store, self.talk)
        if history is None:
            raise NotFound("there is no such talk")
        happenings = history.in_log() if self.order == "log" else history.in_time()
        reel = Reel(history, self.view, happenings)
        if history.now.replay.is_on:
            reel.close()
        self.position = history.recorded[-1].position
        self.version = max(one.recorded.position for one in happenings)
        self.began, self.lens = history.began, history.now.replay.lens()
        return reel

    def told(self, view: str, document: Document) -> Document:
        """Tell a document of the room as the replay does, when that is asked for."""
        if view != REPLAY:
            return document
        return {**document, **self.lens.document(document)}


class Moments:
    """Any moment of any talk. Thread-safe; while one thread makes a reel, others wait for it.

    Everything blocks, and raises ``NotFound`` when there is no such talk. The first answer about
    a talk costs two passes over its facts, further ones some milliseconds.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[str, str, Order], _Past] = OrderedDict()
        self._lock = Lock()

    def version(self, talk: str, view: str = REPLAY) -> int:
        """Tell the position of the last fact that earlier moments may look different by."""
        with self._past(talk, view, "time") as (past, _):
            return past.version

    def at_second(self, talk: str, view: str, at_s: float) -> Moment:
        """Tell a view as it was when the recording shows this second."""
        with self._past(talk, view, "time") as (past, reel):
            found = reel.moment(past.lens.clock.offset_at(at_s))
            return Moment(found.position, past.told(view, found.view))

    def at_position(self, talk: str, view: str, position: int | None) -> Moment:
        """Tell a view as it was after a fact of the log, by default the last."""
        with self._past(talk, view, "log") as (past, reel):
            reached = past.position if position is None else min(position, past.position)
            return Moment(reached, past.told(view, reel.moment(reached).view))

    def stretch(self, talk: str, from_s: float, to_s: float) -> Stretch:
        """Tell the replay at one second of the recording, and its changes up to another."""
        with self._past(talk, REPLAY, "time") as (past, reel):
            begin, end = past.lens.clock.offset_at(from_s), past.lens.clock.offset_at(to_s)
            found = reel.moment(begin)
            steps: list[Step] = []
            for offset_s, change in reel.changes(begin, end):
                ms = past.lens.clock.media_at(offset_s) * 1_000
                step = Step(floor(ms) / 1_000, ceil(ms) / 1_000, past.lens.change(change))
                if steps and _are_told_as_one(steps[-1].at_s, step.until_s):
                    before = steps.pop()
                    step = Step(before.at_s, step.until_s, merge(before.patch, step.patch))
                steps.append(step)
            return Stretch(Moment(found.position, past.told(REPLAY, found.view)), steps)

    @contextmanager
    def _past(self, talk: str, view: str, order: Order) -> Iterator[tuple[_Past, Reel]]:
        key = (talk, DESK if view == DESK else ROOM, order)
        with self._lock:
            past = self._kept.setdefault(key, _Past(*key))
            self._kept.move_to_end(key)
        with past.lock:
            reel = past.up_to_date(self._store)
            yield past, reel
        with self._lock:
            self._make_room()

    def _make_room(self) -> None:
        """Let go of what was not asked for longest."""
        taken = 0
        for number, (key, past) in enumerate(reversed(list(self._kept.items()))):
            taken += past.reel.size if past.reel else 0
            if number and taken > ROOM_FOR:
                del self._kept[key]
            elif past.reel and number >= GOING_ON:
                past.reel.close()


def _are_told_as_one(first_s: float, last_s: float) -> bool:
    """Tell whether nobody who listens sees the difference; at whole seconds none is made."""
    return last_s - first_s < STEP_S and ceil(last_s) == ceil(first_s)


def _not_before(end: float, one: Happening) -> Happening:
    """Place what happened a moment before the last known fact, by another clock, beside it."""
    return Happening(end, one.recorded) if end - SKEW_S <= one.at < end else one
