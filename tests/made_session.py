"""A recorded session of ten minutes, made up: chat, questions, votes and reactions from a seed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from visitors import Visitor
from waiting import eventually

LENGTH_S = 600
SAID = 60
LOVED_S = 240
"""When the whole room reacts."""
PEOPLE = 30
TOPICS = {0: "How much a roof can bear", 200: "Soil and water", 420: "Who cuts the grass"}
ASKED = ("Does an old timber roof work too?", "Who pays?", "What grows in the shade?")


def records(seed: int = 1) -> list[dict[str, Any]]:
    """Tell the lines of the session, by time; it is left open for whoever ends it."""
    chance = random.Random(seed)
    told: list[dict[str, Any]] = [
        {"t": at, "kind": "topic", "text": title} for at, title in TOPICS.items()
    ]
    told += [_said(chance, number) for number in range(SAID)]
    for number, text in enumerate(ASKED):
        asked_s = 60 + 120 * number
        user = f"Guest {number}"
        told.append(
            {"t": asked_s, "kind": "question", "user": user, "text": text, "ref": f"q{number}"}
        )
        told += [
            {
                "t": chance.uniform(asked_s + 1, LENGTH_S - 10),
                "kind": "vote",
                "user": f"Guest {who}",
                "text": f"q{number}",
            }
            for who in chance.sample(range(PEOPLE), 20 - 6 * number)
        ]
    told += [_ticked(chance, who, chance.uniform(LOVED_S, LOVED_S + 12)) for who in range(PEOPLE)]
    told += [_ticked(chance, who, chance.uniform(0, LENGTH_S - 10)) for who in range(PEOPLE)]
    return sorted(told, key=lambda one: one["t"])


def _said(chance: random.Random, number: int) -> dict[str, Any]:
    words = chance.choice(["It is the water that weighs", "Moss does it alone", "Bees come first"])
    user = f"Guest {chance.randrange(PEOPLE)}"
    return {
        "t": chance.uniform(5, LENGTH_S - 10),
        "kind": "chat",
        "user": user,
        "text": f"{words} ({number})",
    }


def _ticked(chance: random.Random, who: int, at_s: float) -> dict[str, Any]:
    kind = chance.choice(["agree", "agree", "funny", "lost"])
    return {"t": at_s, "kind": "feedback", "user": f"Guest {who}", "text": kind}


def held_by(host: Visitor, title: str = "A garden on every roof") -> str:
    """Hold it, until all of it is seen, as a live talk that began ten minutes ago.

    Whoever holds it is its host.
    """
    talk: str = host.post("/api/talks", {"title": title})["id"]
    began = datetime.now(UTC) - timedelta(seconds=LENGTH_S)
    host.take_in(talk, [{"t": 0, "kind": "start", "happened_at": began.isoformat()}, *records()])
    eventually(lambda: _is_shown(host, talk), within_s=30, every_s=0.1)
    return talk


def _is_shown(host: Visitor, talk: str) -> bool:
    room = host.read(f"/api/talks/{talk}/view")["view"]
    said = [item for item in room["feed"].values() if item["kind"] == "line"]
    return (len(said), len(room["questions"])) == (SAID, len(ASKED))


def ended_by(host: Visitor, title: str = "A garden on every roof") -> str:
    """Hold it, answer its first question at the end, and end it."""
    talk = held_by(host, title)
    room = host.read(f"/api/talks/{talk}/view")["view"]
    first = next(one for one, asked in room["questions"].items() if asked["text"] == ASKED[0])
    host.command(talk, "start_answering", question=first)
    host.command(talk, "finish_answering", question=first)
    host.command(talk, "end_talk")
    return talk
