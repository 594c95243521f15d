"""What moderators may do, what the views show of it, and that each act can be undone."""

from collections.abc import Callable
from typing import Any

import pytest
from builders import ANN, BOB, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.errors import NotAllowed, NotFound, NotOpen, TooFast
from domain.undoing import INVERSES
from projections.talk_views import DESK


@pytest.fixture
def room() -> Watched:
    return Watched()


def test_a_held_line_waits_at_the_desk_alone(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="hold"))

    line = room(ANN, c.PostLine(text="Buy my book"))["line"]

    assert line not in room.feed()
    assert "Buy my book" not in str(room.document())
    held = room.document(DESK)["items"][line]
    assert (held["state"], held["because"], held["text"]) == ("held", "policy", "Buy my book")


def test_an_approved_line_comes_into_the_room(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="hold"))
    line = room(ANN, c.PostLine(text="A fair point"))["line"]

    room(MIA, c.Approve(item=line))

    assert room.feed()[line] == "A fair point"
    assert line not in room.document(DESK)["items"]


def test_a_rejected_line_is_never_released(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="release", release_after_s=10))
    line = room(ANN, c.PostLine(text="Buy my book"))["line"]
    assert room.document(DESK)["items"][line]["release_at"] == "2026-03-14T12:00:10.000Z"

    room(MIA, c.Reject(item=line, why="advertising"))
    room(HAL, c.ReleaseItem(item=line), at=10)

    assert line not in room.feed()
    assert room.document(DESK)["items"][line]["state"] == "rejected"


def test_a_held_line_nobody_decided_about_is_released_once(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="release", release_after_s=10))
    line = room(ANN, c.PostLine(text="Hello"))["line"]

    room(HAL, c.ReleaseItem(item=line), at=10)
    after = room.position
    room(HAL, c.ReleaseItem(item=line), at=11)

    assert room.feed()[line] == "Hello"
    assert room.position == after


@pytest.mark.parametrize("text", ["That DARN price", "darn"])
def test_a_term_makes_a_text_wait_whatever_the_policy(room: Watched, text: str) -> None:
    room(HAL, c.SetPolicy(terms=["darn"]))

    line = room(ANN, c.PostLine(text=text))["line"]
    harmless = room(ANN, c.PostLine(text="darning socks"))["line"]

    assert room.document(DESK)["items"][line]["because"] == "term"
    assert harmless in room.feed()


def test_terms_are_told_to_the_desk_and_not_to_the_room(room: Watched) -> None:
    room(HAL, c.SetPolicy(terms=["darn"], slow_s=5))

    assert "darn" not in str(room.document())
    assert room.document()["talk"]["policy"]["slow_s"] == 5
    assert room.document(DESK)["policy"]["terms"] == ["darn"]


def test_a_moderators_own_words_are_never_held(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="hold"))

    line = room(MIA, c.PostLine(text="Please be kind"))["line"]

    assert line in room.feed()


def test_slow_mode_spaces_the_lines_of_attendees(room: Watched) -> None:
    room(HAL, c.SetPolicy(slow_s=30))
    room(ANN, c.PostLine(text="One"))

    with pytest.raises(TooFast) as refused:
        room(ANN, c.AskQuestion(text="Two?"), at=10)

    assert refused.value.retry_after_s == pytest.approx(20)
    room(ANN, c.PostLine(text="Three"), at=30)
    room(MIA, c.PostLine(text="Four"), at=30)
    room(MIA, c.PostLine(text="Five"), at=31)


