"""The views as the hub reads them: on worker threads, a few at a time."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from gateway.hub import View
from gateway.rooms import Change
from projections.reading import Views

_THREADS = 4
_AT_ONCE = 200  # attendees in one reading
_Me = asyncio.Future[Mapping[str, Any]]
_Answer = TypeVar("_Answer")


class ViewsOnThreads:
    """Reads views for a loop that must not block. Close it when the hub is closed."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="views")
        self._asked: dict[str, dict[str, _Me]] = {}  # by talk and attendee
        self._answering: dict[str, asyncio.Task[None]] = {}  # by talk

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
        """Read the whole of what concerns one attendee.

        Who asks while another reading of the same talk is under way shares the next one, so a
        room that comes back all at once costs few readings.
        """
        asked = self._asked.setdefault(talk, {})
        answer = asked.setdefault(attendee, asyncio.get_running_loop().create_future())
        if talk not in self._answering:
            self._answering[talk] = asyncio.create_task(self._answer(talk))
        return await asyncio.shield(answer)

    async def _answer(self, talk: str) -> None:
        """Answer who asked, a bounded number at once, until nobody asks."""
        while asked := self._asked.pop(talk, {}):
            for some in _slices(list(asked), _AT_ONCE):
                try:
                    each = await self._read(partial(self._views.each, talk, some))
                except Exception as error:  # noqa: BLE001 - whoever asked is told
                    _fail([asked[attendee] for attendee in some], error)
                else:
                    _tell([(asked[attendee], each[attendee]) for attendee in some])
        del self._answering[talk]

    async def position(self) -> int:
        """Tell how far the views have come."""
        return await self._read(self._views.tracking)

    def close(self) -> None:
        """Let the threads end; what is being read is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _read(self, ask: Callable[[], _Answer]) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)


def _slices(everybody: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    for begin in range(0, len(everybody), length):
        yield everybody[begin : begin + length]


def _tell(answers: Iterable[tuple[_Me, Mapping[str, Any]]]) -> None:
    for answer, me in answers:
        if not answer.done():
            answer.set_result(me)


def _fail(answers: Iterable[_Me], error: Exception) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)
            answer.exception()  # whoever asked may have gone
