"""Which command each method of each resource asks for: the table that all else is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import UNSET

from domain import commands
from domain.commands import Command, converted
from domain.errors import Invalid
from gateway.http.resources import shapes
from gateway.http.resources.shapes import Change

ANY: Final = object()
"""Any value of a field: it becomes an argument of the command."""


@dataclass(frozen=True)
class Way:
    """A change that a PATCH may name: ``field`` with this ``value``, as which ``command``.

    Where any value will do, it is the command's ``argument``.
    """

    field: str
    command: type[Command]
    value: object = ANY
    argument: str = ""

    def is_meant(self, field: str, value: object) -> bool:
        """Tell whether a PATCH that names this field and value means this change."""
        return self.field == field and self.value in (ANY, value)


@dataclass(frozen=True)
class Resource:
    """A model of a talk: what it tells, and which commands change it.

    ``item`` names one of them, in the address and in refusals. Of several commands for a POST
    or a DELETE it is the one that takes what is given.
    """

    name: str
    item: str
    tells: type | None = None
    creates: tuple[type[Command], ...] = ()
    change: type[Change] = Change
    changes: tuple[Way, ...] = ()
    deletes: tuple[type[Command], ...] = ()
    stream: str = ""  # which kind of stream holds what moderators take in hand
    cursor: str = "position"  # the field that pages go on from
    is_private: bool = False  # everybody is told of their own

    def created(self, given: Mapping[str, Any]) -> Command:
        """Tell which command a POST asks for; raises ``Invalid``."""
        taking = (one for one in self.creates if given.keys() <= set(arguments_of(one)))
        return converted(given, next(taking, self.creates[0]))

    def changed(self, item: str, change: Change) -> Command:
        """Tell which command a PATCH asks for; raises ``Invalid`` unless it names one change."""
        given = {name: value for name, value in _values(change).items() if value is not UNSET}
        reason = {"why": given.pop("why")} if "why" in given else {}
        if len(given) != 1:
            raise Invalid("a PATCH names one change at a time", field=next(reversed(given), ""))
        [(field, value)] = given.items()
        if isinstance(value, Command):
            return value
        way = next(one for one in self.changes if one.is_meant(field, value))
        chosen = {way.argument or field: value} if way.value is ANY else {}
        return converted({**self._named(way.command, item), **chosen, **reason}, way.command)

    def deleted(self, item: str, why: str) -> Command:
        """Tell which command a DELETE asks for: with a reason the one that takes a reason."""
        fitting = (one for one in self.deletes if ("why" in arguments_of(one)) == bool(why))
        command = next(fitting, self.deletes[0])
        reason = {"why": why} if why else {}
        return converted({**self._named(command, item), **reason}, command)

    def _named(self, command: type[Command], item: str) -> dict[str, str]:
        """Name the item as the command does; one that works on the talk itself names none."""
        known = arguments_of(command)
        return {name: item for name in ("item", self.item, "question") if name in known}


def arguments_of(command: type[Command]) -> tuple[str, ...]:
    """Tell the arguments of a command."""
    return command.__struct_fields__


def _values(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in change.__struct_fields__}


_MODERATED = (
    Way("pinned", commands.Pin, value=True),
    Way("pinned", commands.Unpin, value=False),
    Way("hidden", commands.Hide, value=True),
    Way("hidden", commands.Restore, value=False),
    Way("standing", commands.Approve, value="shown"),
    Way("standing", commands.Reject, value="rejected"),
)

TALKS = Resource(
    "talks",
    "talk",
    tells=shapes.TalkCard,
    creates=(commands.ScheduleTalk,),
    change=shapes.TalkChange,
    changes=(
        Way("state", commands.OpenDoors, value="open"),
        Way("state", commands.StartTalk, value="live"),
        Way("state", commands.EndTalk, value="ended"),
        Way("policy", commands.SetPolicy),
        Way("topics", commands.OrderTopics),
    ),
)
TOPICS = Resource(
    "topics",
    "topic",
    tells=shapes.Topic,
    cursor="order",
    creates=(commands.IntroduceTopic,),
    change=shapes.TopicChange,
    changes=(
        Way("state", commands.OpenTopic, value="open"),
        Way("state", commands.CloseTopic, value="closed"),
    ),
)
PANELISTS = Resource(
    "panelists",
    "panelist",
    tells=shapes.Panelist,
    cursor="order",
    creates=(commands.IntroducePanelist,),
)
LINES = Resource(
    "lines",
    "line",
    tells=shapes.Line,
    stream="participation",
    creates=(commands.PostLine, commands.Reply),
    change=shapes.LineChange,
    changes=(Way("text", commands.EditLine), *_MODERATED),
    deletes=(commands.RetractLine, commands.Hide),
)
POSTS = Resource(
    "posts",
    "post",
    tells=shapes.Post,
    stream="post",
    creates=(commands.CatchPost,),
    change=shapes.PostChange,
    changes=_MODERATED,
    deletes=(commands.Hide,),
)
QUESTIONS = Resource(
    "questions",
    "question",
    tells=shapes.Question,
    stream="question",
    creates=(commands.AskQuestion, commands.PromoteLine),
    change=shapes.QuestionChange,
    changes=(
        Way("text", commands.EditQuestion),
        Way("state", commands.ReopenQuestion, value="open"),
        Way("state", commands.StartAnswering, value="answering"),
        Way("state", commands.FinishAnswering, value="answered"),
        Way("archived", commands.ArchiveQuestion, value=True),
        Way("archived", commands.RestoreQuestion, value=False),
        Way("merged_into", commands.UnmergeQuestion, value=""),
        Way("merged_into", commands.MergeQuestions, argument="into"),
        *_MODERATED,
    ),
    deletes=(commands.WithdrawQuestion, commands.Hide),
)
ANSWERS = Resource(
    "answers",
    "answer",
    tells=shapes.Answer,
    creates=(commands.AnswerInWriting,),
    change=shapes.AnswerChange,
    changes=(Way("text", commands.EditAnswer),),
)
VOTES = Resource(
    "votes",
    "vote",
    tells=shapes.StandingVote,
    creates=(commands.CastVote,),
    deletes=(commands.WithdrawVote,),
    is_private=True,
)
FEEDBACK = Resource("feedback", "tick", creates=(commands.GiveFeedback,))
RESOURCES = (TALKS, TOPICS, PANELISTS, LINES, POSTS, QUESTIONS, ANSWERS, VOTES, FEEDBACK)
