"""The catcher: follows the sources of one talk, and hands in what they tell as commands.

Command ids are made from what is told, and a cursor moves on only behind what is stored,
so a kill neither loses nor doubles a post. A source that fails is left alone for a while,
a longer one each time; the others go on. Lives on one loop; what blocks is on threads.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

import httpx
import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from websockets.exceptions import WebSocketException

from domain.application import Hearhear
from domain.commands import CatchPost, Command, WithdrawPost, converted
from domain.errors import Conflict, NotFound, Refused, Unavailable
from domain.social import SocialPost
from domain.speaker import Speaker
from domain.store import ERASED_MARK, Store
from domain.talk import Talk
from gateway.catching.cursors import Cursors
from gateway.catching.source import AllGone, Gone, Heard, Post, Source, SourceError
from gateway.outside import ForbiddenAddressError
from projections.decoding import decoded

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
LOOK_EACH_S = 2.0
"""Seconds after which the talk is looked at again: its hashtags, and whether it has ended."""
CHECK_EACH_S = 900.0
"""Seconds after which sources are asked which posts are gone, if their stream doesn't tell."""

_SAVE_EACH_S = 5.0  # a cursor behind which nothing was stored
_CHECKED = 200  # posts, the latest
_READ_AT_ONCE = 5_000
_CATCHER = Speaker("catcher", "Social posts", roles=frozenset({"moderator"}))
_PASSING = (
    SourceError,
    httpx.HTTPError,
    WebSocketException,
    msgspec.DecodeError,
    SQLAlchemyError,
    Unavailable,
    OSError,
    EOFError,
)

_OF_POSTS = {fact.TOPIC for fact in (SocialPost.Caught, SocialPost.Held, SocialPost.Withdrawn)}

Sources = Callable[[str, Sequence[str]], Sequence[Source]]
"""Makes the sources of a talk, for some hashtags."""

_log = structlog.get_logger(__name__)


class NothingToCatchError(Exception):
    """A talk can't be caught for; the text tells why, and the cure."""


@dataclass(frozen=True)
class Clock:
    """What a catcher knows of time; ``jitter`` tells a number from 0 to 1."""

    now: Callable[[], float]
    jitter: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass
class Known:
    """The posts of one source that were caught, in that order, and are not gone."""

    post_ids: dict[str, None] = field(default_factory=dict)

    def among(self, what: Gone | AllGone) -> list[str]:
        """List those that are gone."""
        if isinstance(what, Gone):
            return [what.post_id] if what.post_id in self.post_ids else []
        return [post_id for post_id in self.post_ids if post_id.startswith(what.prefix)]

    def latest(self) -> list[str]:
        """List the latest ones."""
        return list(self.post_ids)[-_CHECKED:]


