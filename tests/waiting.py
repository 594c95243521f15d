"""Waiting for what must become true: a condition and a deadline, never a bare sleep."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def eventually(
    condition: Callable[[], T], *, within_s: float = 5.0, every_s: float = 0.01, hint: str = ""
) -> T:
    """Ask until the answer is truthy, and return it; fail when the deadline has passed.

    An ``AssertionError`` raised by the condition counts as "not yet"; the last one is shown.
    Blocks the calling thread: inside a loop, await :func:`eventually_async`.
    """
    for answer in _answers(condition, within_s, hint):
        if answer:
            return answer
        time.sleep(every_s)
    raise AssertionError  # unreachable: _answers ends by raising


async def eventually_async(
    condition: Callable[[], T], *, within_s: float = 5.0, every_s: float = 0.01, hint: str = ""
) -> T:
    """Like :func:`eventually`, and lets the running loop go on between two questions."""
    for answer in _answers(condition, within_s, hint):
        if answer:
            return answer
        await asyncio.sleep(every_s)
    raise AssertionError  # unreachable: _answers ends by raising


def _answers(condition: Callable[[], T], within_s: float, hint: str) -> Iterator[T | None]:
    """Ask at least once, then until the deadline; then tell what was missing."""
    deadline = time.monotonic() + within_s
    while True:
        said: object
        try:
            said = answer = condition()
            yield answer
        except AssertionError as not_yet:
            said = not_yet
            yield None
        if time.monotonic() > deadline:
            what = hint or getattr(condition, "__name__", repr(condition))
            raise AssertionError(f"not within {within_s} s: {what} (last: {said!r})")
