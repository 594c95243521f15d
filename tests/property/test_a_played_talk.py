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


class Reader:
    """Folds a talk as far as it has come, each time it is asked."""

    def __init__(self) -> None:
        self.views = TalkViews("")

    def __call__(self, app: Hearhear, talk: str) -> Document:
        for recorded in app.store.read(self.views.position, 1_000, talk=talk):
            self.views.fold(recorded.fact, recorded.position)
        self.views.change()
        return self.views.document(ROOM)


def application(url: str) -> Hearhear:
    """Open the real application."""
    return Hearhear(open_store(url), now=utc_now, new_id=lambda: str(uuid4()))


def play(url: str, *, talks: int, steps: int) -> None:
    class Machine(TalkMachine):
        make_application = staticmethod(lambda: application(url))
        make_reader = Reader

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=talks, stateful_step_count=steps, deadline=None)
    )


def test_a_talk_on_sqlite_is_what_the_model_says() -> None:
    with tempfile.TemporaryDirectory() as folder:
        play(f"sqlite:///{Path(folder) / 'played.db'}", talks=20, steps=30)


def test_a_talk_on_mariadb_is_what_the_model_says(mariadb: MariaDB) -> None:
    play(mariadb.fresh_database(), talks=6, steps=30)
