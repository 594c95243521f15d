"""Every act of moderation has its undo: the views are as they were, once, and clearly so."""

from collections.abc import Callable
from typing import Any

import pytest
from builders import ANN, BOB, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.audited import AUDITED
from domain.errors import NotAllowed, NotFound, NotOpen
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.talk import Talk
from domain.undoing import INVERSES, aspect_of
from gateway.collecting import decisions
from projections.talk_views import DESK

POST = c.CatchPost("mastodon", "@cat@example.social", "Listening", "", "109")
PIN = c.PinHighlight(start_s=1.0, end_s=2.0, title="The wobble")


@pytest.fixture
def room() -> Watched:
    return Watched()


def asked(room: Watched, command: c.Command) -> dict[str, str]:
    """Have somebody ask who may."""
    return room(HAL if command.ROLE == "host" else MIA, command, at=20)


def unheld_posts(room: Watched) -> str:
    room(HAL, c.SetPolicy(hold_posts="off"))
    return ""


def notice_of(room: Watched) -> str:
    return room(MIA, c.Announce(text="Ten minutes left"))["notice"]


def answered(room: Watched) -> str:
    question = question_of(room)
    room(MIA, c.StartAnswering(question=question))
    room(MIA, c.FinishAnswering(question=question))
    return question


def moderating(room: Watched) -> str:
    room(HAL, c.GrantRole(attendee=ann(room), role="moderator"))
    return ANN


def line_of(room: Watched) -> str:
    return room(ANN, c.PostLine(text="Hello"))["line"]


def question_of(room: Watched) -> str:
    return room(ANN, c.AskQuestion(text="Why?"))["question"]


def agenda(room: Watched) -> str:
    """Put three topics on the agenda; the last is told."""
    titles = ("Prices", "Floods", "Trees")
    return [room(HAL, c.IntroduceTopic(title=title))["topic"] for title in titles][-1]


def held_line(room: Watched) -> str:
    room(HAL, c.SetPolicy(hold="hold"))
    return line_of(room)


def held_question(room: Watched) -> str:
    room(HAL, c.SetPolicy(hold="hold"))
    return question_of(room)


def held_post(room: Watched) -> str:
    return room(MIA, POST)["post"]


def shown_post(room: Watched) -> str:
    room(HAL, c.SetPolicy(hold_posts="off"))
    return held_post(room)


def after(
    act: Callable[[str], c.Command], make: Callable[[Watched], str]
) -> Callable[[Watched], str]:
    """Make an item and do something to it first."""

    def made(room: Watched) -> str:
        item = make(room)
        asked(room, act(item))
        return item

    return made


def muted(room: Watched) -> str:
    line_of(room)
    room(MIA, c.Mute(attendee=ANN, why="shouting"))
    return ANN


def banned(room: Watched) -> str:
    line_of(room)
    room(MIA, c.Ban(attendee=ANN, why="shouting"))
    return ANN


def nicknamed(room: Watched) -> str:
    """Let Ann say something under two nicknames, and under none."""
    room(HAL, c.SetPolicy(names="nickname"))
    room(ANN, c.PostLine(text="Hello"))
    for nickname in ("Fox", "Cat"):
        room(ANN, c.ChooseNickname(nickname=nickname))
        question_of(room)
    return ANN


def ann(room: Watched) -> str:
    line_of(room)
    return ANN


def merged(room: Watched) -> str:
    one, two = question_of(room), question_of(room)
    room(BOB, c.CastVote(question=one))
    room(MIA, c.MergeQuestions(question=one, into=two))
    return one


def asked_twice(room: Watched) -> str:
    room(BOB, c.CastVote(question=question_of(room)))
    return question_of(room)


