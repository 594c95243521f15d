"""What people may ask for: one type per command, with its arguments and least role.

The names and arguments are promises to clients; the reference documentation and the
OpenAPI document are made from these types.
"""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeVar
from uuid import UUID

import msgspec

from domain.errors import Invalid, UnknownCommand

Seconds = Annotated[float, msgspec.Meta(ge=0, le=604_800)]
Curve = Literal["loved", "lost", "funny", "none"]
GrantedRole = Literal["host", "moderator", "panelist"]
InvitedAs = Literal["host", "moderator", "panelist", "attendee"]
Terms = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=80)]], msgspec.Meta(max_length=500)
]
Hashtags = Annotated[
    list[Annotated[str, msgspec.Meta(pattern=r"^#?\w{1,100}$")]], msgspec.Meta(max_length=20)
]
Source = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")]
PostId = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Link = Annotated[str, msgspec.Meta(max_length=2_000)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=10_080)]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something a person asks for; ``ROLE`` is the least role that may."""

    ROLE: ClassVar[str] = "attendee"


class PostLine(Command, frozen=True):
    """Say something in the feed."""

    text: str


class EditLine(Command, frozen=True):
    """Change one's own line."""

    line: str
    text: str


class RetractLine(Command, frozen=True):
    """Take one's own line back, for good; also after the talk."""

    line: str


class AskQuestion(Command, frozen=True):
    """Put a question to the panel."""

    text: str


class EditQuestion(Command, frozen=True):
    """Change one's own question."""

    question: str
    text: str


class WithdrawQuestion(Command, frozen=True):
    """Take one's own question back, for good; also after the talk."""

    question: str


class CastVote(Command, frozen=True):
    """Vote for a question; once is enough."""

    question: str


class WithdrawVote(Command, frozen=True):
    """Take one's vote back."""

    question: str


class GiveFeedback(Command, frozen=True):
    """Tick how the current topic lands; ``media_s`` is the player's position in seconds."""

    kind: str
    media_s: Seconds | None = None


class ChooseNickname(Command, frozen=True):
    """Go by another name in this talk, where its policy shows nicknames."""

    nickname: str


class TickReplay(Command, frozen=True):
    """Tick how a moment of an ended talk lands, at that second of its recording."""

    kind: str
    media_s: Seconds


class SeekReplay(Command, frozen=True):
    """Tell that one jumped from one second of the recording of an ended talk to another."""

    from_s: Seconds
    to_s: Seconds


class Reply(Command, frozen=True):
    """Say something about a question; it is edited and retracted like a line."""

    question: str
    text: str


class AnswerInWriting(Command, frozen=True):
    """Write the panel's answer to a question."""

    ROLE: ClassVar[str] = "panelist"
    question: str
    text: str


class EditAnswer(Command, frozen=True):
    """Change the written answer."""

    ROLE: ClassVar[str] = "panelist"
    question: str
    text: str


class Approve(Command, frozen=True):
    """Show a held line, question or post."""

    ROLE: ClassVar[str] = "moderator"
    item: str


class Reject(Command, frozen=True):
    """Never show a held line, question or post, with a reason."""

    ROLE: ClassVar[str] = "moderator"
    item: str
    why: str


class Pin(Command, frozen=True):
    """Keep a line, question or post in sight."""

    ROLE: ClassVar[str] = "moderator"
    item: str


class Unpin(Command, frozen=True):
    """Let a pinned line, question or post go its way."""

    ROLE: ClassVar[str] = "moderator"
    item: str


class Hide(Command, frozen=True):
    """Take a line, question, post or notice out of everybody's sight, with a reason."""

    ROLE: ClassVar[str] = "moderator"
    item: str
    why: str


class Restore(Command, frozen=True):
    """Show what was hidden again."""

    ROLE: ClassVar[str] = "moderator"
    item: str


class ArchiveQuestion(Command, frozen=True):
    """Put a question away, its votes kept."""

    ROLE: ClassVar[str] = "moderator"
    question: str


class RestoreQuestion(Command, frozen=True):
    """Take a question out of the archive."""

    ROLE: ClassVar[str] = "moderator"
    question: str


class MergeQuestions(Command, frozen=True):
    """Count a question's voters with another's: both ask the same."""

    ROLE: ClassVar[str] = "moderator"
    question: str
    into: str


class UnmergeQuestion(Command, frozen=True):
    """Let a merged question stand alone again."""

    ROLE: ClassVar[str] = "moderator"
    question: str


class PromoteLine(Command, frozen=True):
    """Make a question of somebody's chat line; it stays its author's."""

    ROLE: ClassVar[str] = "moderator"
    line: str


class StartAnswering(Command, frozen=True):
    """Tell that the panel takes this question now."""

    ROLE: ClassVar[str] = "moderator"
    question: str


