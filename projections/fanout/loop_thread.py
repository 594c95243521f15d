"""A loop in a thread of its own, for callers that block: the projector, and writers."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for other threads until it is closed."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], *, within_s: float) -> T:
        """Block until it is done, and return or raise what it does.

        Raises TimeoutError when it takes longer, and ``concurrent.futures.CancelledError`` when
        the thread is closed.
        """
        if self._loop.is_closed():
            work.close()
            raise concurrent.futures.CancelledError("closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(within_s)
        except TimeoutError:
            future.cancel()
            raise

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have it called on the loop soon; nothing happens when the loop is closed."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    def close(self) -> None:
        """Cancel what is running, and end the thread."""
        if self._loop.is_closed():
            return
        with suppress(concurrent.futures.CancelledError, TimeoutError):
            self.run(self._cancel_all(), within_s=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel_all(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
