"""Which roles somebody has in a talk: what their token says and what the talk granted."""

from domain.application import Hearhear
from domain.errors import NotAllowed
from domain.speaker import Speaker, includes
from domain.talk import Talk


def roles_in(app: Hearhear, talk: Talk, speaker: Speaker) -> frozenset[str]:
    """Tell the roles of a speaker in a talk. May block on the store."""
    granted = talk.roles.get(app.attendee_of(speaker, talk.talk), set())
    return speaker.roles_in(talk.talk) | granted


def must_have_role(app: Hearhear, talk: Talk, speaker: Speaker, role: str) -> None:
    """Refuse a speaker whose roles in a talk don't include this one. May block on the store."""
    if not includes(roles_in(app, talk, speaker), role):
        raise NotAllowed(f"this takes the role {role}")