ACTS: dict[str, tuple[Callable[[Watched], str], Callable[[str], c.Command]]] = {
    "hide a line": (line_of, lambda i: c.Hide(item=i, why="rude")),
    "restore a line": (
        after(lambda i: c.Hide(item=i, why="undone"), line_of),
        lambda i: c.Restore(item=i),
    ),
    "pin a line": (line_of, lambda i: c.Pin(item=i)),
    "unpin a line": (after(lambda i: c.Pin(item=i), line_of), lambda i: c.Unpin(item=i)),
    "approve a line": (held_line, lambda i: c.Approve(item=i)),
    "reject a line": (held_line, lambda i: c.Reject(item=i, why="rude")),
    "hide a question": (question_of, lambda i: c.Hide(item=i, why="rude")),
    "restore a question": (
        after(lambda i: c.Hide(item=i, why="undone"), question_of),
        lambda i: c.Restore(item=i),
    ),
    "pin a question": (question_of, lambda i: c.Pin(item=i)),
    "unpin a question": (after(lambda i: c.Pin(item=i), question_of), lambda i: c.Unpin(item=i)),
    "approve a question": (held_question, lambda i: c.Approve(item=i)),
    "reject a question": (held_question, lambda i: c.Reject(item=i, why="rude")),
    "hide a post": (shown_post, lambda i: c.Hide(item=i, why="rude")),
    "restore a post": (
        after(lambda i: c.Hide(item=i, why="undone"), shown_post),
        lambda i: c.Restore(item=i),
    ),
    "pin a post": (shown_post, lambda i: c.Pin(item=i)),
    "unpin a post": (after(lambda i: c.Pin(item=i), shown_post), lambda i: c.Unpin(item=i)),
    "approve a post": (held_post, lambda i: c.Approve(item=i)),
    "reject a post": (held_post, lambda i: c.Reject(item=i, why="rude")),
    "archive": (question_of, lambda i: c.ArchiveQuestion(question=i)),
    "take out of the archive": (
        after(lambda i: c.ArchiveQuestion(question=i), question_of),
        lambda i: c.RestoreQuestion(question=i),
    ),
    "start answering": (question_of, lambda i: c.StartAnswering(question=i)),
    "start answering again": (answered, lambda i: c.StartAnswering(question=i)),
    "finish answering": (
        after(lambda i: c.StartAnswering(question=i), question_of),
        lambda i: c.FinishAnswering(question=i),
    ),
    "reopen what is answered": (answered, lambda i: c.ReopenQuestion(question=i)),
    "reopen what is being answered": (
        after(lambda i: c.StartAnswering(question=i), question_of),
        lambda i: c.ReopenQuestion(question=i),
    ),
    "promote a line": (line_of, lambda i: c.PromoteLine(line=i)),
    "announce": (line_of, lambda _: c.Announce(text="Ten minutes left")),
    "hide a notice": (notice_of, lambda i: c.Hide(item=i, why="wrong talk")),
    "restore a notice": (
        after(lambda i: c.Hide(item=i, why="undone"), notice_of),
        lambda i: c.Restore(item=i),
    ),
    "catch a post that waits": (line_of, lambda _: POST),
    "catch a post that is shown": (unheld_posts, lambda _: POST),
    "approve a line that was rejected": (
        after(lambda i: c.Reject(item=i, why="rude"), held_line),
        lambda i: c.Approve(item=i),
    ),
    "approve a question that was rejected": (
        after(lambda i: c.Reject(item=i, why="rude"), held_question),
        lambda i: c.Approve(item=i),
    ),
    "merge": (asked_twice, lambda i: c.MergeQuestions(question="id-2", into=i)),
    "unmerge": (merged, lambda i: c.UnmergeQuestion(question=i)),
    "mute": (ann, lambda i: c.Mute(attendee=i, why="shouting")),
    "mute for longer": (
        after(lambda i: c.Mute(attendee=i, why="shouting", minutes=1), ann),
        lambda i: c.Mute(attendee=i, why="shouting", minutes=9),
    ),
    "unmute one who was muted for a while": (
        after(lambda i: c.Mute(attendee=i, why="shouting", minutes=1), ann),
        lambda i: c.Unmute(attendee=i),
    ),
    "unmute": (muted, lambda i: c.Unmute(attendee=i)),
    "ban": (ann, lambda i: c.Ban(attendee=i, why="shouting")),
    "unban": (banned, lambda i: c.Unban(attendee=i)),
    "clear a nickname": (nicknamed, lambda i: c.ClearNickname(attendee=i, why="rude")),
    "set a policy": (line_of, lambda _: c.SetPolicy(slow_s=9, terms=["darn"])),
    "order the topics": (agenda, lambda i: c.OrderTopics(topics=[i])),
    "grant a role": (ann, lambda i: c.GrantRole(attendee=i, role="moderator")),
    "withdraw a role": (moderating, lambda i: c.WithdrawRole(attendee=i, role="moderator")),
    "invite": (line_of, lambda _: c.Invite(role="panelist")),
    "correct the clock": (line_of, lambda _: c.CorrectClock(shift_s=3.0)),
    "pin a highlight": (line_of, lambda _: PIN),
    "drop a highlight": (line_of, lambda _: c.DropHighlight(highlight="h94")),
    "restore a highlight": (
        after(lambda _: c.DropHighlight(highlight="h94"), line_of),
        lambda _: c.RestoreHighlight(highlight="h94"),
    ),
    "rename a highlight": (
        after(lambda _: c.RenameHighlight(highlight="h94", title="One"), line_of),
        lambda _: c.RenameHighlight(highlight="h94", title="Two"),
    ),
}


