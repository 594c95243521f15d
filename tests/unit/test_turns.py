"""Several processes take turns; the lease is faked here, and the database may be out of reach."""

import threading

import pytest
from sqlalchemy.exc import OperationalError
from waiting import eventually

from projections.turns import Turns


class Lease:
    def __init__(self) -> None:
        self.is_ours = True
        self.was_given_back = False

    def take(self) -> bool:
        return self.is_ours

    def give_back(self) -> None:
        self.was_given_back = True


class Work:
    def __init__(self) -> None:
        self.lease = Lease()
        self.steps: list[str] = []
        self.troubles: list[Exception] = []

    def turns(self) -> Turns:
        return Turns("work", self.lease, self.step, rest=self.rest, every_s=0.001)  # type: ignore[arg-type]

    def step(self) -> None:
        self.steps.append("step")
        if self.troubles:
            raise self.troubles.pop()

    def rest(self) -> None:
        self.steps.append("rest")


def test_steps_are_taken_in_our_turn_alone() -> None:
    work = Work()
    turns = work.turns()
    turns.take()
    work.lease.is_ours = False

    turns.take()

    assert work.steps == ["step", "rest"]


@pytest.mark.parametrize(
    "trouble", [OperationalError("SELECT 1", {}, Exception("gone away")), KeyError("a mistake")]
)
def test_a_trouble_is_waited_out(trouble: Exception) -> None:
    work = Work()
    work.troubles = [trouble]
    turns = work.turns()
    thread = threading.Thread(target=turns.run)
    thread.start()

    eventually(lambda: len(work.steps) > 1)

    turns.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_whoever_stops_lets_another_take_over_at_once() -> None:
    work = Work()
    turns = work.turns()
    turns.stop()

    turns.run()

    assert work.steps == []
    assert work.lease.was_given_back
