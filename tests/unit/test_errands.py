"""Errands follow a real log in a file."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from builders import HAL, NOON

from domain.application import Hearhear
from domain.commands import ScheduleTalk, StartTalk
from domain.speaker import Speaker
from domain.store import Recorded, Store, open_store
from domain.talk import Talk
from gateway.outgoing.errands import FIRST_RETRY_S, TRIES, ErrandFailed, Errands

HOST = Speaker(person=HAL, name="Hal")


class Note:
    """An errand that notes down what it was asked to do, and can be told to fail."""

    facts = frozenset({Talk.Started.TOPIC})

    def __init__(self, name: str = "note") -> None:
        self.name = name
        self.done: list[int] = []
        self.tries = 0
        self.failure: Exception | None = None

    def do(self, recorded: Recorded) -> None:
        self.tries += 1
        if self.failure:
            raise self.failure
        self.done.append(recorded.position)


class Office:
    """Where errands are run from: a log, and a clock that stands still."""

    def __init__(self, store: Store, append: Callable[[str], int]) -> None:
        self.store = store
        self.append = append
        self.second = 0.0

    def errands(self, *errands: Note) -> Errands:
        return Errands(self.store, errands, now=lambda: self.second, jitter=lambda: 0.5)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_store(f"sqlite:///{tmp_path}/hearhear.db") as store:
        app = Hearhear(store, now=lambda: NOON, new_id=lambda: str(uuid4()))

        def started(title: str) -> int:
            """Record a talk that starts; return the position of its start."""
            talk = app.schedule_talk(ScheduleTalk(title), str(uuid4()), HOST).result()
            started = app.submit(talk.result["talk"], StartTalk(), str(uuid4()), HOST).result()
            return started.position or 0

        with closing(app):
            yield Office(store, started)


def test_each_fact_it_is_about_is_done_once_and_in_order(office: Office) -> None:
    note = Note()
    errands = office.errands(note)
    first, second = office.append("one"), office.append("two")

    errands.step()
    errands.step()

    assert note.done == [first, second]


def test_what_was_before_a_new_errand_is_nobodys_news(office: Office) -> None:
    office.append("long-ago")
    note = Note()

    office.errands(note).step()

    assert note.done == []


def test_after_a_restart_it_goes_on_where_it_was(office: Office) -> None:
    office.errands(Note())
    missed = office.append("while-nobody-worked")
    note = Note()

    office.errands(note).step()

    assert note.done == [missed]


@pytest.mark.parametrize("failure", [ErrandFailed("nobody answers"), KeyError("a mistake")])
def test_what_fails_waits_and_holds_up_no_other_errand(office: Office, failure: Exception) -> None:
    broken, well = Note("broken"), Note("well")
    errands = office.errands(broken, well)
    broken.failure = failure
    position = office.append("one")

    errands.step()
    errands.step()

    assert (broken.tries, well.done) == (1, [position])
    broken.failure = None
    office.second = FIRST_RETRY_S
    errands.step()
    assert broken.done == [position]


def test_pauses_between_tries_double(office: Office) -> None:
    note = Note()
    errands = office.errands(note)
    note.failure = ErrandFailed("nobody answers")
    office.append("one")
    errands.step()

    for pause_s in (FIRST_RETRY_S, FIRST_RETRY_S * 2, FIRST_RETRY_S * 4):
        tries = note.tries
        office.second += pause_s - 0.1
        errands.step()
        assert note.tries == tries
        office.second += 0.1
        errands.step()
        assert note.tries == tries + 1


def test_the_other_side_may_ask_for_a_longer_pause(office: Office) -> None:
    note = Note()
    errands = office.errands(note)
    note.failure = ErrandFailed("busy", retry_in_s=60)
    office.append("one")
    errands.step()

    office.second = 59
    errands.step()

    assert note.tries == 1


def test_after_many_tries_a_fact_is_left_and_the_next_one_done(office: Office) -> None:
    note = Note()
    errands = office.errands(note)
    note.failure = ErrandFailed("nobody answers")
    office.append("hopeless")
    for _ in range(TRIES):
        errands.step()
        office.second += 100_000
    note.failure = None
    later = office.append("later")

    errands.step()

    assert note.done == [later]


def test_a_final_failure_is_not_tried_again(office: Office) -> None:
    note = Note()
    errands = office.errands(note)
    note.failure = ErrandFailed("gone", is_final=True)
    office.append("one")

    errands.step()
    office.second = 100_000
    errands.step()

    assert note.tries == 1


def test_who_has_rested_goes_on_where_the_other_process_is(office: Office) -> None:
    note, others = Note(), Note()
    errands = office.errands(note)
    errands.rest()
    position = office.append("one")
    office.errands(others).step()  # the other process

    errands.step()

    assert (note.done, others.done) == ([], [position])


def test_a_restored_log_is_gone_on_with_from_its_end(office: Office) -> None:
    note = Note()
    office.errands(note)
    office.append("one")
    office.store.log.renew_id()
    errands = office.errands(note)
    later = office.append("two")

    errands.step()

    assert note.done == [later]
