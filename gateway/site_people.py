"""People of the host site: what it says about somebody, and who that is to us."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec

from domain.speaker import Speaker
from domain.text import NAME_LIMIT
from gateway.identity import SITE_ROLES

_PEOPLE = UUID("6a1f0c5e-2b0e-5d0c-9d5e-7c1b3f0a4e11")  # a promise: ids of people come of it
_SUBJECT_LIMIT = 255

_Subject = Annotated[str, msgspec.Meta(min_length=1, max_length=_SUBJECT_LIMIT)]


class Told(msgspec.Struct, frozen=True):
    """What a token, or the answer about a session, says; what else it says is not for us.

    ``sub`` is the account and ``iss`` the site, if it has several; ``roles`` hold
    everywhere and ``talk_roles`` in single talks, by their ids.
    """

    sub: _Subject
    name: str
    iss: str = ""
    roles: tuple[str, ...] = ()
    talk_roles: dict[str, tuple[str, ...]] = {}


def speaker_of(told: Mapping[str, Any]) -> Speaker:
    """Tell who speaks, or raise ``ValueError`` with what is wrong in what the site says.

    The same account is the same person by token and by cookie, for ever.
    """
    site = msgspec.convert(dict(told), Told)
    name = " ".join(site.name.split())[:NAME_LIMIT].strip()
    if not name:
        raise ValueError("Expected a name that can be read - at `$.name`")
    return Speaker(
        person=person_of(site.iss, site.sub),
        name=name,
        roles=_roles(site.roles),
        talk_roles={talk: _roles(roles) for talk, roles in site.talk_roles.items()},
        signed_in=True,
    )


def person_of(issuer: str, subject: str) -> str:
    """Tell the id of an account's person; it holds neither name nor number of the account."""
    return str(uuid5(_PEOPLE, msgspec.json.encode([issuer, subject]).decode()))


def _roles(claimed: tuple[str, ...]) -> frozenset[str]:
    """Take the roles that mean something here; a site has others for itself."""
    return frozenset(claimed) & frozenset(SITE_ROLES) - {"attendee"}
