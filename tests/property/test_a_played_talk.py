"""Any talk, played through the real application and folded, is what the model says."""

import tempfile
from pathlib import Path
from uuid import uuid4

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from servers import MariaDB
from talk_machine import TalkMachine

from domain.application import Hearhear
from domain.clock import utc_now
from domain.store import open_store
from projections.patch import Document
from projections.talk_views import ROOM, TalkViews


def read_room(app: Hearhear, talk: str) -> Document:
    """Fold the whole log of a talk into its room."""
    views = TalkViews(talk)
    for recorded in app.store.read(0, 100_000, talk=talk):
        views.fold(recorded.fact, recorded.position)
    views.change()
    return views.document(ROOM)


def application(url: str) -> Hearhear:
    """Open the real application."""
    return Hearhear(open_store(url), now=utc_now, new_id=lambda: str(uuid4()))


def play(url: str, *, talks: int, steps: int) -> None:
    class Machine(TalkMachine):
        make_application = staticmethod(lambda: application(url))
        read_room = staticmethod(read_room)

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=talks, stateful_step_count=steps, deadline=None)
    )


def test_a_talk_on_sqlite_is_what_the_model_says() -> None:
    with tempfile.TemporaryDirectory() as folder:
        play(f"sqlite:///{Path(folder) / 'played.db'}", talks=30, steps=40)


def test_a_talk_on_mariadb_is_what_the_model_says(mariadb: MariaDB) -> None:
    play(mariadb.fresh_database(), talks=8, steps=40)
