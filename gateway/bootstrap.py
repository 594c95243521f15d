"""The composition root: settings become a running system.

Each part is opened here, once, and closed in the opposite order. Nothing else knows
which implementation the settings choose.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Literal, Protocol
from uuid import uuid4

import structlog
import uvloop
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from domain.application import Hearhear
from domain.clock import utc_now
from domain.store import Store, open_store
from gateway.codes import UsedCodesInStore
from gateway.http.door import application
from gateway.hub import Hub
from gateway.identity import Identity
from gateway.live import live_routes
from gateway.logs import configure_log
from gateway.metrics import Metrics
from gateway.moments import Moments
from gateway.newcomers import Newcomers
from gateway.origins import Origins
from gateway.presence import TELL_EVERY_S, Presence, Present
from gateway.projecting import keeping_timelines, projecting, running_errands, stewarding
from gateway.serving import Server, collect_seldom, listening, told_to_stop
from gateway.settings import Settings, with_kept_secrets
from gateway.site_sessions import SessionPage, SiteSessions
from gateway.site_tokens import SiteTokens, keys_from
from gateway.system import System
from gateway.timelines import Timelines
from gateway.viewing import ViewsOnThreads
from projections.fanout import Fanout, open_fanout
from projections.models import Models
from projections.projector import open_views
from projections.reading import Views

Role = Literal["serve", "gateway", "projector"]
DRAINS_S = 1.0
"""Seconds in which a gateway that was told to end tells its proxy that it is not ready."""

OnReady = Callable[[System], None]

_log = structlog.get_logger(__name__)


def new_id() -> str:
    """Make an id that nobody else makes."""
    return str(uuid4())


@asynccontextmanager
async def running(settings: Settings, role: Role = "serve") -> AsyncIterator[System]:
    """Assemble a gateway, with projector and steward when it serves alone; stop it when left.

    ``role`` is serve or gateway; a projector without a gateway is :func:`projector_running`.
    """
    settings = with_kept_secrets(settings)
    name = new_id()
    async with AsyncExitStack() as stack:
        store = stack.enter_context(open_store(settings.store_url, settings.keys_url))
        fanout = stack.enter_context(open_fanout(settings.broker_url))
        if role == "serve":
            stack.enter_context(projecting(settings, store, fanout, name))
        app = stack.enter_context(closing(_application(settings, store, fanout)))
        views = stack.enter_context(closing(Views(settings.views_url)))
        models = stack.enter_context(closing(Models(open_views(settings.views_url))))
        presence = stack.enter_context(closing(presence_at(settings, name)))
        if role == "serve":
            stack.enter_context(stewarding(settings, app, views, presence, name))
            stack.enter_context(keeping_timelines(settings, store, views, name))
            stack.enter_context(running_errands(settings, store, name))
        hub = await stack.enter_async_context(delivering(settings, views, fanout))
        await stack.enter_async_context(counting(hub, presence))
        yield System(
            settings=settings,
            store=store,
            app=app,
            views=views,
            models=models,
            hub=hub,
            identity=_identity(settings, store),
            origins=Origins(settings),
            metrics=_metrics(store, views, hub),
            timelines=Timelines(store),
            moments=Moments(store),
            newcomers=Newcomers(settings.sessions_per_address, time.monotonic),
            site_sessions=stack.enter_context(_site_sessions(settings)),
        )


@contextmanager
def projector_running(settings: Settings) -> Iterator[None]:
    """Assemble a projector and a steward without a gateway; stop them when left."""
    settings = with_kept_secrets(settings)
    name = new_id()
    with (
        open_store(settings.store_url, settings.keys_url) as store,
        open_fanout(settings.broker_url) as fanout,
        projecting(settings, store, fanout, name),
        closing(_application(settings, store, fanout)) as app,
        closing(Views(settings.views_url)) as views,
        closing(presence_at(settings, name)) as presence,
        stewarding(settings, app, views, presence, name),
        keeping_timelines(settings, store, views, name),
        running_errands(settings, store, name),
    ):
        yield


@contextmanager
def deciding(settings: Settings) -> Iterator[Hearhear]:
    """Assemble an application alone, for a command that hands in commands of its own."""
    with (
        open_store(settings.store_url, settings.keys_url) as store,
        open_fanout(settings.broker_url) as fanout,
        closing(_application(settings, store, fanout)) as app,
    ):
        yield app


def _application(settings: Settings, store: Store, fanout: Fanout) -> Hearhear:
    nudger = fanout.nudger()
    return Hearhear(
        store,
        now=utc_now,
        new_id=new_id,
        guests_schedule=settings.is_embedded,
        on_commit=lambda _: nudger.nudge(),
    )


def presence_at(settings: Settings, name: str) -> Presence:
    """Open the counts of all gateways, to tell those of one that has a name."""
    return Presence(open_views(settings.views_url), gateway=name, now=time.time)


class Counted(Protocol):
    """Where people are connected, and what it hears of others."""

    elsewhere: Mapping[str, Present]

    def talks_present(self) -> Mapping[str, Present]:
        """Tell who is connected here, by talk."""


@asynccontextmanager
async def counting(hub: Counted, presence: Presence) -> AsyncIterator[None]:
    """Tell the other processes how many people are connected here, and hear of theirs."""

    async def tell() -> None:
        while True:
            try:
                here = hub.talks_present()
                await asyncio.to_thread(presence.tell, here)
                hub.elsewhere = await asyncio.to_thread(presence.elsewhere) if here else {}
            except SQLAlchemyError as error:
                _log.warning("presence.untold", error=type(error).__name__)
            await asyncio.sleep(TELL_EVERY_S)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


@asynccontextmanager
async def delivering(settings: Settings, views: Views, fanout: Fanout) -> AsyncIterator[Hub]:
    """Let a hub hear what is published; it is bound before anybody is let in."""
    reading = ViewsOnThreads(views)
    hub = Hub(
        reading,
        window_s=settings.window_ms / 1000,
        now=time.monotonic,
        later=asyncio.get_running_loop().call_later,
        jitter=random.random,
    )
    subscriber = fanout.subscriber(on_message=hub.deliver, on_bound=hub.bound, on_lost=hub.lost)
    await subscriber.start()
    beating = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        await hub.close()
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await subscriber.close()
        reading.close()


def _identity(settings: Settings, store: Store) -> Identity:
    codes = UsedCodesInStore(store.log.engine, utc_now)
    verifiers = []
    if settings.jwt_keys:
        keys = keys_from(settings.jwt_keys)
        verifiers.append(SiteTokens(keys, settings.jwt_audience, utc_now))
    return Identity(
        settings.secrets, used_codes=codes, now=utc_now, new_id=new_id, verifiers=verifiers
    )


@contextmanager
def _site_sessions(settings: Settings) -> Iterator[SiteSessions | None]:
    if not settings.site_session_url:
        yield None
        return
    page = SessionPage(settings.site_session_url, settings.site_cookie)
    with closing(SiteSessions(page, time.monotonic)) as sessions:
        yield sessions


def _metrics(store: Store, views: Views, hub: Hub) -> Metrics:
    def lag() -> int:
        followed = views.tracking()  # first: what is recorded meanwhile is behind it
        return max(0, store.log.head() - followed)

    metrics = Metrics()
    metrics.watch("hearhear_log_position", "Position of the last fact.", store.log.head)
    metrics.watch("hearhear_views_position", "How far the views have come.", views.tracking)
    metrics.watch("hearhear_views_lag", "Facts that the views have not taken in yet.", lag)
    metrics.watch("hearhear_facts_parked", "Facts that the views could not take in.", views.parked)
    metrics.watch(
        "hearhear_people_present",
        "People connected to this gateway, counted once per talk.",
        lambda: sum(here.people for here in hub.talks_present().values()),
    )
    metrics.watch(
        "hearhear_fanout_silent",
        "Whether the fan-out can't be relied on and views are polled.",
        lambda: float(hub.is_silent),
    )
    return metrics


def create_app(system: System, more_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Make the ASGI application of a running system: both doors, and what else is given."""
    return application(system, [*live_routes(system), *more_routes])


