"""The projector: follow the log, fold, keep rows and patches and place, then publish.

One of several works at a time; the others stand by. It runs in one thread of its own.
Publishing comes after the commit and may repeat: what nobody confirmed is published again
from the outbox, which also serves whoever polls.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from domain.store import Store, open_engine
from domain.store.engine import writing
from projections import outbox, place, shape
from projections.fanout import Publisher, PublishFailed, Waker
from projections.generation import Advance, Generation
from projections.lease import Lease
from projections.outbox import Patched
from projections.place import Fenced, LogIsBehind, must_follow

BATCH = 1_000
POLL_S = 0.25
"""How long to wait for a nudge before looking anyway."""
_RENEW_S = 0.75
_BEAT_S = 1.0

_log = structlog.get_logger(__name__)


@dataclass
class Progress:
    """What a projector has done since it was started; read by metrics from other threads."""

    is_active: bool = False
    position: int = 0
    head: int = 0
    facts: int = 0
    batches: int = 0
    last_batch: int = 0
    parked: int = 0
    unpublished: int = 0
    """Failed attempts to publish since the last success."""
    troubles: int = 0
    """Times that something failed, mostly a database that did not answer."""

    @property
    def lag(self) -> int:
        """How many facts are not folded yet."""
        return max(self.head - self.position, 0)


def open_views(views_url: str) -> Engine:
    """Open the database of the views, and create what is missing in it."""
    engine = open_engine(views_url, durable=False, erasing=True)
    shape.prepare(engine)
    return engine


class Projector:
    """Keeps the views of all talks. ``run`` returns after ``stop``, or raises ``LogIsBehind``."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        publisher: Publisher,
        waker: Waker,
        *,
        holder: str,
        batch: int = BATCH,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._engine = engine
        self._publisher = publisher
        self._waker = waker
        self._lease = Lease(engine, place.NAME, holder)
        self._batch = batch
        self._now = now
        self._views: Generation | None = None
        """Set while the lease is ours."""
        self._is_stopping = False
        self._renewed_at = self._beaten_at = float("-inf")
        self.progress = Progress()

    def run(self) -> None:
        """Follow the log until stopped; troubles are told and waited out."""
        while not self._is_stopping:
            try:
                is_behind = self.step()
            except LogIsBehind:
                self._stand_by()
                raise
            except SQLAlchemyError as error:  # its text may quote what people wrote
                is_behind = self._is_troubled(type(error).__name__)
            except Exception as error:  # noqa: BLE001 - told, and tried again
                _log.exception("views.failed")
                is_behind = self._is_troubled(type(error).__name__)
            if not is_behind:
                self._waker.wait(POLL_S)
        self._leave()

    def stop(self) -> None:
        """End ``run`` after the batch under way; from any thread."""
        self._is_stopping = True
        self._waker.wake()

    def step(self) -> bool:
        """Do what is due: one batch at most; tell whether more is waiting."""
        if not self._is_ours():
            return False
        try:
            views = self._views = self._views or self._take_up()
            advance = views.advance(self._batch)
            if advance:
                self._count(advance)
            self._tell(views, advance)
            self._beat(views)
        except Fenced as fenced:
            _log.info("views.fenced", reason=str(fenced))
            self._stand_by()
            return True
        return advance is not None

    # Whose turn it is.

    def _is_ours(self) -> bool:
        now = self._now()
        if self._views is None or now - self._renewed_at >= _RENEW_S:
            self._renewed_at = now
            if not self._lease.take():
                self._stand_by()
                return False
        return True

    def _take_up(self) -> Generation:
        """Go on where the views are; also what was committed, but not published, goes out."""
        log_id = self._store.log_id()
        with writing(self._engine) as connection:
            at = place.of_projector(connection, log_id)
        must_follow(at, log_id, self._store.log.head())
        _log.info("views.taken_up", generation=at.generation, position=at.position)
        self.progress.is_active = True
        self.progress.position = at.position
        return Generation(self._store, self._engine, at, now=self._now)

    def _stand_by(self) -> None:
        self._views = None
        self.progress.is_active = False

    def _leave(self) -> None:
        """Write what waits and let a stand-by take over at once."""
        try:
            if self._views is not None:
                self._views.write_all()
            self._lease.give_back()
        except (Fenced, SQLAlchemyError) as error:
            _log.info("views.left", error=type(error).__name__)
        self._stand_by()

    def _is_troubled(self, error: str) -> bool:
        """Begin anew from the rows, after a pause."""
        _log.warning("views.troubled", error=error)
        self.progress.troubles += 1
        self._stand_by()
        return False

    # Telling.

    def _tell(self, views: Generation, advance: Advance | None) -> None:
        """Publish a batch, or first what could not be published before."""
        before = advance.before if advance else views.place.position
        if views.place.published < before:
            self._catch_up(views)
        elif advance and self._published(views, advance.told):
            views.confirm(advance.position)

    def _catch_up(self, views: Generation) -> None:
        while views.place.published < views.place.position:
            waiting = views.unpublished()
            if not self._published(views, waiting):
                return
            views.confirm(waiting[-1].position if waiting else views.place.position)

    def _published(self, views: Generation, told: list[Patched]) -> bool:
        if not told:
            return True
        if not self._publisher.connected:
            return False
        try:
            self._publisher.publish([outbox.message(views.place.epoch, told)])
        except PublishFailed:
            self.progress.unpublished += 1
            return False
        self.progress.unpublished = 0
        return True

    def _beat(self, views: Generation) -> None:
        """Each second: tell how far the views are, and put things in order."""
        now = self._now()
        if now - self._beaten_at < _BEAT_S:
            return
        self._beaten_at = now
        views.tidy()
        head = self.progress.head = self._store.log.head()
        must_follow(views.place, self._store.log_id(), head)
        beat = {
            "epoch": views.place.epoch,
            "head": head,
            "position": views.place.position,
            "talks": views.last_patches(),
        }
        self._publisher.beat(orjson.dumps(beat))

    def _count(self, advance: Advance) -> None:
        progress = self.progress
        progress.position = advance.position
        progress.head = max(progress.head, advance.position)
        progress.facts += advance.facts
        progress.batches += 1
        progress.last_batch = advance.facts
        progress.parked += len(advance.parked)
        for parked in advance.parked:
            _log.error(
                "views.parked", position=parked.position, fact=parked.fact, error=parked.error
            )
