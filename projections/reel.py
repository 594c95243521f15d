"""A view through the whole of a talk: every state it was in, each at hand within milliseconds.

Like a film it keeps a whole picture now and then, and between two of them only what changed.
Both are packed, so an hour of a busy room takes a few megabytes.
"""

import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from projections.history import ALWAYS, Happening, History, Moment, conceal, reached, take_in
from projections.patch import Document, Patch, apply
from projections.talk_views import TalkViews

SCENE = 250
"""Facts from one whole picture to the next: half of them are patched in on average."""
_QUICKLY = 1


@dataclass(frozen=True, slots=True)
class _Scene:
    """A picture, and the change that each of the facts after it brought."""

    picture: bytes
    changes: bytes

    @property
    def size(self) -> int:
        return len(self.picture) + len(self.changes)


class Reel:
    """One view of one talk, as it was after each of its facts, in one order of them.

    What may not be seen by now is shown at no moment. Belongs to one thread at a time.
    """

    def __init__(self, history: History, view: str, happenings: Iterable[Happening]) -> None:
        views = TalkViews(history.talk, only=view)
        views.change()
        self._view = view
        self._unseen = history.unseen(view)
        self._going_on: TalkViews | None = views
        self._at = array("d")
        self._reached = array("q", [0])
        self._scenes: list[_Scene] = []
        self._picture = self._taken(views)
        self._changes: list[Patch] = []
        self._size = 0
        for one in happenings:
            take_in(views, one.recorded)
            views.feed.named_as(history.now.feed.items, views.feed.touched)
            if gone := self._unseen & {item.item for item in views.feed.touched}:
                conceal(views, gone)
            self._append(one, views)

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        return self._size + 16 * len(self._at)

    @property
    def end(self) -> float:
        """Where the last of its facts has its place."""
        return self._at[-1] if self._at else ALWAYS

    def extend(self, happenings: Iterable[Happening]) -> bool:
        """Go on with what happened next; False when earlier moments look different by that.

        Then, or once it is closed, it can't go on: make a new one.
        """
        views = self._going_on
        for one in happenings:
            if views is None or one.at < self.end:
                return False
            take_in(views, one.recorded)
            touched = {item.item for item in views.feed.touched}
            if views.feed.has_taken_out or touched & self._unseen:
                return False
            self._append(one, views)
        return True

    def close(self) -> None:
        """Let go of what only a talk that goes on needs."""
        self._going_on = None

    def moment(self, at: float) -> Moment:
        """Tell the view after everything up to here."""
        count = bisect_right(self._at, at)
        document, changes = self._scene(count // SCENE)
        for change in changes[: count % SCENE]:
            document = apply(document, change)
        return Moment(self._reached[count], document)

    def changes(self, after: float, until: float) -> Iterator[tuple[float, Patch]]:
        """Tell what changed behind one moment up to another, and when."""
        count, end = bisect_right(self._at, after), bisect_right(self._at, until)
        while count < end:
            _, changes = self._scene(count // SCENE)
            begin = count - count % SCENE
            for index in range(count, min(end, begin + SCENE)):
                if change := changes[index - begin]:
                    yield self._at[index], change
            count = begin + SCENE

    def _append(self, one: Happening, views: TalkViews) -> None:
        self._at.append(one.at)
        self._reached.append(max(self._reached[-1], reached(one)))
        self._changes.append(views.turn(self._view))
        if len(self._changes) == SCENE:
            changes = zlib.compress(orjson.dumps(self._changes), _QUICKLY)
            scene = _Scene(self._picture, changes)
            self._scenes.append(scene)
            self._size += scene.size
            self._picture, self._changes = self._taken(views), []

    def _taken(self, views: TalkViews) -> bytes:
        return zlib.compress(orjson.dumps(views.document(self._view)), _QUICKLY)

    def _scene(self, number: int) -> tuple[Document, list[Patch]]:
        if number == len(self._scenes):
            return _unpacked(self._picture), self._changes
        scene = self._scenes[number]
        return _unpacked(scene.picture), _unpacked(scene.changes)


def _unpacked(packed: bytes) -> Any:
    return orjson.loads(zlib.decompress(packed))
