"""Puts what Django sites import beside the launcher: hatchling calls this for every wheel.

Its mapping of folders can't: there ``gateway`` comes before whatever lies in it. An editable
install is the checkout itself, and gets no copy.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class HearhearDjango(BuildHookInterface[Any]):
    """Adds the package under its own name."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add it to a wheel that is to be installed."""
        if version != "editable":
            build_data["force_include"]["gateway/django/hearhear_django"] = "hearhear_django"
