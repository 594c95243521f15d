"""The tables of the log and of the personal keys, as data."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

STREAM, TALK, ITEM = 255, 64, 64  # characters of an id, at most


def may_be_an_id(text: str, length: int) -> bool:
    """Tell whether such an id can be in the tables; asking a database for another is an error.

    MariaDB takes an id with blanks behind it for the same id, and would find what it is not.
    """
    return text.isascii() and len(text) <= length and not text.endswith(" ")


def _ascii(length: int) -> TypeEngine[str]:
    """Ids and names of ours: compared byte by byte, and short in an index."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


def _text(length: int) -> TypeEngine[str]:
    """Words from outside, compared byte by byte."""
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


def _moment() -> TypeEngine[datetime]:
    """Moments in UTC, to the microsecond."""
    return DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


_position = BigInteger().with_variant(
    Integer, "sqlite"
)  # there INTEGER is the row id: no 2nd index
_state = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")  # a BLOB ends at 64 KB
_INNODB: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}

log = MetaData()

events = Table(
    "events",
    log,
    Column("position", _position, primary_key=True, autoincrement=False),
    Column("talk", _ascii(TALK), nullable=False),  # empty for facts outside any talk
    Column("stream", _ascii(STREAM), nullable=False),
    Column("version", _position, nullable=False),
    Column("name", _ascii(190), nullable=False),
    Column("state", _state, nullable=False),
    Column("recorded_at", _moment(), nullable=False),
    UniqueConstraint("stream", "version", name="events_stream_version"),
    Index("events_talk_position", "talk", "position"),
    **_INNODB,
)

# One row, locked by whoever appends until the commit: that is what makes positions
# dense and visible in order (docs/decisions/0002-position-and-gaps.md).
log_head = Table(
    "log_head",
    log,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", _position, nullable=False),
    Column("log_id", _ascii(32), nullable=False),
    **_INNODB,
)

# Which stream holds a line or a question.
items = Table(
    "items",
    log,
    Column("item", _ascii(ITEM), primary_key=True),
    Column("talk", _ascii(TALK), nullable=False),
    Column("stream", _ascii(STREAM), nullable=False),
    **_INNODB,
)

# The first answer to every accepted command. ``actor`` is a pseudonym that differs from
# command to command, so that rows tell nobody's acts in two talks together.
commands = Table(
    "commands",
    log,
    Column("actor", _ascii(32), primary_key=True),
    Column("command_id", _ascii(36), primary_key=True),
    Column("talk", _ascii(TALK), nullable=False),
    Column("body_hash", _ascii(32), nullable=False),
    Column("position", _position, nullable=True),  # null when nothing changed
    Column("result", Text, nullable=False),
    Column("recorded_at", _moment(), nullable=False),
    Index("commands_recorded_at", "recorded_at"),
    **_INNODB,
)

# For the library's own recorders; the product keeps neither snapshots nor tracking here.
library = MetaData()

snapshots = Table(
    "snapshots",
    library,
    Column("stream", _ascii(STREAM), primary_key=True),
    Column("version", _position, primary_key=True, autoincrement=False),
    Column("name", _ascii(190), nullable=False),
    Column("state", _state, nullable=False),
    **_INNODB,
)

followers = Table(
    "log_followers",
    library,
    Column("name", _ascii(190), primary_key=True),
    Column("position", _position, nullable=False),
    **_INNODB,
)

keys = MetaData()

personal_keys = Table(
    "personal_keys",
    keys,
    Column("person", _text(190), primary_key=True),
    Column(
        "secret", LargeBinary(32).with_variant(mysql.BINARY(32), "mysql", "mariadb"), nullable=False
    ),
    Column("made_at", _moment(), nullable=False),
    **_INNODB,
)

# Whose an attendee id is; ``person`` is empty once that person was erased.
personal_attendees = Table(
    "personal_attendees",
    keys,
    Column("attendee", _ascii(32), primary_key=True),
    Column("talk", _ascii(TALK), nullable=False),
    Column("person", _text(190), nullable=False),
    Index("personal_attendees_person", "person"),
    **_INNODB,
)
