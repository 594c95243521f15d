"""Invitations: the links that give a role in the talk, and what became of each.

What a link holds is not here: no view and no fact gives anybody a role who reads it.
"""

from collections.abc import Mapping
from typing import ClassVar

from domain.aggregate import Fact
from domain.clock import iso
from domain.talk import Talk
from projections.patch import Patch
from projections.records import Invite
from projections.shown import Record, Shown
from projections.stage import Fold


class Invites:
    """Folds who was invited as what."""

    def __init__(self) -> None:
        self.invites: dict[str, Invite] = {}
        self.touched: set[Invite] = set()
        self.shown = Shown()

    def load(self, invites: list[Invite]) -> None:
        """Take up where the rows are."""
        self.invites = {one.invite: one for one in invites}
        self.touched = set(invites)

    def change(self) -> Patch:
        """Show the invitations as they are; return what changed since the last time."""
        return self.shown.turn(self.invites, {one.invite for one in self.touched}, self._record)

    def _record(self, invite: str) -> Record:
        made = self.invites[invite]
        return {
            "role": made.role,
            "by": made.by,
            "at": made.at,
            "expires_at": made.expires_at,
            "state": made.state,
            "position": made.position,
        }

    def _turn(self, invite: str, state: str) -> None:
        self.invites[invite].state = state
        self.touched.add(self.invites[invite])

    # Folds.

    def _invited(self, fact: Talk.Invited, position: int) -> None:
        made = Invite(
            fact.invite, fact.role, fact.by, iso(fact.timestamp), fact.expires_at, position
        )
        self.invites[fact.invite] = made
        self.touched.add(made)

    def _accepted(self, fact: Talk.InviteAccepted, _: int) -> None:
        self._turn(fact.invite, "accepted")

    def _withdrawn(self, fact: Talk.InviteWithdrawn, _: int) -> None:
        self._turn(fact.invite, "withdrawn")

    def _renewed(self, fact: Talk.InviteRenewed, _: int) -> None:
        self._turn(fact.invite, "open")

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Talk.Invited: _invited,
        Talk.InviteAccepted: _accepted,
        Talk.InviteWithdrawn: _withdrawn,
        Talk.InviteRenewed: _renewed,
    }
