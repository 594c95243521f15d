"""``hearhear doctor``: is all within reach, and set as it should be? Changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import pika
from pika.exceptions import AMQPError
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from domain.store import Store, open_store
from domain.store.engine import is_sqlite
from domain.store.schema import events
from gateway.offline import is_there, reason_of
from gateway.settings import Settings
from projections.fanout.rabbitmq import hosts_of
from projections.fanout.session import parameters_of
from projections.reading import Views


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``cure`` is what to do when it is not well."""

    what: str
    is_well: bool
    detail: str
    cure: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at each part that the settings name."""
    if not is_there(settings.store_url):
        cure = "check HEARHEAR_STORE_URL, or serve once"
        yield Finding("store", is_well=False, detail="there is no such file", cure=cure)
        return
    with open_store(settings.store_url, settings.keys_url, create=False) as store:
        yield _looked_at("store", lambda: _log(store), "check HEARHEAR_STORE_URL, and serve once")
        views = partial(_views, settings, store)
        yield _looked_at("views", views, "check HEARHEAR_VIEWS_URL, or run: hearhear rebuild all")
        yield _looked_at("keys", lambda: _keys(store), "check HEARHEAR_KEYS_URL, and serve once")
        if not is_sqlite(store.log.engine):
            yield from _server(store.log.engine)
            yield _kept_apart(settings)
    if settings.broker_url != "memory://":
        yield from map(_broker, hosts_of(settings.broker_url))


def _looked_at(what: str, look: Callable[[], Finding], cure: str) -> Finding:
    """Look at something that may be out of reach."""
    try:
        return look()
    except SQLAlchemyError as error:
        return Finding(what, is_well=False, detail=reason_of(error), cure=cure)


def _log(store: Store) -> Finding:
    """The log is dense: its head is the number of its facts."""
    with store.log.engine.connect() as connection:
        head = store.log.head()
        count = connection.execute(
            select(func.count()).select_from(events).where(events.c.position <= head)
        ).scalar_one()
    return Finding(
        "store",
        is_well=head == count,
        detail=f"{count} facts, the last at position {head}",
        cure="facts are missing: restore the log from a backup, then run doctor --restored",
    )


def _views(settings: Settings, store: Store) -> Finding:
    """The views belong to this log, are not ahead of it, and took in all that they met."""
    if not is_there(settings.views_url):
        cure = "serve once, or run: hearhear rebuild all"
        return Finding("views", is_well=False, detail="there is no such file", cure=cure)
    with closing(Views(settings.views_url)) as views:
        behind, parked = store.log.head() - views.tracking(), views.parked()
        is_of_this_log = views.epoch().startswith(store.log_id())
    return Finding(
        "views",
        is_well=is_of_this_log and behind >= 0 and not parked,
        detail=f"{behind} facts behind, {parked} parked"
        if is_of_this_log
        else "folded from another log, or from this one before it was restored",
        cure="run: hearhear rebuild all" if not parked else "mend the cause, then rebuild all",
    )


def _keys(store: Store) -> Finding:
    store.keys.attended("")
    return Finding("keys", is_well=True, detail="within reach")


def _server(engine: Engine) -> Iterator[Finding]:
    """What the database server should be set to."""
    with engine.connect() as connection:
        flushes = connection.exec_driver_sql(
            "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit"
        ).scalar_one()
    yield Finding(
        "flush at commit",
        is_well=flushes == 1,
        detail=f"innodb_flush_log_at_trx_commit is {flushes}",
        cure="set it to 1: else a power loss takes back what was acknowledged",
    )


def _kept_apart(settings: Settings) -> Finding:
    return Finding(
        "keys apart",
        is_well=settings.keys_url != settings.store_url,
        detail="personal keys lie in a database of their own"
        if settings.keys_url != settings.store_url
        else "personal keys lie beside the text they seal",
        cure="set HEARHEAR_KEYS_URL to another database, and back it up elsewhere",
    )


def _broker(host: str) -> Finding:
    """One host of the broker answers, and lets us in."""
    try:
        pika.BlockingConnection(parameters_of(host)).close()
    except (AMQPError, OSError) as error:
        reason = f"does not answer: {error!r}"
    else:
        return Finding("broker", is_well=True, detail="within reach")
    cure = "check HEARHEAR_BROKER_URL; meanwhile views are polled, every 250 ms"
    return Finding("broker", is_well=False, detail=reason, cure=cure)
