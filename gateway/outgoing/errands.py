"""Errands follow the log and do something outside for some facts, each in order, none left out.

One process at a time runs them (see ``projections.turns``). What fails is tried again after a
while that grows; meanwhile the other errands go on. An errand is done at least once for
each fact: whoever receives it twice knows that by its id.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from domain.store import Recorded, Store
from domain.store.log import StoredFact
from gateway.outgoing.cursors import Cursors

FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 4 * 3600.0
TRIES = 24
"""After so many tries, spread over about three days, a fact is left and the errand goes on."""

_BATCH = 1_000
_UNSAVED = 10_000  # facts of no interest that may be read again after a kill

_log = structlog.get_logger(__name__)


class ErrandFailed(Exception):  # noqa: N818 - named like the fact it tells
    """It could not be done now. ``retry_in_s`` is when the other side wants it tried again.

    ``is_final``: it never will be, so that trying again is no use.
    """

    def __init__(self, why: str, *, retry_in_s: float = 0.0, is_final: bool = False) -> None:
        super().__init__(why)
        self.retry_in_s = retry_in_s
        self.is_final = is_final


class Errand(Protocol):
    """What is to be done, for which facts."""

    name: str
    """Stored with its cursor: it never changes, and differs from all others."""
    facts: frozenset[str]
    """The stored names of the facts that it is about."""

    def do(self, recorded: Recorded) -> None:
        """Do it for one fact; raises ``ErrandFailed``. Blocks."""


class Errands:
    """All errands of an installation; one that is new is about what happens from here on.

    ``now`` is a monotonic clock; ``jitter`` gives numbers from 0 to 1, so that many
    installations don't come back at the same moment.
    """

    def __init__(
        self,
        store: Store,
        errands: Sequence[Errand],
        *,
        now: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        cursors = Cursors(store.log.engine)
        self._followers = [_Follower(one, store, cursors, now, jitter) for one in errands]

    def step(self) -> None:
        """Do what is due."""
        for follower in self._followers:
            follower.step()

    def rest(self) -> None:
        """Forget where the errands are: another process goes on with them."""
        for follower in self._followers:
            follower.forget()


class _Follower:
    """One errand on its way through the log."""

    def __init__(
        self,
        errand: Errand,
        store: Store,
        cursors: Cursors,
        now: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self._errand = errand
        self._store = store
        self._cursors = cursors
        self._now = now
        self._jitter = jitter
        self._position: int | None = None
        """Done up to here; set while it is our turn."""
        self._saved = 0
        self._tries = 0
        self._due_at = 0.0
        self._look_up()

    def step(self) -> None:
        """Take in a batch of facts, unless one of them still waits to be tried again."""
        if self._now() < self._due_at:
            return
        after = self._taken_up()
        for stored in self._store.log.read(after, _BATCH):
            if stored.name in self._errand.facts:
                if not self._done(stored):
                    return
                self._position = stored.position
                self.save()
            self._position = stored.position
        if self._position is not None and self._position - self._saved >= _UNSAVED:
            self.save()

    def save(self) -> None:
        """Remember how far it is."""
        if self._position is not None and self._position > self._saved:
            self._cursors.move(self._errand.name, self._store.log_id(), self._position)
            self._saved = self._position

    def forget(self) -> None:
        """Another process goes on with it."""
        self._position = None

    def _taken_up(self) -> int:
        if self._position is None:
            self._position = self._saved = self._look_up()
        return self._position

    def _look_up(self) -> int:
        return self._cursors.of(self._errand.name, self._store.log_id(), self._store.log.head())

    def _done(self, stored: StoredFact) -> bool:
        """Try it; False when it is to be tried again later."""
        try:
            self._errand.do(self._store.decode(stored))
        except ErrandFailed as failed:
            return self._is_given_up(stored, failed)
        except Exception as error:  # noqa: BLE001 - told; a mistake of ours holds up no other errand
            _log.exception("errand.failed", errand=self._errand.name, position=stored.position)
            return self._is_given_up(stored, ErrandFailed(type(error).__name__))
        self._tries = 0
        return True

    def _is_given_up(self, stored: StoredFact, failed: ErrandFailed) -> bool:
        self._tries += 1
        told = {
            "errand": self._errand.name,
            "position": stored.position,
            "fact": stored.name,
            "why": str(failed),
        }
        if failed.is_final or self._tries >= TRIES:
            _log.error("errand.given_up", tries=self._tries, **told)
            self._tries = 0
            return True
        growing = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** (self._tries - 1))
        wait_s = max(failed.retry_in_s, growing * (0.75 + self._jitter() / 2))
        self._due_at = self._now() + wait_s
        _log.warning("errand.put_off", tries=self._tries, retry_in_s=round(wait_s), **told)
        return False
