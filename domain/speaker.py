"""Who is speaking: a person, with what their token says about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES = ("attendee", "panelist", "moderator", "host")  # each may do what those before it may


@dataclass(frozen=True)
class Speaker:
    """A person at a door.

    ``roles`` hold everywhere, ``talk_roles`` in single talks; both were vouched for
    by whoever signed the token. Roles granted within a talk are facts of that talk.
    """

    person: str
    name: str
    roles: frozenset[str] = frozenset()
    talk_roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    signed_in: bool = False

    def roles_in(self, talk: str) -> frozenset[str]:
        """Tell the roles their token gives them in a talk."""
        return self.roles | self.talk_roles.get(talk, frozenset())


def includes(roles: frozenset[str], needed: str) -> bool:
    """Tell whether somebody with these roles may do what takes ``needed``."""
    return any(role in roles for role in ROLES[ROLES.index(needed) :]) or needed == "attendee"
