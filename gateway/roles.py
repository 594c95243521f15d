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


def must_analyse(app: Hearhear, talk: Talk, speaker: Speaker, *, raw: bool) -> None:
    """Refuse whoever may not analyse a talk; its host may, but nobody's names without a role.

    May block on the store.
    """
    if not may_analyse(app, talk, speaker, raw=raw):
        raise NotAllowed(f"this takes the role {'analyst_raw' if raw else 'analyst'}")


def may_analyse(app: Hearhear, talk: Talk, speaker: Speaker | None, *, raw: bool) -> bool:
    """Tell whether somebody may analyse a talk. May block on the store."""
    roles = roles_in(app, talk, speaker) if speaker else frozenset()
    return _sees_raw(roles) if raw else _analyses(roles)


def must_analyse_everywhere(speaker: Speaker) -> None:
    """Refuse whoever may not analyse all talks, those to come included."""
    if not _analyses(speaker.roles):
        raise NotAllowed("this takes the role analyst everywhere: name your talks with talks=")


def _analyses(roles: frozenset[str]) -> bool:
    return bool(roles & {"analyst", "analyst_raw", "host"})


def _sees_raw(roles: frozenset[str]) -> bool:
    return "analyst_raw" in roles
