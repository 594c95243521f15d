"""A talk played through the real application, against a model small enough to be believed.

The machine is told how to make an application and how to read the room; the tests
bring SQLite and MariaDB.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

from builders import NOON
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from domain import commands
from domain.application import Hearhear
from domain.commands import Command
from domain.errors import Refused
from domain.speaker import Speaker

HOST = Speaker("person-hal", "Hal")
MODERATOR = Speaker("person-mia", "Mia", roles=frozenset({"moderator"}))
ATTENDEES = tuple(Speaker(f"person-{name}", name) for name in ("Ann", "Bob", "Cem"))

people = st.sampled_from(ATTENDEES)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map("x{}".format)


VALUES: dict[type[Command], Callable[[Any], Any]] = {
    commands.Hide: lambda _: True,
    commands.Restore: lambda _: False,
    commands.ArchiveQuestion: lambda _: True,
    commands.RestoreQuestion: lambda _: False,
    commands.UnmergeQuestion: lambda _: "",
}


@dataclass
class Item:
    """A line or a question of the model."""

    author: Speaker
    text: str
    votes: set[str] = field(default_factory=set)
    is_gone: bool = False  # retracted or withdrawn: for good
    is_hidden: bool = False
    is_archived: bool = False
    merged_into: str = ""


@dataclass(frozen=True)
class Done:
    """An act of moderation: where it was recorded, what it decided, and what was before."""

    position: int
    about: str
    question: str
    before: Any


@dataclass
class Played:
    """The ten-line model: what a talk amounts to, without any fact."""

    state: str = "live"
    lines: dict[str, Item] = field(default_factory=dict)
    questions: dict[str, Item] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)

    def stands(self, act: Done) -> bool:
        """Tell whether nothing was decided about the same thing since."""
        about = (act.about, act.question)
        return act is [one for one in self.done if (one.about, one.question) == about][-1]

    def takes(self, about: str, question: str, value: Any) -> bool:
        """Tell whether a question may be archived, hidden or merged like that, or no more."""
        item = self.questions[question]
        if about == "is_hidden":
            return True
        if about == "is_archived":
            return not item.is_gone
        if value == "":
            return True
        is_final = item.is_gone or self.questions[value].is_gone
        return not (
            is_final or value in self.behind(question) or item.merged_into not in {"", value}
        )

    def feed(self) -> dict[str, str]:
        """Tell the visible lines and questions with their texts."""
        items = {**self.lines, **self.questions}
        return {key: i.text for key, i in items.items() if not (i.is_gone or i.is_hidden)}

    def tallies(self) -> dict[str, int]:
        """Tell the votes of each question that everybody sees."""
        shown = {k: q for k, q in self.questions.items() if not (q.is_gone or q.is_hidden)}
        return {key: len(self.people_behind(key)) for key in shown}

    def people_behind(self, question: str) -> set[str]:
        """Unite the voters of a question and of whatever is merged into it."""
        return set().union(*(self.questions[one].votes for one in self.behind(question)))

    def behind(self, question: str) -> list[str]:
        """List a question and whatever is merged into it."""
        direct = [key for key, one in self.questions.items() if one.merged_into == question]
        return [question, *(key for member in direct for key in self.behind(member))]


class TalkMachine(RuleBasedStateMachine):
    """Anybody does anything in any order; the room is what the model says."""

    make_application: ClassVar[Callable[[], Hearhear]]
    make_reader: ClassVar[Callable[[], Callable[[Hearhear, str], dict[str, Any]]]]

    lines = Bundle("lines")
    questions = Bundle("questions")
    asked = Bundle("asked")

    def __init__(self) -> None:
        super().__init__()
        self.model = Played()
        self.moment = NOON
        self.app = type(self).make_application()
        self.read_room = type(self).make_reader()

    @initialize()
    def begin(self) -> None:
        announced = self.app.schedule_talk(commands.ScheduleTalk(title="Played"), _id(), HOST)
        self.talk = announced.result().result["talk"]
        assert self.ask(HOST, commands.StartTalk()) == {}

    def ask(self, who: Speaker, command: Command, command_id: str = "") -> dict[str, str] | str:
        """Have a command decided: its result, or the reason of its refusal."""
        self.moment += timedelta(seconds=30)  # never too fast
        try:
            answer = self.app.submit(
                self.talk, command, command_id or _id(), who, at=self.moment
            ).result(timeout=10)
        except Refused as refused:
            return refused.reason
        return answer.result

    @property
    def takes_part(self) -> bool:
        return self.model.state == "live"

    @rule(target=lines, who=people, text=texts)
    def post_line(self, who: Speaker, text: str) -> Any:
        answer = self.ask(who, commands.PostLine(text=text))
        if not self.takes_part:
            assert answer == "not_open"
            return multiple()
        assert isinstance(answer, dict)
        self.model.lines[answer["line"]] = Item(who, text.strip())
        return answer["line"]

    @rule(target=questions, who=people, text=texts)
    def ask_question(self, who: Speaker, text: str) -> Any:
        answer = self.ask(who, commands.AskQuestion(text=text))
        if not self.takes_part:
            assert answer == "not_open"
            return multiple()
        assert isinstance(answer, dict)
        self.model.questions[answer["question"]] = Item(who, text.strip())
        return answer["question"]

    @rule(who=people, line=lines, text=texts)
    def edit_line(self, who: Speaker, line: str, text: str) -> None:
        item = self.model.lines[line]
        answer = self.ask(who, commands.EditLine(line=line, text=text))
        if who is not item.author:
            assert answer == "not_allowed"
        elif not self.takes_part or item.is_gone:
            assert answer == "not_open"
        else:
            assert answer == {}
            item.text = text.strip()

    @rule(who=people, line=lines)
    def retract_line(self, who: Speaker, line: str) -> None:
        item = self.model.lines[line]
        answer = self.ask(who, commands.RetractLine(line=line))
        assert answer == ({} if who is item.author else "not_allowed")
        item.is_gone |= who is item.author

    @rule(who=people, question=questions)
    def withdraw_question(self, who: Speaker, question: str) -> None:
        item = self.model.questions[question]
        answer = self.ask(who, commands.WithdrawQuestion(question=question))
        assert answer == ({} if who is item.author else "not_allowed")
        item.is_gone |= who is item.author

    @rule(who=people, question=questions, again=st.booleans())
    def cast_vote(self, who: Speaker, question: str, again: bool) -> None:  # noqa: FBT001
        item = self.model.questions[question]
        command_id = _id()
        for _ in range(1 + again):
            answer = self.ask(who, commands.CastVote(question=question), command_id)
            assert answer == ({} if self.takes_part and not item.is_gone else "not_open")
        if answer == {}:
            item.votes.add(who.person)

    @rule(who=people, question=questions)
    def withdraw_vote(self, who: Speaker, question: str) -> None:
        item = self.model.questions[question]
        answer = self.ask(who, commands.WithdrawVote(question=question))
        assert answer == ({} if self.takes_part and not item.is_gone else "not_open")
        if answer == {}:
            for member in self.model.behind(question):
                self.model.questions[member].votes.discard(who.person)

    @rule(who=st.sampled_from([MODERATOR, HOST, *ATTENDEES]), line=lines)
    def hide(self, who: Speaker, line: str) -> None:
        answer = self.ask(who, commands.Hide(item=line, why="rude"))
        assert answer == ("not_allowed" if who in ATTENDEES else {})
        self.model.lines[line].is_hidden |= who not in ATTENDEES

    @rule(line=lines)
    def restore(self, line: str) -> None:
        assert self.ask(MODERATOR, commands.Restore(item=line)) == {}
        self.model.lines[line].is_hidden = False

    @rule(question=questions, back=st.booleans())
    def hide_question(self, question: str, back: bool) -> None:  # noqa: FBT001
        hide = commands.Hide(item=question, why="rude")
        self.decide("is_hidden", question, commands.Restore(item=question) if back else hide)

    @rule(question=questions, back=st.booleans())
    def archive(self, question: str, back: bool) -> None:  # noqa: FBT001
        command = commands.RestoreQuestion if back else commands.ArchiveQuestion
        self.decide("is_archived", question, command(question=question))

    @rule(question=questions, into=questions)
    def merge(self, question: str, into: str) -> None:
        self.decide("merged_into", question, commands.MergeQuestions(question=question, into=into))

    @rule(question=questions)
    def unmerge(self, question: str) -> None:
        self.decide("merged_into", question, commands.UnmergeQuestion(question=question))

    def decide(self, about: str, question: str, command: Command) -> None:
        """Moderate a question; the model says whether that is taken, and what comes of it."""
        value = VALUES.get(type(command), lambda one: one.into)(command)
        is_taken = self.model.takes(about, question, value)
        assert self.ask(MODERATOR, command) == ({} if is_taken else "not_open")
        if is_taken:
            self.turn(about, question, value)

    def turn(self, about: str, question: str, value: Any) -> None:
        item = self.model.questions[question]
        before = getattr(item, about)
        if before != value:
            setattr(item, about, value)
            stream = self.app.store.log.stream(f"talk/{self.talk}/question/{question}")
            self.model.done.append(Done(stream[-1].position, about, question, before))

    @rule(number=st.integers(0, 30))
    def undo(self, number: int) -> None:
        if not self.model.done:
            return
        act = self.model.done[-1 - number % len(self.model.done)]
        can_undo = self.model.stands(act) and self.model.takes(act.about, act.question, act.before)
        answer = self.ask(MODERATOR, commands.Undo(position=act.position))
        assert answer == ({} if can_undo else "not_open")
        if can_undo:
            self.turn(act.about, act.question, act.before)

    @rule(line=lines)
    def undo_hiding_at_once(self, line: str) -> None:
        if not self.model.lines[line].is_hidden:
            self.ask(MODERATOR, commands.Hide(item=line, why="by mistake"))
            head = self.app.store.log.head()
            assert self.ask(MODERATOR, commands.Undo(position=head)) == {}

    @rule()
    def end(self) -> None:
        if len(self.model.lines) + len(self.model.questions) > 6:
            assert self.ask(HOST, commands.EndTalk()) == {}
            self.model.state = "ended"

    @invariant()
    def the_room_is_what_the_model_says(self) -> None:
        room = self.read_room(self.app, self.talk)
        assert room["talk"]["state"] == self.model.state
        assert {key: entry["text"] for key, entry in room["feed"].items()} == self.model.feed()
        assert {key: q["votes"] for key, q in room["questions"].items()} == self.model.tallies()

    def teardown(self) -> None:
        self.app.close()
        self.app.store.close()


def _id() -> str:
    return str(uuid4())
