"""The rules a host may change: what waits, how fast, under which names, and for whom a talk is."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.clock import iso

NAMED, NICKNAME, ANONYMOUS = "named", "nickname", "anonymous"
ANYONE, TICKET, SIGNED_IN = "anyone", "ticket", "signed_in"
PUBLIC, PRIVATE = "public", "private"

DEFAULT: dict[str, Any] = {
    "hold": "off",
    "release_after_s": 30,
    "slow_s": 0,
    "terms": [],
    "hold_posts": "hold",
    "hashtags": [],
    "names": NAMED,
    "names_at_desk": False,
    "names_in_replay": False,
    "votes": ANYONE,
    "access": PUBLIC,
}
LINES, POSTS = "hold", "hold_posts"
"""The rules that say whether what people say here waits, and what was caught elsewhere."""


RULES: Mapping[str, str] = {
    "hold": "whether lines and questions wait for a moderator, or only for a while",
    "release_after_s": "how many seconds what is held waits where `hold` is `release`",
    "slow_s": "seconds between two things that a person says; 0 for no such rule",
    "terms": "words that make a text wait for a moderator, whatever `hold` says",
    "hold_posts": "the same as `hold`, for posts that were caught elsewhere",
    "hashtags": "what posts elsewhere are caught by",
    "names": "under which names people speak to the room, from then on",
    "names_at_desk": "whether the desk is told who it is, where the room is not",
    "names_in_replay": "whether listeners of the replay are told who said what, as the room was",
    "votes": "who may vote: anyone, who was invited or has a role or is signed in, or the latter",
    "access": "who may know of the talk: everybody, or only who was invited or has a role",
}
"""What each rule says."""


def whole(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the rules that a policy does not name: those of earlier versions lack some."""
    return {**DEFAULT, **policy}


def why_held(policy: Mapping[str, Any], text: str, rule: str = LINES) -> str:
    """Tell why a text waits for a moderator: a term in it, the policy, or (empty) not at all."""
    if has_term(policy, text):
        return "term"
    return "policy" if policy[rule] != "off" else ""


def has_term(policy: Mapping[str, Any], text: str) -> bool:
    """Tell whether one of the policy's terms stands in a text."""
    return any(_holds(term, text) for term in policy["terms"])


def release_at(policy: Mapping[str, Any], because: str, at: datetime, rule: str = LINES) -> str:
    """Tell when a held text is shown of itself; empty when only a moderator shows it."""
    if because == "policy" and policy[rule] == "release":
        return iso(at + timedelta(seconds=policy["release_after_s"]))
    return ""


def why_no_vote(policy: Mapping[str, Any], *, signed_in: bool, has_ticket: bool) -> str:
    """Tell why somebody may not vote; empty when they may."""
    match policy["votes"]:
        case "signed_in" if not signed_in:
            return "those vote in this talk who are signed in at the site"
        case "ticket" if not (signed_in or has_ticket):
            return "those vote in this talk who were invited, or are signed in at the site"
    return ""


def _holds(term: str, text: str) -> bool:
    """Find a term as whole words, whatever their case."""
    return bool(re.search(rf"(?<!\w){re.escape(term.casefold())}(?!\w)", text.casefold()))
