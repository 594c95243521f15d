"""The person behind attendees: all that is ever recorded is that they were erased."""

from datetime import datetime

from domain.aggregate import TalkAggregate


class Person(TalkAggregate):
    """A person of the installation. Their name and key lie in the key table, not here."""

    TOPIC = "person"

    class Event(TalkAggregate.Event):
        TOPIC = "person.event"

    class Erased(TalkAggregate.Created, Event):
        """The person asked to be forgotten; after a restore of the key table it is done again."""

        TOPIC = "person.erased"
        person: str

    def __init__(self, person: str) -> None:
        self.person = person

    @staticmethod
    def stream_of(person: str) -> str:
        """Name the stream of a person; it belongs to no talk."""
        return f"person/{person}"

    @classmethod
    def erase(cls, person: str, *, at: datetime) -> "Person":
        """Record that a person was erased."""
        return cls.begin(cls.Erased, cls.stream_of(person), by="", at=at, person=person)
