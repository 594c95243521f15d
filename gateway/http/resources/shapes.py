"""What resources tell, and what a PATCH may name: the types that both doors of reading share.

No field is ever null: a missing value is the empty value of its type, -1 for seconds.
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from domain.clock import iso
from domain.commands import SetPolicy
from domain.talk import Talk
from projections.desk import is_away
from projections.models import Put, Reader
from projections.records import Item, Vote
from projections.records import Panelist as PanelistRow
from projections.records import Topic as TopicRow

State = Literal["scheduled", "open", "live", "ended"]
Standing = Literal["shown", "held", "rejected"]


class TalkCard(msgspec.Struct, frozen=True):
    """What to know of a talk before going in; moments are empty until they come."""

    id: str
    title: str
    state: State
    starts_at: str
    started_at: str
    ended_at: str
    access: Literal["public", "private"]

    @classmethod
    def of(cls, talk: Talk) -> "TalkCard":
        """Tell how a talk stands."""
        return cls(
            id=talk.talk,
            title=talk.title,
            state=talk.state,  # type: ignore[arg-type]
            starts_at=talk.starts_at,
            started_at=iso(talk.started_at),
            ended_at=iso(talk.ended_at),
            access=talk.policy["access"],
        )


class Author(msgspec.Struct, frozen=True):
    """Who said it, as the rules about names tell the reader; empty where they tell nobody."""

    id: str
    name: str


class Topic(msgspec.Struct, frozen=True):
    """A topic of the agenda; the moments are of its latest turn."""

    id: str
    title: str
    order: int
    state: Literal["coming", "open", "closed"]
    opened_at: str
    closed_at: str

    @classmethod
    def of(cls, row: TopicRow) -> "Topic":
        """Tell a topic."""
        return cls(
            id=row.topic,
            title=row.title,
            order=row.order,
            state="closed" if row.closed_at else "open" if row.opened_at else "coming",
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )


class Panelist(msgspec.Struct, frozen=True):
    """Somebody on the panel."""

    id: str
    name: str
    about: str
    order: int

    @classmethod
    def of(cls, row: PanelistRow) -> "Panelist":
        """Tell a panelist."""
        return cls(id=row.panelist, name=row.name, about=row.about, order=row.order)


class Said(msgspec.Struct, frozen=True):
    """Something said.

    ``standing`` and ``hidden`` flag what is not in the room: only moderators and its author are
    told of such a thing at all, with ``because`` of what it waits, when it is shown of itself
    (``release_at``), and ``why`` and by whom (moderators only) it was decided.
    """

    id: str
    by: Author
    text: str
    at: str
    offset_s: float
    position: int
    edited: bool
    standing: Standing
    hidden: bool
    because: str
    release_at: str
    why: str
    decided_by: str


class Line(Said, frozen=True, kw_only=True):
    """A chat line, a reply to the question it is ``about``, or a notice of the desk."""

    kind: Literal["line", "reply", "notice"]
    about: str
    pinned: bool

    @classmethod
    def of(cls, item: Item, reader: Reader) -> "Line":
        """Tell a line to a reader."""
        said = _said(item, reader)
        return cls(**said, kind=item.kind, about=item.about, pinned=item.pinned)  # type: ignore[arg-type]


class Post(Said, frozen=True, kw_only=True):
    """What somebody said elsewhere: where it was caught, and its address there."""

    source: str
    url: str
    pinned: bool

    @classmethod
    def of(cls, item: Item, reader: Reader) -> "Post":
        """Tell a post to a reader."""
        said = _said(item, reader)
        return cls(**said, source=item.source, url=item.url, pinned=item.pinned)


class Question(Said, frozen=True, kw_only=True):
    """A question, with the people behind it counted in ``votes``.

    A merged one counts on where it was ``merged_into``. ``answer`` is the written one.
    """

    pinned: bool
    state: Literal["open", "answering", "answered"]
    archived: bool
    merged_into: str
    votes: int
    answer: str
    answered_from_s: float
    answered_to_s: float

    @classmethod
    def of(cls, put: Put, reader: Reader) -> "Question":
        """Tell a question to a reader."""
        asked = put.asked
        return cls(
            **_said(put.item, reader),
            pinned=put.item.pinned,
            state=asked.state,  # type: ignore[arg-type]
            archived=asked.archived,
            merged_into=asked.merged_into,
            votes=asked.votes,
            answer=put.answer,
            answered_from_s=asked.answered_from_s,
            answered_to_s=asked.answered_to_s,
        )


class Answer(Said, frozen=True, kw_only=True):
    """The written answer to a question; its ``id`` is the question's, which has but one."""

    @classmethod
    def of(cls, item: Item, reader: Reader) -> "Answer":
        """Tell an answer to a reader."""
        return cls(**{**_said(item, reader), "id": item.about})


class StandingVote(msgspec.Struct, frozen=True):
    """A vote of the reader's own that stands; its ``id`` is the question's."""

    id: str
    at: str
    offset_s: float
    position: int

    @classmethod
    def of(cls, vote: Vote) -> "StandingVote":
        """Tell somebody their vote."""
        return cls(id=vote.question, at=vote.at, offset_s=vote.second, position=vote.position)


def _said(item: Item, reader: Reader) -> dict[str, Any]:
    """Tell what was said; what the desk thinks of it only to those who are told of it."""
    away = is_away(item)
    return {
        "id": item.item,
        "by": Author(**(item.by_at_desk if reader.is_moderator else item.by)),
        "text": item.text,
        "at": item.at,
        "offset_s": item.second,
        "position": item.position,
        "edited": item.edited,
        "standing": item.standing,
        "hidden": item.hidden,
        "because": item.because if away else "",
        "release_at": item.release_at if away else "",
        "why": item.why if away else "",
        "decided_by": item.decided_by if away and reader.is_moderator else "",
    }


# What a PATCH may name: one of the fields, and a reason where the command takes one.


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change of a model."""


class TalkChange(Change, frozen=True):
    """One step of a talk, or a change of its rules or of the order of its topics."""

    state: Literal["open", "live", "ended"] | UnsetType = UNSET
    policy: SetPolicy | UnsetType = UNSET
    topics: list[str] | UnsetType = UNSET


class TopicChange(Change, frozen=True):
    """Turn to a topic, or close it."""

    state: Literal["open", "closed"] | UnsetType = UNSET


class PostChange(Change, frozen=True):
    """What a moderator does with a post; hiding and rejecting take a reason."""

    pinned: bool | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    standing: Literal["shown", "rejected"] | UnsetType = UNSET
    why: str | UnsetType = UNSET


class LineChange(PostChange, frozen=True):
    """Other words, by the author; or what a moderator does with a line."""

    text: str | UnsetType = UNSET


class QuestionChange(LineChange, frozen=True):
    """Other words, by the author; or what a moderator does with a question."""

    state: Literal["open", "answering", "answered"] | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    merged_into: str | UnsetType = UNSET


class AnswerChange(Change, frozen=True):
    """Other words of an answer."""

    text: str | UnsetType = UNSET
