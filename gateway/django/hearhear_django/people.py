"""What Hearhear is told of a user: in a ticket, and about a session, in the same words."""

from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string

from hearhear_django.conf import configuration


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
