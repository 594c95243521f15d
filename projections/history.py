"""A view as it stood at a moment, less all that may not be seen by now.

Folded from the log of the talk by the same folds as the live views.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.aggregate import Fact
from domain.store import Recorded, Store
from domain.talk import Talk
from projections.decoding import decoded
from projections.patch import Document
from projections.records import Item
from projections.talk_views import DESK, ROOM, TalkViews

_READ_AT_ONCE = 5_000
_TIMELESS = (
    Talk.Scheduled,
    Talk.PanelistIntroduced,
    Talk.KindAdded,
    Talk.RecordingAttached,
)
"""Facts about the talk as such: true at every moment of it, whenever they were recorded."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A view at a position; by seconds, it is the last position that had been reached."""

    position: int
    view: Document


def view_at(
    store: Store, talk: str, view: str, *, position: int | None = None, at_s: float | None = None
) -> Moment | None:
    """Fold a view as of a position, or as of so many seconds after the start of the talk.

    ``None`` when there is no such talk. Costs a pass over all facts of the talk.
    """
    recorded = facts_of(store, talk)
    if not recorded:
        return None
    then, now = TalkViews(talk), TalkViews(talk)
    chosen = until_position(recorded, position) if at_s is None else until(recorded, at_s)
    _fold(then, chosen)
    _fold(now, recorded)
    unseen = {item.item for item in now.feed.items.values() if _is_unseen(item, view)}
    then.feed.conceal(unseen)
    then.ballot.conceal(unseen)
    then.feed.named_as(now.feed)
    then.change()
    return Moment(then.position, then.document(DESK if view == DESK else ROOM))


def _fold(views: TalkViews, recorded: Sequence[Recorded]) -> None:
    for one in recorded:
        with suppress(LookupError):  # about something that is parked, or was not there yet
            views.fold(one.fact, one.position)


def facts_of(store: Store, talk: str) -> list[Recorded]:
    """Read all facts of a talk, but those that can't be read."""
    recorded: list[Recorded] = []
    after = 0
    while stored := store.log.read(after, _READ_AT_ONCE, talk=talk):
        recorded += decoded(store, stored)[0]
        after = stored[-1].position
    return recorded


def until_position(recorded: Sequence[Recorded], position: int | None) -> list[Recorded]:
    """Choose the facts up to a position, by default all."""
    return [one for one in recorded if position is None or one.position <= position]


def until(recorded: Sequence[Recorded], at_s: float) -> list[Recorded]:
    """Choose what had happened by so many seconds after the start, and what is always true."""
    began = _start_of(recorded)
    if began is None:
        return list(recorded)
    moment = began + timedelta(seconds=at_s)
    return [one for one in recorded if _is_true_by(one.fact, moment)]


def _start_of(recorded: Sequence[Recorded]) -> datetime | None:
    started = (one.fact for one in recorded if isinstance(one.fact, Talk.Started))
    return next((fact.timestamp for fact in started), None)


def _is_true_by(fact: Fact, moment: datetime) -> bool:
    return fact.timestamp <= moment or isinstance(fact, _TIMELESS)


def _is_unseen(item: Item, view: str) -> bool:
    """Tell whether an item may not be seen by now; moderators may see what may come back."""
    return item.retracted or item.erased if view == DESK else not item.is_visible