class FinishAnswering(Command, frozen=True):
    """Tell that the panel is done with the question."""

    ROLE: ClassVar[str] = "moderator"
    question: str


class ReopenQuestion(Command, frozen=True):
    """Let a question be open again."""

    ROLE: ClassVar[str] = "moderator"
    question: str


class Announce(Command, frozen=True):
    """Tell everybody something."""

    ROLE: ClassVar[str] = "moderator"
    text: str


class CatchPost(Command, frozen=True):
    """Take in what somebody wrote about the talk elsewhere; the same post twice is one.

    ``source`` names where, ``author`` who as they are called there, ``post_id`` which post
    it is there; ``url`` leads to it (http or https, or empty).
    """

    ROLE: ClassVar[str] = "moderator"
    source: Source
    author: str
    text: str
    url: Link
    post_id: PostId


class WithdrawPost(Command, frozen=True):
    """Take a caught post out of sight for good: it was deleted where it came from."""

    ROLE: ClassVar[str] = "moderator"
    source: Source
    post_id: PostId


class Mute(Command, frozen=True):
    """Let an attendee say nothing, for some minutes or until unmuted."""

    ROLE: ClassVar[str] = "moderator"
    attendee: str
    why: str
    minutes: Minutes | None = None


class Unmute(Command, frozen=True):
    """Let a muted attendee speak again."""

    ROLE: ClassVar[str] = "moderator"
    attendee: str


class Ban(Command, frozen=True):
    """Let an attendee do nothing in this talk."""

    ROLE: ClassVar[str] = "moderator"
    attendee: str
    why: str


class Unban(Command, frozen=True):
    """Let a banned attendee take part again."""

    ROLE: ClassVar[str] = "moderator"
    attendee: str


class ClearNickname(Command, frozen=True):
    """Take an attendee's nickname away, in what they have said too; they may choose another."""

    ROLE: ClassVar[str] = "moderator"
    attendee: str
    why: str


class Undo(Command, frozen=True):
    """Take back the act of moderation that was recorded at a position."""

    ROLE: ClassVar[str] = "moderator"
    position: Annotated[int, msgspec.Meta(ge=1)]


class OpenDoors(Command, frozen=True):
    """Let attendees in before the talk is live."""

    ROLE: ClassVar[str] = "host"


class StartTalk(Command, frozen=True):
    """Go live; opens the doors too."""

    ROLE: ClassVar[str] = "host"


class EndTalk(Command, frozen=True):
    """End the talk, for good."""

    ROLE: ClassVar[str] = "host"


class IntroduceTopic(Command, frozen=True):
    """Put a topic on the agenda."""

    ROLE: ClassVar[str] = "host"
    title: str


class OrderTopics(Command, frozen=True):
    """Put the agenda in another order; topics that are not named follow in theirs."""

    ROLE: ClassVar[str] = "host"
    topics: list[str]


class OpenTopic(Command, frozen=True):
    """Turn to a topic; closes the former."""

    ROLE: ClassVar[str] = "host"
    topic: str


class CloseTopic(Command, frozen=True):
    """Close the current topic; with ``topic`` only if that is the one."""

    ROLE: ClassVar[str] = "host"
    topic: str = ""


class IntroducePanelist(Command, frozen=True):
    """Present somebody on the panel."""

    ROLE: ClassVar[str] = "host"
    name: str
    about: str = ""


class SetPolicy(Command, frozen=True, omit_defaults=True):
    """Change some rules of this talk; what is left out stays.

    ``hold``: whether lines and questions wait for a moderator, and with ``release`` only
    for ``release_after_s``. ``slow_s``: seconds between two lines of a person (0: none).
    ``terms``: words that make a text wait whatever ``hold`` says. ``hold_posts``: the same as
    ``hold``, for posts caught elsewhere. ``hashtags``: what they are caught by.
    ``names``: what the room is told of who speaks, from then on; ``names_at_desk``: whether
    the desk is told who it is all the same; ``names_in_replay``: whether listeners are told
    what the room was. ``votes``: who may vote: anyone, who was invited or is signed in, or the
    latter. ``access``: who may know of the talk: everybody, or with ``private`` only who was
    invited or has a role.
    """

    ROLE: ClassVar[str] = "host"
    hold: Literal["off", "hold", "release"] | None = None
    release_after_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] | None = None
    slow_s: Annotated[int, msgspec.Meta(ge=0, le=3600)] | None = None
    terms: Terms | None = None
    hold_posts: Literal["off", "hold", "release"] | None = None
    hashtags: Hashtags | None = None
    names: Literal["named", "nickname", "anonymous"] | None = None
    names_at_desk: bool | None = None
    names_in_replay: bool | None = None
    votes: Literal["anyone", "ticket", "signed_in"] | None = None
    access: Literal["public", "private"] | None = None


