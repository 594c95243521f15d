"""Access: who read rows of a talk that name people. Nobody reads them without a trace."""

from datetime import datetime
from typing import ClassVar

from domain.aggregate import TalkAggregate, talk_stream


class Access(TalkAggregate):
    """The readings of one talk's raw rows, by analysts who may."""

    TOPIC = "access"

    class Event(TalkAggregate.Event):
        TOPIC = "access.event"

    class Begun(TalkAggregate.Created, Event):
        """Raw rows were asked for, for the first time."""

        TOPIC = "access.begun"
        talk: str

    class RowsRead(Event):
        """Somebody read a table with names and words; they need not have taken part."""

        TOPIC = "access.rows-read"
        SEALED: ClassVar = {"name": "by"}
        table: str
        name: str

    def __init__(self, talk: str) -> None:
        self.talk = talk

    @staticmethod
    def stream_of(talk: str) -> str:
        """Name the stream of the readings of a talk."""
        return f"{talk_stream(talk)}/access"

    @classmethod
    def begin_for(cls, talk: str, *, by: str, at: datetime) -> "Access":
        """Begin to keep account."""
        return cls.begin(cls.Begun, cls.stream_of(talk), by=by, at=at, talk=talk)

    def rows_read(self, table: str, name: str, *, by: str, at: datetime) -> None:
        """Record who read which table; each reading counts."""
        self.record(self.RowsRead, by=by, at=at, table=table, name=name)
