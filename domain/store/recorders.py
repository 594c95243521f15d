"""The library's recorder interfaces over our log, and the factory that makes them.

The product writes by group commit; these let the library's own contract cases, and
whatever else is written against it, judge the same log.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar, cast
from uuid import UUID

from eventsourcing import persistence
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool
from sqlalchemy import Connection, Engine, Select, Table, insert, select, update
from sqlalchemy.exc import DBAPIError

from domain.aggregate import talk_of
from domain.store.engine import create_tables, open_engine, retrying
from domain.store.log import Log, NewFact
from domain.store.schema import events, followers, library, snapshots

POLL_S = 0.05

_Recorder = TypeVar("_Recorder")


@contextmanager
def _as_library_errors() -> Iterator[None]:
    """Raise the library's error of the same name as the driver's."""
    try:
        yield
    except DBAPIError as error:
        kind = getattr(persistence, type(error).__name__, persistence.DatabaseError)
        raise kind(str(error.orig)) from error


class _OfLog:
    """What all recorders share: the log they write to."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def create_table(self) -> None:
        """Create what is missing."""
        self.log.create_tables()
        create_tables(self.log.engine, library)

    def _write(self, act: Callable[[Connection], object]) -> None:
        """Do all of it in one transaction, again after a deadlock or a lock held too long."""
        with _as_library_errors():
            retrying(self.log.engine, act)


class LogAggregateRecorder(_OfLog, AggregateRecorder):
    """Reads and writes single streams; its facts have positions as all have."""

    table: Table = events

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_kwargs: Any
    ) -> Sequence[int] | None:
        """Append to their streams; the positions are nobody's business here."""
        if stored_events:
            self._write(lambda connection: self._append(connection, stored_events))
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read a stream, or a part of it."""
        column = self.table.c
        wanted = select(column.stream, column.version, column.name, column.state)
        wanted = wanted.where(column.stream == str(originator_id))
        if gt is not None:
            wanted = wanted.where(column.version > gt)
        if lte is not None:
            wanted = wanted.where(column.version <= lte)
        wanted = wanted.order_by(column.version.desc() if desc else column.version)
        return [StoredEvent(*row) for row in self._rows(wanted.limit(limit))]

    def _append(self, connection: Connection, stored_events: Sequence[StoredEvent]) -> int:
        return self.log.append(connection, [_new_fact(event) for event in stored_events])

    def _rows(self, wanted: Select[Any]) -> Sequence[Any]:
        with _as_library_errors(), self.log.engine.connect() as connection:
            return connection.execute(wanted).all()


class SnapshotRecorder(LogAggregateRecorder):
    """Keeps snapshots, which are no facts and have no position."""

    table = snapshots

    def _append(self, connection: Connection, stored_events: Sequence[StoredEvent]) -> int:
        rows = [
            {
                "stream": str(event.originator_id),
                "version": event.originator_version,
                "name": event.topic,
                "state": event.state,
            }
            for event in stored_events
        ]
        connection.execute(insert(snapshots), rows)
        return 0


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """Reads and writes the whole log: a notification's id is its fact's position."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append, and tell the positions."""
        positions: list[int] = []

        def act(connection: Connection) -> None:
            base = self._append_tracked(connection, stored_events, **kwargs)
            positions[:] = range(base + 1, base + 1 + len(stored_events))

        if stored_events or kwargs.get("tracking"):
            self._write(act)
        return positions

    def _append_tracked(
        self, connection: Connection, stored_events: Sequence[StoredEvent], **_kwargs: Any
    ) -> int:
        return self._append(connection, stored_events) if stored_events else 0

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read a part of the log."""
        column = events.c
        wanted = select(
            column.stream, column.version, column.name, column.state, column.position
        ).order_by(column.position)
        if start is not None:
            first = start if inclusive_of_start else start + 1
            wanted = wanted.where(column.position >= first)
        if stop is not None:
            wanted = wanted.where(column.position <= stop)
        if topics:
            wanted = wanted.where(column.name.in_(topics))
        return [Notification(*row) for row in self._rows(wanted.limit(limit))]

    def max_notification_id(self) -> int | None:
        """Tell the position of the last fact."""
        return self.log.head() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log from behind a position."""
        return LogSubscription(self, gt=gt, topics=topics)