class Catcher:
    """Catches for one talk until it ends; ``tell`` is told what a person should know."""

    def __init__(
        self,
        app: Hearhear,
        talk: str,
        sources: Sources,
        cursors: Cursors,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self._app = app
        self._talk = talk
        self._sources = sources
        self._cursors = cursors
        self._clock = clock
        self._tell = tell
        self.look_each_s = LOOK_EACH_S
        self._known: dict[str, Known] = {}
        self._given_up: set[str] = set()
        self._saved_at: dict[str, float] = {}
        self._checked_at: dict[str, float] = {}

    async def run(self) -> None:
        """Catch until the talk has ended.

        Raises ``NothingToCatchError`` when there is nothing to follow, and ``SourceError``
        when no source is left that would tell anything.
        """
        talk = await asyncio.to_thread(self._app.talk, self._talk)
        if talk.has_ended:
            raise NothingToCatchError("the talk has ended: posts are taken until then")
        if not talk.policy["hashtags"]:
            raise NothingToCatchError("the talk has no hashtags: its host names them by set_policy")
        self._known = await asyncio.to_thread(posts_caught, self._app.store, self._talk)
        while not talk.has_ended:
            wanted = _hashtags_of(talk)
            if not wanted:
                self._tell("waiting for open doors, and hashtags")
            followed = self._sources(self._talk, wanted) if wanted else []
            async with self._following(followed) as following:
                while _hashtags_of(talk) == wanted and not talk.has_ended:
                    await self._watch(following)
                    talk = await self._looked_at(talk)

    @asynccontextmanager
    async def _following(
        self, sources: Sequence[Source]
    ) -> AsyncIterator[set["asyncio.Task[None]"]]:
        self._given_up.clear()
        tasks = {asyncio.create_task(self._follow(source), name=source.key) for source in sources}
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for source in sources:
                await source.close()

    async def _watch(self, following: set["asyncio.Task[None]"]) -> None:
        """Wait a while; raises when no source is left, or something broke that is not theirs."""
        if not following:
            await self._clock.sleep(self.look_each_s)
            return
        running = {task for task in following if not task.done()}
        if running:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(running, timeout=self.look_each_s, return_when=first)
        ended = [task for task in following if task.done()]
        failures = {task.get_name(): task.exception() for task in ended}
        for failure in failures.values():
            if failure is not None and not isinstance(failure, SourceError):
                raise failure
        if len(ended) == len(following):
            whole = "; ".join(f"{key}: {failure}" for key, failure in failures.items())
            raise SourceError(whole, is_lasting=True)
        for key in failures.keys() - self._given_up:
            self._given_up.add(key)
            self._tell(f"{key}: {failures[key]}; it is followed no more")

    async def _looked_at(self, talk: Talk) -> Talk:
        """Look at the talk again; as it was, while the store does not answer."""
        try:
            return await asyncio.to_thread(self._app.talk, self._talk)
        except (SQLAlchemyError, Unavailable) as error:
            _log.warning("catching.blind", error=type(error).__name__)
            return talk

    # One source.

    async def _follow(self, source: Source) -> None:
        """Follow a source for ever; raises when trying again won't help."""
        attempts = 0
        while True:
            least_s = 0.0
            try:
                async for _ in self._taken(source):
                    attempts = 0
                why = "its stream ended"
            except ForbiddenAddressError as error:
                raise SourceError(str(error), is_lasting=True) from error
            except SourceError as error:
                if error.is_lasting:
                    raise
                why, least_s = str(error), error.retry_after_s
            except _PASSING as error:
                why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            wait_s = max(least_s, self._back_off_s(attempts))
            attempts += 1
            self._tell(f"{source.key}: {why}; trying again in {wait_s:.0f} s")
            await self._clock.sleep(wait_s)

    def _back_off_s(self, attempts: int) -> float:
        """Tell how long to stay away after so many failures: longer, and never all at once."""
        longest: float = min(FIRST_WAIT_S * 2 ** min(attempts, 20), LONGEST_WAIT_S)
        return longest * (1 + self._clock.jitter()) / 2

    async def _taken(self, source: Source) -> AsyncIterator[Heard]:
        """Take in what a source tells, from where it was left."""
        cursor = await asyncio.to_thread(self._cursors.get, self._talk, source.key)
        await self._check(source)
        async with aclosing(source.listen(cursor)) as telling:
            async for heard in telling:
                await self._take(source, heard)
                await self._check(source)
                yield heard

    async def _take(self, source: Source, heard: Heard) -> None:
        match heard.what:
            case Post() as post:
                await self._catch(source, post)
            case Gone() | AllGone() as gone:
                for post_id in self._known_of(source).among(gone):
                    await self._withdraw(source, post_id)
        await self._save(source, heard)

    async def _check(self, source: Source) -> None:
        """Ask from time to time about the latest posts: nobody may have heard of their deletion."""
        now = self._clock.now()
        if now < self._checked_at.get(source.key, -CHECK_EACH_S) + CHECK_EACH_S:
            return
        self._checked_at[source.key] = now
        latest = self._known_of(source).latest()
        for post_id in await source.gone(latest) if latest else ():
            await self._withdraw(source, post_id)

    async def _save(self, source: Source, heard: Heard) -> None:
        now = self._clock.now()
        is_due = now >= self._saved_at.get(source.key, -_SAVE_EACH_S) + _SAVE_EACH_S
        if heard.what or not heard.cursor or is_due:
            self._saved_at[source.key] = now
            await asyncio.to_thread(self._cursors.put, self._talk, source.key, heard.cursor)

    # What becomes of it.

    async def _catch(self, source: Source, post: Post) -> None:
        is_link = post.url.startswith(("http://", "https://"))
        told = {
            "source": source.name,
            "author": post.author,
            "text": post.text,
            "url": post.url if is_link else "",
            "post_id": post.post_id,
        }
        try:
            await self._asked(converted(told, CatchPost), f"catch/{source.name}/{post.post_id}")
        except Conflict:  # caught before, and written anew since: the first text stands
            _log.info("catching.again", source=source.name)
        except Refused as refused:
            self._tell(f"{source.key}: a post was left out: {refused.detail} ({refused.reason})")
            return
        self._known_of(source).post_ids[post.post_id] = None

    async def _withdraw(self, source: Source, post_id: str) -> None:
        command = WithdrawPost(source=source.name, post_id=post_id)
        with suppress(NotFound):
            await self._asked(command, f"withdraw/{source.name}/{post_id}")
        self._known_of(source).post_ids.pop(post_id, None)

    async def _asked(self, command: Command, what: str) -> None:
        """Have a command decided, however long the store takes."""
        command_id = str(uuid5(NAMESPACE_URL, f"hearhear:{self._talk}/{what}"))
        while True:
            try:
                submitted = await asyncio.to_thread(
                    self._app.submit, self._talk, command, command_id, _CATCHER
                )
                await asyncio.wrap_future(submitted)
            except (Unavailable, SQLAlchemyError) as error:
                _log.warning("catching.waits", error=type(error).__name__)
                await self._clock.sleep(self._back_off_s(0))
            else:
                return

    def _known_of(self, source: Source) -> Known:
        return self._known.setdefault(source.name, Known())


def posts_caught(store: Store, talk: str) -> dict[str, Known]:
    """Tell the posts of a talk by source, but those that are gone or nobody can read."""
    posts: dict[str, tuple[str, str]] = {}
    after = 0
    while stored := store.log.read(after, _READ_AT_ONCE, talk=talk):
        after = stored[-1].position
        social = [fact for fact in stored if fact.name in _OF_POSTS]
        for recorded in decoded(store, social)[0]:
            match recorded.fact:
                case SocialPost.Caught() | SocialPost.Held() as fact:
                    posts[fact.originator_id] = (fact.source, fact.post_id)
                case SocialPost.Withdrawn() as fact:
                    posts.pop(fact.originator_id, None)
    known: dict[str, Known] = {}
    for source, post_id in posts.values():
        if post_id != ERASED_MARK:
            known.setdefault(source, Known()).post_ids[post_id] = None
    return known


def _hashtags_of(talk: Talk) -> tuple[str, ...]:
    """Tell what is caught by now; nothing before the doors are open."""
    return tuple(talk.policy["hashtags"]) if talk.takes_part else ()
