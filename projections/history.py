"""Views of earlier moments, less all that may not be seen by now.

Folded from the log of the talk by the same folds as the live views. What had happened by a
moment is told by the time of each fact, not by when it came into the log: a recorded
session may be imported long after.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.aggregate import Fact
from domain.media import MediaClock
from domain.participation import Participation
from domain.store import Recorded, Store
from domain.talk import UNCORRECTED, Talk
from projections.decoding import decoded
from projections.patch import Document
from projections.records import Item
from projections.talk_views import DESK, ROOM, TalkViews, is_shown

_READ_AT_ONCE = 5_000
_TIMELESS = (
    Talk.Scheduled,
    Talk.PanelistIntroduced,
    Talk.KindAdded,
    Talk.RecordingAttached,
    Talk.ClockCorrected,
)
"""Facts about the talk as such: true at every moment of it, whenever they were recorded."""
_TAKES_NOTHING_OUT = (
    Participation.FeedbackGiven,
    Participation.VoteCast,
    Participation.VoteWithdrawn,
)
"""Most facts of a talk: what may be seen of earlier moments does not depend on them."""
ALWAYS = float("-inf")
"""The second from which on a timeless fact holds."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact with its place in the order of a history: a second of the talk, or a position."""

    at: float
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Moment:
    """A view at a position; by seconds, it is the last position that had been reached."""

    position: int
    view: Document


@dataclass(frozen=True)
class History:
    """All facts of a talk so far, and what may not be seen of them by now.

    ``now`` has folded all but ticks and votes.
    """

    talk: str
    recorded: Sequence[Recorded]
    now: TalkViews
    began: datetime | None
    clock: MediaClock

    @classmethod
    def read(cls, store: Store, talk: str) -> Self | None:
        """Read and fold a talk; ``None`` when there is none. Costs a pass over its facts."""
        recorded = facts_of(store, talk)
        return cls.of(talk, recorded) if recorded else None

    @classmethod
    def of(cls, talk: str, recorded: Sequence[Recorded]) -> Self:
        """Fold the facts of a talk as they are by now."""
        now = TalkViews(talk)
        for one in recorded:
            if not isinstance(one.fact, _TAKES_NOTHING_OUT):
                take_in(now, one)
        began = _last(recorded, Talk.Started)
        attached = _last(recorded, Talk.RecordingAttached)
        corrected = _last(recorded, Talk.ClockCorrected)
        clock = MediaClock.of(
            vars(attached) if attached else {},
            vars(corrected) if corrected else UNCORRECTED,
            began.timestamp if began else None,
        )
        return cls(talk, recorded, now, began.timestamp if began else None, clock)

    def unseen(self, view: str) -> frozenset[str]:
        """Tell which items must not be shown at any moment."""
        items = self.now.feed.items.values()
        return frozenset(item.item for item in items if _is_unseen(item, view))

    def in_time(self) -> list[Happening]:
        """Order the facts as they happened; before a talk has started everything has."""
        return sorted(in_time(shown(self.recorded), self.began), key=lambda one: one.at)

    def in_log(self) -> list[Happening]:
        """Order the facts as they were recorded."""
        return in_log(shown(self.recorded))


def view_at(
    store: Store, talk: str, view: str, *, position: int | None = None, at_s: float | None = None
) -> Moment | None:
    """Fold a view as of a position, or as of a second of the recording.

    ``None`` when there is no such talk. Costs two passes over all facts of the talk.
    """
    history = History.read(store, talk)
    if history is None:
        return None
    limit = float("inf") if position is None else float(position)
    if at_s is not None:
        limit = history.clock.offset_at(at_s)
    happenings = history.in_log() if at_s is None else history.in_time()
    return fold(history, view, [one for one in happenings if one.at <= limit])


def fold(history: History, view: str, happenings: Iterable[Happening]) -> Moment:
    """Fold some of the happenings, in this order, and take out what may not be seen by now."""
    then, position = TalkViews(history.talk), 0
    for one in happenings:
        take_in(then, one.recorded)
        position = max(position, reached(one))
    conceal(then, history.unseen(view))
    then.feed.named_as(history.now.feed.items, then.feed.items.values())
    then.change()
    return Moment(position, then.document(DESK if view == DESK else ROOM))


def take_in(views: TalkViews, recorded: Recorded) -> None:
    """Fold a fact, but one about something that is parked, or is not there yet."""
    with suppress(LookupError):
        views.take_in(recorded.fact, recorded.position)


def conceal(views: TalkViews, items: Iterable[str]) -> None:
    """Take items out, whatever the facts so far say."""
    gone = set(items)
    views.feed.conceal(gone)
    views.ballot.conceal(gone)


def reached(happening: Happening) -> int:
    """Tell the position that a happening brings; what holds always brings none."""
    return 0 if happening.at == ALWAYS else happening.recorded.position


def facts_of(store: Store, talk: str, after: int = 0) -> list[Recorded]:
    """Read the facts of a talk behind a position, but those that can't be read."""
    recorded: list[Recorded] = []
    while stored := store.log.read(after, _READ_AT_ONCE, talk=talk):
        recorded += decoded(store, stored)[0]
        after = stored[-1].position
    return recorded


def shown(recorded: Iterable[Recorded]) -> Iterator[Recorded]:
    """Choose the facts that some view shows."""
    return (one for one in recorded if is_shown(one.fact))


def in_log(recorded: Iterable[Recorded]) -> list[Happening]:
    """Place facts by their position."""
    return [Happening(one.position, one) for one in recorded]


def in_time(recorded: Iterable[Recorded], began: datetime | None) -> Iterator[Happening]:
    """Place facts by the second of the talk in which they happened.

    Within a stream no fact is placed before an earlier one: clocks of gateways differ a little,
    and nothing is hidden before it was posted.
    """
    latest: dict[str, float] = {}
    for one in recorded:
        if began is None or isinstance(one.fact, _TIMELESS):
            yield Happening(ALWAYS, one)
            continue
        stream = one.fact.originator_id
        offset_s = (one.fact.timestamp - began).total_seconds()
        latest[stream] = max(offset_s, latest.get(stream, ALWAYS))
        yield Happening(latest[stream], one)


def _last(recorded: Sequence[Recorded], kind: type[Fact]) -> Fact | None:
    return next((one.fact for one in reversed(recorded) if isinstance(one.fact, kind)), None)


def _is_unseen(item: Item, view: str) -> bool:
    """Tell whether an item may not be seen by now; moderators may see what may come back."""
    return item.retracted or item.erased if view == DESK else not item.is_visible
