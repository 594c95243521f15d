"""The table of resources: what is asked in other words asks for the command that is meant."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from domain import commands
from domain.commands import Command
from domain.errors import Invalid
from gateway.http.resources.kinds import LINES, POSTS, QUESTIONS, RESOURCES, TALKS, VOTES, Resource
from gateway.http.resources.shapes import LineChange, QuestionChange, TalkChange

ANY_VALUE: dict[Any, list[Any]] = {
    str: ["", "other"],
    bool: [True, False],
    list[str]: [["two", "one"]],
    commands.SetPolicy: [commands.SetPolicy()],
}
NEED_A_REASON = [("hidden", True), ("standing", "rejected")]


def all_changes() -> Iterator[Any]:
    """Every value of every field that a PATCH may name."""
    for resource in RESOURCES:
        for field in msgspec.structs.fields(resource.change):
            kind = next(one for one in get_args(field.type) if one is not UnsetType)
            for value in ANY_VALUE.get(kind) or get_args(kind):
                if field.name != "why":
                    name = f"{resource.name}: {field.name}={value!r:.20}"
                    yield pytest.param(resource, field.name, value, id=name)


@pytest.mark.parametrize(("resource", "field", "value"), list(all_changes()))
def test_every_value_that_a_patch_may_name_asks_for_a_command(
    resource: Resource, field: str, value: object
) -> None:
    reason = {"why": "rude"} if (field, value) in NEED_A_REASON else {}

    asked = resource.changed("one", resource.change(**{field: value}, **reason))

    assert isinstance(asked, Command)


@pytest.mark.parametrize(
    ("resource", "change", "command"),
    [
        (LINES, LineChange(text="Hear!"), commands.EditLine(line="one", text="Hear!")),
        (LINES, LineChange(hidden=False), commands.Restore(item="one")),
        (LINES, LineChange(hidden=True, why="rude"), commands.Hide(item="one", why="rude")),
        (QUESTIONS, QuestionChange(standing="shown"), commands.Approve(item="one")),
        (QUESTIONS, QuestionChange(state="open"), commands.ReopenQuestion(question="one")),
        (QUESTIONS, QuestionChange(merged_into=""), commands.UnmergeQuestion(question="one")),
        (
            QUESTIONS,
            QuestionChange(merged_into="two"),
            commands.MergeQuestions(question="one", into="two"),
        ),
        (TALKS, TalkChange(state="ended"), commands.EndTalk()),
        (TALKS, TalkChange(topics=["two", "one"]), commands.OrderTopics(topics=["two", "one"])),
        (
            TALKS,
            TalkChange(policy=commands.SetPolicy(slow_s=5)),
            commands.SetPolicy(slow_s=5),
        ),
    ],
)
def test_a_patch_asks_for_the_command_that_is_meant(
    resource: Resource, change: Any, command: Command
) -> None:
    assert resource.changed("one", change) == command


@pytest.mark.parametrize(
    ("resource", "given", "command"),
    [
        (LINES, {"text": "Hear!"}, commands.PostLine(text="Hear!")),
        (LINES, {"text": "So", "question": "q"}, commands.Reply(question="q", text="So")),
        (QUESTIONS, {"text": "Why?"}, commands.AskQuestion(text="Why?")),
        (QUESTIONS, {"line": "l"}, commands.PromoteLine(line="l")),
    ],
)
def test_a_post_asks_for_the_command_that_takes_what_is_given(
    resource: Resource, given: dict[str, str], command: Command
) -> None:
    assert resource.created(given) == command


@pytest.mark.parametrize(
    ("resource", "why", "command"),
    [
        (LINES, "", commands.RetractLine(line="one")),
        (LINES, "rude", commands.Hide(item="one", why="rude")),
        (QUESTIONS, "", commands.WithdrawQuestion(question="one")),
        (VOTES, "", commands.WithdrawVote(question="one")),
    ],
)
def test_a_delete_with_a_reason_hides_and_without_one_takes_back(
    resource: Resource, why: str, command: Command
) -> None:
    assert resource.deleted("one", why) == command


def test_a_post_of_another_source_goes_with_a_reason_alone() -> None:
    with pytest.raises(Invalid) as refused:
        POSTS.deleted("one", "")

    assert refused.value.field == "why"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (LineChange(), ""),
        (LineChange(why="rude"), ""),
        (LineChange(text="x", pinned=True), "text"),
        (LineChange(pinned=True, why="rude"), "why"),
        (LineChange(hidden=True), "why"),
    ],
)
def test_a_patch_that_is_not_one_change_is_refused_with_the_field(
    change: LineChange, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        LINES.changed("one", change)

    assert refused.value.field == field


def test_nothing_is_changed_by_default() -> None:
    assert all(
        getattr(resource.change(), field.name) is UNSET
        for resource in RESOURCES
        for field in msgspec.structs.fields(resource.change)
    )
