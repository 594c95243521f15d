"""The feed: what was said last, lines and questions in one list, in order of posting."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

from domain.aggregate import Fact
from domain.clock import iso
from domain.participation import Participation
from domain.question import Question
from projections.patch import Patch
from projections.people import People
from projections.records import ERASED, Item
from projections.shown import Shown
from projections.stage import Fold, Stage, attendee_of

LENGTH = 200


class Feed:
    """Folds everything said; shows the last 200 items that the room may see.

    When one of them is taken out, an older one comes back in; an edit keeps its place.
    """

    def __init__(self, stage: Stage, people: People) -> None:
        self._stage = stage
        self._people = people
        self.items: dict[str, Item] = {}
        self.touched: set[Item] = set()
        self.shown = Shown()
        self.has_taken_out = False
        """Whether something was taken from people's eyes since the last change."""
        self._visible: list[tuple[int, str]] = []
        self._of: defaultdict[str, list[Item]] = defaultdict(list)

    def load(self, items: list[Item]) -> None:
        """Take up where the rows are."""
        for item in sorted(items, key=lambda item: item.position):
            self._post(item)

    def change(self) -> Patch:
        """Show the feed as it is; return what changed since the last time."""
        if not self.touched:
            return {}
        last = [item for _, item in self._visible[-LENGTH:]]
        return self.shown.turn(last, {item.item for item in self.touched}, self.record)

    def record(self, item: str) -> dict[str, Any]:
        """Tell everybody about an item."""
        said = self.items[item]
        return {
            "kind": said.kind,
            "by": said.by,
            "text": said.text,
            "at": said.at,
            "position": said.position,
            "about": "",
            "source": "",
            "url": "",
            "edited": said.edited,
            "pinned": said.pinned,
        }

    def conceal(self, items: set[str]) -> None:
        """Take items out that must not be seen any more, whatever the facts so far say."""
        for item in items & self.items.keys():
            self._turn(self.items[item], retracted=True)

    def _post(self, item: Item) -> None:
        self.items[item.item] = item
        self._of[item.attendee].append(item)
        if item.is_visible:
            insort(self._visible, (item.position, item.item))
        self.touched.add(item)

    def _turn(self, item: Item, **fields: Any) -> None:
        """Change an item, and show it or take it out accordingly."""
        was_visible = item.is_visible
        for name, value in fields.items():
            setattr(item, name, value)
        if item.retracted or item.erased:
            item.text = ""
            self.has_taken_out = True
        place = (item.position, item.item)
        if item.is_visible and not was_visible:
            insort(self._visible, place)
        if was_visible and not item.is_visible:
            del self._visible[bisect_left(self._visible, place)]
            self.has_taken_out = True
        self.touched.add(item)

    def _edit(self, item: Item, text: str) -> None:
        self._turn(item, text=text, edited=True)

    def _hide(self, item: Item, fact: Participation.LineHidden | Question.Hidden) -> None:
        at = iso(fact.timestamp)
        self._turn(item, hidden=True, why=fact.why, decided_by=fact.by, decided_at=at)
        self._people.bring_to_desk(item.attendee)

    def _restore(self, item: Item) -> None:
        self._turn(item, hidden=False, why="", decided_by="", decided_at="")

    # Folds.

    def _line_posted(self, fact: Participation.LinePosted, position: int) -> None:
        at = fact.timestamp
        name = self._people.name_of(fact.by)
        second = self._stage.second(at)
        self._post(Item(fact.line, "line", fact.by, name, fact.text, iso(at), second, position))

    def _line_edited(self, fact: Participation.LineEdited, _: int) -> None:
        self._edit(self.items[fact.line], fact.text)

    def _line_retracted(self, fact: Participation.LineRetracted, _: int) -> None:
        self._turn(self.items[fact.line], retracted=True)

    def _line_hidden(self, fact: Participation.LineHidden, _: int) -> None:
        self._hide(self.items[fact.line], fact)

    def _line_restored(self, fact: Participation.LineRestored, _: int) -> None:
        self._restore(self.items[fact.line])

    def _asked(self, fact: Question.Asked, position: int) -> None:
        name = self._people.name_of(fact.author)
        at, second = iso(fact.timestamp), self._stage.second(fact.timestamp)
        self._post(
            Item(fact.question, "question", fact.author, name, fact.text, at, second, position)
        )

    def _question_edited(self, fact: Question.Edited, _: int) -> None:
        self._edit(self.items[question_of(fact)], fact.text)

    def _withdrawn(self, fact: Question.Withdrawn, _: int) -> None:
        self._turn(self.items[question_of(fact)], retracted=True)

    def _question_hidden(self, fact: Question.Hidden, _: int) -> None:
        self._hide(self.items[question_of(fact)], fact)

    def _revealed(self, fact: Question.Revealed, _: int) -> None:
        self._restore(self.items[question_of(fact)])

    def _erased(self, fact: Participation.Erased, _: int) -> None:
        self.has_taken_out = True  # their name, if nothing else
        attendee = attendee_of(fact)
        for item in self._of[attendee]:
            self._turn(item, erased=True, name=ERASED)
        for item in self.items.values():
            if item.decided_by == attendee:
                self._turn(item, why=ERASED)

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Participation.LinePosted: _line_posted,
        Participation.LineEdited: _line_edited,
        Participation.LineRetracted: _line_retracted,
        Participation.LineHidden: _line_hidden,
        Participation.LineRestored: _line_restored,
        Participation.Erased: _erased,
        Question.Asked: _asked,
        Question.Edited: _question_edited,
        Question.Withdrawn: _withdrawn,
        Question.Hidden: _question_hidden,
        Question.Revealed: _revealed,
    }


def question_of(fact: Question.Event) -> str:
    """Tell which question a fact is about: the last part of its stream's name."""
    return fact.originator_id.rpartition("/")[2]
