"""Two gateways behind one address each, and one of them is killed: nobody misses anything."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from balancing import Balancer
from live_system import Production, production
from playwright.sync_api import Browser, Locator, Page, expect
from servers import MariaDB, RabbitMQ
from visitors import Visitor

Come = Callable[[str, Balancer], Page]


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, mariadb: MariaDB, rabbitmq: RabbitMQ
) -> Iterator[Production]:
    with production(tmp_path_factory.mktemp("production"), mariadb, rabbitmq) as system:
        yield system


@pytest.fixture
def come(browser: Browser, system: Production) -> Iterator[Come]:
    """Let somebody open the talk, at an address of their own."""
    with ExitStack() as stack:

        def come(name: str, address: Balancer) -> Page:
            context = browser.new_context(locale="en-GB")
            stack.callback(context.close)
            return Visitor(context, address.url).join(name).visit(f"/talks/{system.site.talk}")

        yield come


def say(page: Page, text: str) -> None:
    page.get_by_label("Say something or ask the panel").fill(text)
    page.keyboard.press("Enter")


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("log").get_by_role("listitem").filter(has_text=text)


def test_a_gateway_is_killed_and_both_catch_up(system: Production, come: Come) -> None:
    here, there = (gateway.port for gateway in system.gateways)
    with Balancer([here, there]) as anns_way, Balancer([there, here]) as bobs_way:
        ann, bob = come("Ann", anns_way), come("Bob", bobs_way)
        say(ann, "Before it fell")
        expect(row(bob, "Before it fell")).to_be_visible()

        system.gateways[0].kill()
        say(bob, "Said while it was down")
        say(ann, "Said to a gateway that is gone")

        for page in (ann, bob):
            expect(row(page, "Said while it was down")).to_have_count(1)
            expect(row(page, "Said to a gateway that is gone")).to_have_count(1)
        expect(ann.locator(".connection")).to_have_count(0)

        system.gateways[0].start()
        system.gateways[1].kill()
        say(ann, "And now the other one")

        expect(row(bob, "And now the other one")).to_have_count(1)
        expect(bob.locator(".connection")).to_have_count(0)
        for words in ("Before it fell", "Said while it was down", "Said to a gateway that is gone"):
            expect(row(bob, words)).to_have_count(1)
