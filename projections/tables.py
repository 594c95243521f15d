"""The tables that views are kept in, a generation beside the other.

Analysts read them through SQL views (see ``analytics``). Tables that begin with ``view_``
are how projections keep their place.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from domain.store.engine import create_tables

_Servers = ("mysql", "mariadb")
_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def _id(length: int = 64) -> TypeEngine[str]:
    """Ids of ours, and moments: compared byte by byte, and short in an index."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(exact, *_Servers)


def _body() -> TypeEngine[bytes]:
    return LargeBinary().with_variant(mysql.MEDIUMBLOB(), *_Servers)


def _required(name: str, kind: TypeEngine[Any]) -> "Column[Any]":
    return Column(name, kind, nullable=False)


metadata = MetaData()


def _rows(name: str, key: Sequence[str], *columns: "Column[Any]") -> Table:
    """A table of rows of every generation, found by talk and key."""
    for column in columns:
        column.nullable = False
        column.primary_key = column.name in key
    return Table(
        f"{name}_rows",
        metadata,
        Column("generation", Integer, primary_key=True, autoincrement=False),
        Column("talk", _id(), primary_key=True),
        *columns,
        sqlite_with_rowid=False,
        **_OPTIONS,
    )


def _id_column(name: str) -> "Column[Any]":
    return Column(name, _id(), autoincrement=False)


def _moment(name: str) -> "Column[Any]":
    return Column(name, _id(32))


def _number(name: str) -> "Column[Any]":
    return Column(name, BigInteger, autoincrement=False)


# What analysts read. The columns are the fields of the types in ``records``.

talks = _rows(
    "talk",
    [],
    Column("title", Text),
    _id_column("state"),
    _moment("scheduled_at"),
    Column("starts_at", String(64)),
    _moment("started_at"),
    _moment("ended_at"),
    _id_column("topic"),
    _id_column("host"),
    Column("kinds", Text, info={"json": True}),
    Column("policy", Text, info={"json": True}),
    Column("media", Text, info={"json": True}),
)
topics = _rows(
    "topic",
    ["topic"],
    _id_column("topic"),
    Column("title", Text),
    Column("order", Integer),
    _moment("opened_at"),
    _moment("closed_at"),
)
panelists = _rows(
    "panelist",
    ["panelist"],
    _id_column("panelist"),
    Column("name", Text),
    Column("about", Text),
    Column("order", Integer),
    _id_column("introduced_by"),
)
people = _rows(
    "person",
    ["attendee"],
    _id_column("attendee"),
    Column("name", Text),
    Column("signed_in", Boolean),
    _moment("joined_at"),
    Column("roles", Text, info={"json": True}),
    _moment("muted_until"),
    Column("banned", Boolean),
    Column("on_desk", Boolean),
    Column("erased", Boolean),
    Column("nickname", Text),
    _id_column("source"),
)
items = _rows(
    "item",
    ["item"],
    _id_column("item"),
    _id_column("kind"),
    _id_column("attendee"),
    Column("name", Text),
    Column("text", Text),
    _moment("at"),
    Column("second", Double),
    _number("position"),
    _id_column("about"),
    _id_column("standing"),
    _id_column("because"),
    _moment("release_at"),
    Column("edited", Boolean),
    Column("pinned", Boolean),
    Column("hidden", Boolean),
    Column("retracted", Boolean),
    Column("erased", Boolean),
    Column("why", Text),
    _id_column("decided_by"),
    _moment("decided_at"),
    _id_column("source"),
    Column("url", Text),
    _id_column("names"),
    Column("known_as", Text),
    Column("cleared_name", Text),
)
questions = _rows(
    "question",
    ["question"],
    _id_column("question"),
    _id_column("state"),
    Column("archived", Boolean),
    _id_column("merged_into"),
    Column("answered_from_s", Double),
    Column("answered_to_s", Double),
    Column("votes", Integer),
)
invites = _rows(
    "invite",
    ["invite"],
    _id_column("invite"),
    _id_column("role"),
    _id_column("by"),
    _moment("at"),
    _moment("expires_at"),
    _number("position"),
    _id_column("state"),
)
votes = _rows(
    "vote",
    ["position"],
    _number("position"),
    _id_column("question"),
    _id_column("attendee"),
    Column("change", Integer),
    _moment("at"),
    Column("second", Double),
)
ticks = _rows(
    "tick",
    ["second", "position"],
    Column("second", Integer, autoincrement=False),
    _number("position"),
    _id_column("attendee"),
    _id_column("topic"),
    Column("kind", String(190)),
    _moment("at"),
    Column("media_s", Double),
)
ticks_per_second = _rows(
    "tick_second",
    ["second", "topic", "kind"],
    Column("second", Integer, autoincrement=False),
    _id_column("topic"),
    Column("kind", String(190)),
    Column("ticks", Integer),
    Column("people", Integer),
    _number("position"),
)
ticks_per_bucket = _rows(
    "tick_bucket",
    ["width_s", "together", "second", "topic", "kind"],
    Column("width_s", Integer, autoincrement=False),
    Column("together", Boolean),
    Column("second", Integer, autoincrement=False),
    _id_column("topic"),
    Column("kind", String(190)),
    Column("ticks", Integer),
    Column("people", Integer),
)
ticks_per_person = _rows(
    "tick_person",
    ["topic", "kind", "attendee"],
    _id_column("topic"),
    Column("kind", String(190)),
    _id_column("attendee"),
    Column("ticks", Integer),
)
attendance = _rows(
    "attendance",
    ["position"],
    _number("position"),
    _moment("at"),
    Column("second", Double),
    Column("present", Integer),
)