class LogSubscription(Subscription[ApplicationRecorder]):
    """Follows the log by asking; facts of other processes come as well as one's own."""

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt=gt, topics=topics)
        self._ahead: list[Notification] = []
        self._stopped = Event()

    def stop(self) -> None:
        """End the iteration."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if not self._ahead:
                self._read_ahead()
            if self._ahead:
                return self._ahead.pop()
            self._stopped.wait(POLL_S)
        raise StopIteration

    def _read_ahead(self) -> None:
        found = self._recorder.select_notifications(
            self._last_notification_id, 500, topics=self._topics, inclusive_of_start=False
        )
        if found:
            self._last_notification_id = found[-1].id
            self._ahead = list(reversed(found))


class LogTrackingRecorder(_OfLog, TrackingRecorder):
    """Remembers how far followers came, one row each."""

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move a follower forward; backward, or on the spot, is an ``IntegrityError``."""
        self._write(lambda connection: _track(connection, tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        """Tell how far a follower came."""
        position = select(followers.c.position).where(followers.c.name == application_name)
        with _as_library_errors(), self.log.engine.connect() as connection:
            return connection.execute(position).scalar()


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Appends facts and moves a follower in one transaction."""

    def _append_tracked(
        self,
        connection: Connection,
        stored_events: Sequence[StoredEvent],
        *,
        tracking: Tracking | None = None,
        **_kwargs: Any,
    ) -> int:
        base = super()._append_tracked(connection, stored_events)
        if tracking is not None:
            _track(connection, tracking)
        return base


class Factory(InfrastructureFactory[LogTrackingRecorder]):
    """Makes recorders over the log at ``STORE_URL``; name this package PERSISTENCE_MODULE."""

    STORE_URL = "STORE_URL"
    CREATE_TABLE = "CREATE_TABLE"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        url = self.env.get(self.STORE_URL)
        if not url:
            raise OSError(f"{self.STORE_URL} is not set: say where the log is")
        self._engine: Engine = open_engine(url)

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Make a recorder of streams, or of their snapshots."""
        return self._made(LogAggregateRecorder if purpose == "events" else SnapshotRecorder)

    def application_recorder(self) -> ApplicationRecorder:
        """Make a recorder of the whole log."""
        return self._made(self._named(self.APPLICATION_RECORDER_TOPIC, LogApplicationRecorder))

    def tracking_recorder(
        self, tracking_recorder_class: type[LogTrackingRecorder] | None = None
    ) -> LogTrackingRecorder:
        """Make a recorder of followers."""
        named = self._named(self.TRACKING_RECORDER_TOPIC, LogTrackingRecorder)
        return self._made(tracking_recorder_class or named)

    def process_recorder(self) -> ProcessRecorder:
        """Make a recorder of a follower that itself appends."""
        return self._made(self._named(self.PROCESS_RECORDER_TOPIC, LogProcessRecorder))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _named(self, setting: str, default: type[_Recorder]) -> type[_Recorder]:
        topic = self.env.get(setting)
        return cast("type[_Recorder]", resolve_topic(topic)) if topic else default

    def _made(self, recorder_class: Callable[[Log], _Recorder]) -> _Recorder:
        recorder = recorder_class(Log(self._engine))
        if strtobool(self.env.get(self.CREATE_TABLE, "yes")):
            cast("_OfLog", recorder).create_table()
        return recorder


def _new_fact(event: StoredEvent) -> NewFact:
    stream = str(event.originator_id)
    return NewFact(talk_of(stream), stream, event.originator_version, event.topic, event.state)


def _track(connection: Connection, tracking: Tracking) -> None:
    name, position = tracking.application_name, tracking.notification_id
    behind = (followers.c.name == name) & (followers.c.position < position)
    moved = connection.execute(update(followers).where(behind).values(position=position))
    if not moved.rowcount:
        connection.execute(insert(followers).values(name=name, position=position))
