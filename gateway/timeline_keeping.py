"""Keeps the timelines of ended talks as rows, found anew when something concerns them.

Whatever may change one (a host's decision, a recording, a hidden line, an erasure) is a
fact of the talk, so the log's positions tell which talks to look at. One of several
projectors' processes works at a time: see ``projections.turns``.
"""

from collections.abc import Iterable
from typing import Protocol

import structlog
from eventsourcing.utils import get_topic
from sqlalchemy.exc import SQLAlchemyError

from domain.listening import Listening
from domain.store import Store
from gateway.collecting import timeline_of
from projections.timelines import TimelineRows

_log = structlog.get_logger(__name__)
_LISTENING = [get_topic(fact) for fact in (Listening.Begun, Listening.Ticked, Listening.Sought)]


class Followed(Protocol):
    """The views, as far as the keeper asks them."""

    def tracking(self) -> int:
        """Tell how far the views have come."""

    def ended(self) -> Iterable[str]:
        """List the talks that have ended, as far as the views know."""


class TimelineKeeper:
    """Writes what ``timeline_of`` finds of each talk that has ended."""

    def __init__(
        self,
        store: Store,
        kept: TimelineRows,
        views: Followed,
    ) -> None:
        self._store = store
        self._kept = kept
        self._views = views
        self._log_id = ""
        self._seen = 0
        """Up to here no ended talk holds a fact that its kept timeline has not taken in."""

    def step(self) -> None:
        """Find the timelines anew that facts may have changed."""
        log_id, head = self._store.log_id(), self._store.log.head()
        if log_id != self._log_id or head < self._seen:
            self._log_id, self._seen = log_id, 0
        if head > self._seen:
            self._look(head)

    def _look(self, head: int) -> None:
        followed = min(self._views.tracking(), head)  # asked first: they may go on meanwhile
        touched = self._store.log.last_positions(self._seen)
        kept, ended = self._kept.positions(self._log_id), set(self._views.ended())
        for talk, position in touched.items():
            if talk in ended and self._has_news(talk, kept.get(talk, 0), position):
                self._find_or_tell(talk)
        self._seen = max(self._seen, followed)

    def _has_news(self, talk: str, kept: int, position: int) -> bool:
        """Tell whether there is more than what listeners did, which changes nothing here."""
        return kept < position and self._store.log.has_others(talk, _LISTENING, after=kept)

    def _find_or_tell(self, talk: str) -> None:
        """Find a timeline anew; one that can't be found holds up no other."""
        try:
            self._find(talk)
        except SQLAlchemyError:
            raise
        except Exception:  # noqa: BLE001 - it concerns this talk alone
            _log.exception("timelines.not_found", talk=talk)

    def _find(self, talk: str) -> None:
        position, timeline = timeline_of(self._store, talk)
        self._kept.keep(
            talk,
            log_id=self._log_id,
            position=position,
            heat=timeline.heat.curves,
            step_s=timeline.heat.step_s,
            highlights=[
                (
                    one.id,
                    one.start_s,
                    one.end_s,
                    one.score,
                    one.confidence,
                    one.title,
                    one.why,
                    one.evidence.people,
                )
                for one in timeline.highlights
            ],
        )
