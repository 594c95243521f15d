"""The library's own contract cases, passed by our recorders on each database."""

from collections.abc import Callable
from typing import TypeVar
from unittest import TestCase
from uuid import uuid4

import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    ProcessRecorder,
    TrackingRecorder,
)
from eventsourcing.tests import persistence as shipped
from eventsourcing.utils import Environment
from servers import MariaDB

from domain.store import recorders
from domain.store.engine import open_engine
from domain.store.log import Log

_Recorder = TypeVar("_Recorder", bound=recorders._OfLog)


class OnDatabase(TestCase):
    """Makes recorders over a log of the test's own."""

    __test__ = False
    url: str

    def log_of(self, kind: Callable[[Log], _Recorder]) -> _Recorder:
        engine = open_engine(self.url)
        self.addCleanup(engine.dispose)
        recorder = kind(Log(engine))
        recorder.create_table()
        return recorder

    def new_originator_id(self) -> str:
        return str(uuid4())


class OnSQLite(OnDatabase):
    @pytest.fixture(autouse=True)
    def _log(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.url = f"sqlite:///{tmp_path_factory.mktemp('log')}/hearhear.db"


class OnMariaDB(OnDatabase):
    @pytest.fixture(autouse=True)
    def _log(self, mariadb: MariaDB) -> None:
        self.url = mariadb.fresh_database()


class Streams(OnDatabase):
    def create_recorder(self) -> AggregateRecorder:
        return self.log_of(recorders.LogAggregateRecorder)


class Snapshots(OnDatabase):
    def create_recorder(self) -> AggregateRecorder:
        return self.log_of(recorders.SnapshotRecorder)


class WholeLog(OnDatabase):
    def create_recorder(self) -> ApplicationRecorder:
        return self.log_of(recorders.LogApplicationRecorder)

    def test_subscription(self) -> None:
        self.optional_test_insert_subscribe()


class Followers(OnDatabase):
    def create_recorder(self) -> TrackingRecorder:
        return self.log_of(recorders.LogTrackingRecorder)


class Processes(OnDatabase):
    def create_recorder(self) -> ProcessRecorder:
        return self.log_of(recorders.LogProcessRecorder)


class TestStreamsOnSQLite(OnSQLite, Streams, shipped.AggregateRecorderTestCase):
    __test__ = True


class TestStreamsOnMariaDB(OnMariaDB, Streams, shipped.AggregateRecorderTestCase):
    __test__ = True


class TestSnapshotsOnSQLite(OnSQLite, Snapshots, shipped.AggregateRecorderTestCase):
    __test__ = True


class TestSnapshotsOnMariaDB(OnMariaDB, Snapshots, shipped.AggregateRecorderTestCase):
    __test__ = True


class TestLogOnSQLite(OnSQLite, WholeLog, shipped.ApplicationRecorderTestCase):
    __test__ = True


class TestLogOnMariaDB(OnMariaDB, WholeLog, shipped.ApplicationRecorderTestCase):
    __test__ = True


class TestFollowersOnSQLite(OnSQLite, Followers, shipped.TrackingRecorderTestCase):
    __test__ = True


class TestFollowersOnMariaDB(OnMariaDB, Followers, shipped.TrackingRecorderTestCase):
    __test__ = True


class TestProcessesOnSQLite(OnSQLite, Processes, shipped.ProcessRecorderTestCase):
    __test__ = True


class TestProcessesOnMariaDB(OnMariaDB, Processes, shipped.ProcessRecorderTestCase):
    __test__ = True


class TestOrderOnSQLite(OnSQLite, WholeLog, shipped.NonInterleavingNotificationIDsBaseCase):
    __test__ = True
    test_subscription = None


class TestOrderOnMariaDB(OnMariaDB, WholeLog, shipped.NonInterleavingNotificationIDsBaseCase):
    __test__ = True
    test_subscription = None


class _OtherFollowers(recorders.LogTrackingRecorder):
    """A recorder somebody else might name in the settings."""


class TestFactory(OnSQLite, shipped.InfrastructureFactoryTestCase[recorders.Factory]):
    __test__ = True

    def setUp(self) -> None:
        self.env = Environment(env={"PERSISTENCE_MODULE": "domain.store", "STORE_URL": self.url})
        super().setUp()

    def expected_factory_class(self) -> type[recorders.Factory]:
        return recorders.Factory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return recorders.LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return recorders.LogApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return recorders.LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return _OtherFollowers

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return recorders.LogProcessRecorder
