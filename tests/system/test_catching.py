"""Catching posts from networks that are played on loopback, into a talk on a real store."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from auditorium import Auditorium
from networks import DID, Networks, post_record, v1, v2
from starlette.responses import JSONResponse, PlainTextResponse, Response
from waiting import eventually_async

from domain import commands as c
from domain.errors import Unavailable
from domain.participation import Participation
from domain.social import SocialPost
from domain.store import open_store
from gateway.catching.bluesky import Bluesky
from gateway.catching.catcher import Catcher, Clock, NothingToCatchError, posts_caught
from gateway.catching.cursors import Cursors
from gateway.catching.mastodon import Mastodon
from gateway.catching.source import Source, SourceError
from gateway.catching.x import X
from gateway.outside import Outside

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture(scope="module")
def world() -> Iterator[Networks]:
    with Networks() as networks:
        yield networks


@pytest.fixture
def networks(world: Networks) -> Networks:
    """The networks, with nothing written in them yet."""
    for stream in (
        world.mastodon_events,
        world.mastodon_socket,
        world.jetstream,
        world.jetstream2,
        world.x,
    ):
        stream.drop()
        stream.frames, stream.connections = [], []
    for written in (world.statuses, world.tweets, world.rules, world.refusals, world.asked):
        written.clear()
    return world


@pytest.fixture(scope="module")
def auditorium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Auditorium]:
    folder = tmp_path_factory.mktemp("catching")
    with open_store(f"sqlite:///{folder}/store.db") as store:
        auditorium = Auditorium(store)
        yield auditorium
        auditorium.app.close()


class Hall:
    """A talk with a hashtag, and a catcher for it that never waits long."""

    def __init__(self, auditorium: Auditorium, networks: Networks) -> None:
        self.hall = auditorium
        self.hall.talk = auditorium.another_talk()
        self.hall.do("hal", c.SetPolicy(hashtags=["Pricing"], hold_posts="off"))
        self.store = store = auditorium.app.store
        self.networks = networks
        self.told: list[str] = []
        self.waits: list[float] = []
        self.cursors = Cursors(store.log.engine)
        self.outside = Outside(LOOPBACK)
        self.seconds = 0.0

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(min(seconds, 0.01))

    def catcher(self, make: Callable[["Hall"], list[Source]]) -> Catcher:
        clock = Clock(now=lambda: self.seconds, jitter=lambda: 1.0, sleep=self._sleep)
        return Catcher(
            self.hall.app,
            self.hall.talk,
            lambda *_: make(self),
            self.cursors,
            clock,
            self.told.append,
        )

    @asynccontextmanager
    async def catching(self, make: Callable[["Hall"], list[Source]]) -> Any:
        catching = asyncio.create_task(self.catcher(make).run())
        try:
            yield catching
        finally:
            catching.cancel()
            await asyncio.gather(catching, return_exceptions=True)

    def texts(self) -> list[str]:
        """Tell the texts of the posts that were caught and not withdrawn, in order."""
        texts: dict[str, str] = {}
        for recorded in self.store.read(0, 10_000, talk=self.hall.talk):
            match recorded.fact:
                case SocialPost.Caught() as fact:
                    texts[fact.originator_id] = fact.text
                case SocialPost.Withdrawn() as fact:
                    del texts[fact.originator_id]
        return list(texts.values())

    async def has(self, *texts: str) -> None:
        await eventually_async(lambda: self.texts() == list(texts), within_s=10, hint=f"{texts}")

    def posts(self) -> list[SocialPost.Caught]:
        facts = (recorded.fact for recorded in self.store.read(0, 10_000, talk=self.hall.talk))
        return [fact for fact in facts if isinstance(fact, SocialPost.Caught)]


@pytest.fixture
def hall(auditorium: Auditorium, networks: Networks) -> Hall:
    return Hall(auditorium, networks)


def mastodon_events(hall: Hall) -> list[Source]:
    return [Mastodon(hall.outside, hall.networks.url, "token-1", "Pricing")]


def mastodon_socket(hall: Hall) -> list[Source]:
    return [Mastodon(hall.outside, hall.networks.ws_url, "token-1", "Pricing")]


def bluesky_v1(hall: Hall) -> list[Source]:
    url = f"{hall.networks.ws_url}/subscribe"
    return [Bluesky(hall.outside, url, hall.networks.url, ["Pricing"])]


def bluesky_v2(hall: Hall) -> list[Source]:
    url = f"{hall.networks.ws_url}/xrpc/network.bsky.jetstream.subscribeEvents"
    return [Bluesky(hall.outside, url, hall.networks.url, ["Pricing"])]


def x(hall: Hall) -> list[Source]:
    return [X(hall.outside, hall.networks.url, "token-2", hall.hall.talk, ["Pricing"])]


STREAMS = {
    mastodon_events: "mastodon_events",
    mastodon_socket: "mastodon_socket",
    bluesky_v1: "jetstream",
    bluesky_v2: "jetstream2",
    x: "x",
}


async def connected(hall: Hall, make: Any, connections: int = 1) -> dict[str, str]:
    stream = getattr(hall.networks, STREAMS[make])
    await eventually_async(lambda: len(stream.connections) >= connections, within_s=10)
    last: dict[str, str] = stream.connections[-1]
    return last


def write(hall: Hall, make: Any, number: int, text: str) -> None:
    """Write a post where a source listens."""
    if make in {mastodon_events, mastodon_socket}:
        hall.networks.toot(str(number), text)
    elif make is bluesky_v1:
        hall.networks.jetstream.tell(v1(number, f"r{number}", record=post_record(text)))
    elif make is bluesky_v2:
        hall.networks.jetstream2.tell(v2(number, f"r{number}", record=post_record(text)))
    else:
        hall.networks.tweet(str(number), text)


@pytest.mark.parametrize("make", STREAMS, ids=STREAMS.values())
def test_each_network_fills_a_talk_in_order_and_goes_on_after_a_break_and_a_restart(
    hall: Hall, make: Any
) -> None:
    start = 10_000_000

    async def play() -> None:
        async with hall.catching(make):
            await connected(hall, make)
            write(hall, make, start + 1, "one")
            write(hall, make, start + 2, "two")
            await hall.has("one", "two")

            getattr(hall.networks, STREAMS[make]).drop()
            write(hall, make, start + 3, "three, in the break")
            await hall.has("one", "two", "three, in the break")
            assert "trying again in 1 s" in hall.told[-1]
        write(hall, make, start + 4, "four, while nobody listened")
        async with hall.catching(make):
            await hall.has("one", "two", "three, in the break", "four, while nobody listened")
            await connected(hall, make, 3)
            write(hall, make, start + 5, "five")
            await hall.has(
                "one", "two", "three, in the break", "four, while nobody listened", "five"
            )

    asyncio.run(play())


def test_mastodon_tells_who_wrote_what_where_and_needs_its_token(hall: Hall) -> None:
    async def play() -> None:
        async with hall.catching(mastodon_events):
            asked = await connected(hall, mastodon_events)
            assert asked["authorization"] == "Bearer token-1"
            assert asked["query"] == "tag=Pricing"
            hall.networks.toot("7", 'Dear &amp; <a href="https://x">#<span>pricing</span></a>')
            hall.networks.toot("8", "for friends", visibility="private")
            hall.networks.toot("9", "repeated", reblog={"id": "1"})
            hall.networks.toot("10", "x" * 5000, acct="dee@other.example", spoiler_text="Long")
            await eventually_async(lambda: len(hall.posts()) == 2)

    asyncio.run(play())

    first, second = hall.posts()
    assert (first.source, first.post_id) == ("mastodon", "7")
    assert first.text == "Dear & #pricing"
    assert first.url == "https://example.social/@cat/7"
    assert second.text.startswith("[Long] xxx")
    assert (len(second.text), second.text[-1]) == (2000, "…")


@pytest.mark.parametrize("make", [mastodon_events, mastodon_socket])
def test_mastodons_deletions_are_followed_also_those_that_nobody_heard(
    hall: Hall, make: Any
) -> None:
    async def play() -> None:
        async with hall.catching(make):
            await connected(hall, make)
            for number in (1, 2, 3):
                hall.networks.toot(str(number), f"post {number}")
            await hall.has("post 1", "post 2", "post 3")
            hall.networks.mastodon("delete", "2")
            hall.networks.mastodon("delete", "99")
            await hall.has("post 1", "post 3")
        del hall.networks.statuses["3"]
        async with hall.catching(make):
            await hall.has("post 1")

    asyncio.run(play())


@pytest.mark.parametrize("make", [bluesky_v1, bluesky_v2])
def test_bluesky_tells_only_what_has_the_hashtag_by_whom_it_is_called(
    hall: Hall, make: Any
) -> None:
    frame = {bluesky_v1: v1, bluesky_v2: v2}[make]

    async def play() -> None:
        async with hall.catching(make):
            asked = await connected(hall, make)
            stream = getattr(hall.networks, STREAMS[make])
            stream.tell(
                frame(10_000_001, "a", record=post_record("other", tag="other")),
                frame(10_000_002, "b", collection="app.bsky.feed.like", record={}),
                frame(10_000_003, "c", record={"text": "#pricing without a facet"}),
                frame(10_000_004, "d", record={"text": "Beside it", "tags": ["pricing"]}),
                frame(10_000_005, "e", record=post_record("Why so dear?\x00\u202e")),
                frame(10_000_006, "d", operation="delete"),
                frame(10_000_007, "zzz", operation="delete"),
            )
            await hall.has("Why so dear?")
            assert "app.bsky.feed.post" in asked["query"]

    asyncio.run(play())

    caught = hall.posts()[-1]
    assert caught.post_id == f"at://{DID}/app.bsky.feed.post/e"
    assert caught.url == f"https://bsky.app/profile/{DID}/post/e"
    facts = (recorded.fact for recorded in hall.store.read(0, 1000, talk=hall.hall.talk))
    assert "@cat.bsky.social" in {f.name for f in facts if isinstance(f, Participation.Joined)}


def test_version_2_is_asked_for_by_its_protocol_and_told_what_is_wanted(hall: Hall) -> None:
    async def play() -> None:
        async with hall.catching(bluesky_v2):
            asked = await connected(hall, bluesky_v2)
            assert asked["sec-websocket-protocol"] == "xrpc.v1.json"
            assert asked["query"].startswith("kinds=commit&kinds=identity&kinds=account&collec")
            info = {"$type": "network.bsky.jetstream.subscribeEvents#info", "name": "FutureCursor"}
            hall.networks.jetstream2.tell({"$type": "message", "payload": {**info, "seq": 0}})
            hall.networks.jetstream2.tell("no json", '{"payload": 7}')
            write(hall, bluesky_v2, 7, "still there")
            await hall.has("still there")
            hall.networks.jetstream2.tell({"$type": "error", "error": "ConsumerTooSlow"})
            await eventually_async(lambda: "ConsumerTooSlow" in " ".join(hall.told))

    hall.networks.jetstream2.cursor_of = lambda _: 10**9
    asyncio.run(play())


def test_a_cursor_that_is_too_old_begins_at_the_end_and_says_so(hall: Hall) -> None:
    hall.cursors.put(hall.hall.talk, "bluesky/127.0.0.1/v2", "5")
    too_old = JSONResponse({"error": "CursorTooOld", "message": "floor is 900"}, 400)
    hall.networks.refusals["/xrpc/network"].append(too_old)

    async def play() -> None:
        async with hall.catching(bluesky_v2):
            asked = await connected(hall, bluesky_v2)
            assert "cursor" not in asked
            write(hall, bluesky_v2, 1000, "from now on")
            await hall.has("from now on")

    asyncio.run(play())


def test_an_account_that_goes_takes_its_posts_along(hall: Hall) -> None:
    async def play() -> None:
        async with hall.catching(bluesky_v1):
            await connected(hall, bluesky_v1)
            write(hall, bluesky_v1, 10_000_001, "one")
            write(hall, bluesky_v1, 10_000_002, "two")
            await hall.has("one", "two")
            account = {"active": False, "did": DID, "status": "deleted"}
            told = {"did": DID, "time_us": 10_000_003, "kind": "account", "account": account}
            hall.networks.jetstream.tell(told)
            await hall.has()

    asyncio.run(play())


def test_x_gets_a_rule_for_each_hashtag_and_loses_those_of_old_ones(hall: Hall) -> None:
    talk = hall.hall.talk
    hall.networks.rules["8"] = {"id": "8", "value": "#old", "tag": f"hearhear {talk}"}
    hall.networks.rules["9"] = {"id": "9", "value": "#theirs", "tag": "somebody else's"}

    async def play() -> None:
        async with hall.catching(x):
            asked = await connected(hall, x)
            assert asked["authorization"] == "Bearer token-2"
            assert "expansions=author_id" in asked["query"]
            hall.networks.tweet("6", "of another talk", rule="hearhear talk-2")
            hall.networks.tweet("7", "Dear &amp; &lt;b&gt;")
            await hall.has("Dear & <b>")
            del hall.networks.tweets["7"]
            hall.seconds += 1000
            hall.networks.tweet("8", "next")
            await hall.has("next")

    asyncio.run(play())

    values = sorted(rule["value"] for rule in hall.networks.rules.values())
    assert values == ["#Pricing -is:retweet", "#theirs"]
    assert hall.posts()[0].url == "https://x.com/cat/status/7"


def test_a_stream_of_x_that_is_ended_is_taken_up_again(hall: Hall) -> None:
    async def play() -> None:
        async with hall.catching(x):
            await connected(hall, x)
            hall.networks.x.tell({"errors": [{"title": "operational-disconnect"}]}, "no json")
            await connected(hall, x, 2)
            assert "operational-disconnect" in hall.told[0]
            hall.networks.tweet("7", "after it")
            await hall.has("after it")

    asyncio.run(play())


PATHS = {
    mastodon_events: "/api/v1/streaming",
    mastodon_socket: "/api/v1/streaming",
    bluesky_v1: "/subscribe",
    bluesky_v2: "/xrpc/network",
    x: "/2/tweets/search/stream",
}


@pytest.mark.parametrize("make", PATHS, ids=STREAMS.values())
def test_a_source_that_is_busy_is_left_alone_as_long_as_it_asks(hall: Hall, make: Any) -> None:
    hall.networks.refusals[PATHS[make]] += [
        PlainTextResponse("slow down", 429, {"Retry-After": "77"}),
        PlainTextResponse("broken", 500),
        PlainTextResponse("broken", 503),
    ]

    async def play() -> None:
        async with hall.catching(make):
            await connected(hall, make)
            write(hall, make, 10_000_001, "at last")
            await hall.has("at last")

    asyncio.run(play())

    assert hall.waits[:3] == [77.0, 2.0, 4.0]
    assert [line.partition(": ")[2].partition(";")[0] for line in hall.told[:3]] == [
        "it answers 429",
        "it answers 500",
        "it answers 503",
    ]


@pytest.mark.parametrize("make", PATHS, ids=STREAMS.values())
def test_a_token_that_is_not_taken_ends_it_with_the_reason(hall: Hall, make: Any) -> None:
    hall.networks.refusals[PATHS[make]].append(Response(status_code=401))

    with pytest.raises(SourceError, match="401: its token is not taken"):
        asyncio.run(hall.catcher(make).run())

    assert hall.told == []


def test_one_source_without_a_token_does_not_hinder_the_others(hall: Hall) -> None:
    hall.networks.refusals["/subscribe"].append(Response(status_code=403))

    async def play() -> None:
        async with hall.catching(lambda hall: [*bluesky_v1(hall), *x(hall)]):
            await connected(hall, x)
            hall.networks.tweet("7", "still here")
            await hall.has("still here")

    asyncio.run(play())

    [told] = hall.told
    assert told.startswith("bluesky/127.0.0.1/v1: it answers 403: its token does not allow this;")


@pytest.mark.parametrize("make", STREAMS, ids=STREAMS.values())
def test_a_private_address_is_not_called_unless_allowed(hall: Hall, make: Any) -> None:
    hall.outside = Outside()

    with pytest.raises(SourceError, match=r"127\.0\.0\.1 is at no public address"):
        asyncio.run(hall.catcher(make).run())

    assert hall.networks.asked == []


def test_what_a_moderator_would_be_refused_is_left_out_and_told(hall: Hall) -> None:
    async def play() -> None:
        async with hall.catching(mastodon_events):
            await connected(hall, mastodon_events)
            hall.networks.toot("1", "\u202e\x00")
            hall.networks.toot("2", "fine", url="javascript:alert(1)", uri="")
            await hall.has("fine")

    asyncio.run(play())

    assert "a post was left out: there is nothing to read" in hall.told[0]
    assert hall.posts()[0].url == ""


def test_nothing_is_lost_while_the_store_does_not_answer(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = hall.hall.app
    submit, silent = app.submit, [1, 2, 3]

    def submit_later(*arguments: Any, **options: Any) -> Any:
        if silent:
            silent.pop()
            raise Unavailable("the store does not answer; try again")
        return submit(*arguments, **options)

    async def play() -> None:
        async with hall.catching(mastodon_events):
            await connected(hall, mastodon_events)
            monkeypatch.setattr(app, "submit", submit_later)
            hall.networks.toot("1", "first")
            hall.networks.toot("2", "second")
            await hall.has("first", "second")

    asyncio.run(play())

    assert silent == []
    assert len(hall.networks.mastodon_events.connections) == 1


def test_catching_ends_with_the_talk_and_follows_its_hashtags(hall: Hall) -> None:
    made: list[int] = []

    def counting(hall: Hall) -> list[Source]:
        made.append(1)
        return mastodon_events(hall)

    async def play() -> None:
        catcher = hall.catcher(counting)
        catcher.look_each_s = 0.05
        catching = asyncio.create_task(catcher.run())
        await connected(hall, mastodon_events)
        await asyncio.to_thread(hall.hall.do, "hal", c.SetPolicy(hashtags=["costs"]))
        await connected(hall, mastodon_events, 2)
        await asyncio.to_thread(hall.hall.do, "hal", c.EndTalk())
        await asyncio.wait_for(catching, 10)

    asyncio.run(play())

    assert len(made) == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [(c.SetPolicy(hashtags=[]), "no hashtags"), (c.EndTalk(), "has ended")],
)
def test_nothing_is_caught_for_a_talk_without_hashtags_or_that_is_over(
    hall: Hall, change: c.Command, why: str
) -> None:
    hall.hall.do("hal", change)

    with pytest.raises(NothingToCatchError, match=why):
        asyncio.run(hall.catcher(x).run())


def test_a_post_that_is_gone_or_erased_is_not_asked_about(hall: Hall) -> None:
    for post_id in ("1", "2", "3"):
        hall.hall.do("hal", c.CatchPost("x", f"@cat{post_id}", "Hi", "", post_id))
    hall.hall.do("hal", c.WithdrawPost("x", "2"))

    known = posts_caught(hall.store, hall.hall.talk)

    assert known["x"].latest() == ["1", "3"]
