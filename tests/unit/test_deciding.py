"""The decisions, with a unit of work in memory."""

from collections.abc import Callable

import pytest
from builders import ANN, BOB, HAL, MIA, NOON, TALK, later, live, scheduled
from deciding_room import Room
from work_in_memory import Memory

from domain import commands, deciding
from domain.act import must_include
from domain.deciding import Deciding
from domain.errors import Invalid, NotAllowed, NotFound, NotOpen, Refused, TextEmpty, TooFast
from domain.participation import Participation
from domain.person import Person
from domain.question import Question
from domain.speaker import Speaker
from domain.talk import Talk


@pytest.fixture
def room() -> Room:
    return Room(live())


def test_the_first_act_of_an_attendee_lets_them_join(room: Room) -> None:
    answer = room(ANN, commands.PostLine(text=" Hello "))

    assert answer == {"line": "id-1"}
    assert room.work.recorded() == [
        "participation.joined",
        "participation.line-posted",
    ]


def test_asking_uses_a_turn_and_begins_a_question(room: Room) -> None:
    answer = room(ANN, commands.AskQuestion(text="Why so dear?"))

    assert answer == {"question": "id-1"}
    assert room.work.recorded() == [
        "participation.joined",
        "participation.question-asked",
        "question.asked",
    ]


def test_a_refused_command_records_nothing(room: Room) -> None:
    refused: list[tuple[commands.Command, type[Refused]]] = [
        (commands.PostLine(text=" "), TextEmpty),
        (commands.EditLine(line="no", text="a"), NotFound),
        (commands.CastVote(question="no"), NotFound),
        (commands.GiveFeedback(kind="bored"), Invalid),
        (commands.Hide(item="no", why="rude"), NotFound),
        (commands.OpenTopic(topic="no"), NotFound),
        (commands.GrantRole(attendee="nobody", role="host"), NotFound),
        (commands.AttachRecording(url="ftp://a", started_at=""), Invalid),
        (commands.AttachRecording(url="https://a", started_at="noon"), Invalid),
    ]
    for command, kind in refused:
        with pytest.raises(kind):
            room(ANN, command)

    assert room.work.recorded() == []


@pytest.mark.parametrize(
    "command",
    [
        commands.PostLine(text="Hi"),
        commands.AskQuestion(text="Why?"),
        commands.GiveFeedback(kind="agree"),
    ],
)
def test_nothing_is_taken_before_the_doors_open(command: commands.Command) -> None:
    with pytest.raises(NotOpen):
        Room(scheduled())(ANN, command)


def test_ticks_wait_for_the_talk_to_be_live() -> None:
    room = Room(scheduled())
    room(HAL, commands.OpenDoors())

    with pytest.raises(NotOpen, match="not live"):
        room(ANN, commands.GiveFeedback(kind="agree"))


def test_after_the_end_lines_can_only_be_taken_back(room: Room) -> None:
    line = room(ANN, commands.PostLine(text="Hello"))["line"]
    question = room(ANN, commands.AskQuestion(text="Why?"))["question"]
    room(HAL, commands.EndTalk(), at=60)

    for command in (
        commands.EditLine(line=line, text="Hi"),
        commands.EditQuestion(question=question, text="How?"),
        commands.CastVote(question=question),
        commands.WithdrawVote(question=question),
    ):
        with pytest.raises(NotOpen):
            room(ANN, command, at=61)

    room.work.recorded()
    room(ANN, commands.RetractLine(line=line), at=62)
    room(ANN, commands.WithdrawQuestion(question=question), at=63)
    assert room.work.recorded() == ["participation.line-retracted", "question.withdrawn"]


def test_only_the_author_changes_what_they_wrote(room: Room) -> None:
    line = room(ANN, commands.PostLine(text="Hello"))["line"]
    question = room(ANN, commands.AskQuestion(text="Why?"))["question"]

    for command in (
        commands.EditLine(line=line, text="Bye"),
        commands.RetractLine(line=line),
        commands.EditQuestion(question=question, text="How?"),
        commands.WithdrawQuestion(question=question),
    ):
        with pytest.raises(NotAllowed):
            room(BOB, command)


def test_a_tick_belongs_to_the_current_topic(room: Room) -> None:
    topic = room(HAL, commands.IntroduceTopic(title="Prices"))["topic"]
    room(HAL, commands.OpenTopic(topic=topic))

    room(ANN, commands.GiveFeedback(kind="agree", media_s=12.5))

    ann = room.work.aggregates[Participation.stream_of(TALK, ANN)]
    tick = ann.pending_events[-1]
    assert (tick.topic, tick.media_s) == (topic, 12.5)


