"""A clock that stands still until a test turns it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class Call:
    """A call to come."""

    at: float
    what: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


class ManualClock:
    """Seconds that pass when told to; what is due by then is called, in order."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._calls: list[Call] = []

    def now(self) -> float:
        return self.now_s

    def later(self, delay_s: float, what: Callable[[], None]) -> Call:
        call = Call(self.now_s + delay_s, what)
        self._calls.append(call)
        return call

    def pass_(self, seconds: float) -> None:
        until = self.now_s + seconds
        while due := [c for c in self._calls if c.at <= until and not c.is_cancelled]:
            call = min(due, key=lambda c: c.at)
            self._calls.remove(call)
            self.now_s = max(self.now_s, call.at)
            call.what()
        self.now_s = until

    def stall(self, seconds: float) -> None:
        """Let time pass while nothing can be called; what was due is called late."""
        self.now_s += seconds
        self.pass_(0)
