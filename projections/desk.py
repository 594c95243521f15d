"""The desk: what moderators see beside the room: what it does not show, and who is who."""

from collections.abc import Iterable

from projections.feed import Feed
from projections.patch import Document, Patch
from projections.people import People
from projections.records import Item
from projections.shown import Record, Shown

LENGTH = 200


class Desk:
    """Shows the last 200 items away from the room, and the people moderators have dealt with.

    A person once on the desk stays there, for a record that holds a map never goes away.
    """

    def __init__(self, people: People, feed: Feed) -> None:
        self._people = people
        self._feed = feed
        self._items = Shown()
        self._shown_people = Shown()
        self._away: dict[str, Item] = {}
        self._begun = False

    def document(self) -> Document:
        """Tell what was shown last; the maps are the live ones, so encode or copy it at once."""
        return {
            "items": self._items.records,
            "people": self._shown_people.records,
            "reports": {},
        }

    def change(self) -> Patch:
        """Show the desk as it is; return what changed since the last time."""
        self._sort(self._feed.touched)
        parts = {"items": self._change_of_items(), "people": self._change_of_people()}
        if self._begun:
            return {name: change for name, change in parts.items() if change}
        self._begun = True
        return {**parts, "reports": {}}

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

    def _item(self, item: str) -> Record:
        said = self._away[item]
        return {
            "kind": said.kind,
            "by": said.by,
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
        return {
            "name": person.name,
            "roles": person.roles,
            "muted_until": person.muted_until,
            "banned": person.banned,
        }


def is_away(item: Item) -> bool:
    """Tell whether an item is not in the room, but may come (back)."""
    return state_of(item) != "shown" and not (item.retracted or item.erased)


def state_of(item: Item) -> str:
    """Tell in one word how an item stands: shown, held, rejected or hidden."""
    return "hidden" if item.hidden and item.standing == "shown" else item.standing
