"""How many guests may come from one address: somebody who rejoins to vote again comes to an end.

Counted by this gateway alone. Lives on the gateway's loop.
"""

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable

from domain.errors import TooFast

WITHIN_S = 3600.0
_ADDRESSES = 50_000  # remembered, the latest
_NETWORK_BITS = 64  # of IPv6, where one household has as many addresses as it likes


class Newcomers:
    """Lets at most so many guests of one address begin within an hour; 0 sets no limit.

    Who comes from this machine itself is not counted: what can be told of somebody behind a
    proxy here is in its X-Forwarded-For, which is believed of ``HEARHEAR_TRUSTED_PROXIES``.
    ``now`` is a monotonic clock in seconds.
    """

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._most = most
        self._now = now
        self._came: OrderedDict[str, deque[float]] = OrderedDict()

    def let_in(self, address: str) -> None:
        """Count a guest in, or raise ``TooFast`` when there were enough of that address."""
        network = network_of(address)
        if not (self._most and network):
            return
        now = self._now()
        came = self._came.setdefault(network, deque())
        self._came.move_to_end(network)
        while came and came[0] <= now - WITHIN_S:
            came.popleft()
        if len(came) >= self._most:
            wait_s = came[0] + WITHIN_S - now
            raise TooFast("too many guests came from your address", retry_after_s=wait_s)
        came.append(now)
        while len(self._came) > _ADDRESSES:
            self._came.popitem(last=False)


def network_of(address: str) -> str:
    """Tell what counts as one address; empty for this machine, and for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
