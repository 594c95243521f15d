"""The running system: what the composition root made, for the doors to use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.application import Hearhear
from domain.store import Store
from gateway.hub import Hub
from gateway.identity import Identity
from gateway.metrics import Metrics
from gateway.moments import Moments
from gateway.newcomers import Newcomers
from gateway.origins import Origins
from gateway.settings import Settings
from gateway.site_sessions import SiteSessions
from gateway.timelines import Timelines
from projections.models import Models


class Snapshot(Protocol):
    """A view at a position of its chain."""

    @property
    def epoch(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def view(self) -> dict[str, Any]: ...


class Found(Protocol):
    """An item with the second of the recording at which it was said."""

    @property
    def item(self) -> str: ...
    @property
    def at_s(self) -> float: ...
    @property
    def told(self) -> Mapping[str, Any]: ...


class Reading(Protocol):
    """What the plain door reads of the views. Blocks."""

    def talks(self) -> Sequence[Mapping[str, Any]]:
        """Tell all talks, the latest first."""

    def snapshot(self, talk: str, view: str) -> Snapshot | None:
        """Read a whole view; None while it is not there."""

    def feed(self, talk: str, *, before: int, limit: int) -> Mapping[str, Any]:
        """Tell what was said last, before a position, by id."""

    def search(self, talk: str, words: str, *, limit: int) -> Sequence[Found]:
        """Tell the first items that everybody may see and that hold some words."""

    def feedback(
        self,
        talk: str,
        *,
        bucket_s: int,
        kind: str,
        topic: str,
        since: float | None,
        until: float | None,
        after: int,
        together: bool,
    ) -> Sequence[Mapping[str, Any]]:
        """Tell ticks and people per bucket, topic and kind."""

    def epoch(self) -> str:
        """Tell which log and generation the positions of the views belong to."""

    def tracking(self) -> int:
        """Tell how far the views have come."""


@dataclass(frozen=True)
class System:
    """The parts of one process, each made once."""

    settings: Settings
    store: Store
    app: Hearhear
    views: Reading
    models: Models
    hub: Hub
    identity: Identity
    origins: Origins
    metrics: Metrics
    timelines: Timelines
    moments: Moments
    newcomers: Newcomers
    site_sessions: SiteSessions | None = None  # when the host site's cookie says who speaks
