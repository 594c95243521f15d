"""What gateways read of the views. Every answer comes from one moment of the database.

Blocks: call it from worker threads. Thread-safe.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from domain.clock import iso, parse
from domain.media import MediaClock
from domain.policy import whole
from domain.store.engine import reading
from projections import outbox, place, rows, tables
from projections.feed import told
from projections.me import me
from projections.outbox import Patched
from projections.patch import Document, Patch, apply
from projections.place import Place
from projections.projector import open_views
from projections.records import Item, Person, TalkCard, Vote
from projections.replay import Lens, names_people
from projections.series import Asked, counts


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A view with the place in its chain of patches to go on from."""

    epoch: str
    position: int
    view: Document


@dataclass(frozen=True, slots=True)
class Change:
    """A patch of a view. ``redacts``: what is held of the time before must be dropped."""

    prev: int
    position: int
    patch: Patch
    redacts: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An item with the second of the recording at which it was said."""

    item: str
    at_s: float
    told: Document


class Views:
    """The views of all talks, as far as the projector has come."""

    def __init__(self, views_url: str) -> None:
        self._engine = open_views(views_url)

    def close(self) -> None:
        """Close all idle connections."""
        self._engine.dispose()

    def talks(self) -> list[dict[str, str]]:
        """Tell all talks, the latest announced first, also those that not everybody may know of."""
        shown = ("title", "state", "starts_at", "started_at", "ended_at")
        table = tables.talks
        with self._reading() as (connection, at):
            wanted = select(table.c.talk, table.c.policy, *(table.c[name] for name in shown))
            found = connection.execute(
                wanted.where(table.c.generation == at.generation).order_by(
                    table.c.scheduled_at.desc(), table.c.talk
                )
            )
            return [
                {
                    "id": talk,
                    **dict(zip(shown, card, strict=True)),
                    "access": whole(orjson.loads(rules))["access"],
                }
                for talk, rules, *card in found
            ]

    def has(self, talk: str) -> bool:
        """Tell whether a talk has been taken in."""
        with self._reading() as (connection, at):
            return bool(rows.read(TalkCard, connection, at.generation, talk))

    def snapshot(self, talk: str, view: str) -> Snapshot | None:
        """Read a view of a talk whole; ``None`` when there is none (yet)."""
        with self._reading() as (connection, at):
            document, position = _document(connection, at, talk, view)
            told = outbox.behind(connection, at, talk, view, position) or []
        for one in told:
            document = apply(document, orjson.loads(one.body))
        return Snapshot(at.epoch, at.position, document) if document else None

    def patches(self, talk: str, view: str, epoch: str, after: int) -> list[Change] | None:
        """Read what changed in a view; ``None`` when only the whole view can tell."""
        with self._reading() as (connection, at):
            if epoch != at.epoch or after > at.position:
                return None
            told = outbox.behind(connection, at, talk, view, after)
        return None if told is None else [_change(one) for one in told]

    def feed(self, talk: str, *, before: int, limit: int) -> dict[str, Document]:
        """Tell the last items that everybody may see, posted before a position, by their ids."""
        position = tables.items.c.position
        with self._reading() as (connection, at):
            here = connection, at.generation, talk
            visible = (*_visible(), position < before)
            last = rows.read(Item, *here, *visible, order_by=position.desc(), limit=limit)
            return {one.item: told(one) for one in last}

    def search(self, talk: str, words: str, *, limit: int) -> list[Found]:
        """Tell the first items that everybody may see and that hold some words, in any case.

        Reads all items of the talk, for databases differ in what they take for the same letter.
        """
        wanted = words.casefold()
        with self._reading() as (connection, at):
            here = connection, at.generation, talk
            cards = rows.read(TalkCard, *here)
            said = rows.read(Item, *here, *_visible(), order_by=tables.items.c.position)
        fitting = (one for one in said if wanted in one.text.casefold())
        lens = _lens(cards[0]) if cards else Lens()
        return [_found(one, lens) for one in islice(fitting, limit)]

    def me(self, talk: str, attendee: str) -> Document:
        """Tell what concerns one attendee alone, whole; also of one who did nothing yet."""
        return self.each(talk, [attendee])[attendee]

    def each(self, talk: str, attendees: Collection[str]) -> dict[str, Document]:
        """Tell it for several attendees of a talk, with as many queries as for one."""
        with self._reading() as (connection, at):
            here = connection, at.generation, talk
            people = rows.read(Person, *here, tables.people.c.attendee.in_(attendees))
            votes = rows.read(Vote, *here, tables.votes.c.attendee.in_(attendees))
            items = rows.read(Item, *here, tables.items.c.attendee.in_(attendees))
        known = {person.attendee: person for person in people}
        voted, said = _by_attendee(votes), _by_attendee(items)
        return {
            one: me(known.get(one) or Person(one), _standing(voted[one]), said[one])
            for one in attendees
        }

    def feedback(
        self,
        talk: str,
        *,
        bucket_s: int,
        kind: str = "",
        topic: str = "",
        since: float | None = None,
        until: float | None = None,
        after: int = 0,
        together: bool = False,
    ) -> list[dict[str, Any]]:
        """Count ticks and people per bucket, topic and kind; seconds count from the start.

        With ``after`` only the buckets that hold a tick after that position; ``together``
        counts people once whatever the topic, which is empty then.
        """
        if not topic.isascii():
            return []  # an id is; to MariaDB it would be an error to ask
        with self._reading() as (connection, at):
            cards = rows.read(TalkCard, connection, at.generation, talk)
            if not cards or not cards[0].started_at:
                return []
            asked = Asked(at, talk, bucket_s, kind, topic, since, until, after, together)
            counted = counts(connection, asked)
        began = parse(cards[0].started_at)
        seconds = {one[0] for one in counted}
        moments = {second: iso(began + timedelta(seconds=second)) for second in seconds}
        return [
            {
                "at": moments[second],
                "offset_s": float(second),
                "topic": topic_of,
                "kind": kind_of,
                "ticks": ticks,
                "people": people,
            }
            for second, topic_of, kind_of, ticks, people in counted
        ]

    def tracking(self) -> int:
        """Tell how far the views have come in the log."""
        with self._reading() as (_, at):
            return at.position

    def parked(self) -> int:
        """Count the facts that could not be folded, and wait for somebody to look at them."""
        with self._reading() as (connection, at):
            mine = tables.parked.c.generation == at.generation
            return connection.execute(select(func.count()).where(mine)).scalar_one()

    def epoch(self) -> str:
        """Tell which log and which generation positions belong to; empty before the start."""
        with self._reading() as (_, at):
            return at.epoch if at.log_id else ""

    def live(self) -> list[str]:
        """List the talks that are live."""
        return [card["id"] for card in self.talks() if card["state"] == "live"]

    def ended(self) -> list[str]:
        """List the talks that have ended."""
        return [card["id"] for card in self.talks() if card["state"] == "ended"]

    def to_release(self, by: datetime) -> list[tuple[str, str, str]]:
        """List the held items that are to be shown by a moment: talk, item and when it is due."""
        with self._reading() as (connection, at):
            items = tables.items.c
            due = select(items.talk, items.item, items.release_at).where(
                items.generation == at.generation,
                items.standing == "held",
                items.release_at.between("0", iso(by)),
            )
            return [(talk, item, due_at) for talk, item, due_at in connection.execute(due)]

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, Place]]:
        with reading(self._engine) as connection:
            at = place.of_readers(connection)
            yield connection, at or Place(0, "", 0, 0)


def _visible() -> tuple[ColumnElement[bool], ...]:
    """What makes an item one that everybody may see."""
    items = tables.items.c
    gone = items.hidden | items.retracted | items.erased
    return (items.standing == "shown", items.text != "", ~gone)


def _lens(card: TalkCard) -> Lens:
    """Tell how whoever searches a talk sees it: before its end as the room does."""
    started_at = parse(card.started_at) if card.started_at else None
    clock = MediaClock.of(card.media, card.media.get("clock", {}), started_at)
    return Lens(clock, is_named=card.state != "ended" or names_people(card))


def _found(item: Item, lens: Lens) -> Found:
    at_s = round(lens.clock.media_at(item.second), 3)
    return Found(item.item, at_s, lens.unnamed(told(item)))


def _document(connection: Connection, at: Place, talk: str, view: str) -> tuple[Document, int]:
    table = tables.documents
    row = connection.execute(
        select(table.c.body, table.c.position).where(
            table.c.generation == at.generation, table.c.talk == talk, table.c.view == view
        )
    ).one_or_none()
    return (orjson.loads(row.body), row.position) if row else ({}, 0)


def _change(one: Patched) -> Change:
    return Change(one.prev, one.position, orjson.loads(one.body), one.redacts)


_Theirs = TypeVar("_Theirs", Vote, Item)


def _by_attendee(records: Iterable[_Theirs]) -> Mapping[str, list[_Theirs]]:
    theirs: dict[str, list[_Theirs]] = defaultdict(list)
    for record in records:
        theirs[record.attendee].append(record)
    return theirs


def _standing(votes: list[Vote]) -> list[str]:
    latest = {vote.question: vote.change for vote in sorted(votes, key=lambda one: one.position)}
    return [question for question, change in latest.items() if change > 0]
