"""What a room shows at a second, by a plain fold of its log: a model that shares no code."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Fact = dict[str, Any]
"""A line of the log: position, id, type, at, by, data."""

BACK = {
    "participation.line-hidden": "participation.line-restored",
    "question.hidden": "question.revealed",
    "participation.line-rejected": "participation.line-returned",
    "question.rejected": "question.returned",
}
"""What takes something out of sight, and what brings it back."""
FOR_GOOD = {"participation.line-retracted", "question.withdrawn"}
SAID = {
    "participation.line-posted",
    "participation.line-approved",
    "question.asked",
    "question.approved",
}
HELD = {"participation.line-held", "question.held"}
STATES = {"question.answering-started": "answering", "question.answering-finished": "answered"}


@dataclass
class Shown:
    """The feed in its order, as texts by item; and of each question its votes and state."""

    feed: dict[str, str] = field(default_factory=dict)
    ballot: dict[str, tuple[int, str]] = field(default_factory=dict)


def shown_at(log: list[Fact], second: float) -> Shown:
    """Fold what had happened by a second of the talk, less what may not be seen by now."""
    (began,) = (_when(fact) for fact in log if fact["type"] == "talk.started")
    unseen = _unseen(log)
    texts: dict[str, tuple[int, str]] = {}
    posted: dict[str, tuple[int, str]] = {}
    voters: dict[str, set[str]] = {}
    states: dict[str, str] = {}
    for fact in log:
        if (_when(fact) - began).total_seconds() > second:
            continue
        kind, item = fact["type"], _item(fact)
        if kind in SAID | HELD and "text" in fact["data"]:
            texts[item] = (fact["position"], fact["data"]["text"])
            if kind.startswith("question."):
                states[item] = "open"
        if kind in SAID:
            posted[item] = texts[item]
        if kind in STATES:
            states[item] = STATES[kind]
        if kind == "participation.vote-cast":
            voters.setdefault(fact["data"]["question"], set()).add(fact["by"])
        if kind == "participation.vote-withdrawn":
            voters[fact["data"]["question"]].discard(fact["by"])
    in_sight = sorted((at, item) for item, (at, _) in posted.items() if item not in unseen)
    return Shown(
        {item: posted[item][1] for _, item in in_sight},
        {
            item: (len(voters.get(item, ())), state)
            for item, state in states.items()
            if item in posted and item not in unseen
        },
    )


def seconds_of(log: list[Fact]) -> list[float]:
    """Tell at which seconds of the talk something happened, in their order."""
    (began,) = (_when(fact) for fact in log if fact["type"] == "talk.started")
    return sorted((_when(fact) - began).total_seconds() for fact in log)


def _unseen(log: Iterable[Fact]) -> set[str]:
    unseen, author = set(), {}
    for fact in log:
        kind, item = fact["type"], _item(fact)
        if kind in SAID | HELD:
            author.setdefault(item, fact["data"].get("author", fact["by"]))
        if kind in BACK or kind in FOR_GOOD:
            unseen.add(item)
        if kind in BACK.values():
            unseen.discard(item)
        if kind == "participation.erased":
            unseen |= {said for said, by in author.items() if by == _last(fact)}
    return unseen


def _item(fact: Fact) -> str:
    """Tell which line or question a fact is about; that of a question is in its stream's name."""
    data = fact["data"]
    is_of_question = fact["type"].startswith("question.")
    return data.get("line") or (_last(fact) if is_of_question else "") or ""


def _last(fact: Fact) -> str:
    return fact["id"].rpartition("@")[0].rpartition("/")[2]


def _when(fact: Fact) -> datetime:
    return datetime.fromisoformat(fact["at"])
