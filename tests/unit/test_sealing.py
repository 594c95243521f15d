"""How texts are sealed, opened and brought up to date."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any, ClassVar

import orjson
import pytest
from builders import ANN, NOON, TALK
from eventsourcing.persistence import StoredEvent
from golden_facts import fixed_mapper

from domain.aggregate import TalkAggregate
from domain.participation import Participation
from domain.store import ERASED_MARK, SealingMapper, UnreadableFact
from domain.store.keys import PersonalKey
from domain.talk import Talk

KEY = PersonalKey("ann", b"k" * 32)


class Ring:
    """Keys in memory; ``None`` stands for an erased person."""

    def __init__(self, **keys: PersonalKey | None) -> None:
        self.keys = keys

    def sealing_key(self, attendee: str) -> PersonalKey | None:
        return self.keys[attendee]

    def keys_of(self, attendees: set[str]) -> dict[str, PersonalKey | None]:
        return {attendee: self.keys.get(attendee) for attendee in attendees}


def mapper_of(**keys: PersonalKey | None) -> SealingMapper:
    return SealingMapper(Ring(**keys))  # type: ignore[arg-type]


def line(text: str = "Hello") -> Participation.LinePosted:
    participation = Participation.join(TALK, ANN, "Ann", signed_in=False, at=NOON)
    participation.post_line("line-1", text, at=NOON)
    fact = participation.pending_events[-1]
    assert isinstance(fact, Participation.LinePosted)
    return fact


def moved(stored: StoredEvent, **changes: Any) -> StoredEvent:
    return replace(stored, **changes)


@pytest.mark.parametrize(
    "text", ["Hello", "", "\x00 NUL", "אבג \u202eright to left", "🙂" * 2000, '"sealed": {']
)
def test_a_sealed_text_comes_back_and_is_not_in_what_is_stored(text: str) -> None:
    mapper = mapper_of(ann=KEY)

    stored = mapper.to_stored_event(line(text))

    assert not text or text.encode() not in stored.state
    assert mapper.to_domain_event(stored) == line(text)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    mapper = mapper_of(ann=KEY)

    assert mapper.to_stored_event(line()).state != mapper.to_stored_event(line()).state


def test_a_text_whose_author_was_erased_reads_as_a_mark() -> None:
    stored = mapper_of(ann=KEY).to_stored_event(line())

    read = mapper_of(ann=None).to_domain_event(stored)

    assert read == replace(line(), text=ERASED_MARK)


def test_what_an_erased_author_writes_is_not_kept() -> None:
    stored = mapper_of(ann=None).to_stored_event(line())

    read = mapper_of(ann=KEY).to_domain_event(stored)

    assert read == replace(line(), text=ERASED_MARK)


@pytest.mark.parametrize(
    "changes",
    [
        {"originator_id": "talk/talk-2/participation/ann"},
        {"topic": "participation.line-edited"},
    ],
    ids=["stream", "name"],
)
def test_a_sealed_text_opens_nowhere_else(changes: dict[str, str]) -> None:
    mapper = mapper_of(ann=KEY)
    stored = moved(mapper.to_stored_event(line()), **changes)

    with pytest.raises(UnreadableFact, match="sealed for another place"):
        mapper.to_domain_event(stored)


def test_a_sealed_text_does_not_open_as_another_field() -> None:
    mapper = mapper_of(ann=KEY)
    stored = mapper.to_stored_event(line())
    state = orjson.loads(stored.state)
    state["sealed"] = {"line": state["sealed"]["text"]}

    with pytest.raises(UnreadableFact):
        mapper.to_domain_event(moved(stored, state=orjson.dumps(state)))


def test_the_key_of_somebody_else_does_not_open_it() -> None:
    stored = mapper_of(ann=KEY).to_stored_event(line())

    with pytest.raises(UnreadableFact):
        mapper_of(ann=PersonalKey("bob", b"b" * 32)).to_domain_event(stored)


@pytest.mark.parametrize("state", [b"", b"{", b"\xff", b'{"timestamp": 1}'])
def test_what_is_no_fact_is_told_from_one(state: bytes) -> None:
    stored = moved(mapper_of(ann=KEY).to_stored_event(line()), state=state)

    with pytest.raises(UnreadableFact, match="version 2 of talk/talk-1/participation/ann"):
        mapper_of(ann=KEY).to_domain_event(stored)


def test_what_people_send_names_no_type_to_be_made() -> None:
    policy = {"_type_": "os:system", "_data_": "true"}
    talk = Talk.schedule(
        TALK, title="Pricing", starts_at="", kinds={}, policy=policy, by=ANN, at=NOON
    )
    mapper = mapper_of()

    [fact] = mapper.to_facts([mapper.to_stored_event(talk.pending_events[0])])

    assert isinstance(fact, Talk.Scheduled)
    assert fact.policy == policy


def test_moments_are_stored_in_utc() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5)))

    stored = mapper_of(ann=KEY).to_stored_event(replace(line(), timestamp=there))

    assert orjson.loads(stored.state)["timestamp"] == "2026-03-14T12:00:00+00:00"


class Note(TalkAggregate):
    """A note whose fact has been written in three forms."""

    TOPIC = "test-note"

    class Event(TalkAggregate.Event):
        TOPIC = "test-note.event"

    class Begun(TalkAggregate.Created, Event):
        """``words`` was called ``text`` at first, and had no language before the third form."""

        TOPIC = "test-note.begun"
        SEALED: ClassVar = {"words": "by"}
        class_version: ClassVar = 3
        words: str
        language: str

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["words"] = state.pop("text")

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            state["language"] = ""

    def __init__(self, words: str, language: str) -> None:
        self.words = words
        self.language = language


def note(language: str = "") -> Note.Begun:
    return Note.Begun(
        originator_id="talk/talk-1/note/1",
        originator_version=1,
        timestamp=NOON,
        by=ANN,
        originator_topic="test-note",
        words="Hello",
        language=language,
    )


FIRST_FORM = (
    b'{"timestamp":"2026-03-14T12:00:00+00:00","by":"ann","originator_topic":"test-note",'
    b'"sealed":{"text":["by","AWRlZmdoaWprbG1ub8Q5K+Kd0bzymS73XgeIyn51Z1hLww=="]}}'
)


def test_a_fact_of_an_older_form_is_brought_up_to_date() -> None:
    stored = StoredEvent("talk/talk-1/note/1", 1, "test-note.begun", FIRST_FORM)

    assert fixed_mapper().to_domain_event(stored) == note()


def test_a_fact_says_which_form_it_has() -> None:
    mapper = fixed_mapper()

    stored = mapper.to_stored_event(note("en"))

    assert orjson.loads(stored.state)["class_version"] == 3
    assert mapper.to_domain_event(stored) == note("en")
