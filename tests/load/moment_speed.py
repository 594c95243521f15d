"""How fast a listener scrubs: any second of a three-hour talk with 100,000 facts.

    python tests/load/moment_speed.py [FACTS]

Through the plain door, with everything that takes but the wire: the first answer folds the talk,
all others are to take less than 50 ms. Garbage is collected as seldom as in a server.
"""
# ruff: noqa: T201 - figures are what it is for

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from doors import Door, opened_door  # noqa: E402 - the path is set above

from domain import commands as c  # noqa: E402
from domain.speaker import Speaker  # noqa: E402
from gateway.serving import collect_seldom  # noqa: E402

LENGTH_S = 3 * 3600
PEOPLE = 2_000
ASKED = 300
WARM_WITHIN_S = 0.05
AT_ONCE = 5_000
HOST = Speaker("person-host", "Host", roles=frozenset({"host"}))


def acts(facts: int, questions: list[str]) -> Iterator[tuple[float, Speaker, c.Command]]:
    """Seven ticks of ten acts, some lines, and votes for a hundred questions."""
    chance = random.Random(1)
    for number in range(facts):
        second = LENGTH_S * number / facts
        who = Speaker(f"person-{chance.randrange(PEOPLE)}", "Somebody")
        sort = chance.random()
        if sort < 0.7:
            yield second, who, c.GiveFeedback(kind=chance.choice(["agree", "funny", "lost"]))
        elif sort < 0.85:
            yield second, who, c.PostLine(text=f"What was said as number {number}")
        else:
            yield second, who, c.CastVote(question=chance.choice(questions))


def filled(door: Door, facts: int) -> str:
    """Fill a talk and end it; returns its id."""
    app, ids = door.system.app, (f"00000000-0000-4000-8000-{n:012}" for n in range(10**9))
    talk = app.schedule_talk(c.ScheduleTalk(title="Long"), next(ids), HOST).result(10)
    talk_id = talk.result["talk"]
    began = app.now()

    def asked(second: float, who: Speaker, command: c.Command) -> dict[str, str]:
        return submitted(second, who, command).result(60).result

    def submitted(second: float, who: Speaker, command: c.Command):  # noqa: ANN202 - a future
        at = began + timedelta(seconds=second)
        return app.submit(talk_id, command, next(ids), who, at=at, imported=True)

    asked(0, HOST, c.StartTalk())
    questions = [asked(0, HOST, c.AskQuestion(text=f"Why {n}?"))["question"] for n in range(100)]
    played = acts(facts, questions)
    while batch := list(islice(played, AT_ONCE)):
        for answer in [submitted(*one) for one in batch]:
            answer.result(60)
    asked(LENGTH_S, HOST, c.EndTalk())
    return talk_id


def measure(door: Door, talk: str) -> list[float]:
    """Ask for seconds all over the talk; tell how long each answer took, the first one first."""
    chance, took = random.Random(2), []
    for second in chain([60.0], (LENGTH_S * chance.random() for _ in range(ASKED))):
        begun = time.perf_counter()
        answer = door.client.get(
            f"/api/talks/{talk}/view", params={"as": "replay", "at": f"{second:.3f}"}
        )
        took.append(time.perf_counter() - begun)
        assert answer.status_code == 200, answer.text
    return took


def main() -> None:
    """Fill, measure, and fail when it is too slow."""
    facts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, opened_door(Path(folder)) as door:
        talk = filled(door, facts)
        collect_seldom()
        first, *rest = measure(door, talk)
    rest.sort()
    p50, p99 = (1000 * rest[int(len(rest) * share)] for share in (0.5, 0.99))
    print(f"{facts:,} facts: first answer {first:.1f} s, then p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    sys.exit(p99 > 1000 * WARM_WITHIN_S)


if __name__ == "__main__":
    main()
