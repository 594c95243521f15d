"""Invitations at the door: the link of one that was made, and the role of one that is brought.

The facts tell that somebody was invited, never what the link holds: its code is signed anew
from what was recorded, so that a repeated command gets the same link.
"""

from concurrent.futures import Future
from dataclasses import dataclass, replace
from urllib.parse import quote
from uuid import NAMESPACE_OID, uuid5

from domain import clock
from domain.application import Hearhear
from domain.commands import AcceptInvite, Command, Invite
from domain.errors import NotFound, NotOpen, Unauthenticated
from domain.speaker import Speaker
from domain.store import Answer
from gateway.identity import Identity, Invited

_PAGES = {"host": "/desk", "moderator": "/desk", "panelist": "/panel", "attendee": ""}


@dataclass(frozen=True)
class Inviting:
    """Has commands of the doors decided, and puts the link into the answer to an invitation."""

    app: Hearhear
    identity: Identity
    site: str
    """The address that people use, without a trailing slash."""

    def submit(
        self, talk: str, command: Command, command_id: str, speaker: Speaker
    ) -> "Future[Answer]":
        """Have a command decided, as :meth:`Hearhear.submit` does."""
        answer = self.app.submit(talk, command, command_id, speaker)
        if not isinstance(command, Invite):
            return answer
        with_link: Future[Answer] = Future()
        answer.add_done_callback(lambda made: self._pass_on(made, with_link, talk, command.role))
        return with_link

    def accept(self, brought: Invited, speaker: Speaker) -> None:
        """Give a speaker the role that a link promised; blocks.

        The same person may bring it again. Raises ``Unauthenticated`` when it was used by
        somebody else, was taken back or is too old.
        """
        command_id = str(uuid5(NAMESPACE_OID, f"accept/{brought.invite}"))
        command = AcceptInvite(invite=brought.invite)
        try:
            self.app.submit(brought.talk, command, command_id, speaker).result()
        except (NotFound, NotOpen) as refused:
            raise Unauthenticated(refused.detail, field="code") from None

    def _pass_on(
        self, made: "Future[Answer]", with_link: "Future[Answer]", talk: str, role: str
    ) -> None:
        if error := made.exception():
            with_link.set_exception(error)
            return
        answer = made.result()
        link = self._link(talk, answer.result["invite"], role, answer.result["expires_at"])
        with_link.set_result(replace(answer, result={**answer.result, "link": link}))

    def _link(self, talk: str, invite: str, role: str, expires_at: str) -> str:
        brought = Invited(talk=talk, invite=invite, role=role)
        code = self.identity.code_of_invitation(brought, expires_at=clock.parse(expires_at))
        return f"{self.site}/talks/{quote(talk)}{_PAGES[role]}#code={code}"
