"""Me: what concerns one attendee alone: name, roles, votes, and their items that are away."""

from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar

from domain.aggregate import Fact
from domain.participation import Participation
from domain.policy import ANONYMOUS
from domain.talk import Talk
from projections.desk import is_away, state_of
from projections.feed import Feed
from projections.patch import Document, Patch, merge
from projections.people import People
from projections.records import Item, Person
from projections.stage import Fold, attendee_of


def me(person: Person, votes: Iterable[str], items: Collection[Item]) -> Document:
    """Tell an attendee about themselves, whole."""
    return {
        "attendee": person.attendee,
        "name": person.name,
        "roles": person.roles,
        "votes": dict.fromkeys(votes, True),
        "items": {item.item: own_item(item) for item in items if is_away(item)},
        "muted_until": person.muted_until,
        "banned": person.banned,
        "nickname": person.nickname,
        "own": {item.item: True for item in items if is_unnamed(item)},
    }


def is_unnamed(item: Item) -> bool:
    """Tell whether only its author can tell that an item is theirs, and may still change it."""
    return item.names == ANONYMOUS and not (item.retracted or item.erased)


def own_item(item: Item) -> dict[str, str]:
    """Tell an author what became of their item; they know its words."""
    return {"kind": item.kind, "text": item.text, "state": state_of(item), "why": item.why}


class Me:
    """Folds what changes for single attendees."""

    def __init__(self, people: People, feed: Feed) -> None:
        self._people = people
        self._feed = feed
        self.patches: dict[str, Patch] = {}
        """Changes since the last time, by attendee."""
        self._away: dict[str, str] = {}
        """The items away from the room, each with the author who was told so."""
        self._own: set[str] = set()
        """What authors were told to be theirs, for nobody else can tell."""

    def change(self) -> dict[str, Patch]:
        """Return what changed for whom since the last time."""
        for item in self._feed.touched:
            self._tell_of(item)
        patches, self.patches = self.patches, {}
        return patches

    def _tell_of(self, item: Item) -> None:
        told = self._away.pop(item.item, "")
        if told:
            self._tell(told, {"items": {item.item: None}})
        if is_away(item):
            self._away[item.item] = item.attendee
            self._tell(item.attendee, {"items": {item.item: own_item(item)}})
        if is_unnamed(item) != (item.item in self._own):
            self._own ^= {item.item}
            self._tell(item.attendee, {"own": {item.item: is_unnamed(item) or None}})

    def _tell(self, attendee: str, patch: Patch) -> None:
        told = self.patches.get(attendee)
        self.patches[attendee] = merge(told, patch) if told else patch

    # Folds. They come after those of the people.

    def _joined(self, fact: Participation.Joined, _: int) -> None:
        self._tell(fact.attendee, {"attendee": fact.attendee, "name": fact.name})

    def _renamed(self, fact: Participation.Renamed, _: int) -> None:
        attendee = attendee_of(fact)
        self._tell(attendee, {"name": self._people.name_of(attendee)})

    def _vote_cast(self, fact: Participation.VoteCast, _: int) -> None:
        self._tell(fact.by, {"votes": {fact.question: True}})

    def _vote_withdrawn(self, fact: Participation.VoteWithdrawn, _: int) -> None:
        self._tell(fact.by, {"votes": {fact.question: None}})

    def _scheduled(self, fact: Talk.Scheduled, _: int) -> None:
        self._tell(fact.by, {"roles": {"host": True}})

    def _role_granted(self, fact: Talk.RoleGranted, _: int) -> None:
        self._tell(fact.attendee, {"roles": {fact.role: True}})

    def _role_withdrawn(self, fact: Talk.RoleWithdrawn, _: int) -> None:
        self._tell(fact.attendee, {"roles": {fact.role: None}})

    def _renicknamed(self, fact: Participation.Event, _: int) -> None:
        attendee = attendee_of(fact)
        self._tell(attendee, {"nickname": self._people.nickname_of(attendee)})

    def _banned(self, fact: Participation.Banned | Participation.Unbanned, _: int) -> None:
        attendee = attendee_of(fact)
        self._tell(attendee, {"banned": self._people.people[attendee].banned})

    def _muted(self, fact: Participation.Muted | Participation.Unmuted, _: int) -> None:
        attendee = attendee_of(fact)
        self._tell(attendee, {"muted_until": self._people.people[attendee].muted_until})

    def _erased(self, fact: Participation.Erased, _: int) -> None:
        attendee = attendee_of(fact)
        person = self._people.people[attendee]
        self._tell(attendee, {"name": person.name, "nickname": person.nickname})

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Participation.Joined: _joined,
        Participation.Renamed: _renamed,
        Participation.NicknameChosen: _renicknamed,
        Participation.NicknameCleared: _renicknamed,
        Participation.NicknameGivenBack: _renicknamed,
        Participation.VoteCast: _vote_cast,
        Participation.VoteWithdrawn: _vote_withdrawn,
        Participation.Muted: _muted,
        Participation.Unmuted: _muted,
        Participation.Banned: _banned,
        Participation.Unbanned: _banned,
        Participation.Erased: _erased,
        Talk.Scheduled: _scheduled,
        Talk.RoleGranted: _role_granted,
        Talk.RoleWithdrawn: _role_withdrawn,
    }
