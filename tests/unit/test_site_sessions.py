"""The host site's session cookie: whose it is, how soon a sign-out holds, a site that is down."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from site_keys import MONDAY
from starlette.requests import HTTPConnection

from domain.errors import Unauthenticated, Unavailable
from domain.speaker import Speaker
from gateway.identity import SITE, Credentials, Identity, UsedCodesInMemory
from gateway.site_people import person_of
from gateway.site_sessions import (
    ANSWERS_WITHIN_S,
    FRESH_S,
    KNOWN_S,
    RETRY_S,
    SiteDownError,
    SiteSessions,
    SiteVisit,
    while_signed_in,
)

pytestmark = pytest.mark.anyio

ANN = {"sub": "42", "name": "Ann", "roles": ["host"]}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.passes(seconds)
        await asyncio.sleep(0)

    def passes(self, seconds: float) -> None:
        self.now += seconds


class Site:
    """A host site with its sessions, which can be down."""

    def __init__(self) -> None:
        self.sessions: dict[str, Mapping[str, Any]] = {"c1": ANN}
        self.asked = 0
        self.is_down = False

    def session(self, cookie: str) -> Mapping[str, Any] | None:
        self.asked += 1
        if self.is_down:
            raise SiteDownError("nobody answers")
        return self.sessions.get(cookie)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def sessions(site: Site, clock: Clock) -> Iterator[SiteSessions]:
    made = SiteSessions(site, clock, clock.sleep)
    yield made
    made.close()


async def test_a_session_is_its_account_at_the_site(sessions: SiteSessions) -> None:
    assert await sessions.find("c1") == Speaker(
        person=person_of("", "42"), name="Ann", roles=frozenset({"host"}), signed_in=True
    )
    assert await sessions.find("unknown") is None


async def test_an_answer_holds_for_a_short_time(
    sessions: SiteSessions, site: Site, clock: Clock
) -> None:
    assert await sessions.find("c1")
    del site.sessions["c1"]

    clock.passes(FRESH_S - 0.1)
    assert await sessions.find("c1")
    clock.passes(0.2)
    assert await sessions.find("c1") is None

    assert site.asked == 2


def test_signing_out_holds_within_half_a_minute_even_after_a_moment_of_silence() -> None:
    assert FRESH_S + ANSWERS_WITHIN_S + RETRY_S < 30


async def test_who_just_signed_in_is_known_within_seconds(
    sessions: SiteSessions, site: Site, clock: Clock
) -> None:
    assert await sessions.find("c2") is None
    site.sessions["c2"] = ANN

    clock.passes(2.1)

    assert await sessions.find("c2")


async def test_many_requests_at_once_ask_once(sessions: SiteSessions, site: Site) -> None:
    found = await asyncio.gather(*(sessions.find("c1") for _ in range(20)))

    assert len(set(map(id, found))) == 1
    assert site.asked == 1


async def test_while_the_site_is_down_those_it_vouched_for_stay(
    sessions: SiteSessions, site: Site, clock: Clock
) -> None:
    ann = await sessions.find("c1")
    site.is_down = True

    clock.passes(KNOWN_S - 1)
    assert await sessions.find("c1") == ann
    clock.passes(2)
    with pytest.raises(Unavailable):
        await sessions.find("c1")


async def test_while_the_site_is_down_newcomers_are_told_so(
    sessions: SiteSessions, site: Site
) -> None:
    site.is_down = True

    with pytest.raises(Unavailable, match="site where you are signed in does not answer"):
        await sessions.find("c1")


async def test_a_silent_site_is_left_alone_for_a_while(
    sessions: SiteSessions, site: Site, clock: Clock
) -> None:
    site.is_down = True
    for cookie in ("c1", "c2", "c3"):
        with pytest.raises(Unavailable):
            await sessions.find(cookie)
    assert site.asked == 1

    site.is_down = False
    clock.passes(RETRY_S)

    assert await sessions.find("c1")


async def test_an_answer_without_a_name_is_a_site_that_is_not_right(
    sessions: SiteSessions, site: Site
) -> None:
    site.sessions["c1"] = {"sub": "42"}

    with pytest.raises(Unavailable):
        await sessions.find("c1")


@pytest.mark.parametrize("cookie", ["", "a\r\nHost: evil", "a;b", 'a"b', "a b", "x" * 5000, "é"])
async def test_what_is_no_cookie_is_not_passed_on(
    sessions: SiteSessions, site: Site, cookie: str
) -> None:
    assert await sessions.find(cookie) is None
    assert site.asked == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda site: site.sessions.clear(),
        lambda site: site.sessions.update(c1={**ANN, "roles": []}),
        lambda site: site.sessions.update(c1={**ANN, "sub": "43"}),
    ],
    ids=["signed out", "another role", "somebody else"],
)
async def test_an_open_connection_hears_of_a_change(
    sessions: SiteSessions, site: Site, clock: Clock, change: Callable[[Site], None]
) -> None:
    ann = await sessions.find("c1")
    assert ann
    since = clock.now

    change(site)
    await sessions.changed("c1", ann)

    assert clock.now - since <= FRESH_S


async def test_an_open_connection_stays_while_the_site_is_down(
    sessions: SiteSessions, site: Site, clock: Clock
) -> None:
    ann = await sessions.find("c1")
    assert ann
    since = clock.now
    site.is_down = True
    waiting = asyncio.create_task(sessions.changed("c1", ann))
    while clock.now - since < 2 * FRESH_S + RETRY_S:  # noqa: ASYNC110 - the clock is no event
        await asyncio.sleep(0)
    assert not waiting.done()

    site.is_down = False
    site.sessions.clear()
    await waiting


async def test_who_came_while_the_site_was_silent_is_recognised_when_it_answers(
    sessions: SiteSessions, site: Site, clock: Clock
) -> None:
    site.is_down = True
    with pytest.raises(Unavailable):
        await sessions.find("c1")
    visit = SiteVisit(
        DOWN, partial(sessions.changed, "c1"), answered=partial(sessions.answered, "c1")
    )
    connection = HTTPConnection({"type": "http", SITE: visit})
    since, ended = clock.now, asyncio.Event()

    async with while_signed_in(connection, None, ended.set):
        while clock.now - since < 3 * RETRY_S:  # noqa: ASYNC110 - the clock is no event
            await asyncio.sleep(0)
        assert not ended.is_set()

        site.is_down = False
        await asyncio.wait_for(ended.wait(), 5)

    ann = await sessions.find("c1")
    assert ann
    assert ann.name == "Ann"


def identity() -> Identity:
    return Identity(
        ["n" * 32],
        used_codes=UsedCodesInMemory(lambda: MONDAY),
        now=lambda: MONDAY,
        new_id=lambda: "guest",
    )


AT_SITE = Speaker(person="ann", name="Ann", signed_in=True)
DOWN = Unavailable("the site does not answer")


def test_who_signed_in_at_the_site_is_no_guest_any_more() -> None:
    ours = identity()
    guest = ours.token_for(ours.guest("Annie"))

    assert ours.speaker(Credentials(cookie=guest, site=AT_SITE)) == AT_SITE
    assert ours.speaker(Credentials(site=AT_SITE)) == AT_SITE


def test_a_role_by_one_of_our_links_stays() -> None:
    ours = identity()
    host = ours.invited("Ann", role="host")

    assert ours.speaker(Credentials(cookie=ours.token_for(host), site=AT_SITE)) == host


def test_a_newcomer_is_told_that_the_site_is_down_but_may_read() -> None:
    ours = identity()

    with pytest.raises(Unavailable):
        ours.speaker(Credentials(site=DOWN))
    assert ours.reader(Credentials(site=DOWN)) is None


def test_a_guest_stays_a_guest_while_the_site_is_down() -> None:
    ours = identity()
    guest = ours.guest("Annie")

    assert ours.speaker(Credentials(cookie=ours.token_for(guest), site=DOWN)) == guest


def test_a_bad_bearer_token_is_refused_whatever_the_site_says() -> None:
    with pytest.raises(Unauthenticated):
        identity().speaker(Credentials(bearer="bad", site=AT_SITE))
