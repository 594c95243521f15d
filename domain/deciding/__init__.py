"""Deciding: from a command to the facts it records, or a refusal that records nothing.

One method per command, named like it. Each checks in the order of the contract
(item, state, text, pace) and only then lets an aggregate record, so that a refusal
never leaves half a decision behind. Lives on the writer's thread.
"""

from domain.deciding.attendees import Attendees
from domain.deciding.hosts import Hosts
from domain.deciding.listeners import Listeners
from domain.deciding.moderators import Moderators
from domain.deciding.panelists import Panelists
from domain.deciding.product import Product, erase, schedule

__all__ = ["Deciding", "erase", "schedule"]


class Deciding(Attendees, Listeners, Panelists, Moderators, Hosts, Product):
    """The rules of every command within a talk."""
