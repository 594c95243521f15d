"""From which pages a browser may act in a visitor's name: the origins we trust.

A request without an ``Origin`` comes from a script, not from a page, and passes.
"""

import ipaddress
from urllib.parse import urlsplit

from gateway.settings import Settings, origin_of


class Origins:
    """The origins whose pages may use the API: our own, and those the operator allows."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = frozenset({origin_of(settings.site), *settings.allowed_origins})

    def allows(self, origin: str | None, host: str) -> bool:
        """Tell whether a page of this origin may act at the host that it spoke to.

        Besides the listed origins that is a page of the same address, when the address
        is a number or localhost: a name could be pointed at us by anybody.
        """
        if origin is None or origin in self._allowed:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.netloc == host and _is_number_or_localhost(parts.hostname or "")


def _is_number_or_localhost(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
