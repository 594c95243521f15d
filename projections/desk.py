"""The desk: what moderators see beside the room: what it does not show, and who is who.

Whose names the rules of the talk keep from the desk, it is not told either.
"""

from collections.abc import Iterable

from projections.ballot import Ballot
from projections.feed import Feed
from projections.invites import Invites
from projections.lately import Lately
from projections.patch import Document, Patch, diff
from projections.people import People, has_office
from projections.records import Item
from projections.shown import Record, Shown
from projections.stage import Stage

LENGTH = 200


class Desk:
    """Shows the last 200 items away from the room, and the people moderators have dealt with.

    A person once on the desk stays there, for a record that holds a map never goes away.
    Beside them: all rules of the talk, the invitations made, who said what the room shows
    without a name (where the desk may know), how many of a question's votes are guests', and
    how many were lost lately.
    """

    def __init__(
        self,
        stage: Stage,
        people: People,
        feed: Feed,
        ballot: Ballot,
        invites: Invites,
        lately: Lately,
    ) -> None:
        self._stage = stage
        self._people = people
        self._feed = feed
        self._ballot = ballot
        self._invites = invites
        self._lately = lately
        self._items = Shown()
        self._shown_people = Shown()
        self._authors = Shown()
        self._tallies = Shown()
        self._policy: Document = {}
        self._away: dict[str, Item] = {}
        self._begun = False

    def document(self) -> Document:
        """Tell what was shown last; the maps are the live ones, so encode or copy it at once."""
        return {
            "items": self._items.records,
            "people": self._shown_people.records,
            "authors": self._authors.records,
            "tallies": self._tallies.records,
            "invites": self._invites.shown.records,
            "policy": self._policy,
            "lately": self._lately.document,
            "reports": {},
        }

    def change(self) -> Patch:
        """Show the desk as it is, after the room; return what changed since the last time."""
        self._sort(self._feed.touched)
        parts = {
            "items": self._change_of_items(),
            "people": self._change_of_people(),
            "authors": self._change_of_authors(),
            "tallies": self._change_of_tallies(),
            "invites": self._invites.change(),
            "policy": self._change_of_policy(),
            "lately": self._lately.change(),
        }
        if self._begun:
            return {name: change for name, change in parts.items() if change}
        self._begun = True
        return {**parts, "lately": self._lately.document, "reports": {}}

    def _sort(self, items: Iterable[Item]) -> None:
        for item in items:
            if is_away(item):
                self._away[item.item] = item
            else:
                self._away.pop(item.item, None)

    def _change_of_items(self) -> Patch:
        last = sorted(self._away.values(), key=lambda item: item.position)[-LENGTH:]
        touched = {item.item for item in self._feed.touched}
        return self._items.turn([item.item for item in last], touched, self._item)

    def _change_of_people(self) -> Patch:
        touched = {person.attendee for person in self._people.touched if person.on_desk}
        wanted = touched | self._shown_people.records.keys()
        return self._shown_people.turn(wanted, touched, self._person)

    def _change_of_authors(self) -> Patch:
        if not self._feed.known_at_desk:
            return {}
        in_sight = self._feed.shown.records.keys() | self._ballot.shown.records.keys()
        touched = {item.item for item in self._feed.touched}
        return self._authors.turn(self._feed.known_at_desk & in_sight, touched, self._author)

    def _change_of_tallies(self) -> Patch:
        touched = {asked.question for asked in self._ballot.touched}
        return self._tallies.turn(self._ballot.shown.records, touched, self._tally)

    def _change_of_policy(self) -> Patch:
        if self._stage.card not in self._stage.touched:
            return {}
        change = diff(self._policy, self._stage.card.policy)
        self._policy = self._stage.card.policy
        return change

    def _author(self, item: str) -> Record:
        return self._feed.items[item].by_at_desk

    def _tally(self, question: str) -> Record:
        people = self._ballot.people_behind(question)
        signed_in = sum(self._people.is_signed_in(one) for one in people)
        return {"guests": len(people) - signed_in, "signed_in": signed_in}

    def _item(self, item: str) -> Record:
        said = self._away[item]
        return {
            "kind": said.kind,
            "by": said.by_at_desk,
            "text": said.text,
            "at": said.at,
            "position": said.position,
            "about": said.about,
            "source": said.source,
            "url": said.url,
            "state": state_of(said),
            "because": said.because,
            "release_at": said.release_at,
            "why": said.why,
            "decided_by": said.decided_by,
            "decided_at": said.decided_at,
        }

    def _person(self, attendee: str) -> Record:
        person = self._people.people[attendee]
        is_known = not self._people.are_unknown_to_desk or has_office(person)
        return {
            "name": self._people.name_at_desk(person),
            "roles": person.roles,
            "muted_until": person.muted_until if is_known else "",
            "banned": person.banned and is_known,
        }


def is_away(item: Item) -> bool:
    """Tell whether an item is not in the room, but may come (back)."""
    return state_of(item) != "shown" and not (item.retracted or item.erased)


def state_of(item: Item) -> str:
    """Tell in one word how an item stands: shown, held, rejected or hidden."""
    return "hidden" if item.hidden and item.standing == "shown" else item.standing
