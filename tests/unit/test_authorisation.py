"""Who may do what, and when: every command, by whom it is asked, in each state of the talk.

The table below is written from the contract, not from the code; what it says for each
cell is compared with what the rules do.
"""

from dataclasses import dataclass
from itertools import count, product

import pytest
from builders import ANN, BOB, HAL, MIA, NOON, TALK, attending, scheduled
from work_in_memory import Memory

from domain import commands
from domain.act import Act, must_include
from domain.aggregate import TalkAggregate
from domain.deciding import Deciding
from domain.errors import Refused
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.speaker import Speaker
from domain.talk import STATES, Talk

ALWAYS = frozenset(STATES)
TAKING_PART = frozenset({"open", "live"})
BEFORE_THE_END = frozenset({"scheduled", "open", "live"})

ROLES = ("attendee", "panelist", "moderator", "host")  # each includes those before it


@dataclass(frozen=True)
class Rule:
    """The least role, the states that take the command, and whether only an author may."""

    role: str
    states: frozenset[str]
    own: bool = False


TABLE = {
    "post_line": Rule("attendee", TAKING_PART),
    "edit_line": Rule("attendee", TAKING_PART, own=True),
    "retract_line": Rule("attendee", ALWAYS, own=True),
    "ask_question": Rule("attendee", TAKING_PART),
    "edit_question": Rule("attendee", TAKING_PART, own=True),
    "withdraw_question": Rule("attendee", ALWAYS, own=True),
    "cast_vote": Rule("attendee", TAKING_PART),
    "withdraw_vote": Rule("attendee", TAKING_PART),
    "give_feedback": Rule("attendee", frozenset({"live"})),
    "choose_nickname": Rule("attendee", TAKING_PART),
    "tick_replay": Rule("attendee", frozenset({"ended"})),
    "seek_replay": Rule("attendee", frozenset({"ended"})),
    "reply": Rule("attendee", TAKING_PART),
    "answer_in_writing": Rule("panelist", ALWAYS),
    "edit_answer": Rule("panelist", ALWAYS),
    "approve": Rule("moderator", ALWAYS),
    "reject": Rule("moderator", ALWAYS),
    "pin": Rule("moderator", ALWAYS),
    "unpin": Rule("moderator", ALWAYS),
    "merge_questions": Rule("moderator", ALWAYS),
    "unmerge_question": Rule("moderator", ALWAYS),
    "promote_line": Rule("moderator", TAKING_PART),
    "reopen_question": Rule("moderator", TAKING_PART),
    "announce": Rule("moderator", ALWAYS),
    "catch_post": Rule("moderator", TAKING_PART),
    "withdraw_post": Rule("moderator", ALWAYS),
    "mute": Rule("moderator", ALWAYS),
    "unmute": Rule("moderator", ALWAYS),
    "ban": Rule("moderator", ALWAYS),
    "unban": Rule("moderator", ALWAYS),
    "clear_nickname": Rule("moderator", ALWAYS),
    "undo": Rule("moderator", ALWAYS),
    "set_policy": Rule("host", ALWAYS),
    "hide": Rule("moderator", ALWAYS),
    "restore": Rule("moderator", ALWAYS),
    "archive_question": Rule("moderator", ALWAYS),
    "restore_question": Rule("moderator", ALWAYS),
    "start_answering": Rule("moderator", TAKING_PART),
    "finish_answering": Rule("moderator", TAKING_PART),
    "open_doors": Rule("host", BEFORE_THE_END),
    "start_talk": Rule("host", BEFORE_THE_END),
    "end_talk": Rule("host", frozenset({"live", "ended"})),
    "introduce_topic": Rule("host", BEFORE_THE_END),
    "order_topics": Rule("host", ALWAYS),
    "open_topic": Rule("host", TAKING_PART),
    "close_topic": Rule("host", TAKING_PART),
    "introduce_panelist": Rule("host", BEFORE_THE_END),
    "grant_role": Rule("host", ALWAYS),
    "withdraw_role": Rule("host", ALWAYS),
    "invite": Rule("host", ALWAYS),
    "attach_recording": Rule("host", ALWAYS),
    "correct_clock": Rule("host", ALWAYS),
    "pin_highlight": Rule("host", ALWAYS),
    "rename_highlight": Rule("host", ALWAYS),
    "drop_highlight": Rule("host", ALWAYS),
    "restore_highlight": Rule("host", ALWAYS),
}

ARGUMENTS = {
    "text": "Why so dear?",
    "line": "line-1",
    "question": "question-1",
    "into": "question-2",
    "highlight": "h94",
    "start_s": 93.5,
    "end_s": 102.0,
    "item": "line-1",
    "why": "rude",
    "kind": "funny",
    "media_s": 61.5,
    "from_s": 10.0,
    "to_s": 94.0,
    "shift_s": 2.5,
    "title": "Prices",
    "topic": "topic-1",
    "topics": ["topic-2", "topic-1"],
    "name": "Pat",
    "nickname": "Fox",
    "attendee": BOB,
    "role": "moderator",
    "url": "https://media.example.org/talk.mp4",
    "source": "mastodon",
    "author": "@cat@example.social",
    "post_id": "1",
    "started_at": "2026-03-14T12:00:00Z",
}
SOME = {
    "approve": {"item": "line-2"},
    "reject": {"item": "line-2"},
    "catch_post": {"post_id": "2"},
}
"""Arguments of single commands: the held line, and a post that was not caught yet."""

