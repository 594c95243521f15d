"""The rules a host may change: what waits for a moderator, and how fast people may speak."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.clock import iso

DEFAULT: dict[str, Any] = {
    "hold": "off",
    "release_after_s": 30,
    "slow_s": 0,
    "terms": [],
    "hold_posts": "hold",
    "hashtags": [],
}
LINES, POSTS = "hold", "hold_posts"
"""The rules that say whether what people say here waits, and what was caught elsewhere."""


def why_held(policy: Mapping[str, Any], text: str, rule: str = LINES) -> str:
    """Tell why a text waits for a moderator: a term in it, the policy, or (empty) not at all."""
    if any(_holds(term, text) for term in policy["terms"]):
        return "term"
    return "policy" if policy[rule] != "off" else ""


def release_at(policy: Mapping[str, Any], because: str, at: datetime, rule: str = LINES) -> str:
    """Tell when a held text is shown of itself; empty when only a moderator shows it."""
    if because == "policy" and policy[rule] == "release":
        return iso(at + timedelta(seconds=policy["release_after_s"]))
    return ""


def _holds(term: str, text: str) -> bool:
    """Find a term as whole words, whatever their case."""
    return bool(re.search(rf"(?<!\w){re.escape(term.casefold())}(?!\w)", text.casefold()))
