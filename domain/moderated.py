"""What moderators do with anything said: one set of rules for lines, questions and posts."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from domain.aggregate import Fact
from domain.errors import NotOpen


class Moderated:
    """Something said, in a moderator's hand; an act that was done already changes nothing.

    ``standing`` is shown, held or rejected; hiding is apart from it. Which facts are recorded
    is said by what it is: those of a line belong to the participation of its author.
    """

    Hidden: ClassVar[type[Fact]]
    Revealed: ClassVar[type[Fact]]
    Approved: ClassVar[type[Fact]]
    Released: ClassVar[type[Fact]]
    Rejected: ClassVar[type[Fact]]
    Returned: ClassVar[type[Fact]]
    Pinned: ClassVar[type[Fact]]
    Unpinned: ClassVar[type[Fact]]

    standing: str
    is_hidden: bool
    is_pinned: bool
    record: Callable[..., None]

    def hide(self, why: str, *, by: str, at: datetime) -> None:
        """Take it out of everybody's sight."""
        if not self.is_hidden:
            self.record(self.Hidden, by=by, at=at, why=why)

    def reveal(self, *, by: str, at: datetime) -> None:
        """Show it again after it was hidden."""
        if self.is_hidden:
            self.record(self.Revealed, by=by, at=at)

    def approve(self, *, by: str, at: datetime) -> None:
        """Show what is held, or was rejected."""
        if self.standing != "shown":
            self.record(self.Approved, by=by, at=at)

    def release(self, *, by: str, at: datetime) -> None:
        """Show what is held and nobody has decided about."""
        if self.standing == "held":
            self.record(self.Released, by=by, at=at)

    def reject(self, why: str, *, by: str, at: datetime) -> None:
        """Never show what is held."""
        if self.standing == "shown":
            raise NotOpen("it is shown already: hide it instead", field="item")
        if self.standing == "held":
            self.record(self.Rejected, by=by, at=at, why=why)

    def reject_again(self, why: str, *, by: str, at: datetime) -> None:
        """Let it be rejected as it was, though it was shown meanwhile."""
        if self.standing != "rejected":
            self.record(self.Rejected, by=by, at=at, why=why)

    def put_back(self, *, by: str, at: datetime) -> None:
        """Hold it again, as if nobody had decided."""
        if self.standing != "held":
            self.record(self.Returned, by=by, at=at)

    def pin(self, *, by: str, at: datetime) -> None:
        """Keep it in sight."""
        if not self.is_pinned:
            self.record(self.Pinned, by=by, at=at)

    def unpin(self, *, by: str, at: datetime) -> None:
        """Let it scroll away."""
        if self.is_pinned:
            self.record(self.Unpinned, by=by, at=at)