def serve(
    settings: Settings,
    role: Role = "serve",
    *,
    on_ready: OnReady = lambda _: None,
    more_routes: Sequence[BaseRoute] = (),
) -> None:
    """Run until told to stop by SIGTERM or Ctrl-C, then end within 10 seconds.

    ``on_ready`` is called on the loop once requests are taken. Raises ``OSError`` when
    the address is taken.
    """
    configure_log(settings.log)
    work = (
        _project(settings) if role == "projector" else _serve(settings, role, on_ready, more_routes)
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def _serve(
    settings: Settings, role: Role, on_ready: OnReady, more_routes: Sequence[BaseRoute]
) -> None:
    with listening(settings.host, settings.port) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        async with running(settings, role) as system:
            server = Server(
                create_app(system, more_routes),
                settings,
                on_started=lambda: on_ready(system),
                before_end=partial(_drain, system.hub, wait_s=0 if role == "serve" else DRAINS_S),
            )
            with told_to_stop(server.stop):
                await server.serve([listener])


async def _drain(hub: Hub, *, wait_s: float) -> None:
    """Be not ready for a moment, in which commands under way are answered; then say goodbye."""
    hub.let_nobody_in()
    await asyncio.sleep(wait_s)
    await hub.close()


async def _project(settings: Settings) -> None:
    stopped = asyncio.Event()
    with projector_running(settings), told_to_stop(stopped.set):
        collect_seldom()
        await stopped.wait()


def first_host_link(system: System) -> str | None:
    """Make a link that lets one person be host everywhere; none once something was recorded."""
    if system.store.log.head():
        return None
    code = system.identity.code_for(system.identity.invited("Host", role="host"))
    return f"{system.settings.site}/#code={code}"