ONLY_TIMED = {Participation.LineReleased, Question.Released, SocialPost.Released}
"""What the steward does and a moderator undoes."""

Shown = tuple[Any, Any, Any]


def shown(room: Watched, people: set[str]) -> Shown:
    """Tell the room, the desk and what was decided about highlights, less when and by whom.

    An undo puts things back, not the clock; whom the desk has met since it goes on knowing,
    and what came to be by an act stays at the desk, out of everybody's sight.
    """
    desk = room.document(DESK)
    desk["people"] = {who: one for who, one in desk["people"].items() if who in people}
    return what_matters(room.document()), what_matters(desk), decisions(room.work.facts)


def what_matters(document: Any) -> Any:
    if isinstance(document, dict):
        ignored = {"decided_at", "decided_by", "answered_from_s", "answered_to_s"}
        return {k: what_matters(v) for k, v in document.items() if k not in ignored}
    return document


def less_what_came_to_be(then: Shown, now: Shown) -> Shown:
    """Leave out what the act made, if it is out of sight now."""
    room, desk, chosen = now
    made = desk["items"].keys() - then[1]["items"].keys()
    assert all(desk["items"][one]["state"] in {"hidden", "rejected"} for one in made)
    desk = {**desk, "items": {i: one for i, one in desk["items"].items() if i not in made}}
    links = desk["invites"]
    desk["invites"] = {i: one for i, one in links.items() if one["state"] != "withdrawn"}
    pins = tuple(pin for pin in chosen.pinned if pin.id not in chosen.dropped)
    kept = {pin.id for pin in pins} | {one for one in chosen.titles if one.startswith("h")}
    titles = {one: title for one, title in chosen.titles.items() if one in kept}
    dropped = frozenset(one for one in chosen.dropped if one.startswith("h"))
    return room, desk, type(chosen)(pins, titles, dropped)


def last_act(room: Watched) -> int:
    """Tell where the last act was recorded that can be undone."""
    return max(p for p, fact in enumerate(room.work.facts, 1) if type(fact) in INVERSES)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_undone_act_leaves_the_views_as_they_were(room: Watched, act: str) -> None:
    make, command = ACTS[act]
    item = make(room)
    people = set(room.document(DESK)["people"])
    before, desk = shown(room, people), room.document(DESK)

    asked(room, command(item))
    assert (shown(room, people), room.document(DESK)) != (before, desk)
    room(HAL, c.Undo(position=last_act(room)), at=21)

    assert less_what_came_to_be(before, shown(room, people)) == before


