"""The smallest application: people who post lines and a talk that grows topics.

For the tests of the writer, which don't care what is decided, only that it stands.
"""

from dataclasses import dataclass, field
from uuid import uuid4

from builders import HAL, NOON

from domain.errors import NotFound, NotOpen
from domain.participation import ModeratedLine, Participation
from domain.store import GroupCommit, Store, Work
from domain.talk import Talk


@dataclass(frozen=True)
class Ask:
    """``what`` is done by a person: a line, a topic, or something that goes wrong."""

    actor: str = "ann"
    what: str = "line"
    text: str = "Hello"
    talk: str = "talk-1"
    command_id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def streams(self) -> list[str]:
        return [f"talk/{self.talk}"]

    @property
    def body(self) -> bytes:
        return f"{self.what} {self.text}".encode()


class Saying:
    """Decides what is asked; counts how often it was asked to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.decisions = 0

    def __call__(self, work: Work, ask: Ask) -> dict[str, str]:
        self.decisions += 1
        match ask.what:
            case "line":
                return self.line(work, ask)
            case "topic":
                return self.topic(work, ask)
            case "nothing":
                return {}
            case "refused":
                raise NotOpen("not now")
            case "failing":
                self.line(work, ask)
                raise ZeroDivisionError
            case "unwritable":
                return self.line(work, Ask(actor=ask.actor, text="\ud800"))
            case "hide":
                return self.hide(work, ask)
            case what:
                raise AssertionError(what)

    def line(self, work: Work, ask: Ask) -> dict[str, str]:
        attendee = self.store.keys.attendee(ask.actor, ask.talk)
        participation = work.get(Participation, Participation.stream_of(ask.talk, attendee))
        if participation is None:
            participation = Participation.join(
                ask.talk, attendee, ask.actor.title(), signed_in=False, at=NOON
            )
            work.add(participation)
        line = str(uuid4())
        participation.post_line(line, ask.text, at=NOON)
        return {"line": line}

    def topic(self, work: Work, ask: Ask) -> dict[str, str]:
        talk = work.get(Talk, f"talk/{ask.talk}")
        if talk is None:
            talk = Talk.schedule(
                ask.talk, title="Pricing", starts_at="", kinds={}, policy={}, by=HAL, at=NOON
            )
            work.add(talk)
        topic = str(len(talk.topics))  # two decisions on one state would give one id twice
        talk.introduce_topic(topic, ask.text, by=HAL, at=NOON)
        return {"topic": topic}

    def hide(self, work: Work, ask: Ask) -> dict[str, str]:
        stream = work.item_stream(ask.text)
        participation = work.get(Participation, stream) if stream else None
        if participation is None:
            raise NotFound("no such line")
        ModeratedLine(participation, ask.text).hide("", by="", at=NOON)
        return {}


def saying(store: Store, **options: float) -> GroupCommit[Ask]:
    """Open a writer for such an application."""
    return GroupCommit(store, decide=Saying(store), **options)
