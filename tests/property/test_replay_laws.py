"""What holds for every talk, whoever speaks and in whatever order its facts arrive."""

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from talks import KINDS

from replay.exports import FORMATS
from replay.facts import Clock, Line, TalkFacts, Ticks, Topic, Vote
from replay.timeline import build

DURATION_S = 600.0
A_FEW = settings(max_examples=40)
PEOPLE = [f"p{number}" for number in range(12)]

offsets = st.integers(0, 600_000).map(lambda millis: millis / 1000)
people = st.sampled_from(PEOPLE)
kinds = st.sampled_from([*KINDS, "unheard of"])
texts = st.text(max_size=20)

ticks = st.lists(st.tuples(offsets, people, kinds, st.none() | offsets), max_size=60)
lines = st.lists(st.builds(Line, offsets, people, texts), max_size=30).map(tuple)
votes = st.lists(st.builds(Vote, offsets, people, st.just("q")), max_size=20).map(tuple)


@st.composite
def bursts(draw: st.DrawFn) -> list[tuple[float, str, str, float | None]]:
    """Many people reacting at once: what highlights are made of."""
    begin = draw(st.integers(0, 590_000))
    late = draw(st.lists(st.integers(0, 8000), min_size=5, max_size=40))
    return [
        ((begin + millis) / 1000, PEOPLE[number % len(PEOPLE)], "agree", None)
        for number, millis in enumerate(late)
    ]


@st.composite
def talks(draw: st.DrawFn) -> TalkFacts:
    rows = [*draw(ticks), *draw(bursts())]
    titles = draw(st.lists(st.tuples(offsets, texts), max_size=5))
    topics = tuple(
        Topic(f"t{number}", title, at) for number, (at, title) in enumerate(sorted(titles))
    )
    return TalkFacts(
        duration_s=DURATION_S,
        ticks=Ticks.of(rows),
        kinds=KINDS,
        lines=draw(lines),
        votes=draw(votes),
        topics=topics,
    )


def rows_of(facts: TalkFacts) -> list[tuple[float, str, str, float | None]]:
    seen = facts.ticks
    return [
        (
            float(seen.offset_s[row]),
            seen.people[seen.person[row]],
            seen.kinds[seen.kind[row]],
            None if math.isnan(seen.media_s[row]) else float(seen.media_s[row]),
        )
        for row in range(len(seen))
    ]


@A_FEW
@given(talks(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_means_nothing(facts: TalkFacts, chance: Random) -> None:
    def shuffled(values: Iterable[Any]) -> list[Any]:
        rows = list(values)
        return chance.sample(rows, len(rows))

    again = replace(
        facts,
        ticks=Ticks.of(shuffled(rows_of(facts))),
        lines=tuple(shuffled(facts.lines)),
        votes=tuple(shuffled(facts.votes)),
        topics=tuple(shuffled(facts.topics)),
    )

    assert build(again) == build(facts)


@A_FEW
@given(talks(), st.integers(0, 60))
def test_facts_that_arrive_in_batches_give_what_they_give_at_once(
    facts: TalkFacts, cut: int
) -> None:
    rows = rows_of(facts)
    batched = replace(facts, ticks=Ticks.of(rows[:cut]).also(Ticks.of(rows[cut:])))

    assert build(batched) == build(facts)


@A_FEW
@given(talks(), st.permutations(PEOPLE))
def test_who_people_are_means_nothing(facts: TalkFacts, names: list[str]) -> None:
    called = dict(zip(PEOPLE, names, strict=True))
    renamed = replace(
        facts,
        ticks=Ticks.of((at, called[who], kind, media) for at, who, kind, media in rows_of(facts)),
        lines=tuple(replace(one, person=called[one.person]) for one in facts.lines),
        votes=tuple(replace(one, person=called[one.person]) for one in facts.votes),
    )

    assert build(renamed) == build(facts)


@A_FEW
@given(talks(), st.integers(1, 3600))
def test_a_recording_that_began_with_the_talk_is_the_talk(facts: TalkFacts, late_s: int) -> None:
    """However late the talk's own clock says the recording began, if all of it did."""

    def later(offset_s: float) -> float:
        return offset_s + late_s

    shifted = replace(
        facts,
        duration_s=later(facts.duration_s),
        ticks=replace(facts.ticks, offset_s=facts.ticks.offset_s + late_s),
        lines=tuple(replace(one, offset_s=later(one.offset_s)) for one in facts.lines),
        votes=tuple(replace(one, offset_s=later(one.offset_s)) for one in facts.votes),
        topics=tuple(replace(one, opened_s=later(one.opened_s)) for one in facts.topics),
        clock=Clock(((late_s, 0.0),)),
    )

    shifted_starts = [round(one.start_s, 2) for one in build(shifted).highlights]

    assert shifted_starts == [round(one.start_s, 2) for one in build(facts).highlights]


@A_FEW
@given(talks())
def test_chapters_tile_the_talk_and_highlights_lie_within_it(facts: TalkFacts) -> None:
    timeline = build(facts)

    edges = [(one.start_s, one.end_s) for one in timeline.chapters]
    assert edges[0][0] == 0
    assert edges[-1][1] == timeline.duration_s
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    assert all(0 <= one.start_s <= one.end_s <= DURATION_S for one in timeline.highlights)
    assert all(0 <= one.confidence <= 1 for one in timeline.highlights)
    assert len({one.id for one in timeline.highlights}) == len(timeline.highlights)


@A_FEW
@given(talks())
def test_every_curve_has_a_finite_value_for_each_step(facts: TalkFacts) -> None:
    heat = build(facts).heat

    assert {len(values) for values in heat.curves.values()} == {DURATION_S / heat.step_s}
    assert all(0 <= value <= 1 for values in heat.curves.values() for value in values)


@A_FEW
@given(talks())
def test_fewer_than_three_people_make_no_highlight(facts: TalkFacts) -> None:
    pair = replace(
        facts,
        ticks=Ticks.of(row for row in rows_of(facts) if row[1] in PEOPLE[:2]),
        lines=tuple(one for one in facts.lines if one.person in PEOPLE[:2]),
        votes=tuple(one for one in facts.votes if one.person in PEOPLE[:2]),
    )

    assert build(pair).highlights == []


@A_FEW
@given(talks())
def test_every_timeline_can_be_written_in_every_format(facts: TalkFacts) -> None:
    timeline = build(facts)

    assert all(one.write(timeline) for one in FORMATS.values())
