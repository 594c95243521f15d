"""X: the filtered stream of its API v2, with a rule per hashtag.

The rules are the account's and stay; ours carry the talk in their tag. After a break the
recent search tells what was missed. Deletions come in no stream that everybody may read,
so posts are asked for again. Shapes: https://docs.x.com/x-api/posts/filtered-stream
"""

import html
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, TypeVar

import msgspec
import structlog

from domain.text import NAME_LIMIT
from gateway.catching.markup import shortened
from gateway.catching.source import Heard, Post, SourceError, must_be_well
from gateway.outside import Outside

NAME = "x"
SILENT_S = 30.0  # an empty line comes each 20 seconds
_LOOKED_UP = 100  # posts asked for at once
_PAGES = 10
_NOT_FOUND = "resource-not-found"
_FIELDS = {
    "tweet.fields": "created_at,author_id,note_tweet",
    "expansions": "author_id",
    "user.fields": "username",
}

_Shape = TypeVar("_Shape", bound=msgspec.Struct)

_log = structlog.get_logger(__name__)


class Note(msgspec.Struct):
    """The whole of a long post."""

    text: str


class Tweet(msgspec.Struct):
    """A post; its text is escaped as in HTML."""

    id: str
    text: str
    author_id: str = ""
    note_tweet: Note | None = None


class User(msgspec.Struct):
    """Who wrote it."""

    id: str
    username: str


class Included(msgspec.Struct):
    """What posts refer to."""

    users: list[User] = []


class Matched(msgspec.Struct):
    """A rule that let a post through."""

    tag: str = ""


class Line(msgspec.Struct):
    """One line of the stream: a post, or why the stream ends.

    The stream is the account's: it tells what any rule lets through, also another talk's.
    """

    data: Tweet | None = None
    includes: Included = msgspec.field(default_factory=Included)
    matching_rules: list[Matched] = []
    errors: list[dict[str, Any]] = []


class Meta(msgspec.Struct):
    """Where the next page of a search is."""

    next_token: str = ""


class Page(msgspec.Struct):
    """A page of a search, or of posts that were looked up."""

    data: list[Tweet] = []
    includes: Included = msgspec.field(default_factory=Included)
    errors: list[dict[str, Any]] = []
    meta: Meta = msgspec.field(default_factory=Meta)


class Rule(msgspec.Struct):
    """What a stream lets through."""

    id: str
    value: str
    tag: str = ""


class Rules(msgspec.Struct):
    """All rules of the account."""

    data: list[Rule] = []


class X:
    """The posts that have one of some hashtags, none of them mere repetitions."""

    name = NAME
    key = NAME

    def __init__(
        self, outside: Outside, url: str, token: str, talk: str, tags: Sequence[str]
    ) -> None:
        self._url = f"{url.rstrip('/')}/2/tweets"
        self._rule_tag = f"hearhear {talk}"
        self._values = [f"#{tag} -is:retweet" for tag in tags]
        headers = {"Authorization": f"Bearer {token}"}
        self._client = outside.client(headers=headers, timeout_s=SILENT_S)

    async def listen(self, cursor: str) -> AsyncGenerator[Heard, None]:
        """Tell what was missed since the cursor, then what comes."""
        await self._agree_on_rules()
        stream = self._client.stream("GET", f"{self._url}/search/stream", params=_FIELDS)
        async with stream as answer:  # before looking back, so that nothing falls in between
            must_be_well(answer)
            async for missed in self._missed(cursor):
                cursor = missed.post_id
                yield Heard(missed, cursor)
            async for line in answer.aiter_lines():
                post = _read(line, self._rule_tag) if line.strip() else None
                if post is not None:
                    cursor = max(cursor, post.post_id, key=_age)
                yield Heard(post, cursor)

    async def gone(self, post_ids: Sequence[str]) -> list[str]:
        """Look posts up, and tell those that are not found."""
        missing: list[str] = []
        for at in range(0, len(post_ids), _LOOKED_UP):
            page = await self._page("", {"ids": ",".join(post_ids[at : at + _LOOKED_UP])})
            missing += [
                str(error.get("resource_id", error.get("value", "")))
                for error in page.errors
                if _NOT_FOUND in str(error.get("type", ""))
            ]
        return missing

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def _agree_on_rules(self) -> None:
        """Add the rules that are missing, and drop those of this talk that are wanted no more."""
        answer = await self._client.get(f"{self._url}/search/stream/rules")
        must_be_well(answer)
        ours = [rule for rule in _decoded(answer.content, Rules).data if rule.tag == self._rule_tag]
        values = {rule.value for rule in ours}
        stale = [rule.id for rule in ours if rule.value not in self._values]
        missing = [value for value in self._values if value not in values]
        if stale:
            await self._change_rules({"delete": {"ids": stale}})
        if missing:
            added = [{"value": value, "tag": self._rule_tag} for value in missing]
            await self._change_rules({"add": added})

    async def _change_rules(self, change: dict[str, Any]) -> None:
        answer = await self._client.post(f"{self._url}/search/stream/rules", json=change)
        must_be_well(answer)

    async def _missed(self, cursor: str) -> AsyncIterator[Post]:
        """Search what was written after the cursor, oldest first."""
        posts: list[Post] = []
        query = " OR ".join(value.partition(" ")[0] for value in self._values)
        wanted = {"query": f"({query}) -is:retweet", "since_id": cursor, "max_results": "100"}
        for _ in range(_PAGES if cursor else 0):
            page = await self._page("/search/recent", {**wanted, **_FIELDS})
            posts += [_post(tweet, page.includes) for tweet in page.data]
            if not page.meta.next_token:
                break
            wanted["next_token"] = page.meta.next_token
        for post in sorted(posts, key=lambda post: _age(post.post_id)):
            yield post

    async def _page(self, path: str, query: dict[str, str]) -> Page:
        answer = await self._client.get(f"{self._url}{path}", params=query)
        must_be_well(answer)
        return _decoded(answer.content, Page)


def _decoded(content: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.DecodeError as error:
        raise SourceError(f"it answers what it should not: {error}") from None


def _read(line: str, rule_tag: str) -> Post | None:
    """Read one line of the stream; raises ``SourceError`` when it tells of its end."""
    try:
        told = msgspec.json.decode(line, type=Line)
    except msgspec.DecodeError as error:
        _log.warning("catching.unreadable", source=NAME, error=str(error))
        return None
    if told.data is None:
        raise SourceError(f"it ends with {_title(told.errors)}")
    is_ours = any(rule.tag == rule_tag for rule in told.matching_rules)
    return _post(told.data, told.includes) if is_ours else None


def _title(errors: Sequence[dict[str, Any]]) -> str:
    return str(errors[0].get("title", "an error")) if errors else "an empty message"


def _post(tweet: Tweet, included: Included) -> Post:
    names = {user.id: f"@{user.username}" for user in included.users}
    name = names.get(tweet.author_id, "")
    said = tweet.note_tweet.text if tweet.note_tweet else tweet.text
    return Post(
        post_id=tweet.id,
        author=(name or f"user {tweet.author_id}")[:NAME_LIMIT],
        text=shortened(html.unescape(said)),
        url=f"https://x.com/{name.removeprefix('@') or 'i/web'}/status/{tweet.id}",
    )


def _age(post_id: str) -> tuple[int, str]:
    """Order ids by age: they are growing numbers."""
    return len(post_id), post_id
