"""Single models and pages of them, read from the rows of each database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from auditorium import HAL, Auditorium, Stepping

from domain import commands
from domain.store import Store
from projections.models import LINES, Models, Page, Reader
from projections.projector import open_views

EVERYBODY = Reader()
MODERATOR = Reader(is_moderator=True)


class House:
    """A hall whose models are read as a projector left them."""

    def __init__(self, store: Store, views_url: str) -> None:
        self.hall = Auditorium(store)
        self.models = Models(open_views(views_url))
        self._views_url = views_url

    @property
    def talk(self) -> str:
        return self.hall.talk

    def project(self) -> None:
        stepping = Stepping(self.hall.app.store, self._views_url)
        stepping.catch_up()
        stepping.close()

    def close(self) -> None:
        self.hall.app.close()
        self.models.close()


@pytest.fixture
def house(store: Store, store_url: str, tmp_path: Path) -> Iterator[House]:
    views_url = f"sqlite:///{tmp_path}/views.db" if store_url.startswith("sqlite") else store_url
    house = House(store, views_url)
    yield house
    house.close()


def test_a_page_is_filled_with_what_its_reader_may_see(house: House) -> None:
    lines = [
        house.hall.do(f"person{n}", commands.PostLine(text=f"Line {n}"))["line"] for n in range(6)
    ]
    for hidden in lines[1:4]:
        house.hall.do("hal", commands.Hide(item=hidden, why="rude"))
    house.project()

    def page(after: int, reader: Reader) -> list[str]:
        found = house.models.said(house.talk, LINES, Page(after, limit=2), reader)
        return [item.item for item in found]

    first = house.models.said(house.talk, LINES, Page(limit=2), EVERYBODY)
    assert [item.item for item in first] == [lines[0], lines[4]]
    assert page(first[-1].position, EVERYBODY) == [lines[5]]
    assert page(0, MODERATOR) == lines[:2]


def test_an_answer_is_told_beside_its_question_as_long_as_it_may_be_seen(house: House) -> None:
    question = house.hall.do("ann", commands.AskQuestion(text="Why?"))["question"]
    house.hall.do("hal", commands.AnswerInWriting(question=question, text="Because"))
    house.project()

    [put] = house.models.questions(house.talk, Page(only=question), EVERYBODY)
    [answer] = house.models.answers(house.talk, Page(only=question), EVERYBODY)
    assert (put.item.text, put.answer, answer.text) == ("Why?", "Because", "Because")

    house.hall.do("hal", commands.Hide(item=question, why="rude"))
    house.project()
    assert house.models.questions(house.talk, Page(only=question), EVERYBODY) == []
    assert house.models.answers(house.talk, Page(only=question), EVERYBODY) == []


def test_a_vote_stands_from_its_last_casting(house: House) -> None:
    one, other = (
        house.hall.do("ann", commands.AskQuestion(text=text))["question"]
        for text in ("Why?", "How?")
    )
    for command in (
        commands.CastVote(question=one),
        commands.CastVote(question=other),
        commands.WithdrawVote(question=one),
        commands.CastVote(question=one),
        commands.WithdrawVote(question=other),
    ):
        house.hall.do("bob", command)
    house.project()

    bob, ann = house.hall.attendee("bob"), house.hall.attendee("ann")
    assert [vote.question for vote in house.models.votes(house.talk, bob, Page(limit=9))] == [one]
    assert house.models.votes(house.talk, ann, Page(limit=9)) == []


@pytest.mark.parametrize("odd", ["none", "ü", "x" * 65, "trailing ", "👋"])
def test_an_id_that_cannot_be_finds_nothing(house: House, odd: str) -> None:
    line = house.hall.do("ann", commands.PostLine(text="Hear!"))["line"]
    house.project()
    reads: list[Callable[[Page], object]] = [
        lambda page: house.models.said(house.talk, LINES, page, MODERATOR),
        lambda page: house.models.questions(house.talk, page, MODERATOR),
        lambda page: house.models.answers(house.talk, page, MODERATOR),
        lambda page: house.models.topics(house.talk, page),
        lambda page: house.models.votes(house.talk, house.hall.attendee("ann"), page),
    ]

    assert [read(Page(only=odd)) for read in reads] == [[]] * len(reads)
    assert house.models.said(house.talk, LINES, Page(only=f"{line} "), MODERATOR) == []


def test_the_log_knows_the_last_fact_of_a_talk_up_to_a_position(house: House) -> None:
    log = house.hall.app.store.log
    last = log.head()
    house.hall.another_talk()

    assert log.last_of(house.talk, log.head()) == last
    assert log.last_of(house.talk, last - 1) == last - 1
    assert log.last_of("nowhere ü", last) == 0


def test_the_store_knows_which_commands_were_accepted(house: House) -> None:
    store = house.hall.app.store
    key = "0f0e5a3c-7c52-4d3b-9c56-0d8d5a9d2f11"
    before = store.has_answered(HAL.person, key)

    house.hall.app.schedule_talk(commands.ScheduleTalk(title="Once"), key, HAL).result(10)

    assert (before, store.has_answered(HAL.person, key)) == (False, True)
    assert not store.has_answered("person-ann", key)
