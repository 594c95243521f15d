"""From settings to a catcher that runs until it is told to stop."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from domain.application import Hearhear
from gateway.catching.bluesky import Bluesky
from gateway.catching.catcher import Catcher, Clock
from gateway.catching.cursors import Cursors
from gateway.catching.mastodon import Mastodon
from gateway.catching.source import Source
from gateway.catching.x import X
from gateway.outside import Outside
from gateway.serving import told_to_stop
from gateway.settings import Settings


def are_set(settings: Settings) -> bool:
    """Tell whether there is any source to follow."""
    return bool(settings.mastodon_url or settings.bluesky_url or settings.x_token)


def run(app: Hearhear, settings: Settings, talk: str, tell: Callable[[str], None]) -> None:
    """Catch until the talk ends, or the process is told to. Raises as :meth:`Catcher.run`."""
    asyncio.run(_run(app, settings, talk, tell))


async def _run(app: Hearhear, settings: Settings, talk: str, tell: Callable[[str], None]) -> None:
    outside = Outside(settings.callable_networks)

    def sources(talk: str, tags: Sequence[str]) -> list[Source]:
        return sources_of(settings, outside, talk, tags)

    cursors = await asyncio.to_thread(Cursors, app.store.log.engine)
    clock = Clock(now=time.monotonic, jitter=random.random)
    catching = asyncio.create_task(Catcher(app, talk, sources, cursors, clock, tell).run())

    def stop() -> None:
        catching.cancel()

    with told_to_stop(stop), suppress(asyncio.CancelledError):
        await catching


def sources_of(
    settings: Settings, outside: Outside, talk: str, tags: Sequence[str]
) -> list[Source]:
    """Make the sources that are set, for some hashtags."""
    found: list[Source] = []
    if settings.mastodon_url:
        url, token = settings.mastodon_url, settings.mastodon_token
        found += [Mastodon(outside, url, token, tag) for tag in tags]
    if settings.bluesky_url:
        found.append(Bluesky(outside, settings.bluesky_url, settings.bluesky_profiles, tags))
    if settings.x_token:
        found.append(X(outside, settings.x_url, settings.x_token, talk, tags))
    return found