class GrantRole(Command, frozen=True):
    """Give an attendee a role in this talk."""

    ROLE: ClassVar[str] = "host"
    attendee: str
    role: GrantedRole


class WithdrawRole(Command, frozen=True):
    """Take a role of this talk back."""

    ROLE: ClassVar[str] = "host"
    attendee: str
    role: GrantedRole


class Invite(Command, frozen=True):
    """Make a link that gives one person a role here; ``attendee`` is a ticket to vote."""

    ROLE: ClassVar[str] = "host"
    role: InvitedAs
    expires_in_s: Annotated[int, msgspec.Meta(ge=60, le=2_592_000)] = 86_400


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of the talk that the recording leaves out, in seconds of the recording's clock."""

    start_s: Seconds
    end_s: Seconds


class AttachRecording(Command, frozen=True):
    """Tell where the recording is and when its second 0 was (ISO 8601).

    More than a week away from the start of the talk it is taken for a slip, and media time
    counts from the start.
    """

    ROLE: ClassVar[str] = "host"
    url: str
    started_at: str
    cuts: list[Cut] = []


class ClockPiece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From ``offset_s`` after the start of the talk on, the recording shows ``media_s`` and on."""

    offset_s: Annotated[float, msgspec.Meta(ge=-604_800, le=604_800)]
    media_s: Seconds


class CorrectClock(Command, frozen=True):
    """Tell how the recording runs along the talk; what is left out is as if never corrected.

    ``shift_s``: everything is so much later in the recording than it seems. ``pieces``: the way
    of its clock piece by piece, instead of ``started_at`` and cuts; a pause of the recording
    begins a piece. ``delay_s``: how far behind the speaker the audience saw and heard the talk
    and reacted, where their players did not tell.
    """

    ROLE: ClassVar[str] = "host"
    shift_s: Annotated[float, msgspec.Meta(ge=-604_800, le=604_800)] = 0.0
    pieces: Annotated[list[ClockPiece], msgspec.Meta(max_length=1000)] = []
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=600)] | None = None


class PinHighlight(Command, frozen=True):
    """Choose a stretch of the recording as a highlight, in its seconds."""

    ROLE: ClassVar[str] = "host"
    start_s: Seconds
    end_s: Seconds
    title: str


class RenameHighlight(Command, frozen=True):
    """Give a highlight another title."""

    ROLE: ClassVar[str] = "host"
    highlight: str
    title: str


class DropHighlight(Command, frozen=True):
    """Leave a highlight out of the timeline."""

    ROLE: ClassVar[str] = "host"
    highlight: str


class RestoreHighlight(Command, frozen=True):
    """Take a dropped highlight in again."""

    ROLE: ClassVar[str] = "host"
    highlight: str


# Asked for by the product itself, never at a door.


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of feedback: what it is called and which curve of the timeline it feeds."""

    label: str
    curve: Curve = "none"
    order: int = 0


class ScheduleTalk(Command, frozen=True):
    """Announce a talk; who does it is its host. ``starts_at`` is ISO 8601 or empty."""

    title: str
    starts_at: str = ""
    kinds: dict[str, Kind] = {}
    policy: SetPolicy = SetPolicy()


class ImportTopic(Command, frozen=True):
    """Introduce a topic of a recorded session and turn to it."""

    ROLE: ClassVar[str] = "host"
    title: str


class ImportKind(Command, frozen=True):
    """Let a kind of feedback of a recorded session be known."""

    ROLE: ClassVar[str] = "host"
    kind: str
    label: str
    curve: Curve = "none"


class PutBack(Command, frozen=True):
    """Hold a line, question or post again: deciding about it is undone."""

    ROLE: ClassVar[str] = "moderator"
    item: str


class RejectAgain(Command, frozen=True):
    """Let an item be rejected as it was: showing it is undone."""

    ROLE: ClassVar[str] = "moderator"
    item: str
    why: str


class MuteUntil(Command, frozen=True):
    """Let somebody be muted as they were, until a moment or (empty) until unmuted."""

    ROLE: ClassVar[str] = "moderator"
    attendee: str
    why: str
    until: str


class GiveNicknameBack(Command, frozen=True):
    """Let somebody go by the nickname they had, in what they have said too."""

    ROLE: ClassVar[str] = "moderator"
    attendee: str
    nickname: str


class MarkAnswered(Command, frozen=True):
    """Let a question be answered as it was: opening or taking it again is undone."""

    ROLE: ClassVar[str] = "moderator"
    question: str


