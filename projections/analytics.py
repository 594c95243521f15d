"""What analysts query: SQL views with plain names, over the rows of the generation that is read.

Every value is of its type, never null: a missing text or moment is ``''``, a missing second
-1. Moments are ISO 8601 in UTC; ``second`` counts from the start of the talk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, Table, case, inspect, select, text
from sqlalchemy.sql.elements import Label
from sqlalchemy.sql.expression import FromClause

from domain.policy import ANONYMOUS
from domain.store.engine import is_sqlite, writing
from projections.measures import MEASURES
from projections.tables import (
    acts,
    attendance,
    current,
    items,
    panelists,
    people,
    questions,
    talks,
    ticks,
    ticks_per_person,
    ticks_per_second,
    topics,
    votes,
)

_OF_POSTS = frozenset({"source", "url"})  # columns that are empty in all other items
_UNTOLD = frozenset({items.c.known_as.name, items.c.cleared_name.name})
"""Columns that are nobody's business: the name that the desk alone was told, or that it cleared."""


@dataclass(frozen=True)
class Told:
    """A SQL view for analysts: what a row is, and the rows it is made of."""

    what: str
    rows: Table
    condition: str = ""
    joined: Table | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Columns that are called otherwise than in the rows, or come from what is joined."""

    @property
    def names(self) -> list[str]:
        """The columns as analysts know them."""
        theirs = {*_OF_POSTS, *_UNTOLD, *self.columns.values()}
        own = [column.name for column in list(self.rows.columns)[1:] if column.name not in theirs]
        return [*own[:1], *self.columns, *own[1:]]


ANALYSTS = {
    "talks": Told("A talk; `topic` is the current one, `host` who scheduled it.", talks),
    "topics": Told(
        "A topic of the agenda; `opened_at` and `closed_at` are of its latest turn.", topics
    ),
    "panelists": Told("Somebody on the panel.", panelists),
    "people": Told(
        "Somebody who took part, or (with a `source`) wrote a post elsewhere; the id differs from "
        "talk to talk.",
        people,
        columns={"source": "source"},
    ),
    "chat_lines": Told(
        "A chat line, hidden ones included; a retracted or erased one has lost its text.",
        items,
        condition="kind = 'line'",
        columns={"line": "item"},
    ),
    "questions": Told(
        "A question with the votes that stand; its moments and seconds are of the asking.",
        items,
        joined=questions,
        columns={
            "question": "item",
            "state": "state",
            "archived": "archived",
            "merged_into": "merged_into",
            "answered_from_s": "answered_from_s",
            "answered_to_s": "answered_to_s",
            "votes": "votes",
        },
    ),
    "replies": Told(
        "A line about a question, hidden ones included.",
        items,
        condition="kind = 'reply'",
        columns={"reply": "item", "question": "about"},
    ),
    "answers": Told(
        "The written answer to a question.",
        items,
        condition="kind = 'answer'",
        columns={"answer": "item", "question": "about"},
    ),
    "notices": Told(
        "What the desk told everybody.",
        items,
        condition="kind = 'notice'",
        columns={"notice": "item"},
    ),
    "posts": Told(
        "A post caught at a social `source`; `attendee` is its author, a person of their own. "
        "A withdrawn (`retracted`) or erased one has lost its text and link.",
        items,
        condition="kind = 'post'",
        columns={"post": "item", "source": "source", "url": "url"},
    ),
    "votes": Told(
        "A vote cast (`change` 1) or withdrawn (-1), in order of `position`: the sum over a "
        "question is its tally.",
        votes,
    ),
    "ticks": Told(
        "One tick; `media_s` is the position of the attendee's player, -1 when unknown.", ticks
    ),
    "ticks_per_second": Told(
        "What was ticked within a second about a topic, by kind: how often, and by how many "
        "people; `position` is that of the last tick.",
        ticks_per_second,
    ),
    "ticks_per_person": Told(
        "How often somebody ticked a kind about a topic: those rows are the people who did.",
        ticks_per_person,
    ),
    "attendance": Told("How many people were present at a moment.", attendance),
    "moderation": Told(
        "An act of the desk: the name of the fact, whom or what it was done to, and who did it. "
        "Why, the audit trail tells.",
        acts,
    ),
}
"""The SQL views that analysts query, but for the measures made of them."""
NAMES = (*ANALYSTS, *MEASURES)
"""All SQL views, in the order in which they are made: none reads a later one."""


def definitions(engine: Engine) -> dict[str, str]:
    """Tell the query that each SQL view is made of, in the order in which they are made."""
    plain = {name: _select(engine, told) for name, told in ANALYSTS.items()}
    return plain | {name: measure.sql for name, measure in MEASURES.items()}


def are_there(engine: Engine) -> bool:
    """Tell whether there are all SQL views."""
    return set(NAMES) <= set(inspect(engine).get_view_names())


def replace(engine: Engine, queries: Mapping[str, str]) -> None:
    """Define SQL views anew, so that no reader misses one; several processes may do it at once."""
    with writing(engine) as connection:
        if is_sqlite(engine):
            for name in reversed(list(queries)):
                connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
        begin = "CREATE VIEW" if is_sqlite(engine) else "CREATE OR REPLACE VIEW"
        for name, query in queries.items():
            connection.exec_driver_sql(f"{begin} {name} AS {query}")


def _select(engine: Engine, told: Told) -> str:
    read = select(current.c.generation).where(current.c.name == "views").scalar_subquery()
    wanted = (
        select(*(_column(told, name) for name in told.names))
        .select_from(_joined(told))
        .where(told.rows.c.generation == read)
    )
    if told.condition:
        wanted = wanted.where(text(told.condition))
    return str(wanted.compile(engine, compile_kwargs={"literal_binds": True}))


def _column(told: Told, name: str) -> "Label[Any]":
    source = told.columns.get(name, name)
    is_joined = told.joined is not None and source not in told.rows.c
    table = told.joined if is_joined and told.joined is not None else told.rows
    column = table.c[source]
    if column is items.c.attendee:  # what was said anonymously is nobody's
        return case((items.c.names == ANONYMOUS, ""), else_=column).label(name)
    return column.label(name)


def _joined(told: Told) -> FromClause:
    if told.joined is None:
        return told.rows
    same = (
        (told.joined.c.generation == told.rows.c.generation)
        & (told.joined.c.talk == told.rows.c.talk)
        & (told.joined.c.question == told.rows.c.item)
    )
    return told.rows.join(told.joined, same)
