"""What the views know of a talk: one type per kind of row, its fields the columns.

Every value is of its type, never null: no text is ``""``, no moment is ``""``, no second
is ``UNKNOWN_S``. Moments are ISO 8601 in UTC; seconds count from the start of the talk.
"""

from dataclasses import dataclass, field
from typing import Any

from domain.policy import ANONYMOUS, NAMED, whole

UNKNOWN_S = -1.0
ERASED = "[erased]"
"""What the store shows of a text whose author's key is gone, and the views keep of it."""


NO_MEDIA: dict[str, Any] = {
    "url": "",
    "started_at": "",
    "cuts": [],
    "clock": {"shift_s": 0.0, "pieces": [], "delay_s": UNKNOWN_S},
}
"""A talk that has no recording, with the clock that no host corrected."""


@dataclass(slots=True, eq=False)
class TalkCard:
    """A talk. ``topic`` is the current one, ``host`` who scheduled it."""

    title: str = ""
    state: str = "scheduled"
    scheduled_at: str = ""
    starts_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    topic: str = ""
    host: str = ""
    kinds: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=lambda: whole({}))
    media: dict[str, Any] = field(default_factory=lambda: dict(NO_MEDIA))


@dataclass(slots=True, eq=False)
class Topic:
    """A topic of the agenda; ``opened_at`` and ``closed_at`` are of its latest turn."""

    topic: str
    title: str
    order: int
    opened_at: str = ""
    closed_at: str = ""


@dataclass(slots=True, eq=False)
class Panelist:
    """Somebody on the panel, presented by attendee ``introduced_by``."""

    panelist: str
    name: str
    about: str
    order: int
    introduced_by: str


@dataclass(slots=True, eq=False)
class Person:
    """An attendee. ``roles`` were granted in the talk; ``on_desk`` once moderators met them.

    ``source`` is set for the author of a post that was caught there; nobody else has one.
    """

    attendee: str
    name: str = ""
    signed_in: bool = False
    joined_at: str = ""
    roles: dict[str, bool] = field(default_factory=dict)
    muted_until: str = ""
    banned: bool = False
    on_desk: bool = False
    erased: bool = False
    nickname: str = ""
    source: str = ""


@dataclass(slots=True, eq=False)
class Item:
    """Something said: a line, reply, question, answer, post or notice, under its author's name.

    The name is as it was then. ``source`` and ``url`` tell where a post was caught. ``about``
    is the question a reply or an answer belongs to. ``standing`` is shown, held or rejected; a
    held item was held ``because`` of the policy or a term, and is released at ``release_at`` if
    that is no empty text. A retracted or erased item has lost its text; a hidden one waits for
    its restoring.

    ``names`` is the rule under which it was said: ``name`` is what the room is told of its
    author, and ``known_as`` what the desk is, if that is more. ``cleared_name`` is the nickname
    that a moderator took from it; it may come back.
    """

    item: str
    kind: str
    attendee: str
    name: str
    text: str
    at: str
    second: float
    position: int
    about: str = ""
    standing: str = "shown"
    because: str = ""
    release_at: str = ""
    edited: bool = False
    pinned: bool = False
    hidden: bool = False
    retracted: bool = False
    erased: bool = False
    why: str = ""
    decided_by: str = ""
    decided_at: str = ""
    source: str = ""
    url: str = ""
    names: str = NAMED
    known_as: str = ""
    cleared_name: str = ""

    @property
    def is_visible(self) -> bool:
        """Whether the room may see it; an imported line without text counts but shows nothing."""
        is_gone = self.hidden or self.retracted or self.erased
        return bool(self.text) and self.standing == "shown" and not is_gone

    @property
    def by(self) -> dict[str, str]:
        """Who said it, as everybody is told."""
        return {"id": "" if self.names == ANONYMOUS else self.attendee, "name": self.name}

    @property
    def by_at_desk(self) -> dict[str, str]:
        """Who said it, as the desk is told."""
        return {"id": self.attendee, "name": self.known_as} if self.known_as else self.by


@dataclass(slots=True, eq=False)
class Invite:
    """A link that gives one person a role; ``state`` is open, accepted or withdrawn.

    ``position`` is that of the invitation, by which it is taken back.
    """

    invite: str
    role: str
    by: str
    at: str
    expires_at: str
    position: int
    state: str = "open"


@dataclass(slots=True, eq=False)
class Asked:
    """How a question fares; its words are an ``Item``.

    ``votes`` counts the people whose vote stands for it, or for a question merged into it.
    """

    question: str
    state: str = "open"
    archived: bool = False
    merged_into: str = ""
    answered_from_s: float = UNKNOWN_S
    answered_to_s: float = UNKNOWN_S
    votes: int = 0


@dataclass(slots=True, frozen=True)
class Vote:
    """One change of a vote: cast (``change`` 1) or withdrawn (-1); the latest one stands."""

    position: int
    question: str
    attendee: str
    change: int
    at: str
    second: float


@dataclass(slots=True, frozen=True)
class Tick:
    """One reading of the topic by one attendee; ``media_s`` is their player's position."""

    second: int
    position: int
    attendee: str
    topic: str
    kind: str
    at: str
    media_s: float


@dataclass(slots=True, frozen=True)
class DeskAct:
    """One act of the desk, done by an attendee to an item; why, the audit trail tells."""

    position: int
    act: str
    item: str
    attendee: str
    at: str
    second: float


@dataclass(slots=True, frozen=True)
class Sample:
    """How many people were present at a moment."""

    position: int
    at: str
    second: float
    present: int
