"""How fast one person may act, counted over their own last acts alone."""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import TooFast


@dataclass(frozen=True)
class Pace:
    """At most ``acts`` of a kind within ``seconds``."""

    kind: str
    acts: int
    seconds: float


SAYING = Pace("saying", 10, 10)  # lines, replies and questions together
VOTING = Pace("voting", 60, 10)
TICKING = Pace("ticking", 20, 10)
SEEKING = Pace("seeking", 60, 10)


class Paced:
    """Somebody whose acts are counted; ``recent`` is made by whoever inherits it."""

    recent: defaultdict[str, deque[datetime]]

    def must_keep_pace(self, pace: Pace, at: datetime) -> None:
        """Refuse an act that would be one too many within the pace's seconds."""
        span = timedelta(seconds=pace.seconds)
        recent = [then for then in self.recent[pace.kind] if timedelta(0) <= at - then < span]
        if len(recent) >= pace.acts:
            wait = (recent[-pace.acts] + span - at).total_seconds()
            raise TooFast(
                f"at most {pace.acts} of these within {pace.seconds:g} seconds",
                retry_after_s=max(wait, 0.001),
            )

    def remember(self, pace: Pace, at: datetime) -> None:
        """Count an act towards its pace; only the last few matter."""
        recent = self.recent[pace.kind]
        recent.append(at)
        while len(recent) > pace.acts:
            recent.popleft()
