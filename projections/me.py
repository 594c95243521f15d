"""Me: what concerns one attendee alone: name, roles, votes, and their items that are away."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from domain.aggregate import Fact
from domain.participation import Participation
from domain.question import Question
from domain.talk import Talk
from projections.desk import is_away, state_of
from projections.feed import Feed, question_of
from projections.patch import Document, Patch, merge
from projections.people import People
from projections.records import Item, Person
from projections.stage import Fold, attendee_of


def me(person: Person, votes: Iterable[str], items: Iterable[Item]) -> Document:
    """Tell an attendee about themselves, whole."""
    return {
        "attendee": person.attendee,
        "name": person.name,
        "roles": person.roles,
        "votes": dict.fromkeys(votes, True),
        "items": {item.item: own_item(item) for item in items if is_away(item)},
        "muted_until": person.muted_until,
    }


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

    def change(self) -> dict[str, Patch]:
        """Return what changed for whom since the last time."""
        patches, self.patches = self.patches, {}
        return patches

    def _tell(self, attendee: str, patch: Patch) -> None:
        told = self.patches.get(attendee)
        self.patches[attendee] = merge(told, patch) if told else patch

    # Folds. They come after those of the people and of the feed.

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

    def _muted(self, fact: Participation.Muted | Participation.Unmuted, _: int) -> None:
        attendee = attendee_of(fact)
        self._tell(attendee, {"muted_until": self._people.people[attendee].muted_until})

    def _line_decided(self, fact: Any, _: int) -> None:
        self._decided(fact.line)

    def _question_decided(self, fact: Question.Event, _: int) -> None:
        self._decided(question_of(fact))

    def _decided(self, item: str) -> None:
        said = self._feed.items[item]
        told = own_item(said) if is_away(said) else None
        self._tell(said.attendee, {"items": {item: told}})

    def _erased(self, fact: Participation.Erased, _: int) -> None:
        attendee = attendee_of(fact)
        items = [one for one in self._feed.items.values() if one.attendee == attendee]
        gone = {item.item: None for item in items}
        self._tell(attendee, {"name": self._people.name_of(attendee), "items": gone})

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Participation.Joined: _joined,
        Participation.Renamed: _renamed,
        Participation.VoteCast: _vote_cast,
        Participation.VoteWithdrawn: _vote_withdrawn,
        Participation.Muted: _muted,
        Participation.Unmuted: _muted,
        Participation.LineHeld: _line_decided,
        Participation.LineApproved: _line_decided,
        Participation.LineReleased: _line_decided,
        Participation.LineRejected: _line_decided,
        Participation.LineReturned: _line_decided,
        Participation.LineEdited: _line_decided,
        Participation.LineRetracted: _line_decided,
        Participation.LineHidden: _line_decided,
        Participation.LineRestored: _line_decided,
        Participation.Erased: _erased,
        Question.Held: _question_decided,
        Question.Approved: _question_decided,
        Question.Released: _question_decided,
        Question.Rejected: _question_decided,
        Question.Returned: _question_decided,
        Question.Edited: _question_decided,
        Question.Withdrawn: _question_decided,
        Question.Hidden: _question_decided,
        Question.Revealed: _question_decided,
        Talk.Scheduled: _scheduled,
        Talk.RoleGranted: _role_granted,
        Talk.RoleWithdrawn: _role_withdrawn,
    }