def test_a_muted_attendee_votes_but_does_not_speak(room: Watched) -> None:
    question = room(BOB, c.AskQuestion(text="Why?"))["question"]
    room(ANN, c.PostLine(text="Hello"))
    room(MIA, c.Mute(attendee=ANN, why="shouting", minutes=1))

    for command in (
        c.PostLine(text="Hi"),
        c.AskQuestion(text="Eh?"),
        c.Reply(question=question, text="Hm"),
    ):
        with pytest.raises(NotAllowed, match="muted"):
            room(ANN, command, at=59)
    room(ANN, c.CastVote(question=question), at=59)

    assert room.votes(question) == 1
    assert room.document(DESK)["people"][ANN]["muted_until"] == "2026-03-14T12:01:00.000Z"
    room(ANN, c.PostLine(text="Sorry"), at=61)


def test_a_banned_attendee_does_nothing(room: Watched) -> None:
    question = room(BOB, c.AskQuestion(text="Why?"))["question"]
    line = room(ANN, c.PostLine(text="Hello"))["line"]
    room(MIA, c.Ban(attendee=ANN, why="threats"))

    for command in (
        c.PostLine(text="Hi"),
        c.CastVote(question=question),
        c.GiveFeedback(kind="agree"),
    ):
        with pytest.raises(NotAllowed, match="banned"):
            room(ANN, command)

    room(ANN, c.RetractLine(line=line))
    room(MIA, c.Unban(attendee=ANN))
    room(ANN, c.CastVote(question=question))


def test_a_promoted_line_becomes_a_question_of_its_author(room: Watched) -> None:
    line = room(ANN, c.PostLine(text="But why is it so dear?"))["line"]

    question = room(MIA, c.PromoteLine(line=line))["question"]

    asked = room.document()["questions"][question]
    assert (asked["text"], asked["by"]["id"]) == ("But why is it so dear?", ANN)
    with pytest.raises(NotAllowed):
        room(MIA, c.WithdrawQuestion(question=question))
    room(ANN, c.WithdrawQuestion(question=question))


def test_a_held_line_cannot_be_promoted(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="hold"))
    line = room(ANN, c.PostLine(text="Why?"))["line"]

    with pytest.raises(NotOpen):
        room(MIA, c.PromoteLine(line=line))


def test_a_reply_tells_what_it_is_about_and_is_edited_like_a_line(room: Watched) -> None:
    question = room(BOB, c.AskQuestion(text="Why?"))["question"]

    reply = room(ANN, c.Reply(question=question, text="Because"))["reply"]
    room(ANN, c.EditLine(line=reply, text="Because of tax"))

    said = room.document()["feed"][reply]
    assert (said["kind"], said["about"], said["text"]) == ("reply", question, "Because of tax")


def test_a_written_answer_stands_beside_its_question_and_goes_with_it(room: Watched) -> None:
    question = room(BOB, c.AskQuestion(text="Why?"))["question"]
    room(MIA, c.AnswerInWriting(question=question, text="Because"))
    room(MIA, c.EditAnswer(question=question, text="Because of tax"))
    assert room.document()["questions"][question]["answer"] == "Because of tax"
    assert "Because of tax" in room.feed().values()

    room(MIA, c.Hide(item=question, why="off topic"))

    assert room.redacted
    assert "Because of tax" not in str(room.document())
    room(MIA, c.Restore(item=question))
    assert room.document()["questions"][question]["answer"] == "Because of tax"


def test_merged_questions_unite_their_voters_and_part_again(room: Watched) -> None:
    dear, price = (room(BOB, c.AskQuestion(text=text))["question"] for text in ("Dear?", "Price?"))
    for who, question in ((ANN, dear), (BOB, dear), (BOB, price), (MIA, price)):
        room(who, c.CastVote(question=question))

    room(MIA, c.MergeQuestions(question=dear, into=price))
    assert room.votes(price) == 3
    merged = room.document()["questions"][dear]
    assert (merged["state"], merged["merged_into"]) == ("merged", price)

    room(BOB, c.WithdrawVote(question=price))
    room(HAL, c.CastVote(question=price))
    assert room.votes(price) == 3
    room(MIA, c.UnmergeQuestion(question=dear))
    assert (room.votes(dear), room.votes(price)) == (1, 2)


