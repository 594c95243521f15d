"""Questions before a talk is live and after its doors opened; and what is final."""

import pytest
from builders import ANN, BOB, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.errors import NotOpen

OPEN = c.OpenDoors()


@pytest.fixture
def announced() -> Watched:
    """A talk whose doors are not open yet."""
    return Watched(started=False)


def test_before_the_doors_open_nobody_asks(announced: Watched) -> None:
    for command in (c.AskQuestion(text="Why?"), c.PostLine(text="Hello"), c.ChooseNickname("Fox")):
        with pytest.raises(NotOpen, match="doors"):
            announced(ANN, command)


def test_questions_asked_before_the_talk_are_there_with_their_votes_when_it_is_live(
    announced: Watched,
) -> None:
    announced(HAL, OPEN)
    question = announced(ANN, c.AskQuestion(text="Why so dear?"))["question"]
    announced(BOB, c.CastVote(question=question))
    announced(MIA, c.Reply(question=question, text="I wonder, too"))

    announced(HAL, c.StartTalk(), at=60)

    asked = announced.document()["questions"][question]
    assert (asked["text"], asked["votes"], asked["state"]) == ("Why so dear?", 1, "open")
    assert (asked["answered_from_s"], asked["answered_to_s"]) == (-1, -1)
    announced(HAL, c.StartAnswering(question=question), at=90)
    assert announced.document()["questions"][question]["answered_from_s"] == 30


def test_there_is_nothing_to_tick_before_the_talk_is_live(announced: Watched) -> None:
    announced(HAL, OPEN)

    with pytest.raises(NotOpen, match="not live"):
        announced(ANN, c.GiveFeedback(kind="agree"))


def test_moderation_works_before_the_talk_is_live(announced: Watched) -> None:
    announced(HAL, OPEN)
    one, two = (announced(ANN, c.AskQuestion(text=text))["question"] for text in ("1?", "2?"))

    announced(HAL, c.MergeQuestions(question=one, into=two))
    announced(HAL, c.Hide(item=two, why="off topic"))

    assert announced.document()["questions"].keys() == {one}


OF_A_WITHDRAWN_QUESTION = [
    (ANN, lambda q: c.EditQuestion(question=q, text="Why, though?")),
    (BOB, lambda q: c.CastVote(question=q)),
    (BOB, lambda q: c.WithdrawVote(question=q)),
    (BOB, lambda q: c.Reply(question=q, text="Good question")),
    (HAL, lambda q: c.AnswerInWriting(question=q, text="Because")),
    (HAL, lambda q: c.EditAnswer(question=q, text="Because")),
    (HAL, lambda q: c.ArchiveQuestion(question=q)),
    (HAL, lambda q: c.RestoreQuestion(question=q)),
    (HAL, lambda q: c.MergeQuestions(question=q, into="id-3")),
    (HAL, lambda q: c.MergeQuestions(question="id-3", into=q)),
    (HAL, lambda q: c.StartAnswering(question=q)),
    (HAL, lambda q: c.FinishAnswering(question=q)),
    (HAL, lambda q: c.ReopenQuestion(question=q)),
]


@pytest.mark.parametrize(("who", "command"), OF_A_WITHDRAWN_QUESTION)
def test_a_withdrawn_question_is_final(who: str, command: object) -> None:
    room = Watched()
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]
    other = room(ANN, c.AskQuestion(text="How?"))["question"]
    assert other == "id-3"
    room(ANN, c.WithdrawQuestion(question=question))
    before = room.position

    with pytest.raises(NotOpen, match="withdrawn"):
        room(who, command(question))  # type: ignore[operator]

    assert room.position == before
    assert question not in room.document()["questions"]


def test_nothing_brings_a_withdrawn_question_back() -> None:
    room = Watched()
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]
    room(MIA, c.Hide(item=question, why="off topic"))
    hidden = room.position
    room(ANN, c.WithdrawQuestion(question=question))

    room(MIA, c.Undo(position=hidden))
    room(MIA, c.Pin(item=question))

    assert "Why?" not in str(room.document())


def test_an_ended_talk_takes_neither_words_nor_votes_nor_ticks() -> None:
    room = Watched()
    line = room(ANN, c.PostLine(text="Hello"))["line"]
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]
    room(HAL, c.EndTalk())

    for command in (
        c.PostLine(text="One more"),
        c.EditLine(line=line, text="One more"),
        c.AskQuestion(text="One more?"),
        c.EditQuestion(question=question, text="One more?"),
        c.Reply(question=question, text="One more"),
        c.CastVote(question=question),
        c.WithdrawVote(question=question),
        c.GiveFeedback(kind="agree"),
        c.ChooseNickname("Fox"),
    ):
        with pytest.raises(NotOpen, match=r"ended|not live"):
            room(ANN, command)
    for step in (c.OpenDoors(), c.StartTalk(), c.IntroduceTopic(title="More")):
        with pytest.raises(NotOpen, match="ended"):
            room(HAL, step)

    room(ANN, c.RetractLine(line=line))
    room(ANN, c.WithdrawQuestion(question=question))
    assert "Hello" not in str(room.document())
