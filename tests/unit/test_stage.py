"""The stage: what everybody is told about the talk itself."""

from builders import HAL
from telling import Telling

from domain.participation import Participation
from domain.talk import DEFAULT_KINDS, Talk


def test_a_talk_is_told_with_every_field_from_the_beginning() -> None:
    told = Telling()

    assert told.views.stage.document == {
        "id": "talk-1",
        "title": "Pricing",
        "state": "live",
        "starts_at": "",
        "started_at": "2026-03-14T12:00:00.000Z",
        "ended_at": "",
        "topic": "",
        "topics": {},
        "panelists": {},
        "kinds": DEFAULT_KINDS,
        "policy": {
            "hold": "off",
            "release_after_s": 30,
            "slow_s": 0,
            "names": "named",
            "names_at_desk": False,
            "names_in_replay": False,
            "votes": "anyone",
            "hold_posts": "hold",
            "hashtags": [],
            "access": "public",
        },
        "media": {
            "url": "",
            "started_at": "",
            "cuts": [],
            "clock": {"shift_s": 0.0, "pieces": [], "delay_s": -1.0},
        },
    }


def test_turning_to_a_topic_tells_only_what_changed() -> None:
    told = Telling()
    told.talk(Talk.TopicIntroduced, topic="t1", title="Costs")
    told.change()

    told.talk(Talk.TopicOpened, topic="t1", second=61)

    opened = {"t1": {"opened_at": "2026-03-14T12:01:01.000Z"}}
    assert told.room() == {"talk": {"topic": "t1", "topics": opened}}


def test_another_order_of_the_agenda_tells_the_topics_that_moved() -> None:
    told = Telling()
    for topic in ("t1", "t2", "t3"):
        told.talk(Talk.TopicIntroduced, topic=topic, title=topic)
    told.change()

    told.talk(Talk.TopicsOrdered, topics=["t2", "t1", "t3"], before=["t1", "t2", "t3"])

    assert told.room() == {"talk": {"topics": {"t1": {"order": 2}, "t2": {"order": 1}}}}


def test_a_topic_opened_again_is_open_again() -> None:
    told = Telling()
    told.talk(Talk.TopicIntroduced, topic="t1", title="Costs")
    told.talk(Talk.TopicOpened, topic="t1", second=1)
    told.talk(Talk.TopicClosed, topic="t1", second=2)

    told.talk(Talk.TopicOpened, topic="t1", second=3)

    told.change()
    topic = told.views.stage.document["topics"]["t1"]
    assert (topic["opened_at"], topic["closed_at"]) == ("2026-03-14T12:00:03.000Z", "")


def test_the_end_ends_the_topic_too() -> None:
    told = Telling()
    told.talk(Talk.TopicIntroduced, topic="t1", title="Costs")
    told.talk(Talk.TopicOpened, topic="t1")

    told.talk(Talk.Ended, second=90)

    told.change()
    talk = told.views.stage.document
    assert (talk["state"], talk["topic"]) == ("ended", "")
    assert talk["ended_at"] == "2026-03-14T12:01:30.000Z"


def test_a_kind_that_an_import_brought_joins_the_others() -> None:
    told = Telling()

    told.talk(Talk.KindAdded, kind="wow", label="Wow", curve="loved", order=6)

    kind = {"label": "Wow", "curve": "loved", "order": 6}
    assert told.room() == {"talk": {"kinds": {"wow": kind}}}


def test_a_recording_is_told_whole() -> None:
    told = Telling()
    cuts = [{"start_s": 1.0, "end_s": 2.0}]

    told.talk(Talk.RecordingAttached, url="/a.wav", started_at="", cuts=cuts)

    assert told.room() == {"talk": {"media": {"url": "/a.wav", "cuts": cuts}}}


def test_seconds_count_from_the_start() -> None:
    told = Telling()
    told.posts("l1", second=12.3456)

    assert told.views.feed.items["l1"].second == 12.346


def test_panelists_whose_host_was_erased_lose_their_names() -> None:
    told = Telling()
    told.talk(Talk.PanelistIntroduced, panelist="p1", name="Pat", about="Professor", by=HAL)
    told.change()

    told.person(Participation.Erased, HAL)

    changes = told.change()
    assert changes.redacts
    erased = {"name": "[erased]", "about": "[erased]"}
    assert changes.views["room"] == {"talk": {"panelists": {"p1": erased}}}
