import pytest
from builders import ANN, MIA, NOON, asked, later, recorded

from domain.errors import NotOpen


def test_an_edit_to_the_same_text_records_nothing() -> None:
    question = asked("Why so dear?")

    question.edit("Why so dear?", by=ANN, at=later(1))

    assert recorded(question) == []


def test_a_withdrawn_question_is_final() -> None:
    question = asked()
    question.withdraw(by=ANN, at=later(1))

    for act in (question.archive, question.restore, question.start_answering):
        with pytest.raises(NotOpen, match="withdrawn"):
            act(by=MIA, at=later(2))

    assert recorded(question) == ["Withdrawn"]


def test_answering_goes_from_open_to_answered() -> None:
    question = asked()

    question.start_answering(by=MIA, at=later(1))
    question.start_answering(by=MIA, at=later(2))
    question.finish_answering(by=MIA, at=later(3))
    question.finish_answering(by=MIA, at=later(4))

    assert recorded(question) == ["AnsweringStarted", "AnsweringFinished"]
    assert question.state == "answered"


def test_an_answer_that_never_began_cannot_finish() -> None:
    with pytest.raises(NotOpen, match="start answering"):
        asked().finish_answering(by=MIA, at=NOON)


def test_archiving_and_hiding_leave_the_answer_as_it_was() -> None:
    question = asked()
    question.start_answering(by=MIA, at=NOON)

    question.archive(by=MIA, at=later(1))
    question.hide("off topic", by=MIA, at=later(2))
    question.reveal(by=MIA, at=later(3))
    question.restore(by=MIA, at=later(4))

    assert recorded(question)[1:] == ["Archived", "Hidden", "Revealed", "Restored"]
    assert question.state == "answering"


@pytest.mark.parametrize("twice", ["archive", "withdraw", "reveal"])
def test_doing_it_again_changes_nothing(twice: str) -> None:
    question = asked()

    getattr(question, twice)(by=ANN, at=NOON)
    first = recorded(question)
    getattr(question, twice)(by=ANN, at=NOON)

    assert recorded(question) == first
