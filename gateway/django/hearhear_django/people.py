"""What Hearhear is told of a user: in a ticket, and about a session, in the same words."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from django.utils.module_loading import import_string

from hearhear_django.conf import configuration

_PEOPLE = UUID("6a1f0c5e-2b0e-5d0c-9d5e-7c1b3f0a4e11")  # Hearhear's: ids of people come of it


def described(user: Any) -> dict[str, Any]:
    """Tell a user's account, name and roles: the default of ``HEARHEAR['DESCRIBE']``.

    The account is the primary key, so a user may change every name they have.
    """
    groups = configuration().groups
    roles = {groups[name] for name in user.groups.values_list("name", flat=True) if name in groups}
    return {
        "sub": str(user.pk),
        "name": user.get_full_name() or user.get_username(),
        "roles": sorted(roles),
    }


def told(user: Any) -> dict[str, Any]:
    """Tell what the site wants to be told of a user, and by whom."""
    settings = configuration()
    describe: Callable[[Any], dict[str, Any]] = import_string(settings.describe)
    return {**describe(user), **({"iss": settings.issuer} if settings.issuer else {})}


def person_id(user: Any) -> str:
    """Tell the id of a user's person, as ``hearhear erase`` wants it."""
    account = [configuration().issuer, told(user)["sub"]]
    words = json.dumps(account, ensure_ascii=False, separators=(",", ":"))
    return str(uuid5(_PEOPLE, words))