def test_hiding_works_on_lines_and_questions_alike(room: Room) -> None:
    line = room(ANN, commands.PostLine(text="Hello"))["line"]
    question = room(ANN, commands.AskQuestion(text="Why?"))["question"]
    room.work.recorded()

    room(MIA, commands.Hide(item=line, why="rude"))
    room(MIA, commands.Hide(item=question, why="rude"))
    room(MIA, commands.Restore(item=line))
    room(MIA, commands.Restore(item=question))

    assert sorted(room.work.recorded()) == [
        "participation.joined",
        "participation.line-hidden",
        "participation.line-restored",
        "question.hidden",
        "question.revealed",
    ]


def test_too_many_lines_at_once_are_refused(room: Room) -> None:
    for _ in range(5):
        room(ANN, commands.PostLine(text="Hello"))
        room(ANN, commands.AskQuestion(text="Why?"))

    with pytest.raises(TooFast):
        room(ANN, commands.PostLine(text="Hello"), at=1)

    room(ANN, commands.PostLine(text="Hello"), at=1, imported=True)


def test_a_recorded_session_is_held_to_no_state(room: Room) -> None:
    room(HAL, commands.EndTalk(), at=60)

    room(HAL, commands.ImportTopic(title="x" * 400), at=5, imported=True)
    room(ANN, commands.PostLine(text=""), at=6, imported=True)
    room(ANN, commands.GiveFeedback(kind="agree"), at=7, imported=True)
    room(HAL, commands.EndTalk(), at=60, imported=True)

    assert room.talk.state == "ended"
    assert room.talk.topic == ""
    assert [len(title) for title in room.talk.topics.values()] == [300]


def test_another_name_is_noted_at_the_next_act(room: Room) -> None:
    room(ANN, commands.PostLine(text="Hello"))
    room.work.recorded()
    ann = room.work.aggregates[Participation.stream_of(TALK, ANN)]
    assert isinstance(ann, Participation)
    ann.rename("Anna", at=NOON)
    room.work.recorded()

    room(ANN, commands.PostLine(text="Hello again"))

    assert room.work.recorded() == ["participation.renamed", "participation.line-posted"]


def test_an_attendance_sample_begins_its_stream_once(room: Room) -> None:
    room(HAL, commands.SampleAttendance(present=3))
    room(HAL, commands.SampleAttendance(present=4))

    assert room.work.recorded()[-3:] == [
        "attendance.begun",
        "attendance.sampled",
        "attendance.sampled",
    ]


def test_every_reading_of_raw_rows_is_recorded_with_the_name_of_whoever_reads(room: Room) -> None:
    room(ANN, commands.NoteRowsRead(table="people"))
    room(ANN, commands.NoteRowsRead(table="people"))

    assert room.work.recorded()[-3:] == ["access.begun", "access.rows-read", "access.rows-read"]


def test_erasing_is_recorded_for_the_person_and_in_every_talk(room: Room) -> None:
    room(ANN, commands.PostLine(text="Hello"))
    room.work.recorded()
    command = commands.ErasePerson(person="p", attended=((TALK, ANN), ("elsewhere", "x")))

    deciding.erase(room.work, command, at=later(9))
    deciding.erase(room.work, command, at=later(10))

    assert room.work.recorded() == ["participation.erased", "person.erased"]
    assert Person.stream_of("p") in room.work.aggregates


def test_scheduling_makes_a_host_who_takes_part() -> None:
    work = Memory(scheduled())
    speaker = Speaker("person-hal", "Hal")
    command = commands.ScheduleTalk(title=" Pricing ", starts_at="2026-03-14T13:00:00+01:00")

    deciding.schedule(work, "t2", command, by=speaker, attendee=HAL, at=NOON)

    talk = work.aggregates["talk/t2"]
    assert isinstance(talk, Talk)
    assert (talk.title, talk.starts_at) == ("Pricing", "2026-03-14T12:00:00.000Z")
    assert talk.roles == {HAL: {"host"}}
    assert work.get(Participation, Participation.stream_of("t2", HAL))


def test_a_role_is_checked_from_the_token_or_the_talk() -> None:
    talk = live()
    token = Speaker("p", "Mia", talk_roles={TALK: frozenset({"moderator"})})

    must_include(token, talk, MIA, commands.Hide(item="l", why="rude"))
    must_include(Speaker("p", "Hal"), talk, HAL, commands.EndTalk())
    with pytest.raises(NotAllowed, match="host"):
        must_include(token, talk, MIA, commands.EndTalk())


@pytest.mark.parametrize("name", sorted(commands.COMMANDS))
def test_every_command_has_its_decision(name: str) -> None:
    method: Callable[..., object] = getattr(Deciding, name)

    assert method.__annotations__["command" if "command" in method.__annotations__ else "_"]


def test_a_question_of_another_talk_is_not_found(room: Room) -> None:
    other = Question.ask("talk-2", "q9", "Why?", by=ANN, at=NOON)
    room.work.add(other)

    with pytest.raises(NotFound):
        room(BOB, commands.CastVote(question="q9"))
