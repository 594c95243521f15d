import pytest
from builders import ANN, HAL, NOON, later, live, recorded, scheduled

from domain.errors import Invalid, NotFound, NotOpen


def test_starting_opens_the_doors_too() -> None:
    talk = scheduled()

    talk.start(by=HAL, at=NOON)

    assert recorded(talk) == ["DoorsOpened", "Started"]
    assert talk.started_at == NOON


def test_repeating_a_step_changes_nothing() -> None:
    talk = live()

    talk.open_doors(by=HAL, at=later(1))
    talk.start(by=HAL, at=later(2))

    assert recorded(talk) == []
    assert talk.started_at == NOON


def test_ending_closes_the_current_topic() -> None:
    talk = live()
    talk.introduce_topic("t1", "Prices", by=HAL, at=NOON)
    talk.open_topic("t1", by=HAL, at=NOON)

    talk.end(by=HAL, at=later(60))

    assert recorded(talk)[-2:] == ["TopicClosed", "Ended"]
    assert (talk.state, talk.topic) == ("ended", "")


def test_ending_twice_changes_nothing() -> None:
    talk = live()
    talk.end(by=HAL, at=later(60))

    talk.end(by=HAL, at=later(61))

    assert recorded(talk) == ["Ended"]


def test_a_talk_that_is_not_live_cannot_end() -> None:
    with pytest.raises(NotOpen, match="start it first"):
        scheduled().end(by=HAL, at=NOON)


@pytest.mark.parametrize("step", ["open_doors", "start"])
def test_an_ended_talk_never_begins_again(step: str) -> None:
    talk = live()
    talk.end(by=HAL, at=later(60))

    with pytest.raises(NotOpen, match="has ended"):
        getattr(talk, step)(by=HAL, at=later(61))


def test_topics_are_put_in_another_order_and_the_others_follow_in_theirs() -> None:
    talk = scheduled()
    for topic in ("t1", "t2", "t3", "t4"):
        talk.introduce_topic(topic, topic, by=HAL, at=NOON)

    talk.order_topics(["t4", "t2"], by=HAL, at=NOON)
    talk.order_topics(["t4", "t2", "t1"], by=HAL, at=NOON)  # as they are

    assert list(talk.topics) == ["t4", "t2", "t1", "t3"]
    assert recorded(talk)[-2:] == ["TopicIntroduced", "TopicsOrdered"]


def test_an_order_names_each_of_its_topics_once_and_none_of_elsewhere() -> None:
    talk = scheduled()
    talk.introduce_topic("t1", "Prices", by=HAL, at=NOON)

    with pytest.raises(Invalid, match="once"):
        talk.order_topics(["t1", "t1"], by=HAL, at=NOON)
    with pytest.raises(NotFound) as refused:
        talk.order_topics(["t2"], by=HAL, at=NOON)

    assert refused.value.field == "topics"


def test_opening_a_topic_closes_the_former() -> None:
    talk = live()
    for topic in ("t1", "t2"):
        talk.introduce_topic(topic, topic, by=HAL, at=NOON)
    talk.open_topic("t1", by=HAL, at=NOON)

    talk.open_topic("t2", by=HAL, at=later(1))
    talk.open_topic("t2", by=HAL, at=later(2))

    assert recorded(talk)[2:] == ["TopicOpened", "TopicClosed", "TopicOpened"]
    assert talk.topic == "t2"


def test_a_topic_that_was_not_introduced_cannot_be_opened() -> None:
    with pytest.raises(NotFound):
        live().open_topic("t1", by=HAL, at=NOON)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(Invalid, match="agree, disagree, funny, insightful, lost") as refused:
        live().must_know_kind("bored")

    assert refused.value.field == "kind"


def test_granting_a_role_twice_changes_nothing() -> None:
    talk = live()

    talk.grant_role(ANN, "moderator", by=HAL, at=NOON)
    talk.grant_role(ANN, "moderator", by=HAL, at=NOON)
    talk.withdraw_role(ANN, "moderator", by=HAL, at=NOON)
    talk.withdraw_role(ANN, "moderator", by=HAL, at=NOON)

    assert recorded(talk) == ["RoleGranted", "RoleWithdrawn"]
    assert not talk.roles[ANN]


def test_the_same_recording_again_changes_nothing() -> None:
    talk = live()

    for _ in range(2):
        talk.attach_recording("https://a/b.mp3", "2026-03-14T12:00:00.000Z", [], by=HAL, at=NOON)

    assert recorded(talk) == ["RecordingAttached"]


def test_an_added_kind_comes_after_the_known_ones() -> None:
    talk = live()

    talk.add_kind("boo", "Boo", "none", by=HAL, at=NOON)
    talk.add_kind("boo", "Boo", "none", by=HAL, at=NOON)

    assert recorded(talk) == ["KindAdded"]
    assert talk.kinds["boo"]["order"] == 6
