"""Personal keys: what seals a person's words, and makes their ids in talks.

Keys lie in tables, and on SQLite in a file, of their own, so that backups of the log
hold none. Whoever's key is deleted has words that nobody reads and ids that nobody
can join any more. Thread-safe, and quick for whoever was seen before.
"""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b, sha256
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from domain.clock import utc_now
from domain.errors import Unavailable
from domain.store.engine import create_tables, is_sqlite, to_look, writing
from domain.store.schema import keys as tables
from domain.store.schema import personal_attendees, personal_keys

NOBODY = ""  # the attendee of what the product does itself; its words have a key as well
LONGEST_PERSON = 190
_REMEMBERED = 50_000
_READ_FOR_S = 60.0  # a key that another process erased opens nothing after this time
_WRITTEN_FOR_S = 600.0  # nor does it seal; what it did seal meanwhile, nobody can read

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class PersonalKey:
    """The secret of one person."""

    person: str
    secret: bytes

    @cached_property
    def cipher(self) -> AESGCM:
        """What seals their words; its key is derived, the secret itself makes ids."""
        return AESGCM(self._hash(b"seal", b"", 32))

    def attendee(self, talk: str) -> str:
        """Tell the person's id in a talk: 32 hexadecimal digits."""
        return hmac.digest(self.secret, talk.encode(), sha256)[:16].hex()

    def actor(self, command_id: str) -> str:
        """Tell the pseudonym under which one command of theirs is remembered."""
        return self._hash(b"actor", command_id.encode(), 16).hex()

    def body_hash(self, body: bytes) -> str:
        """Tell a hash of what they asked for, which says nothing without the key."""
        return self._hash(b"body", body, 16).hex()

    def _hash(self, purpose: bytes, content: bytes, size: int) -> bytes:
        return blake2b(content, digest_size=size, key=self.secret, person=purpose).digest()


class UnknownAttendee(LookupError):  # noqa: N818 - reads as a statement where it is raised
    """No person is known behind an attendee id whose words should be sealed."""


