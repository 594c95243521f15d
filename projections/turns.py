"""Work that one of several processes does at a time, step by step, in a thread of its own."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from projections.lease import Lease

EVERY_S = 1.0

_log = structlog.get_logger(__name__)


class Turns:
    """Takes steps while it is this process's turn, which the lease tells.

    ``step`` does what is due. ``rest`` is called when it is another's turn, so that nothing
    is believed that the other may change. Troubles are told and waited out.
    """

    def __init__(
        self,
        name: str,
        lease: Lease,
        step: Callable[[], None],
        *,
        rest: Callable[[], None] = lambda: None,
        every_s: float = EVERY_S,
    ) -> None:
        self._name = name
        self._lease = lease
        self._step = step
        self._rest = rest
        self._every_s = every_s
        self._stopping = threading.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether a long step should come to its end."""
        return self._stopping.is_set()

    def run(self) -> None:
        """Take steps until stopped, then let another take over at once."""
        while not self._stopping.wait(self._every_s):
            self._guarded(self.take)
        self._guarded(self._lease.give_back)

    def stop(self) -> None:
        """End ``run`` after the step under way; from any thread."""
        self._stopping.set()

    def take(self) -> None:
        """Take one step, if it is our turn."""
        if self._lease.take():
            self._step()
        else:
            self._rest()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except SQLAlchemyError as error:  # its text may quote what people wrote
            _log.warning("work.troubled", work=self._name, error=type(error).__name__)
        except Exception:  # noqa: BLE001 - told, and tried again
            _log.exception("work.failed", work=self._name)
