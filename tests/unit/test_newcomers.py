"""How many guests may come from one address."""

import pytest

from domain.errors import TooFast
from gateway.newcomers import Newcomers, network_of


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_guest_too_many_is_told_when_to_come_back() -> None:
    clock = Clock()
    newcomers = Newcomers(2, clock)
    newcomers.let_in("203.0.113.7")
    clock.now += 600
    newcomers.let_in("203.0.113.7")

    with pytest.raises(TooFast) as refused:
        newcomers.let_in("203.0.113.7")

    assert refused.value.retry_after_s == 3000
    newcomers.let_in("203.0.113.8")
    clock.now += 3000
    newcomers.let_in("203.0.113.7")


def test_without_a_limit_everybody_comes_in() -> None:
    newcomers = Newcomers(0, Clock())

    for _ in range(50):
        newcomers.let_in("203.0.113.7")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.9", "", "unix"])
def test_this_machine_itself_is_not_counted(address: str) -> None:
    newcomers = Newcomers(1, Clock())

    for _ in range(3):
        newcomers.let_in(address)


def test_a_household_counts_once_whatever_addresses_it_has() -> None:
    assert network_of("2001:db8:1:2::5") == network_of("2001:db8:1:2:aaaa::1")
    assert network_of("2001:db8:1:2::5") != network_of("2001:db8:1:3::5")
    assert network_of("::ffff:203.0.113.7") == "203.0.113.7"
