"""Listening: one attendee who listens to an ended talk: how it lands now, and where they jump.

Apart from the participation in the live talk, so that nothing a listener does ever
touches what the live audience chose.
"""

from collections import defaultdict, deque
from datetime import datetime

from domain.aggregate import TalkAggregate, talk_stream
from domain.pace import SEEKING, TICKING, Paced


class Listening(TalkAggregate, Paced):
    """One listener of one ended talk. Times are seconds of the recording."""

    TOPIC = "listening"

    class Event(TalkAggregate.Event):
        TOPIC = "listening.event"

    class Begun(TalkAggregate.Created, Event):
        """Somebody did something while listening for the first time."""

        TOPIC = "listening.begun"
        talk: str

    class Ticked(Event):
        """How the moment at ``media_s`` lands."""

        TOPIC = "listening.ticked"
        kind: str
        media_s: float

        def apply(self, listening: "Listening") -> None:
            listening.remember(TICKING, self.timestamp)

    class Sought(Event):
        """The listener went from one second of the recording to another."""

        TOPIC = "listening.sought"
        from_s: float
        to_s: float

        def apply(self, listening: "Listening") -> None:
            listening.remember(SEEKING, self.timestamp)

    def __init__(self, talk: str) -> None:
        self.talk = talk
        self.recent: defaultdict[str, deque[datetime]] = defaultdict(deque)

    @staticmethod
    def stream_of(talk: str, attendee: str) -> str:
        """Name the stream of a listener of a talk."""
        return f"{talk_stream(talk)}/listening/{attendee}"

    @classmethod
    def begin_for(cls, talk: str, attendee: str, *, at: datetime) -> "Listening":
        """Begin to listen."""
        return cls.begin(cls.Begun, cls.stream_of(talk, attendee), by=attendee, at=at, talk=talk)

    def tick(self, kind: str, media_s: float, *, by: str, at: datetime) -> None:
        """Tick how a moment of the recording lands."""
        self.record(self.Ticked, by=by, at=at, kind=kind, media_s=media_s)

    def seek(self, from_s: float, to_s: float, *, by: str, at: datetime) -> None:
        """Go to another second; to where one is changes nothing."""
        if from_s != to_s:
            self.record(self.Sought, by=by, at=at, from_s=from_s, to_s=to_s)
