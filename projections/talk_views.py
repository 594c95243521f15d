"""All views of one talk, folded together from its facts.

Pure: nothing is read or written here. Facts at or below ``position`` were folded already
and change nothing, so redelivery is harmless.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from domain.aggregate import Fact
from projections.ballot import Ballot
from projections.desk import Desk
from projections.feed import Feed
from projections.invites import Invites
from projections.lately import Lately
from projections.me import Me
from projections.moderation import Moderation
from projections.patch import Document, Patch
from projections.people import People
from projections.presence import Presence
from projections.pulse import Pulse
from projections.records import (
    Asked,
    DeskAct,
    Invite,
    Item,
    Panelist,
    Person,
    Sample,
    TalkCard,
    Tick,
    Topic,
    Vote,
)
from projections.replay import Replay
from projections.room import Room
from projections.stage import Fold, Stage

ROOM = "room"
DESK = "desk"
REPLAY = "replay"
VIEWS = (ROOM, DESK, REPLAY)

_OF_THE_ROOM = {Stage, People, Feed, Ballot, Pulse}

Record: TypeAlias = (
    TalkCard | Topic | Panelist | Person | Item | Asked | Invite | Vote | Tick | Sample | DeskAct
)


@dataclass(frozen=True)
class Kept:
    """The rows of one talk, from which its views are taken up again."""

    position: int
    card: TalkCard
    topics: list[Topic]
    panelists: list[Panelist]
    invites: list[Invite]
    people: list[Person]
    items: list[Item]
    questions: list[Asked]
    votes: list[Vote]
    latest_ticks: list[Tick]
    """At least those of the latest five minutes that hold one."""


@dataclass(frozen=True)
class Changes:
    """What a batch of facts changed in one talk.

    ``redacts`` means that something was taken from people's eyes: patches sent earlier
    may hold it.
    """

    records: list[Record]
    views: dict[str, Patch]
    """By view; a replay is there only once the talk has ended."""
    me: dict[str, Patch]
    redacts: bool


class TalkViews:
    """The stage, feed, ballot, pulse and desk of one talk, at one position.

    ``only`` one view may be asked for: then what no other view needs is left out.
    """

    def __init__(self, talk: str, *, only: str = "") -> None:
        self.talk = talk
        self.position = 0
        self.stage = Stage(talk)
        self.people = People(self.stage)
        self.feed = Feed(self.stage, self.people)
        self.ballot = Ballot(self.stage, self.feed)
        self.pulse = Pulse(self.stage)
        self.lately = Lately(self.stage)
        self.presence = Presence(self.stage)
        self.moderation = Moderation(self.stage)
        self.me = Me(self.people, self.feed)
        self.room = Room(self.stage, self.feed, self.ballot, self.pulse)
        self.invites = Invites()
        self.desk = Desk(self.stage, self.people, self.feed, self.ballot, self.invites, self.lately)
        self.replay = Replay(self.stage, self.ballot, self.room)
        self._parts = {
            type(part): part
            for part in (
                self.stage,
                self.people,
                self.feed,
                self.ballot,
                self.pulse,
                self.lately,
                self.presence,
                self.moderation,
                self.invites,
                self.me,
            )
            if only != ROOM or type(part) in _OF_THE_ROOM
        }

    @classmethod
    def load(cls, talk: str, kept: Kept) -> "TalkViews":
        """Take the views of a talk up where its rows are."""
        views = cls(talk)
        views.position = kept.position
        views.stage.load(kept.card, kept.topics, kept.panelists)
        views.people.load(kept.people)
        views.invites.load(kept.invites)
        views.feed.load(kept.items)
        views.ballot.load(kept.questions, kept.votes)
        views.pulse.load(kept.latest_ticks)
        views.lately.load(kept.latest_ticks)
        views.change()
        return views

    def fold(self, fact: Fact, position: int) -> None:
        """Take a fact in; facts that no view knows change nothing."""
        if position <= self.position:
            return
        self.position = position
        self.take_in(fact, position)

    def take_in(self, fact: Fact, position: int) -> None:
        """Take a fact in whatever was folded before, for whoever orders facts otherwise."""
        for part, fold in _FOLDS.get(type(fact), ()):
            if part in self._parts:
                fold(self._parts[part], fact, position)

    def change(self) -> Changes:
        """Show everything as it is; return what changed since the last time."""
        records = list(self._records())
        room = self.room.change()
        views = {ROOM: room, DESK: self.desk.change()}
        if self.replay.is_on:
            views[REPLAY] = self.replay.change(room)
        changes = Changes(records, views, self.me.change(), self.feed.has_taken_out)
        self._rest()
        return changes

    def turn(self, view: str) -> Patch:
        """Show one view as it is, for whoever follows that one alone; return what changed."""
        room = self.room.change()  # first: the desk follows it
        patch = room if view == ROOM else self.desk.change()
        self.me.patches.clear()
        self._rest()
        return patch

    def document(self, view: str) -> Document:
        """Tell what a view showed last; encode or copy it at once."""
        shows: dict[str, Room | Desk | Replay] = {
            ROOM: self.room,
            DESK: self.desk,
            REPLAY: self.replay,
        }
        return shows[view].document()

    def _records(self) -> Iterator[Record]:
        yield from self.stage.touched
        yield from self.people.touched
        yield from self.invites.touched
        yield from self.feed.touched
        yield from self.ballot.touched
        yield from self.ballot.votes
        yield from self.pulse.ticks
        yield from self.presence.samples
        yield from self.moderation.acts

    def _rest(self) -> None:
        """Begin to collect the next changes."""
        self.stage.touched.clear()
        self.people.touched.clear()
        self.invites.touched.clear()
        self.feed.touched.clear()
        self.feed.has_taken_out = False
        self.ballot.touched.clear()
        self.ballot.votes = []
        self.pulse.ticks = []
        self.presence.samples = []
        self.moderation.acts = []


def _folds() -> dict[type[Fact], list[tuple[type, Fold]]]:
    """Sort the folds of all parts by fact; a part comes after those it reads."""
    folds: dict[type[Fact], list[tuple[type, Fold]]] = {}
    for part in (Stage, People, Feed, Ballot, Pulse, Lately, Presence, Moderation, Invites, Me):
        for fact, fold in part.FOLDS.items():
            folds.setdefault(fact, []).append((part, fold))
    return folds


_FOLDS = _folds()


def is_shown(fact: Fact) -> bool:
    """Tell whether any view knows what to do with a fact."""
    return type(fact) in _FOLDS