@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_act_is_undone_once_and_its_undo_can_be_undone(room: Watched, act: str) -> None:
    make, command = ACTS[act]
    item = make(room)
    people = set(room.document(DESK)["people"])
    asked(room, command(item))
    after_it, done_at = shown(room, people), last_act(room)
    room(HAL, c.Undo(position=done_at), at=21)
    undone = room.position

    with pytest.raises(NotOpen, match="does not stand any more"):
        room(HAL, c.Undo(position=done_at), at=22)

    assert room.position == undone
    room(HAL, c.Undo(position=last_act(room)), at=23)
    assert shown(room, people)[0] == after_it[0]


def test_every_act_that_can_be_undone_is_undone_here() -> None:
    done = set()
    for make, command in ACTS.values():
        room = Watched()
        item = make(room)
        before = room.position
        asked(room, command(item))
        room(HAL, c.Undo(position=last_act(room)))
        room(HAL, c.Undo(position=last_act(room)))
        done |= {type(fact) for fact in room.work.facts[before:]}

    assert INVERSES.keys() - done == ONLY_TIMED
    assert INVERSES.keys() - AUDITED == {Question.MemberTaken, Question.MemberReleased}


def test_both_sides_of_a_merge_are_undone_by_either(room: Watched) -> None:
    question = asked_twice(room)
    room(MIA, c.MergeQuestions(question="id-2", into=question))
    kinds = [type(fact) for fact in room.work.facts]

    room(MIA, c.Undo(position=kinds.index(Question.MemberTaken) + 1))

    assert room.document()["questions"]["id-2"]["state"] == "open"
    with pytest.raises(NotOpen):
        room(MIA, c.Undo(position=kinds.index(Question.Merged) + 1))


def test_every_act_is_about_something_and_so_is_what_takes_it_back() -> None:
    for make, command in ACTS.values():
        room = Watched()
        item = make(room)
        asked(room, command(item))
        done = room.work.facts[last_act(room) - 1]

        room(HAL, c.Undo(position=last_act(room)))

        undone = room.work.facts[last_act(room) - 1]
        assert aspect_of(done) is not None
        assert aspect_of(done) == aspect_of(undone)


def test_an_act_that_something_followed_is_not_undone_in_its_place(room: Watched) -> None:
    line = line_of(room)
    room(MIA, c.Hide(item=line, why="rude"))
    first = room.position
    room(MIA, c.Restore(item=line))
    room(MIA, c.Hide(item=line, why="very rude"))

    with pytest.raises(NotOpen, match="does not stand any more"):
        room(MIA, c.Undo(position=first))

    assert line not in room.feed()


def test_an_undone_policy_takes_no_later_one_with_it(room: Watched) -> None:
    room(HAL, c.SetPolicy(slow_s=9))
    first = room.position
    room(HAL, c.SetPolicy(hold="hold"))

    with pytest.raises(NotOpen):
        room(HAL, c.Undo(position=first))

    room(HAL, c.Undo(position=room.position))
    assert room.document()["talk"]["policy"]["slow_s"] == 9
    room(HAL, c.Undo(position=first))  # it stands again
    assert room.document()["talk"]["policy"]["slow_s"] == 0
    with pytest.raises(NotOpen):
        room(HAL, c.Undo(position=first))


def test_what_is_no_act_of_moderation_cannot_be_undone(room: Watched) -> None:
    line_of(room)

    with pytest.raises(NotOpen, match="no act of moderation"):
        room(MIA, c.Undo(position=room.position))
    with pytest.raises(NotFound) as refused:
        room(MIA, c.Undo(position=99))
    assert refused.value.field == "position"


def test_an_undo_takes_the_role_of_what_it_does(room: Watched) -> None:
    room(HAL, c.SetPolicy(slow_s=9))

    with pytest.raises(NotAllowed):
        room(MIA, c.Undo(position=room.position))
    assert isinstance(room.work.facts[-1], Talk.PolicySet)
