"""The ways a command can be refused: nothing was recorded, and why."""

from typing import ClassVar


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error of ours
    """A command broke a rule; nothing was recorded.

    ``reason`` and ``status`` are promises to clients; ``detail`` is for people and
    never repeats what somebody wrote. ``field`` names the argument at fault, if any.
    """

    reason: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class Unauthenticated(Refused):
    """Nobody knows who is speaking."""

    reason, status = "unauthenticated", 401


class NotFound(Refused):
    """The talk, or the item within it, is not there (or not for this person)."""

    reason, status = "not_found", 404


class Invalid(Refused):
    """The command has not the shape it should have."""

    reason, status = "invalid", 400


class UnknownCommand(Refused):
    """There is no command of that name."""

    reason, status = "unknown_command", 400


class NotAllowed(Refused):
    """The role of the person does not include this command."""

    reason, status = "not_allowed", 403


class Conflict(Refused):
    """The command id was used before, for another command."""

    reason, status = "conflict", 409


class NotOpen(Refused):
    """The talk, or the item, is not in a state that takes this command."""

    reason, status = "not_open", 409


class TextEmpty(Refused):
    """The text has nothing to read."""

    reason, status = "text_empty", 422


class TextTooLong(Refused):
    """The text is longer than its limit."""

    reason, status = "text_too_long", 422


class TooFast(Refused):
    """The person does this too often; ``retry_after_s`` tells when to come back."""

    reason, status = "too_fast", 429

    def __init__(self, detail: str, *, retry_after_s: float, field: str = "") -> None:
        super().__init__(detail, field=field)
        self.retry_after_s = retry_after_s


class Unavailable(Refused):
    """The store did not answer in time; the command may have happened.

    To be retried with the same command id, which makes the retry harmless.
    """

    reason, status = "unavailable", 503


REFUSALS: tuple[type[Refused], ...] = (
    Unauthenticated,
    NotFound,
    Invalid,
    UnknownCommand,
    NotAllowed,
    Conflict,
    NotOpen,
    TextEmpty,
    TextTooLong,
    TooFast,
    Unavailable,
)
