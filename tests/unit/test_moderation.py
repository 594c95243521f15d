"""What moderators may do, and what the views show of it."""

import pytest
from builders import ANN, BOB, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.errors import NotAllowed, NotFound, NotOpen, TooFast
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


def test_a_line_edited_into_a_watched_word_waits_again(room: Watched) -> None:
    room(HAL, c.SetPolicy(terms=["darn"]))
    line = room(ANN, c.PostLine(text="A fair price"))["line"]

    room(ANN, c.EditLine(line=line, text="A darn fair price"))

    assert line not in room.feed()
    assert room.redacted
    held = room.document(DESK)["items"][line]
    assert (held["state"], held["because"], held["release_at"]) == ("held", "term", "")
    room(MIA, c.Approve(item=line))
    assert room.feed()[line] == "A darn fair price"


def test_what_was_approved_and_then_edited_waits_like_anything_new(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="release", release_after_s=10))
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]
    room(MIA, c.Approve(item=question))

    room(ANN, c.EditQuestion(question=question, text="Why, you fools?"), at=30)

    assert question not in room.document()["questions"]
    held = room.document(DESK)["items"][question]
    assert (held["because"], held["release_at"]) == ("policy", "2026-03-14T12:00:40.000Z")
    room(HAL, c.ReleaseItem(item=question), at=40)
    assert room.document()["questions"][question]["text"] == "Why, you fools?"


def test_a_held_line_edited_into_a_watched_word_is_not_released(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="release", release_after_s=10, terms=["darn"]))
    line = room(ANN, c.PostLine(text="A fair price"))["line"]

    room(ANN, c.EditLine(line=line, text="A darn fair price"))

    assert room.document(DESK)["items"][line]["release_at"] == ""


def test_a_rejected_line_stays_rejected_whatever_it_is_edited_into(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="hold"))
    line = room(ANN, c.PostLine(text="Buy my book"))["line"]
    room(MIA, c.Reject(item=line, why="advertising"))

    room(ANN, c.EditLine(line=line, text="Please buy my book"))

    assert room.document(DESK)["items"][line]["state"] == "rejected"


def test_a_muted_attendee_does_not_speak_by_editing(room: Watched) -> None:
    line = room(ANN, c.PostLine(text="Hello"))["line"]
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]
    room(MIA, c.Mute(attendee=ANN, why="shouting"))

    for command in (
        c.EditLine(line=line, text="HELLO"),
        c.EditQuestion(question=question, text="WHY?"),
    ):
        with pytest.raises(NotAllowed, match="muted"):
            room(ANN, command)


def test_a_banned_moderator_moderates_no_more(room: Watched) -> None:
    line = room(ANN, c.PostLine(text="Hello"))["line"]
    room(HAL, c.Ban(attendee=MIA, why="abuse"))

    for command in (c.Pin(item=line), c.Hide(item=line, why="spite"), c.Unban(attendee=MIA)):
        with pytest.raises(NotAllowed, match="banned"):
            room(MIA, command)


@pytest.mark.parametrize("command", [c.Mute(HAL, "spite"), c.Ban(HAL, "spite")])
def test_a_host_answers_to_hosts_alone(room: Watched, command: c.Command) -> None:
    with pytest.raises(NotAllowed, match="hosts alone"):
        room(MIA, command)

    room(ANN, c.PostLine(text="Hello"))
    room(HAL, c.GrantRole(attendee=ANN, role="host"))
    room(ANN, command)


def test_a_rejection_that_comes_back_takes_its_answer_along(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="hold"))
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]
    room(MIA, c.Reject(item=question, why="off topic"))
    room(MIA, c.Approve(item=question))
    approved = room.position
    room(MIA, c.AnswerInWriting(question=question, text="Because of tax"))

    room(MIA, c.Undo(position=approved))

    assert "Because of tax" not in str(room.document())
