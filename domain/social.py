"""The social post: what somebody said about the talk elsewhere, caught and shown beside the chat.

Its author takes part like anybody, as a person of their own: their key seals the words,
the link and the id of the post, so that erasing them forgets all of it.
"""

from datetime import datetime
from hashlib import blake2b
from typing import ClassVar
from uuid import NAMESPACE_URL, uuid5

from domain.aggregate import TalkAggregate, talk_stream
from domain.moderated import Moderated


class SocialPost(Moderated, TalkAggregate):
    """One post of one source, caught once however often it is told.

    ``standing`` is shown, held or rejected; hiding is apart from it. What was deleted at
    its source stays withdrawn, for good.
    """

    TOPIC = "social"

    class Event(TalkAggregate.Event):
        TOPIC = "social.event"

    class Caught(TalkAggregate.Created, Event):
        """A post was caught and is shown; ``by`` caught it, ``author`` wrote it."""

        TOPIC = "social.post-caught"
        SEALED: ClassVar = {"text": "author", "url": "author", "post_id": "author"}
        ITEM: ClassVar = "post"
        talk: str
        post: str
        source: str
        author: str
        text: str
        url: str
        post_id: str

    class Held(TalkAggregate.Created, Event):
        """A post was caught and waits for a moderator, ``because`` of policy or term.

        With a ``release_at`` the steward shows it then, unless it was rejected.
        """

        TOPIC = "social.post-held"
        SEALED: ClassVar = {"text": "author", "url": "author", "post_id": "author"}
        ITEM: ClassVar = "post"
        talk: str
        post: str
        source: str
        author: str
        text: str
        url: str
        post_id: str
        because: str
        release_at: str

        def apply(self, post: "SocialPost") -> None:
            post.standing = "held"

    class Approved(Event):
        TOPIC = "social.post-approved"

        def apply(self, post: "SocialPost") -> None:
            post.standing = "shown"

    class Released(Event):
        """Nobody decided in time, and the policy shows it then."""

        TOPIC = "social.post-released"

        def apply(self, post: "SocialPost") -> None:
            post.standing = "shown"

    class Rejected(Event):
        TOPIC = "social.post-rejected"
        SEALED: ClassVar = {"why": "by"}
        why: str

        def apply(self, post: "SocialPost") -> None:
            post.standing = "rejected"

    class Returned(Event):
        """Back among the held ones: approving or rejecting it was undone."""

        TOPIC = "social.post-returned"

        def apply(self, post: "SocialPost") -> None:
            post.standing = "held"

    class Pinned(Event):
        TOPIC = "social.post-pinned"

        def apply(self, post: "SocialPost") -> None:
            post.is_pinned = True

    class Unpinned(Event):
        TOPIC = "social.post-unpinned"

        def apply(self, post: "SocialPost") -> None:
            post.is_pinned = False

    class Hidden(Event):
        TOPIC = "social.post-hidden"
        SEALED: ClassVar = {"why": "by"}
        why: str

        def apply(self, post: "SocialPost") -> None:
            post.is_hidden = True

    class Revealed(Event):
        """Shown again after having been hidden."""

        TOPIC = "social.post-restored"

        def apply(self, post: "SocialPost") -> None:
            post.is_hidden = False

    class Withdrawn(Event):
        """It was deleted where it came from, and goes for good here too."""

        TOPIC = "social.post-withdrawn"

        def apply(self, post: "SocialPost") -> None:
            post.is_withdrawn = True

    def __init__(self, talk: str, post: str) -> None:
        self.talk = talk
        self.post = post
        self.standing = "shown"
        self.is_hidden = False
        self.is_pinned = False
        self.is_withdrawn = False

    @staticmethod
    def stream_of(talk: str, post: str) -> str:
        """Name the stream of a post."""
        return f"{talk_stream(talk)}/post/{post}"

    # Commands: check the rules, then record what happened.

    @classmethod
    def catch(
        cls,
        talk: str,
        source: str,
        author: str,
        text: str,
        url: str,
        post_id: str,
        *,
        because: str = "",
        release_at: str = "",
        by: str,
        at: datetime,
    ) -> "SocialPost":
        """Take a post in: shown, or held when there is something it waits ``because`` of."""
        post = id_of_post(talk, source, post_id)
        waiting = {"because": because, "release_at": release_at} if because else {}
        return cls.begin(
            cls.Held if because else cls.Caught,
            cls.stream_of(talk, post),
            by=by,
            at=at,
            talk=talk,
            post=post,
            source=source,
            author=author,
            text=text,
            url=url,
            post_id=post_id,
            **waiting,
        )

    def withdraw(self, *, by: str, at: datetime) -> None:
        """Follow its deletion at the source; again changes nothing."""
        if not self.is_withdrawn:
            self.record(self.Withdrawn, by=by, at=at)


def id_of_post(talk: str, source: str, post_id: str) -> str:
    """Tell a post's id in a talk: the same for the same post, and nothing of who wrote it."""
    told = f"{talk}\n{source}\n{post_id}"
    return blake2b(told.encode(), digest_size=16, person=b"post").hexdigest()


def person_of(source: str, author: str) -> str:
    """Tell the person behind an author of a source, whatever the case of their name."""
    return str(uuid5(NAMESPACE_URL, f"hearhear:{source}\n{author.casefold()}"))