acts = _rows(
    "act",
    ["position"],
    _number("position"),
    Column("act", _id(190)),
    Column("item", String(190)),
    _id_column("attendee"),
    _moment("at"),
    Column("second", Double),
)

ROWS = (
    talks,
    topics,
    panelists,
    people,
    items,
    questions,
    invites,
    votes,
    ticks,
    ticks_per_second,
    ticks_per_bucket,
    ticks_per_person,
    attendance,
    acts,
)

Index("vote_rows_attendee", votes.c.generation, votes.c.talk, votes.c.attendee)
Index("item_rows_release", items.c.generation, items.c.standing, items.c.release_at)
Index("item_rows_position", items.c.generation, items.c.talk, items.c.position)
Index("item_rows_attendee", items.c.generation, items.c.talk, items.c.attendee)

# How projections keep their place.

# Which generation readers see: rebuilding ends with one update of this row.
current = Table(
    "view_current",
    metadata,
    Column("name", _id(), primary_key=True),
    Column("generation", Integer, nullable=False),
    **_OPTIONS,
)

# How far a generation has come in which log, and how far its patches were published.
tracking = Table(
    "view_tracking",
    metadata,
    Column("name", _id(), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    _required("log_id", _id()),
    _required("position", BigInteger()),
    _required("published", BigInteger()),
    **_OPTIONS,
)

# Who works, and until when by the database's clock (milliseconds).
leases = Table(
    "view_leases",
    metadata,
    Column("name", _id(), primary_key=True),
    _required("holder", String(190)),
    _required("until_ms", BigInteger()),
    **_OPTIONS,
)

# Position of the last patch of a view of a talk.
chains = Table(
    "view_chains",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("talk", _id(), primary_key=True),
    Column("view", _id(16), primary_key=True),
    _required("position", BigInteger()),
    **_OPTIONS,
)

# A view of a talk as it was at a position; later patches lead on from there.
documents = Table(
    "view_documents",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("talk", _id(), primary_key=True),
    Column("view", _id(16), primary_key=True),
    _required("position", BigInteger()),
    _required("body", _body()),
    **_OPTIONS,
)

# The outbox: what was or will be published, kept for about ten minutes.
patches = Table(
    "view_patches",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("talk", _id(), primary_key=True),
    Column("view", _id(16), primary_key=True),
    _required("prev", BigInteger()),
    _required("redacts", Boolean()),
    _required("body", _body()),
    **_OPTIONS,
)

# Facts that could not be folded, to be looked at by people. Never what they say.
parked = Table(
    "view_parked",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _required("talk", _id()),
    _required("fact", _id(190)),
    _required("error", String(190)),
    **_OPTIONS,
)

OF_A_GENERATION = (*ROWS, chains, documents, patches, parked)


# The timelines of ended talks: of no generation, for they are not folded but found anew.

# Up to which position of which log a talk was looked at.
timelines = Table(
    "timeline_rows",
    metadata,
    Column("talk", _id(), primary_key=True),
    _required("log_id", _id()),
    _required("position", BigInteger()),
    **_OPTIONS,
)
heat = Table(
    "heat_rows",
    metadata,
    Column("talk", _id(), primary_key=True),
    Column("second", Integer, primary_key=True, autoincrement=False),
    Column("curve", _id(16), primary_key=True),
    _required("heat", Double()),
    sqlite_with_rowid=False,
    **_OPTIONS,
)
highlights = Table(
    "highlight_rows",
    metadata,
    Column("talk", _id(), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _required("highlight", _id()),
    _required("start_s", Double()),
    _required("end_s", Double()),
    _required("score", Double()),
    _required("confidence", Double()),
    _required("title", Text()),
    _required("why", Text()),
    _required("people", Integer()),
    sqlite_with_rowid=False,
    **_OPTIONS,
)
OF_TIMELINES = (timelines, heat, highlights)


def create(engine: Engine) -> None:
    """Create what is missing; safe when several processes do it at once."""
    create_tables(engine, metadata)
