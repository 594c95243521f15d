"""The projector's side of a process: views followed and due work done, each in its own thread."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine

from domain.application import Hearhear
from domain.clock import utc_now
from domain.commands import Command
from domain.speaker import Speaker
from domain.store import Store
from gateway.outgoing.bundles import Bundle
from gateway.outgoing.errands import Errand, Errands
from gateway.outgoing.webhooks import ANSWERS_WITHIN_S, Webhook, posting
from gateway.outside import Outside
from gateway.presence import Presence
from gateway.settings import Settings
from gateway.timeline_keeping import TimelineKeeper
from projections.fanout import Fanout
from projections.lease import Lease
from projections.place import LogIsBehind
from projections.projector import Projector, open_views
from projections.reading import Views
from projections.rebuild import AlreadyRebuilding, rebuild
from projections.steward import Steward
from projections.timelines import TimelineRows
from projections.turns import Turns

STEWARD = Speaker(person="steward", name="Steward", roles=frozenset({"host"}))
"""Who does what is due by time, in every talk."""

_ENDS_WITHIN_S = 3.0
_RETRY_S = 1.0

_log = structlog.get_logger(__name__)


@contextmanager
def projecting(settings: Settings, store: Store, fanout: Fanout, holder: str) -> Iterator[None]:
    """Follow the log and keep the views, or stand by for another process that does."""
    engine = open_views(settings.views_url)
    projector = Projector(store, engine, fanout.publisher(), fanout.waker(), holder=holder)
    follower = _Follower(projector, store, engine, holder)
    with working("projector", follower.run, follower.stop):
        yield
    engine.dispose()


class _Follower:
    """Runs a projector; when the log was restored, rebuilds the views and goes on."""

    def __init__(self, projector: Projector, store: Store, engine: Engine, holder: str) -> None:
        self._projector = projector
        self._store = store
        self._engine = engine
        self._holder = holder
        self._stopping = threading.Event()

    def run(self) -> None:
        """Follow until stopped."""
        while not self._stopping.is_set():
            try:
                self._projector.run()
            except LogIsBehind as behind:
                _log.error("views.rebuilding", reason=str(behind))
                self._rebuild()

    def stop(self) -> None:
        """End ``run``; from any thread."""
        self._stopping.set()
        self._projector.stop()

    def _rebuild(self) -> None:
        try:
            rebuild(self._store, self._engine, holder=self._holder)
        except AlreadyRebuilding:
            self._stopping.wait(_RETRY_S)


@contextmanager
def stewarding(
    settings: Settings, app: Hearhear, views: Views, presence: Presence, holder: str
) -> Iterator[None]:
    """Do what is due by time, or stand by for another process that does."""

    def submit(talk: str, command: Command, command_id: str, at: datetime) -> object:
        return app.submit(talk, command, command_id, STEWARD, at=at).result()

    engine = open_views(settings.views_url)
    steward = Steward(
        live=views.live,
        present=presence.total,
        to_release=views.to_release,
        submit=submit,
        now=utc_now,
    )
    with taking_turns("steward", Lease(engine, "steward", holder), steward.step):
        yield
    engine.dispose()


@contextmanager
def keeping_timelines(
    settings: Settings, store: Store, views: Views, holder: str
) -> Iterator[None]:
    """Keep the timelines of ended talks as rows, or stand by for another process that does."""
    engine = open_views(settings.views_url)
    keeper = TimelineKeeper(store, TimelineRows(engine), views)
    with taking_turns("timelines", Lease(engine, "timelines", holder), keeper.step):
        yield
    engine.dispose()


@contextmanager
def running_errands(settings: Settings, store: Store, holder: str) -> Iterator[None]:
    """Let out what goes out of itself, or stand by for another process that does."""
    if not (settings.webhooks or settings.bundle_dir):
        yield
        return
    engine = open_views(settings.views_url)
    lease = Lease(engine, "errands", holder, lasts_ms=3_000 * round(ANSWERS_WITHIN_S))
    errands = Errands(
        store, list(_errands(settings, store, engine)), now=time.monotonic, jitter=random.random
    )
    with taking_turns("errands", lease, errands.step, errands.rest):
        yield
    engine.dispose()


def _errands(settings: Settings, store: Store, views: Engine) -> Iterator[Errand]:
    if settings.bundle_dir:
        yield Bundle(Path(settings.bundle_dir), store, views, settings.secrets[0])
    post = posting(Outside(settings.callable_networks))
    for url in settings.webhooks:
        yield Webhook(
            url,
            store=store,
            secrets=settings.webhook_secrets,
            site=settings.site,
            post=post,
            now=utc_now,
        )


@contextmanager
def taking_turns(
    name: str, lease: Lease, step: Callable[[], None], rest: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Take steps, in turn with the other processes that would, until the block is left."""
    turns = Turns(name, lease, step, rest=rest)
    with working(name, turns.run, turns.stop):
        yield


@contextmanager
def working(name: str, run: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """Run something in a thread of its own until the block is left."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        begun = time.monotonic()
        stop()
        thread.join(_ENDS_WITHIN_S)
        if thread.is_alive():
            _log.warning("thread.left", name=name, after_s=round(time.monotonic() - begun, 1))
