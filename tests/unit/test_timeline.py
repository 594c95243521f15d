from dataclasses import replace

import pytest
from talks import KINDS, Room, simulated

from replay.facts import Clock, Line, Question, TalkFacts, Ticks, Topic, Vote
from replay.timeline import Chapter, Highlight, build

ROOM = Room()


CUT = Clock(((100.0, 0.0), (360.0, 200.0)))
"""A recording begun 100 s into the talk, with a minute cut out after 200 s."""


def confident(facts: TalkFacts) -> list[Highlight]:
    return [one for one in build(facts).highlights if one.confidence >= 0.5]


def test_the_moments_the_audience_chose_are_found_and_nothing_else() -> None:
    starts = sorted(one.start_s for one in confident(simulated(ROOM, seed=1)))

    assert starts == pytest.approx(ROOM.moments, abs=10)


def test_a_talk_without_a_moment_has_no_confident_highlight() -> None:
    assert confident(simulated(replace(ROOM, moments=()), seed=2)) == []


def test_a_talk_in_which_nothing_happened_has_an_empty_timeline() -> None:
    timeline = build(TalkFacts(duration_s=0.0))

    assert timeline.highlights == []
    assert timeline.chapters == [Chapter(0.0, 0.0, "Opening")]
    assert set(timeline.heat.curves) == {"all", "loved", "lost", "funny"}


def test_chapters_tile_the_talk_from_zero() -> None:
    facts = TalkFacts(
        duration_s=500.0,
        title="PyCon",
        topics=(
            Topic("a", "Types", 20.0, 100.0),
            Topic("b", "Pricing", 100.0, 200.0),
            Topic("c", "Q&A", 400.0),
        ),
    )

    assert build(facts).chapters == [
        Chapter(0.0, 20.0, "PyCon"),
        Chapter(20.0, 100.0, "Types"),
        Chapter(100.0, 200.0, "Pricing"),
        Chapter(200.0, 400.0, "PyCon"),
        Chapter(400.0, 500.0, "Q&A"),
    ]


def test_a_short_pause_belongs_to_the_topic_before() -> None:
    topics = (Topic("a", "Types", 0.0, 100.0), Topic("b", "Pricing", 110.0))

    found = build(TalkFacts(duration_s=200.0, topics=topics)).chapters

    assert found == [Chapter(0.0, 110.0, "Types"), Chapter(110.0, 200.0, "Pricing")]


def test_a_highlight_says_why() -> None:
    question = Question("q", "Why not?", 100.0, answered_from_s=280.0, answered_to_s=320.0)
    facts = replace(
        simulated(replace(ROOM, moments=(300.0,)), seed=3),
        topics=(Topic("t", "Pricing", 200.0),),
        questions=(question,),
        votes=tuple(Vote(150.0 + i, f"p{i}", "q") for i in range(37)),
        lines=tuple(Line(308.0 + i, f"p{i}", "encore please") for i in range(5)),
        attendance=((0.0, 3), (290.0, 210)),
    )

    best = confident(facts)[0]

    assert best.title == "Why not?"
    assert best.evidence.audience == 210
    assert best.evidence.topic == "Pricing"
    assert best.evidence.words == ["encore", "please"]
    assert f"{best.evidence.people} of 210 people within" in best.why
    assert "answering 'Why not?' (37 votes)" in best.why


def test_lost_laughter_and_love_have_their_own_curves() -> None:
    rows = [(300.0 + i / 10, f"p{i}", "funny", None) for i in range(60)]
    rows += [(900.0 + i / 10, f"p{i}", "lost", None) for i in range(60)]
    facts = TalkFacts(duration_s=1200.0, ticks=Ticks.of(rows), kinds=KINDS)

    heat = build(facts, heat_step_s=1).heat.curves

    assert max(heat["funny"][:600]) > 0.5 > max(heat["funny"][600:])
    assert max(heat["lost"][600:]) > 0.5 > max(heat["lost"][:600])
    assert max(heat["loved"]) == 0
    assert min(max(heat["all"][:600]), max(heat["all"][600:])) > 0.5


def test_time_is_that_of_the_recording_once_there_is_one() -> None:
    facts = simulated(replace(ROOM, moments=(700.0,)), seed=4)
    recorded = replace(facts, clock=CUT)

    at_talk, at_media = build(facts).highlights[0], build(recorded).highlights[0]

    assert at_media.start_s == pytest.approx(at_talk.start_s - 160.0, abs=2)
    assert build(recorded).duration_s == 1640.0


def test_a_cut_maps_to_one_point_of_the_recording() -> None:
    offsets = (0.0, 100.0, 299.0, 300.0, 330.0, 360.0, 400.0)

    assert [CUT.media_at(at) for at in offsets] == [0.0, 0.0, 199.0, 200.0, 200.0, 200.0, 240.0]


def test_a_known_delay_is_taken_off() -> None:
    facts = simulated(ROOM, seed=5)

    usual, late = (
        sorted(one.start_s for one in confident(replace(facts, delay_s=delay_s)))
        for delay_s in (3.0, 23.0)
    )

    assert late == pytest.approx([start - 20 for start in usual])


def test_a_tick_that_knows_its_player_position_counts_there() -> None:
    rows = [(500.0 + i / 10, f"p{i}", "agree", 300.0 + i / 10) for i in range(60)]
    facts = TalkFacts(duration_s=900.0, ticks=Ticks.of(rows), kinds=KINDS)

    (best,) = confident(facts)

    assert best.start_s == pytest.approx(300.0, abs=10)
