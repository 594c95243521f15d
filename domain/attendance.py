"""Attendance: how many people were present, sampled by the steward."""

from datetime import datetime

from domain.aggregate import TalkAggregate, talk_stream


class Attendance(TalkAggregate):
    """The samples of one talk; the people themselves are not facts, only their number."""

    TOPIC = "attendance"

    class Event(TalkAggregate.Event):
        TOPIC = "attendance.event"

    class Begun(TalkAggregate.Created, Event):
        TOPIC = "attendance.begun"
        talk: str

    class Sampled(Event):
        TOPIC = "attendance.sampled"
        present: int

        def apply(self, attendance: "Attendance") -> None:
            attendance.sampled_at = self.timestamp

    def __init__(self, talk: str) -> None:
        self.talk = talk
        self.sampled_at: datetime | None = None

    @staticmethod
    def stream_of(talk: str) -> str:
        """Name the stream of a talk's attendance."""
        return f"{talk_stream(talk)}/attendance"

    @classmethod
    def begin_for(cls, talk: str, *, at: datetime) -> "Attendance":
        """Begin to sample."""
        return cls.begin(cls.Begun, cls.stream_of(talk), by="", at=at, talk=talk)

    def sample(self, present: int, *, at: datetime) -> None:
        """Record how many people were present at a moment."""
        self.record(self.Sampled, by="", at=at, present=present)
