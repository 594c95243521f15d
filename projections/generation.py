"""One generation of all views: fold a batch of facts, keep it with its place in one transaction.

Whoever keeps a generation is alone to do so; a second one is fenced off by the position.
Belongs to one thread.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import orjson
import structlog
from eventsourcing.utils import get_topic
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from domain.participation import Participation
from domain.store import Recorded, Store, StoredFact
from domain.store.engine import is_sqlite, reading, to_look, writing
from projections import outbox, place, rows, tables
from projections.decoding import Parked, decoded
from projections.outbox import ME, Patched, TalkAndView
from projections.place import Place
from projections.talk_views import VIEWS, Changes, TalkViews
from projections.warm import WarmTalks

KEPT_S = 600.0
"""How long the outbox is kept."""
CHECKPOINT_S = 2.0
"""How long a changed view waits to be written as a document."""
_TRIES = 4

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Advance:
    """What one batch brought: how many facts, from where to where, and whom to tell what."""

    facts: int
    before: int
    position: int
    told: list[Patched]
    parked: list[Parked]


class _Poisoned(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, parked: Parked) -> None:
        super().__init__(parked.error)
        self.parked = parked


class Generation:
    """Views of all talks at one place of the log.

    ``tells`` is false while nobody reads this generation: then there are no patches.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        at: Place,
        *,
        tells: bool = True,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._engine = engine
        self._tells = tells
        self._now = now
        self._warm = WarmTalks(engine)
        self._changed: dict[TalkAndView, float] = {}
        """Views that changed since their document was written, and since when."""
        self._marks: deque[tuple[float, int]] = deque([(now(), at.position)])
        self._singly_until = 0
        """Up to this position facts are taken one at a time, to find the one that can't be kept."""
        self._leaves_traces = True
        """Whether SQLite's write-ahead log may still hold what was erased; unknown at first."""
        self.place = at
        with reading(engine) as connection:
            self._changed |= dict.fromkeys(outbox.outdated(connection, at), now())

    def advance(self, limit: int) -> Advance | None:
        """Take the next facts in; ``None`` when there are none.

        Raises ``Fenced`` when another keeps these views.
        """
        stored = self._store.log.read(self.place.position, self._limit(limit))
        if not stored:
            return None
        recorded, parked = decoded(self._store, stored)
        try:
            return self._take_in(stored, recorded, parked)
        except (DataError, IntegrityError) as refused:
            return self._take_singly(stored, refused)
        except BaseException:
            self._warm.forget()
            raise

    def confirm(self, position: int) -> None:
        """Remember that everything up to a position was published; kept with the next batch."""
        self.place = replace(self.place, published=max(position, self.place.published))

    def unpublished(self) -> list[Patched]:
        """Read the patches that nobody was told, the first ones first."""
        with reading(self._engine) as connection:
            return outbox.unpublished(connection, self.place)

    def tidy(self) -> None:
        """Write documents of views that changed a while ago; forget old patches."""
        before = self._now() - CHECKPOINT_S
        due = [one for one, since in self._changed.items() if since <= before]
        forgotten = self._forgotten()
        if due or forgotten:
            self._write_documents(due, forgotten)
        self._leave_no_traces()

    def write_all(self) -> None:
        """Write the documents of all views that changed."""
        self._write_documents(list(self._changed), 0)

    def _write_documents(self, due: Sequence[TalkAndView], forgotten: int) -> None:
        self._warm.take_up({talk for talk, _ in due}, self.place)
        with writing(self._engine) as connection:
            self._move(connection, self.place.position)
            outbox.write_documents(connection, self.place, self._warm.documents(due))
            if forgotten:
                outbox.forget(connection, self.place, forgotten)
        self._were_written(due)

    def last_patches(self) -> dict[str, dict[str, int]]:
        """Tell the position of the last patch of each view, for talks that are warm."""
        return self._warm.chains

    # Folding.

    def _limit(self, limit: int) -> int:
        return 1 if self.place.position < self._singly_until else limit

    def _take_in(
        self, stored: Sequence[StoredFact], recorded: list[Recorded], parked: list[Parked]
    ) -> Advance:
        while True:
            try:
                touched = self._fold(recorded)
            except _Poisoned as poisoned:
                self._warm.forget()
                parked.append(poisoned.parked)
                at = poisoned.parked.position
                recorded = [one for one in recorded if one.position != at]
            else:
                return self._keep(stored, recorded, touched, parked)

    def _fold(self, recorded: Sequence[Recorded]) -> list[TalkViews]:
        self._warm.take_up({one.talk for one in recorded if one.talk}, self.place)
        touched: dict[str, TalkViews] = {}
        for one in recorded:
            if one.talk:
                views = touched[one.talk] = self._warm[one.talk]
                try:
                    views.fold(one.fact, one.position)
                except Exception as error:
                    name, fact = type(error).__name__, get_topic(type(one.fact))
                    raise _Poisoned(Parked(one.position, one.talk, fact, name)) from error
        return list(touched.values())

    # Keeping.

    def _keep(
        self,
        stored: Sequence[StoredFact],
        recorded: Sequence[Recorded],
        touched: Sequence[TalkViews],
        parked: list[Parked],
    ) -> Advance:
        try:
            changed = [(views, views.change()) for views in touched]
        except Exception as error:  # noqa: BLE001 - one of the facts brought it about
            return self._take_singly(stored, error)
        told = [one for views, changes in changed for one in self._told(views, changes)]
        position = stored[-1].position
        for one in told:
            if one.view in VIEWS:
                self._changed.setdefault((one.talk, one.view), self._now())
        due = self._due(redacted={one.talk for one in told if one.redacts})

        def write(connection: Connection) -> None:
            self._move(connection, position)
            rows.write(
                connection,
                self.place.generation,
                [(views.talk, changes.records) for views, changes in changed],
            )
            outbox.write(connection, self.place, told if self._tells else [])
            outbox.write_documents(connection, self.place, self._warm.documents(due))
            self._park(connection, parked)

        self._patiently(write)
        before = self.place.position
        self.place = replace(self.place, position=position)
        self._were_written(due)
        self._leaves_traces |= any(isinstance(one.fact, Participation.Erased) for one in recorded)
        self._leave_no_traces()
        self._warm.cool_down(but={talk for talk, _ in self._changed})
        return Advance(len(stored), before, position, told if self._tells else [], parked)

    def _told(self, views: TalkViews, changes: Changes) -> Iterator[Patched]:
        """Put changes in their chains; a redaction is told even when nothing else changed."""
        chain, position = self._warm.chains[views.talk], views.position
        for view, patch in changes.views.items():
            if patch or changes.redacts:
                body = orjson.dumps(patch) if self._tells else b""
                prev = chain.get(view, 0)
                yield Patched(views.talk, view, prev, position, changes.redacts, body)
                chain[view] = position
        if changes.me and self._tells:
            yield Patched(views.talk, ME, 0, position, False, orjson.dumps(changes.me))

    def _move(self, connection: Connection, position: int) -> None:
        at = self.place
        place.move(connection, at, position, at.published, is_read=self._tells)

    def _patiently(self, write: Callable[[Connection], None]) -> None:
        """Write in one transaction; again when it was a deadlock's victim or waited too long."""
        for attempt in range(1, _TRIES + 1):
            try:
                with writing(self._engine) as connection:
                    write(connection)
            except OperationalError as error:
                if attempt == _TRIES or error.connection_invalidated:
                    raise
                _log.info("views.retried", attempt=attempt, error=type(error.orig).__name__)
            else:
                return

    def _take_singly(self, stored: Sequence[StoredFact], error: Exception) -> Advance:
        """Find the fact whose rows the database refuses: take the batch one by one, and park it."""
        self._warm.forget()
        if len(stored) > 1:
            self._singly_until = stored[-1].position
            return Advance(0, self.place.position, self.place.position, [], [])
        only = stored[0]
        parked = [Parked(only.position, only.talk, only.name, type(error).__name__)]
        return self._keep(stored, [], [], parked)

    def _park(self, connection: Connection, parked: Sequence[Parked]) -> None:
        found = [(self.place.generation, *one) for one in parked]
        if found:
            rows.put(connection, tables.parked, found)

    def _leave_no_traces(self) -> None:
        """Empty SQLite's write-ahead log after an erasure; again when readers are in the way."""
        if self._leaves_traces:
            self._leaves_traces = is_sqlite(self._engine) and not _emptied(self._engine)

    # Documents.

    def _due(self, *, redacted: set[str]) -> list[TalkAndView]:
        """List the views of warm talks to be written now, at once when they redact."""
        before = self._now() - CHECKPOINT_S
        return [
            (talk, view)
            for (talk, view), since in self._changed.items()
            if talk in self._warm and (since <= before or talk in redacted)
        ]

    def _were_written(self, due: Iterable[TalkAndView]) -> None:
        for one in due:
            self._changed.pop(one, None)

    def _forgotten(self) -> int:
        """Tell up to which position patches may be forgotten; 0 for none."""
        now, forgotten = self._now(), 0
        if now - self._marks[-1][0] > KEPT_S / 60:
            self._marks.append((now, self.place.position))
        while len(self._marks) > 1 and now - self._marks[0][0] > KEPT_S:
            forgotten = self._marks.popleft()[1]
        return forgotten


def _emptied(engine: Engine) -> bool:
    with to_look(engine.connect()) as connection:
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy
