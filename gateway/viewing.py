"""The views as the hub reads them: on worker threads, a few at a time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from gateway.hub import View
from gateway.rooms import Change
from projections.reading import Views

_THREADS = 4
_Answer = TypeVar("_Answer")


class ViewsOnThreads:
    """Reads views for a loop that must not block. Close it when the hub is closed."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="views")

    async def view(self, talk: str, view: str) -> View | None:
        """Read a whole view; None while its talk has none."""
        snapshot = await self._read(lambda: self._views.snapshot(talk, view))
        if snapshot is None:
            return None
        return View(snapshot.epoch, snapshot.position, snapshot.view)

    async def changes(
        self, talk: str, view: str, epoch: str, after: int
    ) -> Sequence[Change] | None:
        """Read what changed after a position; None when it can't be reached from there."""
        found = await self._read(lambda: self._views.patches(talk, view, epoch, after))
        if found is None:
            return None
        return [
            Change(
                epoch=epoch,
                prev=one.prev,
                position=one.position,
                patch=one.patch,
                redacts=one.redacts,
            )
            for one in found
        ]

    async def me(self, talk: str, attendee: str) -> Mapping[str, Any]:
        """Read the whole of what concerns one attendee."""
        return await self._read(lambda: self._views.me(talk, attendee))

    async def position(self) -> int:
        """Tell how far the views have come."""
        return await self._read(self._views.tracking)

    def close(self) -> None:
        """Let the threads end; what is being read is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _read(self, ask: Callable[[], _Answer]) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
