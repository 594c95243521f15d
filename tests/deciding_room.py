"""A talk decided in memory: commands in, facts and folded views out, no store in between."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import orjson
from builders import HAL, MIA, NOON, TALK, later
from work_in_memory import Memory

from domain import commands
from domain.act import Act, must_include
from domain.deciding import Deciding
from domain.participation import Participation
from domain.policy import DEFAULT
from domain.speaker import Speaker
from domain.talk import Talk
from projections.talk_views import ROOM, TalkViews


class Room:
    """A talk in which anybody can ask for anything."""

    def __init__(self, talk: Talk) -> None:
        self.work = Memory(talk)
        self.talk = talk
        self.ids: Iterator[int] = count(1)

    def __call__(
        self,
        who: str,
        command: commands.Command,
        *,
        at: float = 0,
        imported: bool = False,
        signed_in: bool = False,
    ) -> dict[str, str]:
        act = Act(
            work=self.work,
            talk=self.talk,
            by=who,
            speaker=Speaker(f"person-{who}", who.title(), signed_in=signed_in),
            at=later(at),
            imported=imported,
            new_id=lambda: f"id-{next(self.ids)}",
            author=getattr(command, "author", ""),
        )
        return Deciding().decide(act, command)


class Watched(Room):
    """The same, with every command's facts committed at once and folded into the views."""

    def __init__(self, *, started: bool = True) -> None:
        talk = Talk.schedule(
            TALK, title="Pricing", starts_at="", kinds={}, policy=DEFAULT, by=HAL, at=NOON
        )
        super().__init__(talk)
        self.views = TalkViews(TALK)
        self.on_me: Callable[[Mapping[str, Any]], None] = lambda _: None
        self.work.add(Participation.join(TALK, HAL, "Hal", signed_in=False, at=NOON))
        if not started:
            return
        self(HAL, commands.StartTalk())
        self(MIA, commands.PostLine(text="Welcome"))
        self(HAL, commands.GrantRole(attendee=MIA, role="moderator"))

    def __call__(
        self,
        who: str,
        command: commands.Command,
        *,
        at: float = 0,
        imported: bool = False,
        signed_in: bool = False,
    ) -> dict[str, str]:
        must_include(Speaker(f"person-{who}", who.title()), self.talk, who, command)
        result = super().__call__(who, command, at=at, imported=imported, signed_in=signed_in)
        before = len(self.work.facts)
        self.work.recorded()
        for position, fact in enumerate(self.work.facts[before:], before + 1):
            self.views.fold(fact, position)
        changes = self.views.change()
        self.redacted = changes.redacts
        self.on_me(changes.me)
        return result

    @property
    def position(self) -> int:
        """Tell the position of the last fact."""
        return len(self.work.facts)

    def document(self, view: str = ROOM) -> Any:
        """Tell what a view shows, as a reader would parse it."""
        return orjson.loads(orjson.dumps(self.views.document(view)))

    def feed(self) -> dict[str, str]:
        """Tell the texts of the feed."""
        return {item: said["text"] for item, said in self.document()["feed"].items()}

    def votes(self, question: str) -> int:
        """Tell a question's tally as the room sees it."""
        votes: int = self.document()["questions"][question]["votes"]
        return votes