class KeyRing:
    """The keys of all persons, by person and by their ids in talks."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self._now = now
        self._by_person: _Recent[str, PersonalKey] = _Recent(_REMEMBERED)
        self._ids: _Recent[tuple[str, str], str] = _Recent(_REMEMBERED)
        self._by_attendee: _Recent[str, PersonalKey | None] = _Recent(_REMEMBERED)

    def create_tables(self) -> None:
        """Create what is missing; a SQLite file of keys is nobody else's to read."""
        path = self.engine.url.database
        if is_sqlite(self.engine) and path and path != ":memory:":
            Path(path).touch(mode=0o600)
        create_tables(self.engine, tables)

    # By person.

    def ensure(self, person: str) -> bytes:
        """Return the person's secret, made when there is none."""
        return self.key(person).secret

    def key(self, person: str) -> PersonalKey:
        """Return the person's key, made when there is none.

        Raises ``ValueError`` for an id that a database might take for another one, and
        ``Unavailable`` when a key that is not remembered can't be looked up.
        """
        with _within_reach():
            return self._key(person)

    def attendee(self, person: str, talk: str) -> str:
        """Tell the person's id in a talk, and remember whose it is. Raises as :meth:`key`."""
        with _within_reach():
            return self._ids.get((person, talk)) or self._introduced(person, talk)

    def has_met(self, person: str, talk: str) -> bool:
        """Tell whether the person's id in a talk is remembered: asking for it costs nothing."""
        return self._ids.get((person, talk)) is not None

    def attended(self, person: str) -> list[tuple[str, str]]:
        """Tell the talks of a person, each with their id in it."""
        attendees = personal_attendees.c
        rows = select(attendees.talk, attendees.attendee).where(attendees.person == person)
        with self.engine.connect() as connection:
            return [(talk, attendee) for talk, attendee in connection.execute(rows)]

    def erase(self, person: str) -> list[tuple[str, str]]:
        """Delete the person's key, for good; returns what :meth:`attended` did.

        Their ids stay known as erased ones. May be repeated.
        """
        attended = self.attended(person)
        mine = personal_keys.c.person == person
        with writing(self.engine) as connection:
            connection.execute(update(personal_keys).where(mine).values(secret=bytes(32)))
            connection.execute(delete(personal_keys).where(mine))
            theirs = personal_attendees.c.person == person
            connection.execute(update(personal_attendees).where(theirs).values(person=""))
        self.forget(person)
        if is_sqlite(self.engine):
            self._clean_file()
        return attended

    def forget(self, person: str) -> None:
        """Drop what is remembered of a person, whose key another process may have deleted."""
        self._by_person.drop(lambda known, _: known == person)
        self._ids.drop(lambda known, _: known[0] == person)
        self._by_attendee.drop(lambda _, key: key is not None and key.person == person)

    def forget_all(self) -> None:
        """Drop all that is remembered, when it is not known who was erased meanwhile."""
        for remembered in (self._by_person, self._ids, self._by_attendee):
            remembered.clear()

    # By attendee.

    def key_of(self, attendee: str) -> bytes | None:
        """Return the secret of whoever an attendee is; ``None`` when it was erased."""
        key = self.keys_of([attendee])[attendee]
        return key.secret if key else None

    def keys_of(self, attendees: Iterable[str]) -> dict[str, PersonalKey | None]:
        """Look up many at once: one query for all that are not remembered.

        ``None`` stands for those who were erased or never known.
        """
        wanted = set(attendees)
        found = self._by_attendee.get_all(wanted, within_s=_READ_FOR_S)
        if missing := [attendee for attendee in wanted if attendee not in found]:
            looked_up = self._look_up(missing)
            for attendee, key in looked_up.items():
                self._by_attendee.put(attendee, key)
            found |= dict.fromkeys(missing) | looked_up
        return found

    def sealing_key(self, attendee: str) -> PersonalKey | None:
        """Return the key that seals an attendee's words; ``None`` when they were erased.

        Raises ``UnknownAttendee`` when nobody was ever known by that id.
        """
        key = self._by_attendee.get(attendee) or self.keys_of([attendee])[attendee]
        if key is None and not self._by_attendee.get_all([attendee]):
            raise UnknownAttendee(f"no person is known as attendee {attendee}")
        return key

    # In the tables.

    def _key(self, person: str) -> PersonalKey:
        if len(person) > LONGEST_PERSON or person != person.strip():
            raise ValueError("a person's id is too long, or has white space around it")
        known = self._by_person.get(person)
        return known or self._by_person.put(person, self._found(person) or self._made(person))

    def _found(self, person: str) -> PersonalKey | None:
        find = select(personal_keys.c.secret).where(personal_keys.c.person == person)
        with self.engine.connect() as connection:
            secret = connection.execute(find).scalar()
        return None if secret is None else PersonalKey(person, secret)

    def _made(self, person: str) -> PersonalKey:
        made = PersonalKey(person, secrets.token_bytes(32))
        made_at = self._now().replace(tzinfo=None)
        row = {"person": person, "secret": made.secret, "made_at": made_at}
        is_new = self._insert_if_new(personal_keys, row)
        return made if is_new else self._key(person)

    def _introduced(self, person: str, talk: str) -> str:
        key = self._key(person)
        attendee = key.attendee(talk)
        row = {"attendee": attendee, "talk": talk, "person": person}
        self._insert_if_new(personal_attendees, row)
        self._by_attendee.put(attendee, key)
        return self._ids.put((person, talk), attendee)

    def _insert_if_new(self, table: Table, row: Mapping[str, object]) -> bool:
        """Insert a row, unless another thread or process has; tells whether it was new."""
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(table), row)
        except IntegrityError:
            return False
        return True

    def _look_up(self, attendees: list[str]) -> dict[str, PersonalKey | None]:
        """Find the keys of those who are known; an erased one has ``None``."""
        found: dict[str, PersonalKey | None] = {}
        if NOBODY in attendees:
            found[NOBODY] = self._key(NOBODY)
        theirs = personal_attendees.c
        rows = (
            select(theirs.attendee, theirs.person, personal_keys.c.secret)
            .outerjoin_from(
                personal_attendees, personal_keys, personal_keys.c.person == theirs.person
            )
            .where(theirs.attendee.in_(attendees))
        )
        with self.engine.connect() as connection:
            for attendee, person, secret in connection.execute(rows):
                is_erased = not person or secret is None
                found[attendee] = None if is_erased else PersonalKey(person, secret)
        return found

    def _clean_file(self) -> None:
        """Leave no deleted byte in the file or beside it, in pages moved earlier included."""
        with self.engine.connect() as connection:
            looking = to_look(connection)
            looking.exec_driver_sql("VACUUM")
            deadline = time.monotonic() + 5.0
            while looking.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar():
                if time.monotonic() > deadline:
                    raise TimeoutError("the key is deleted, but another process reads the file")
                time.sleep(0.01)  # the reader of the other process tells nobody when it ends


@contextmanager
def _within_reach() -> Iterator[None]:
    """Refuse what the database of the keys does not answer."""
    try:
        yield
    except (OperationalError, NoConnection) as error:
        raise Unavailable("the personal keys can't be reached; try again") from error


class _Recent(Generic[_Key, _Value]):
    """The values put last, each with its age. Thread-safe."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._values: OrderedDict[_Key, tuple[float, _Value]] = OrderedDict()

    def get(self, key: _Key) -> _Value | None:
        entry = self._values.get(key)
        is_recent = entry and entry[0] >= time.monotonic() - _WRITTEN_FOR_S
        return entry[1] if entry and is_recent else None

    def get_all(
        self, keys: Iterable[_Key], *, within_s: float = _WRITTEN_FOR_S
    ) -> dict[_Key, _Value]:
        since = time.monotonic() - within_s
        entries = ((key, self._values.get(key)) for key in keys)
        return {key: entry[1] for key, entry in entries if entry and entry[0] >= since}

    def put(self, key: _Key, value: _Value) -> _Value:
        with self._lock:
            self._values[key] = (time.monotonic(), value)
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        with self._lock:
            self._values.clear()

    def drop(self, condition: Callable[[_Key, _Value], bool]) -> None:
        with self._lock:
            for key in [key for key, (_, value) in self._values.items() if condition(key, value)]:
                del self._values[key]