SPEAKERS = {
    "the author": (Speaker("p-ann", "Ann"), ANN, "attendee"),
    "another attendee": (Speaker("p-bob", "Bob"), BOB, "attendee"),
    "a panelist": (Speaker("p-pat", "Pat"), "pat", "panelist"),
    "a moderator": (Speaker("p-mia", "Mia"), MIA, "moderator"),
    "the host": (Speaker("p-hal", "Hal"), HAL, "host"),
    "a moderator by token": (
        Speaker("p-mo", "Mo", talk_roles={TALK: frozenset({"moderator"})}),
        "mo",
        "moderator",
    ),
    "a moderator of another talk": (
        Speaker("p-max", "Max", talk_roles={"talk-2": frozenset({"moderator"})}),
        "max",
        "attendee",
    ),
    "a host of the site": (Speaker("p-hob", "Hob", roles=frozenset({"host"})), "hob", "host"),
    "an analyst": (Speaker("p-al", "Al", roles=frozenset({"analyst"})), "al", "attendee"),
}


def talk_in(state: str) -> Talk:
    """Bring the talk, with its topic and roles, into a state."""
    talk = scheduled()
    talk.introduce_topic("topic-1", "Pricing", by=HAL, at=NOON)
    talk.introduce_topic("topic-2", "Floods", by=HAL, at=NOON)
    talk.grant_role("pat", "panelist", by=HAL, at=NOON)
    talk.grant_role(MIA, "moderator", by=HAL, at=NOON)
    steps = {
        "scheduled": [],
        "open": [talk.open_doors],
        "live": [talk.start],
        "ended": [talk.start, talk.end],
    }
    for step in steps[state]:
        step(by=HAL, at=NOON)
    assert talk.state == state
    return talk


def what_ann_left() -> list[TalkAggregate]:
    """Ann's pinned line, a held one and her questions, one answered in writing; Bob; and a post."""
    ann, bob = attending(ANN), attending(BOB)
    ann.post_line("line-1", "Hello", at=NOON)
    ann.hold_line("line-2", "", "Darn", "term", "", at=NOON)
    ann.moderated("line-1").pin(by=MIA, at=NOON)
    question = Question.ask(TALK, "question-1", "Why?", by=ANN, at=NOON)
    question.start_answering(by=MIA, at=NOON)
    question.answer_in_writing("Because", by="pat", at=NOON)
    post = SocialPost.catch(TALK, "mastodon", "cat", "Listening", "", "1", by=MIA, at=NOON)
    return [ann, bob, question, post, Question.ask(TALK, "question-2", "How?", by=ANN, at=NOON)]


def pinned_at(work: Memory) -> int:
    """Tell where the pinning of Ann's line was recorded."""
    kinds = [type(fact) for fact in work.facts]
    return kinds.index(Participation.LinePinned) + 1


def answered(name: str, who: str, state: str) -> str:
    """Ask for a command; tell the reason of its refusal, or that it was accepted."""
    speaker, attendee, _ = SPEAKERS[who]
    talk = talk_in(state)
    work = Memory(talk)
    for aggregate in what_ann_left():
        work.add(aggregate)
    work.recorded()
    shape = commands.COMMANDS[name]
    arguments = {**ARGUMENTS, **SOME.get(name, {}), "position": pinned_at(work)}
    fields = {field: arguments[field] for field in shape.__struct_fields__ if field in arguments}
    command = commands.converted(fields, shape)
    ids = count(1)
    act = Act(
        work=work,
        talk=talk,
        by=attendee,
        speaker=speaker,
        at=NOON,
        imported=False,
        new_id=lambda: f"id-{next(ids)}",
        author="cat",
    )
    try:
        must_include(speaker, talk, attendee, command)
        Deciding().decide(act, command)
    except Refused as refused:
        assert work.recorded() == []
        return refused.reason
    return "accepted"


def expected(rule: Rule, who: str, state: str) -> str:
    """Tell what the table says of a cell."""
    _, attendee, role = SPEAKERS[who]
    if ROLES.index(role) < ROLES.index(rule.role) or (rule.own and attendee != ANN):
        return "not_allowed"
    return "accepted" if state in rule.states else "not_open"


def test_the_table_has_a_row_for_every_command() -> None:
    assert TABLE.keys() == commands.COMMANDS.keys()


@pytest.mark.parametrize("name", TABLE)
def test_each_command_is_open_to_whom_and_when_the_table_says(name: str) -> None:
    cells = list(product(SPEAKERS, STATES))

    found = {cell: answered(name, *cell) for cell in cells}

    assert found == {(who, state): expected(TABLE[name], who, state) for who, state in cells}


def test_a_withdrawn_question_is_final() -> None:
    talk = talk_in("live")
    question = Question.ask(TALK, "question-1", "Why?", by=ANN, at=NOON)
    question.withdraw(by=ANN, at=NOON)

    for name in ("cast_vote", "withdraw_vote", "archive_question", "start_answering"):
        work = Memory(talk)
        work.add(question)
        act = Act(work, talk, MIA, SPEAKERS["a moderator"][0], NOON, False, lambda: "id")
        command = commands.converted({"question": "question-1"}, commands.COMMANDS[name])
        with pytest.raises(Refused, match="withdrawn"):
            Deciding().decide(act, command)


def test_roles_of_a_talk_end_when_they_are_withdrawn() -> None:
    talk = talk_in("live")
    hide = commands.Hide(item="line-1", why="rude")
    must_include(SPEAKERS["a moderator"][0], talk, MIA, hide)

    talk.withdraw_role(MIA, "moderator", by=HAL, at=NOON)

    with pytest.raises(Refused, match="moderator"):
        must_include(SPEAKERS["a moderator"][0], talk, MIA, hide)
