"""Everything analysts read, as sheets: columns with their types, and what is told to whom.

A sheet is one of the SQL views. ``docs/reference/tables.md`` and every export are made of
these descriptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Integer
from sqlalchemy.types import TypeEngine

from projections.analytics import ANALYSTS, Told
from projections.measures import MEASURES, Measure


class Shown(Enum):
    """How analysts without the right to raw rows see a column."""

    OPENLY = "as it is"
    PSEUDONYM = "as a pseudonym"
    """A person's id: another one stands for it, which differs from talk to talk."""
    WORDS = "while the room may see it"
    """What somebody said: empty once it is held, hidden, taken back or erased."""
    GROUP = "from 5 people on"
    """A number of people; of fewer than five it is -1."""
    RAW = "not at all"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its name, its type, and who sees it."""

    name: str
    kind: type
    shown: Shown


@dataclass(frozen=True)
class Sheet:
    """A SQL view. ``key`` orders its rows within a talk."""

    name: str
    what: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def seen(self, *, raw: bool) -> tuple[Column, ...]:
        """Tell the columns that somebody sees."""
        return tuple(one for one in self.columns if raw or one.shown is not Shown.RAW)

    @property
    def has_positions(self) -> bool:
        """Whether each row has the position of a fact, to pull on from."""
        return any(column.name == "position" for column in self.columns)

    @property
    def follows_log(self) -> bool:
        """Whether its rows change with the views' position, and not a little later."""
        return self.name not in _FOUND_LATER

    @property
    def counts_people(self) -> bool:
        """Whether a row is about a group of people, left out when the group is too small."""
        return self.name in _OF_GROUPS


LEAST_PEOPLE = 5
"""Analysts are told nothing about fewer than these, but with the right to raw rows."""

_SAID = ("chat_lines", "questions", "replies", "answers", "notices", "posts")
# What the room shows under a name can't have a pseudonym: it would tell the name.
_OF_SAID = {
    "attendee": Shown.RAW,
    "name": Shown.RAW,
    "why": Shown.RAW,
    "decided_by": Shown.RAW,
    "text": Shown.WORDS,
}
_SHOWN: Mapping[str, Mapping[str, Shown]] = {
    **dict.fromkeys(_SAID, _OF_SAID),
    "posts": {**_OF_SAID, "about": Shown.RAW, "url": Shown.WORDS},
    "talks": {"host": Shown.RAW, "policy": Shown.RAW},
    "panelists": {"introduced_by": Shown.RAW},
    "people": {
        "attendee": Shown.PSEUDONYM,
        **dict.fromkeys(("name", "nickname", "roles"), Shown.RAW),
        **dict.fromkeys(("muted_until", "banned", "on_desk"), Shown.RAW),
    },
    "votes": {"attendee": Shown.PSEUDONYM},
    "ticks": {"attendee": Shown.PSEUDONYM},
    "ticks_per_person": {"attendee": Shown.PSEUDONYM},
    "moderation": {"item": Shown.RAW, "attendee": Shown.RAW},
    "v_participation": {"attendee": Shown.PSEUDONYM},
    "v_funnel": dict.fromkeys(("joined", "ticked", "voted", "asked"), Shown.GROUP),
}
_FOUND_LATER = {"v_heat", "v_highlights"}
_OF_GROUPS = {"ticks_per_second", "v_feedback_per_second", "v_feedback_per_topic"}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "talks": (),
    "topics": ("order",),
    "panelists": ("order",),
    "people": ("attendee",),
    **dict.fromkeys(_SAID, ("position",)),
    "votes": ("position",),
    "ticks": ("second", "position"),
    "ticks_per_second": ("second", "topic", "kind"),
    "ticks_per_person": ("topic", "kind", "attendee"),
    "attendance": ("position",),
    "moderation": ("position",),
    "v_feedback_per_second": ("second", "topic", "kind"),
    "v_feedback_per_topic": ("topic", "kind"),
    "v_question_votes_over_time": ("position",),
    "v_participation": ("attendee",),
    "v_funnel": (),
    "v_heat": ("second", "curve"),
    "v_highlights": ("place",),
}


def _sheet(name: str, source: Told | Measure) -> Sheet:
    kinds = source.columns if isinstance(source, Measure) else _kinds(source)
    shown = _SHOWN.get(name, {})
    columns = (Column(one, kind, shown.get(one, Shown.OPENLY)) for one, kind in kinds.items())
    return Sheet(name, source.what, tuple(columns), _KEYS[name])


def _kinds(told: Told) -> dict[str, type]:
    """Tell the columns of a plain table with their types, from its schema."""
    found: dict[str, TypeEngine[Any]] = {
        column.name: column.type
        for table in (told.joined, told.rows)
        if table is not None
        for column in table.columns
    }
    return {str(name): _kind(found[told.columns.get(name, name)]) for name in told.names}


def _kind(stored: TypeEngine[Any]) -> type:
    match stored:
        case Boolean():
            return bool
        case Integer() | BigInteger():
            return int
        case Double():
            return float
        case _:
            return str


_SOURCES: Mapping[str, Told | Measure] = {**ANALYSTS, **MEASURES}
SHEETS: Mapping[str, Sheet] = {name: _sheet(name, source) for name, source in _SOURCES.items()}
"""All sheets by name, in the order in which the reference tells them."""
