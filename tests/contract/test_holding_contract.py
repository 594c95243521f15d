"""Held lines and questions, with the real application, projector and steward on each database."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from auditorium import HAL, Auditorium, Stepping
from builders import later

from domain import commands
from domain.commands import Command
from domain.store import Store
from projections.projector import open_views
from projections.reading import Views
from projections.steward import Steward


class House:
    """A hall whose projector and steward are moved by the test."""

    def __init__(self, store: Store, views_url: str) -> None:
        self.hall = Auditorium(store)
        self.views_url = views_url
        self.store = store
        self.views = Views(views_url)
        self.project()

    def project(self) -> None:
        """Let a new projector catch up, as one that took over would."""
        stepping = Stepping(self.store, self.views_url)
        stepping.catch_up()
        stepping.close()

    def steward(self) -> None:
        """Let a new steward do what is due, and see it projected."""
        Steward(
            live=list,
            present=dict,
            to_release=self.views.to_release,
            submit=self._submit,
            now=lambda: later(self.hall.second),
        ).step()

    def _submit(self, talk: str, command: Command, command_id: str, at: datetime) -> object:
        return self.hall.app.submit(talk, command, command_id, HAL, at=at).result(10)

    def feed(self) -> list[str]:
        """Tell the texts that the room shows."""
        self.project()
        snapshot = self.views.snapshot(self.hall.talk, "room")
        assert snapshot is not None
        return [said["text"] for said in snapshot.view["feed"].values()]

    def close(self) -> None:
        self.hall.app.close()
        self.views.close()


@pytest.fixture
def house(store: Store, store_url: str, tmp_path: Path) -> Iterator[House]:
    views_url = f"sqlite:///{tmp_path}/views.db" if store_url.startswith("sqlite") else store_url
    open_views(views_url).dispose()
    house = House(store, views_url)
    yield house
    house.close()


def test_a_held_text_is_released_once_when_its_time_has_come(house: House) -> None:
    house.hall.do("hal", commands.SetPolicy(hold="release", release_after_s=10))
    house.hall.do("ann", commands.PostLine(text="A line"))
    house.hall.do("bob", commands.AskQuestion(text="A question?"))

    house.hall.second = 9.9
    house.project()
    house.steward()
    assert house.feed() == []

    house.hall.second = 10
    house.steward()
    released = house.store.log.head()
    house.steward()  # before the views know: the same command ids
    assert house.store.log.head() == released
    assert sorted(house.feed()) == ["A line", "A question?"]
    house.steward()
    assert house.store.log.head() == released


def test_a_rejection_beats_the_release(house: House) -> None:
    house.hall.do("hal", commands.SetPolicy(hold="release", release_after_s=10))
    line = house.hall.do("ann", commands.PostLine(text="Buy my book"))["line"]
    house.project()

    house.hall.do("hal", commands.Reject(item=line, why="advertising"))
    house.hall.second = 11
    house.steward()  # its views do not know of the rejection yet

    assert house.feed() == []
    names = [recorded.fact for recorded in house.store.read(0, 1000)]
    assert "LineReleased" not in {type(fact).__name__ for fact in names}


def test_what_waits_for_a_moderator_alone_is_never_released(house: House) -> None:
    house.hall.do("hal", commands.SetPolicy(hold="release", release_after_s=10, terms=["darn"]))
    line = house.hall.do("ann", commands.PostLine(text="Darn"))["line"]

    house.hall.second = 3600
    house.project()
    house.steward()
    assert house.feed() == []

    house.hall.do("hal", commands.Approve(item=line))
    assert house.feed() == ["Darn"]
