"""The models of a talk, one by one and by the page, as far as a reader may see them.

Blocks: call it from worker threads. Thread-safe.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from domain.store.engine import reading
from domain.store.schema import ITEM, may_be_an_id
from projections import place, rows, tables
from projections.desk import is_away
from projections.feed import answer_to
from projections.place import Place
from projections.records import Asked, Item, Panelist, Topic, Vote

_Record = TypeVar("_Record")

LINES = frozenset({"line", "reply", "notice"})
POSTS = frozenset({"post"})
QUESTIONS = frozenset({"question"})
ANSWERS = frozenset({"answer"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a talk: nobody in particular, an attendee, or a moderator."""

    attendee: str = ""
    is_moderator: bool = False

    def may_see(self, item: Item) -> bool:
        """Tell whether it is in the room, or away from it and theirs to know of."""
        return item.is_visible or (is_away(item) and self.knows_of(item))

    def knows_of(self, item: Item) -> bool:
        """Tell whether they are told what was decided about an item."""
        is_theirs = bool(self.attendee) and item.attendee == self.attendee
        return self.is_moderator or is_theirs


@dataclass(frozen=True, slots=True)
class Page:
    """Which of a collection: at most ``limit`` behind a cursor, or the one of an id."""

    after: int = 0
    limit: int = 1
    only: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    """A question: its words, how it fares, and the written answer that a reader may see."""

    item: Item
    asked: Asked
    answer: str


class Models:
    """Reads single models and pages of them. Every page comes from one moment of the database.

    Pages are in an order that no later fact changes, so that somebody who follows the
    cursors gets everything once, whatever is recorded meanwhile.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Close all idle connections."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """The database of the views, for whoever reads more than models."""
        return self._engine

    def position(self) -> int:
        """Tell how far the views have come in the log."""
        with self._reading() as (_, at):
            return at.position

    def topics(self, talk: str, page: Page) -> list[Topic]:
        """Tell topics of the agenda, in their order; that is their cursor too."""
        return [one for one in self._ordered(Topic, talk, page) if page.only in {"", one.topic}]

    def panelists(self, talk: str, page: Page) -> list[Panelist]:
        """Tell who is on the panel, in their order; that is their cursor too."""
        found = self._ordered(Panelist, talk, page)
        return [one for one in found if page.only in {"", one.panelist}]

    def said(self, talk: str, kinds: Collection[str], page: Page, reader: Reader) -> list[Item]:
        """Tell what was said, in order of posting; the position of posting is the cursor."""
        with self._reading() as (connection, at):
            return _said(connection, at, talk, kinds, page, reader)

    def answers(self, talk: str, page: Page, reader: Reader) -> list[Item]:
        """Tell written answers; one of them is found by the id of its question."""
        only = answer_to(page.only) if page.only else ""
        return self.said(talk, ANSWERS, replace(page, only=only), reader)

    def questions(self, talk: str, page: Page, reader: Reader) -> list[Put]:
        """Tell questions in order of asking; the position of asking is the cursor."""
        with self._reading() as (connection, at):
            here = connection, at.generation, talk
            put = _said(connection, at, talk, QUESTIONS, page, reader)
            ids = [item.item for item in put]
            asked = rows.read(Asked, *here, tables.questions.c.question.in_(ids))
            answers = rows.read(Item, *here, tables.items.c.item.in_(map(answer_to, ids)))
        fares = {one.question: one for one in asked}
        texts = {answer.about: answer.text for answer in answers if reader.may_see(answer)}
        return [Put(item, fares[item.item], texts.get(item.item, "")) for item in put]

    def votes(self, talk: str, attendee: str, page: Page) -> list[Vote]:
        """Tell an attendee's standing votes, the latest last; their position is the cursor."""
        table = tables.votes
        with self._reading() as (connection, at):
            cast = rows.read(Vote, connection, at.generation, talk, table.c.attendee == attendee)
        latest = {vote.question: vote for vote in sorted(cast, key=lambda vote: vote.position)}
        standing = (vote for vote in latest.values() if vote.change > 0)
        wanted = (vote for vote in standing if page.only in {"", vote.question})
        behind = (vote for vote in wanted if vote.position > page.after)
        return sorted(behind, key=lambda vote: vote.position)[: page.limit]

    def _ordered(self, kind: type[_Record], talk: str, page: Page) -> Sequence[_Record]:
        """Read what has an order of its own: there are few of them, so all are read."""
        with self._reading() as (connection, at):
            found: list[Any] = rows.read(kind, connection, at.generation, talk)
        behind = sorted((one for one in found if one.order > page.after), key=lambda one: one.order)
        return behind if page.only else behind[: page.limit]

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, Place]]:
        with reading(self._engine) as connection:
            yield connection, place.of_readers(connection) or Place(0, "", 0, 0)


def _said(
    connection: Connection,
    at: Place,
    talk: str,
    kinds: Collection[str],
    page: Page,
    reader: Reader,
) -> list[Item]:
    found = _items(connection, at, talk, kinds, page)
    return list(islice(filter(reader.may_see, found), page.limit))


def _items(
    connection: Connection, at: Place, talk: str, kinds: Collection[str], page: Page
) -> Iterable[Item]:
    """Read items in batches, for some of them are not for this reader."""
    table = tables.items
    of_kind = table.c.kind.in_(kinds)
    if page.only:
        if may_be_an_id(page.only, ITEM):
            yield from rows.read(
                Item, connection, at.generation, talk, of_kind, table.c.item == page.only
            )
        return
    after = page.after
    while batch := rows.read(
        Item,
        connection,
        at.generation,
        talk,
        of_kind,
        table.c.position > after,
        order_by=table.c.position,
        limit=page.limit,
    ):
        yield from batch
        after = batch[-1].position