class RetitleHighlight(Command, frozen=True):
    """Give a highlight back the title it had, which may be the one that was found (empty)."""

    ROLE: ClassVar[str] = "host"
    highlight: str
    title: str


class AcceptInvite(Command, frozen=True):
    """Take the role that an invitation gives; its link was brought to the door."""

    invite: str


class WithdrawInvite(Command, frozen=True):
    """Let the link of an invitation be worth nothing: making it is undone."""

    ROLE: ClassVar[str] = "host"
    invite: str


class RenewInvite(Command, frozen=True):
    """Let the link of an invitation hold again: taking it back is undone."""

    ROLE: ClassVar[str] = "host"
    invite: str


class ReleaseItem(Command, frozen=True):
    """Show a held item whose time has come, unless somebody decided otherwise."""

    ROLE: ClassVar[str] = "host"
    item: str


class SampleAttendance(Command, frozen=True):
    """Note how many people are present."""

    ROLE: ClassVar[str] = "host"
    present: int


class NoteRowsRead(Command, frozen=True):
    """Note that raw rows of a table are about to be read; the door has checked who may."""

    table: str


class ErasePerson(Command, frozen=True):
    """Record that a person is to be forgotten, in every talk they attended."""

    person: str
    attended: tuple[tuple[str, str], ...]


PUBLIC: tuple[type[Command], ...] = (
    PostLine,
    EditLine,
    RetractLine,
    AskQuestion,
    EditQuestion,
    WithdrawQuestion,
    CastVote,
    WithdrawVote,
    GiveFeedback,
    ChooseNickname,
    TickReplay,
    SeekReplay,
    Reply,
    AnswerInWriting,
    EditAnswer,
    Approve,
    Reject,
    Hide,
    Restore,
    Pin,
    Unpin,
    ArchiveQuestion,
    RestoreQuestion,
    MergeQuestions,
    UnmergeQuestion,
    PromoteLine,
    StartAnswering,
    FinishAnswering,
    ReopenQuestion,
    Announce,
    CatchPost,
    WithdrawPost,
    Mute,
    Unmute,
    Ban,
    Unban,
    ClearNickname,
    Undo,
    OpenDoors,
    StartTalk,
    EndTalk,
    IntroduceTopic,
    OrderTopics,
    OpenTopic,
    CloseTopic,
    IntroducePanelist,
    SetPolicy,
    GrantRole,
    WithdrawRole,
    Invite,
    AttachRecording,
    CorrectClock,
    PinHighlight,
    RenameHighlight,
    DropHighlight,
    RestoreHighlight,
)


def name_of(command: type[Command]) -> str:
    """Tell the name of a command on the wire: ``CastVote`` is ``cast_vote``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", command.__name__).lower()


COMMANDS: dict[str, type[Command]] = {name_of(command): command for command in PUBLIC}

_Shape = TypeVar("_Shape", bound=msgspec.Struct)
_ENVELOPE = {"type", "command", "command_id"}


def decode(raw: object) -> tuple[str, Command]:
    """Read ``{"command", "command_id", …}`` into the command's id and the command.

    Raises ``Invalid`` or ``UnknownCommand``, both with the field at fault.
    """
    if not isinstance(raw, dict):
        raise Invalid("a command is a JSON object")
    command_id = checked_id(raw.get("command_id"))
    name = raw.get("command")
    if not isinstance(name, str):
        raise Invalid("a command needs its name", field="command")
    if name not in COMMANDS:
        raise UnknownCommand("there is no command of this name", field="command")
    arguments = {key: value for key, value in raw.items() if key not in _ENVELOPE}
    return command_id, converted(arguments, COMMANDS[name])


def checked_id(command_id: object) -> str:
    """Return a command id in its canonical form; it is a UUID, chosen by the client."""
    try:
        return str(UUID(command_id)) if isinstance(command_id, str) else _no_id()
    except ValueError:
        return _no_id()


def _no_id() -> str:
    raise Invalid("a command_id is a UUID", field="command_id")


def converted(
    arguments: Mapping[str, object], shape: type[_Shape], *, strict: bool = True
) -> _Shape:
    """Read arguments into a type, or raise ``Invalid`` naming the field at fault.

    When not ``strict``, numbers may stand in texts, as in query parameters.
    """
    try:
        return msgspec.convert(arguments, shape, strict=strict)
    except msgspec.ValidationError as error:
        raise Invalid(_without_path(str(error)), field=_field_of(str(error))) from None


def _without_path(message: str) -> str:
    return message.partition(" - at ")[0]


def _field_of(message: str) -> str:
    """Find the field in msgspec's message: at its path, else between the back-quotes."""
    path = re.search(r"at `\$\.([^`\[.]+)", message)
    named = path or re.search(r"field `([^`]+)`", message)
    return named.group(1) if named else ""
