"""The steward: work that is due by time, done as ordinary commands.

Command ids are made from what is due, so that a kill neither loses nor doubles it. One
of several stewards works at a time: see ``turns``.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import structlog

from domain.commands import Command, ReleaseItem, SampleAttendance
from domain.errors import Refused

SAMPLE_EVERY_S = 10
_DUE = uuid5(NAMESPACE_URL, "hearhear:due")

Submit = Callable[[str, Command, str, datetime], object]
"""Has a command decided: talk, command, its id, when it was due. Blocks; may raise ``Refused``."""

_log = structlog.get_logger(__name__)


class Steward:
    """Releases held items in time, and samples how many people are present.

    Samples are taken at most every ten seconds in each live talk. A talk that nobody has
    come to is not sampled: it may be a recorded session on its way in. ``live`` tells the
    live talks, ``present`` how many people are in which talk, and ``to_release`` the held
    items (talk, item, when) whose time has come by a moment.
    """

    def __init__(
        self,
        *,
        live: Callable[[], Iterable[str]],
        present: Callable[[], Mapping[str, int]],
        to_release: Callable[[datetime], Iterable[tuple[str, str, str]]],
        submit: Submit,
        now: Callable[[], datetime],
    ) -> None:
        self._live = live
        self._present = present
        self._to_release = to_release
        self._submit = submit
        self._now = now
        self._sampled: dict[str, tuple[int, int]] = {}
        """For each live talk: the last ten seconds looked at, and how many were present."""

    def step(self) -> None:
        """Do what is due now."""
        self._release_held()
        self._sample_attendance()

    def _release_held(self) -> None:
        for talk, item, due_at in self._to_release(self._now()):
            self._ask(talk, ReleaseItem(item=item), f"release/{item}/{due_at}")

    def _sample_attendance(self) -> None:
        slot = int(self._now().timestamp()) // SAMPLE_EVERY_S
        present, live = self._present(), set(self._live())
        for talk in live:
            count = present.get(talk, 0)
            last_slot, last_count = self._sampled.get(talk, (-1, 0))
            if slot > last_slot and count != last_count:
                self._sample(talk, count, slot)
        self._sampled = {talk: seen for talk, seen in self._sampled.items() if talk in live}

    def _sample(self, talk: str, count: int, slot: int) -> None:
        self._ask(talk, SampleAttendance(present=count), f"attendance/{talk}/{slot}")
        self._sampled[talk] = (slot, count)

    def _ask(self, talk: str, command: Command, due: str) -> None:
        try:
            self._submit(talk, command, str(uuid5(_DUE, due)), self._now())
        except Refused as refused:  # by a steward before us, or the talk has just ended
            _log.info("steward.refused", talk=talk, reason=refused.reason)
