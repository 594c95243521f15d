"""What personal keys promise, on each database: sealing, ids that can't be joined, erasure."""

import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from builders import NOON
from saying import Ask, saying
from sqlalchemy import Engine, MetaData, select

from domain.person import Person
from domain.store import ERASED_MARK, Store, open_store
from domain.store.keys import NOBODY, UnknownAttendee
from domain.store.recorders import LogApplicationRecorder
from domain.store.schema import commands

TEXT, NAME = "Unmistakable words", "Annabella"


def say(store: Store, *asks: Ask) -> None:
    with saying(store) as writer:
        for future in [writer.submit(ask) for ask in asks]:
            future.result(10)


def read_names_and_texts(store: Store) -> list[str]:
    facts = [recorded.fact for recorded in store.read(0, 100)]
    return [getattr(fact, "text", "") or getattr(fact, "name", "") for fact in facts]


def test_a_key_is_made_once_whoever_asks(store: Store, store_url: str) -> None:
    with open_store(store_url) as other, ThreadPoolExecutor(8) as pool:
        rings = [store.keys, other.keys] * 4

        secrets = set(pool.map(lambda ring: ring.ensure("ann"), rings))

    assert [len(secret) for secret in secrets] == [32]


def test_an_attendee_id_is_a_keyed_hash_of_the_talk(store: Store) -> None:
    secret = store.keys.ensure("ann")

    attendee = store.keys.attendee("ann", "talk-1")

    assert attendee == hmac.digest(secret, b"talk-1", sha256)[:16].hex()


def test_a_person_has_another_id_in_every_talk(store: Store) -> None:
    ids = {store.keys.attendee(person, talk) for person in ("ann", "bob") for talk in ("1", "2")}

    assert len(ids) == 4
    assert sorted(store.keys.attended("ann")) == [
        (talk, store.keys.attendee("ann", talk)) for talk in ("1", "2")
    ]


def test_persons_differ_by_every_character(store: Store) -> None:
    people = ["ann", "Ann", "änn", "ann\u0301"]

    assert len({store.keys.ensure(person) for person in people}) == 4


@pytest.mark.parametrize("person", [" ann", "ann ", "a" * 191])
def test_an_id_that_a_database_might_confuse_is_refused(store: Store, person: str) -> None:
    with pytest.raises(ValueError, match="a person's id"):
        store.keys.ensure(person)


def test_a_key_is_found_by_attendee_in_another_process(store: Store, store_url: str) -> None:
    attendee = store.keys.attendee("ann", "talk-1")

    with open_store(store_url) as other:
        assert other.keys.key_of(attendee) == store.keys.ensure("ann")
        assert other.keys.key_of("somebody") is None


def test_nobody_has_a_key_too(store: Store) -> None:
    assert store.keys.sealing_key(NOBODY) is not None


def test_words_of_somebody_unknown_are_not_sealed(store: Store) -> None:
    with pytest.raises(UnknownAttendee):
        store.keys.sealing_key("somebody")


def test_a_fresh_process_reads_what_another_wrote(store: Store, store_url: str) -> None:
    say(store, Ask("annabella", text=TEXT))

    with open_store(store_url) as fresh:
        assert read_names_and_texts(fresh) == [NAME, TEXT]


def test_the_words_of_an_erased_person_read_as_a_mark(store: Store) -> None:
    say(store, Ask("annabella", text=TEXT), Ask("bob", text="Mine stay"))

    erased = store.keys.erase("annabella")

    assert [talk for talk, _ in erased] == ["talk-1"]
    assert read_names_and_texts(store) == [ERASED_MARK, ERASED_MARK, "Bob", "Mine stay"]


def test_an_erasure_may_be_repeated(store: Store) -> None:
    say(store, Ask("annabella", text=TEXT))
    store.keys.erase("annabella")

    assert store.keys.erase("annabella") == []


def test_an_erased_person_who_comes_back_is_somebody_else(store: Store) -> None:
    before = store.keys.attendee("ann", "talk-1")
    store.keys.erase("ann")

    after = store.keys.attendee("ann", "talk-1")

    assert after != before
    assert store.keys.key_of(before) is None
    assert store.keys.key_of(after) == store.keys.ensure("ann")


def test_another_process_forgets_a_key_when_it_reads_of_the_erasure(
    store: Store, store_url: str
) -> None:
    say(store, Ask("annabella", text=TEXT))
    with open_store(store_url) as other:
        assert read_names_and_texts(other) == [NAME, TEXT]
        store.keys.erase("annabella")
        record(store, Person.erase("annabella", at=NOON))

        assert read_names_and_texts(other)[:2] == [ERASED_MARK, ERASED_MARK]


def record(store: Store, person: Person) -> None:
    recorder = LogApplicationRecorder(store.log)
    recorder.insert_events([store.mapper.to_stored_event(f) for f in person.collect_events()])


# What lies on the disk.


def test_the_store_holds_no_text_and_no_name_in_the_clear(store: Store, tmp_path: Path) -> None:
    say(store, Ask("annabella", text=TEXT))

    stored = b"\n".join(everything_stored(store, tmp_path))

    assert b"participation.line-posted" in stored
    for secret in (TEXT, NAME):
        assert secret.encode() not in stored


def test_kept_answers_do_not_join_the_ids_of_a_person(store: Store) -> None:
    say(store, Ask("annabella", talk="talk-1"), Ask("annabella", talk="talk-2"))

    with store.log.engine.connect() as connection:
        rows = connection.execute(select(commands.c.actor, commands.c.talk)).all()

    assert len({actor for actor, _ in rows}) == 2
    assert "annabella" not in str(rows)


def test_of_an_erased_person_no_byte_of_the_key_is_left(store: Store, tmp_path: Path) -> None:
    people = [f"person-{n}" for n in range(60)]
    secrets = {person: store.keys.ensure(person) for person in people}
    say(store, *[Ask(person) for person in people])
    gone, kept = people[::2], people[1::2]

    for person in gone:
        store.keys.erase(person)

    stored = b"\n".join(everything_stored(store, tmp_path))
    assert [person for person in gone if secrets[person] in stored] == []
    assert [person for person in kept if secrets[person] not in stored] == []
    assert [person for person in gone if person.encode() + b"\n" in stored] == []


def everything_stored(store: Store, folder: Path) -> Iterator[bytes]:
    """Read every byte of SQLite's files, or every cell of MariaDB's tables."""
    if store.url.startswith("sqlite"):
        yield from (path.read_bytes() for path in folder.iterdir() if path.is_file())
    else:
        yield from cells(store.log.engine)


def cells(engine: Engine) -> Iterator[bytes]:
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                yield from (c if isinstance(c, bytes) else str(c).encode() for c in row)


def test_a_file_of_keys_is_nobody_elses_to_read(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/hearhear.db").close()

    assert (tmp_path / "hearhear-keys.db").stat().st_mode & 0o077 == 0
