"""The frames of the live door: their types, and their way to bytes and back.

The reference of the wire protocol (AsyncAPI) is made from these types.
"""

import struct
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import orjson
from msgspec import UNSET, UnsetType

from domain.errors import Invalid, Refused

MESSAGE_LIMIT = 65_536
"""Bytes of one message from a client; a longer one closes the socket with 1009."""

HELLO_WITHIN_S = 10.0
"""Seconds a socket without cookie and header has to say who it is, else close 1008."""


class Frame(msgspec.Struct, frozen=True, tag_field="type"):
    """What goes over the live door, told apart by ``type``."""


# From the client.


class Hello(Frame, frozen=True, tag="hello"):
    """Who is there, and what they have seen; answers ``who``. An empty token only reads."""

    token: str = ""
    epoch: str = ""
    after: int = 0


class CommandFrame(Frame, frozen=True, tag="command"):
    """A command with its arguments beside these fields, as at ``POST …/commands``."""

    command: str
    command_id: str


# From the server.


class Who(Frame, frozen=True, tag="who"):
    """Asks a client that brought no identity to say ``hello``."""


class Ack(Frame, frozen=True, tag="ack"):
    """A command was accepted; ``position`` is null when it changed nothing."""

    command_id: str
    position: int | None
    result: Mapping[str, str]


class Refusal(Frame, frozen=True, tag="refused"):
    """A command was refused and recorded nothing; without an id it could not be read."""

    command_id: str | None
    status: int
    reason: str
    detail: str
    field: str = ""
    retry_after_s: float | UnsetType = UNSET


class Snapshot(Frame, frozen=True, tag="snapshot"):
    """The whole of a view at a position."""

    epoch: str
    position: int
    view: Mapping[str, Any]


class Patch(Frame, frozen=True, tag="patch"):
    """What changed in a view after ``prev`` up to ``position`` (RFC 7396).

    At position m: apply it if prev ≤ m < position, ignore it if position ≤ m, else ask again.
    """

    epoch: str
    prev: int
    position: int
    patch: Mapping[str, Any]


class Me(Frame, frozen=True, tag="me"):
    """What concerns this person alone: whole after a snapshot or resume, then merge patches."""

    attendee: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    roles: Any | UnsetType = UNSET
    votes: Mapping[str, bool | None] | UnsetType = UNSET
    items: Mapping[str, Any] | UnsetType = UNSET
    muted_until: str | UnsetType = UNSET
    banned: bool | UnsetType = UNSET
    nickname: str | UnsetType = UNSET
    own: Mapping[str, bool | None] | UnsetType = UNSET


class Beat(Frame, frozen=True, tag="beat"):
    """Each second: the last patch of this view, and how many are present in the talk.

    ``present`` is exact up to 30, above that in tens, above 1,000 in hundreds.
    At the desk ``crew`` tells who has it open, by attendee id.
    """

    position: int
    present: int
    crew: Sequence[str] | UnsetType = UNSET


class Bye(Frame, frozen=True, tag="bye"):
    """The last frame before a close; come back after ``retry_in_s`` seconds."""

    reason: str
    retry_in_s: float


FROM_CLIENT: tuple[type[Frame], ...] = (Hello, CommandFrame)
FROM_SERVER: tuple[type[Frame], ...] = (Who, Snapshot, Patch, Me, Beat, Ack, Refusal, Bye)


class Message:
    """One message, encoded once and shared by everybody it goes to.

    ``cursor`` is where a reader stands after it (``epoch/position``), empty if it tells none.
    """

    __slots__ = ("__dict__", "cursor", "payload")

    def __init__(self, payload: bytes, cursor: str = "") -> None:
        self.payload = payload
        self.cursor = cursor

    @cached_property
    def text(self) -> str:
        """The message as ASGI servers take it."""
        return self.payload.decode()

    @cached_property
    def framed(self) -> bytes:
        """The message as one unmasked text frame of RFC 6455: the same for every client."""
        return _frame_head(len(self.payload)) + self.payload

    @cached_property
    def event(self) -> bytes:
        """The message as a server-sent event."""
        numbered = f"id: {self.cursor}\n".encode() if self.cursor else b""
        return b"%sdata: %s\n\n" % (numbered, self.payload)


_FIN_TEXT: int = 0x81
_SHORT, _MEDIUM = 126, 65_536


def _frame_head(length: int) -> bytes:
    if length < _SHORT:
        return struct.pack("!BB", _FIN_TEXT, length)
    if length < _MEDIUM:
        return struct.pack("!BBH", _FIN_TEXT, 126, length)
    return struct.pack("!BBQ", _FIN_TEXT, 127, length)


_encoder = msgspec.json.Encoder()
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME  # a datetime in a view is a mistake: fail on it


def encode(frame: Frame) -> Message:
    """Encode a frame that only one client gets, or a small one for many."""
    return Message(_encoder.encode(frame))


def snapshot(epoch: str, position: int, view: Mapping[str, Any]) -> Message:
    """Encode a whole view."""
    body = {"type": "snapshot", "epoch": epoch, "position": position, "view": view}
    return Message(orjson.dumps(body, option=_OPTIONS), cursor_at(epoch, position))


def patch(epoch: str, prev: int, position: int, change: Mapping[str, Any]) -> Message:
    """Encode a change of a view."""
    body = {"type": "patch", "epoch": epoch, "prev": prev, "position": position, "patch": change}
    return Message(orjson.dumps(body, option=_OPTIONS), cursor_at(epoch, position))


def me(part: Mapping[str, Any]) -> Message:
    """Encode what concerns one person, whole or as a merge patch."""
    return Message(orjson.dumps({"type": "me", **part}, option=_OPTIONS))


def refusal(command_id: str | None, refused: Refused) -> Refusal:
    """Tell a client why nothing was recorded."""
    return Refusal(
        command_id=command_id,
        status=refused.status,
        reason=refused.reason,
        detail=refused.detail,
        field=refused.field,
        retry_after_s=getattr(refused, "retry_after_s", UNSET),
    )


def cursor_at(epoch: str, position: int) -> str:
    """Write a place in a view's chain as one word."""
    return f"{epoch}/{position}"


def cursor_from(word: str) -> tuple[str, int]:
    """Read such a word; one that makes no sense stands before everything."""
    epoch, _, position = word.rpartition("/")
    return (epoch, int(position)) if position.isdecimal() else ("", 0)


def read(text: str | bytes) -> dict[str, Any]:
    """Read a client's message as an object with a ``type``, or raise ``Invalid``."""
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Invalid("a message is one JSON object in UTF-8") from None
    if not isinstance(raw, dict):
        raise Invalid("a message is one JSON object")
    if raw.get("type") not in _CLIENT_TYPES:
        raise Invalid("a message is a hello or a command", field="type")
    return raw


_CLIENT_TYPES: Sequence[str] = ("hello", "command")


def hello(raw: Mapping[str, Any]) -> Hello:
    """Read the answer to ``who``, or raise ``Invalid``."""
    try:
        return msgspec.convert(raw, Hello)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from None


def id_of(raw: Mapping[str, Any]) -> str | None:
    """Return the command id of a message, for its answer, if it has one."""
    command_id = raw.get("command_id")
    return command_id if isinstance(command_id, str) else None


def frames(text: str | bytes) -> list[dict[str, Any]]:
    """Read a server's message: one frame, or an array of them."""
    raw = orjson.loads(text)
    return raw if isinstance(raw, list) else [raw]
