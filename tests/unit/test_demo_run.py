"""The demo's two talks, held on a real store: one has ended at once, one ends as it should."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain.application import Hearhear
from domain.clock import utc_now
from domain.speaker import Speaker
from domain.store import open_store
from gateway.demo.performance import Pace
from gateway.demo.programme import BRIDGES, GARDENS
from gateway.demo.run import Stage, Wishes, begin_live, hold_finished, moments_of

WISHES = Wishes(seed=7, people=30, speed=600, moments=(40.0, 100.0))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with open_store(f"sqlite:///{tmp_path}/hearhear.db") as store:
        app = Hearhear(store, now=utc_now, new_id=lambda: str(uuid4()))
        host = Speaker(person=str(uuid4()), name="Hanna", roles=frozenset({"host"}))
        yield Stage(app, host, "http://127.0.0.1:1", tmp_path)
        app.close()


def names_of(stage: Stage, talk: str) -> Counter[str]:
    return Counter(fact.name for fact in stage.app.store.log.read(0, 100_000, talk=talk))


def test_the_finished_talk_has_ended_and_has_a_recording(stage: Stage) -> None:
    talk = hold_finished(stage, WISHES)

    assert stage.app.talk(talk).has_ended
    assert stage.app.talk(talk).recording["url"] == f"http://127.0.0.1:1/demo/{talk}.wav"
    assert (stage.recordings / f"{talk}.wav").stat().st_size > 1_000_000
    assert names_of(stage, talk)["participation.feedback-given"] > 100
    assert names_of(stage, talk)["social.post-caught"] == len(BRIDGES.posts)


def test_the_live_talk_fills_and_ends_in_the_present(stage: Stage) -> None:
    performance, acts = begin_live(stage, WISHES)
    assert stage.app.talk(performance.talk).is_live

    asyncio.run(performance.perform(acts))

    talk = stage.app.talk(performance.talk)
    assert talk.has_ended
    assert talk.ended_at
    assert abs(talk.ended_at - utc_now()) < timedelta(seconds=10)
    done, wanted = names_of(stage, talk.talk), Counter(act.doing for act in acts)
    assert done["participation.feedback-given"] == wanted["feedback"]
    assert done["participation.vote-cast"] == wanted["vote"]
    assert done["participation.line-posted"] == wanted["line"]
    assert done["social.post-held"] == wanted["post"] == len(GARDENS.posts)


def test_a_host_who_ends_the_live_talk_early_ends_it_for_good(stage: Stage) -> None:
    performance, acts = begin_live(stage, WISHES)
    half = [act for act in acts if act.at_s < 90]

    asyncio.run(performance.perform(half))
    before = names_of(stage, performance.talk)
    asyncio.run(performance.perform(acts))

    assert names_of(stage, performance.talk) == before


@pytest.mark.parametrize(("speed", "lasts_s"), [(1.0, 180.0), (60.0, 3.0), (0.5, 360.0)])
def test_a_talk_at_any_speed_never_runs_ahead_of_the_present(speed: float, lasts_s: float) -> None:
    pace = Pace(begins_at=utc_now(), length_s=180, speed=speed)

    assert (pace.due(180) - pace.begins_at).total_seconds() == pytest.approx(lasts_s)
    assert all(pace.at(second) <= pace.due(second) for second in range(181))


def test_moments_are_numbers_or_none_at_all() -> None:
    assert moments_of("60,150") == (60.0, 150.0)
    assert moments_of("none") == ()
    assert moments_of("") is None
    for wrong in ("x", "1,,2", "-1", "99999", "nan"):
        with pytest.raises(ValueError, match=r"."):
            moments_of(wrong)