def test_questions_do_not_merge_in_a_ring(room: Watched) -> None:
    one, two = (room(BOB, c.AskQuestion(text=text))["question"] for text in ("One?", "Two?"))
    room(MIA, c.MergeQuestions(question=one, into=two))

    with pytest.raises(NotOpen):
        room(MIA, c.MergeQuestions(question=two, into=one))
    with pytest.raises(NotOpen):
        room(MIA, c.MergeQuestions(question=one, into=one))
    with pytest.raises(NotFound) as refused:
        room(MIA, c.MergeQuestions(question=one, into="nowhere"))
    assert refused.value.field == "into"


def test_a_notice_is_everybodys_and_can_be_hidden(room: Watched) -> None:
    notice = room(MIA, c.Announce(text="Ten minutes left"))["notice"]
    assert room.document()["feed"][notice]["kind"] == "notice"

    room(MIA, c.Hide(item=notice, why="wrong talk"))

    assert notice not in room.feed()
    with pytest.raises(NotFound):
        room(MIA, c.Pin(item=notice))


def line_of(room: Watched) -> str:
    return room(ANN, c.PostLine(text="Hello"))["line"]


def question_of(room: Watched) -> str:
    return room(ANN, c.AskQuestion(text="Why?"))["question"]


def held_line(room: Watched) -> str:
    room(HAL, c.SetPolicy(hold="hold"))
    return line_of(room)


def held_question(room: Watched) -> str:
    room(HAL, c.SetPolicy(hold="hold"))
    return question_of(room)


def held_post(room: Watched) -> str:
    caught = c.CatchPost("mastodon", "@cat@example.social", "Listening", "", "109")
    return room(MIA, caught)["post"]


def shown_post(room: Watched) -> str:
    room(HAL, c.SetPolicy(hold_posts="off"))
    return held_post(room)


def after(
    act: Callable[[str], c.Command], make: Callable[[Watched], str]
) -> Callable[[Watched], str]:
    """Make an item and do something to it first."""

    def made(room: Watched) -> str:
        item = make(room)
        room(MIA, act(item))
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
    "merge": (asked_twice, lambda i: c.MergeQuestions(question="id-2", into=i)),
    "unmerge": (merged, lambda i: c.UnmergeQuestion(question=i)),
    "mute": (ann, lambda i: c.Mute(attendee=i, why="shouting")),
    "unmute": (muted, lambda i: c.Unmute(attendee=i)),
    "ban": (ann, lambda i: c.Ban(attendee=i, why="shouting")),
    "unban": (banned, lambda i: c.Unban(attendee=i)),
    "set a policy": (line_of, lambda _: c.SetPolicy(slow_s=9, terms=["darn"])),
    "grant a role": (ann, lambda i: c.GrantRole(attendee=i, role="moderator")),
}


def what_matters(document: Any) -> Any:
    """Leave out when somebody decided: an undo puts things back, not the clock."""
    if isinstance(document, dict):
        ignored = {"decided_at", "decided_by", "answered_from_s", "answered_to_s"}
        return {k: what_matters(v) for k, v in document.items() if k not in ignored}
    return document


@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_undone_act_leaves_the_views_as_they_were(room: Watched, act: str) -> None:
    make, command = ACTS[act]
    item = make(room)
    people = set(room.document(DESK)["people"])
    before = room.document(), room.document(DESK)
    who = HAL if command(item).ROLE == "host" else MIA

    room(who, command(item), at=20)
    assert (room.document(), room.document(DESK)) != before
    at = max(p for p, f in enumerate(room.work.facts, 1) if type(f) in INVERSES)
    room(who, c.Undo(position=at), at=21)

    room_then, desk_then = before
    assert what_matters(room.document()) == what_matters(room_then)
    desk = room.document(DESK)
    desk["people"] = {who: one for who, one in desk["people"].items() if who in people}
    assert what_matters(desk) == what_matters(desk_then)


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
