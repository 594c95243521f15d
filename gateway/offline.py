"""What commands do with the store and the views while this process serves nobody."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from domain.application import Hearhear
from domain.clock import utc_now
from domain.commands import NoteRowsRead
from domain.errors import Refused
from domain.speaker import Speaker
from domain.store import Store, open_store
from gateway.analysing import Analyst
from gateway.options import WRONG_USAGE, fail
from gateway.own_files import checked_name, own_view_in
from gateway.settings import Settings, with_kept_secrets
from projections import own_view
from projections.fanout import Waker, open_fanout
from projections.projector import POLL_S, Projector, open_views
from projections.pulling import Pseudonyms
from projections.reading import Views
from projections.rebuild import AlreadyRebuilding, OnProgress, rebuild

CATCHES_UP_WITHIN_S = 300.0


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Open the store that is there; what ails it fails in one line."""
    if not is_there(settings.store_url):
        fail(f"there is no store at {settings.store_url}: check --store-url, or serve once")
    try:
        with open_store(settings.store_url, settings.keys_url, create=False) as store:
            store.log.head()
            yield store
    except SQLAlchemyError as error:
        fail(f"the store can't be used ({reason_of(error)}): check --store-url, or serve once")


def is_there(url: str) -> bool:
    """Tell whether a SQLite file exists, so that looking does not make it; else it may be."""
    parts = make_url(url)
    in_memory = parts.database in {None, "", ":memory:"}
    return parts.get_backend_name() != "sqlite" or in_memory or Path(str(parts.database)).exists()


def reason_of(error: SQLAlchemyError) -> str:
    """Tell what a database said, without the statement."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def must_be_there(store: Store, talk: str) -> None:
    """Fail when there is no such talk."""
    if not store.log.read(0, 1, talk=talk):
        fail("there is no such talk: GET /api/talks lists their ids")


@contextmanager
def analyst_of(settings: Settings, store: Store, talk: str) -> Iterator[Analyst]:
    """Read the tables of a talk; what a query or a form lacks fails in one line."""
    must_be_there(store, talk)
    engine, views = open_views(settings.views_url), Views(settings.views_url)
    pseudonyms = Pseudonyms(with_kept_secrets(settings).secrets[0])
    try:
        if not views.has(talk):
            fail("the views don't know the talk yet: run hearhear projector, or serve, once")
        yield Analyst(engine, views, talk, pseudonyms)
    except Refused as refused:
        fail(str(refused))
    finally:
        views.close()
        engine.dispose()


def note_rows_read(store: Store, talk: str) -> None:
    """Note in a talk that whoever holds its store reads all tables with names."""
    operator = Speaker(person="command-line", name="The command line")
    app = Hearhear(store, now=utc_now, new_id=lambda: str(uuid4()))
    try:
        app.submit(talk, NoteRowsRead(table="all tables"), str(uuid4()), operator).result()
    finally:
        app.close()


def catch_up(settings: Settings, store: Store) -> bool:
    """Have the views follow the log to its end, by a projector that runs or by one of our own.

    Returns False when that takes too long; a projector goes on with it whenever one runs.
    """
    head = store.log.head()
    engine = open_views(settings.views_url)
    with open_fanout(settings.broker_url) as fanout:
        waker = fanout.waker()
        projector = Projector(store, engine, fanout.publisher(), waker, holder=f"cli-{uuid4()}")
        try:
            return _followed(projector, Views(settings.views_url), waker, head)
        finally:
            projector.stop()
            projector.run()  # gives back what it has taken
            engine.dispose()


def rebuild_views(settings: Settings, store: Store, on_progress: OnProgress) -> int:
    """Fold the whole log into views beside those that are read, then hand over; returns facts."""
    engine = open_views(settings.views_url)
    try:
        return rebuild(store, engine, holder=str(uuid4()), on_progress=on_progress).position
    except AlreadyRebuilding:
        fail("another process rebuilds the views: wait for it, or end it")
    finally:
        engine.dispose()


def build_own(
    settings: Settings, store: Store, name: str, file: Path, on_progress: OnProgress
) -> int:
    """Fold the log into an analyst's own view, beside the one that is read; returns facts."""
    engine = open_views(settings.views_url)
    try:
        name, view = checked_name(name), own_view_in(file)
        return own_view.build(
            store, engine, name, view, holder=str(uuid4()), on_progress=on_progress
        )
    except Refused as refused:
        fail(str(refused), code=WRONG_USAGE)
    except own_view.OwnViewFailed as failed:
        fail(f"{file} failed: {failed}; readers keep what they had")
    except AlreadyRebuilding:
        fail("another process rebuilds this view: wait for it, or end it")
    finally:
        engine.dispose()


def _followed(projector: Projector, views: Views, waker: Waker, head: int) -> bool:
    """Take steps until the views are there; without the lease a step only waits for its turn."""
    deadline = time.monotonic() + CATCHES_UP_WITHIN_S
    try:
        while views.tracking() < head:
            if time.monotonic() > deadline:
                return False
            if not projector.step():
                waker.wait(POLL_S)
    finally:
        views.close()
    return True
