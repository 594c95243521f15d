"""What was said in Hearhear, seen by the site's ORM and its admin: all of it, and only to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from auditorium import Auditorium, Stepping
from builders import NOON
from django_site.started import content_in, empty_site, user

from domain import commands
from domain.store import open_store

# isort: split
from django.contrib.admin import site as admin_site
from django.core.exceptions import FieldError
from django.db import connections
from django.db.models import Sum
from django.test import Client
from hearhear_django import content
from hearhear_django.content import ReadOnlyError
from hearhear_django.models import ChatLine, Post, Question, Talk, Tick, Vote


@dataclass(frozen=True)
class Played:
    """A talk in which a bit of everything happened."""

    talk: str
    topic: str
    shown: str
    hidden: str
    retracted: str
    held: str
    question: str


def played(folder: Path) -> Played:
    """Play a talk into views in a folder."""
    with open_store(f"sqlite:///{folder}/store.db") as store:
        hall = Auditorium(store)
        topic = hall.do("hal", commands.IntroduceTopic(title="Costs"))["topic"]
        hall.do("hal", commands.OpenTopic(topic=topic))
        hall.do("hal", commands.IntroducePanelist(name="Pat", about="Professor"))
        shown = hall.do("ann", commands.PostLine(text="Hello"))["line"]
        hidden = hall.do("bob", commands.PostLine(text="spam " * 30))["line"]
        hall.do("hal", commands.Hide(item=hidden, why="off topic"))
        retracted = hall.do("bob", commands.PostLine(text="Oops"))["line"]
        hall.do("bob", commands.RetractLine(line=retracted))
        hall.do("hal", commands.SetPolicy(hold="hold"))
        held = hall.do("bob", commands.PostLine(text="Wait"))["line"]
        hall.do("hal", commands.SetPolicy(hold="off"))
        question = hall.do("ann", commands.AskQuestion(text="Why so dear?"))["question"]
        hall.do("bob", commands.Reply(question=question, text="Good one"))
        hall.do("hal", commands.AnswerInWriting(question=question, text="Costs"))
        hall.do("hal", commands.Announce(text="Coffee"))
        hall.do("hal", commands.SetPolicy(hold_posts="off"))
        link = "https://example.social/@cat/1"
        hall.do("hal", commands.CatchPost("mastodon", "@cat@example.social", "Dear!", link, "1"))
        for voter in ("ann", "bob"):
            hall.do(voter, commands.CastVote(question=question))
        hall.do("bob", commands.WithdrawVote(question=question))
        hall.second = 3
        hall.do("ann", commands.GiveFeedback(kind="agree"))
        hall.do("hal", commands.SampleAttendance(present=3))
        stepping = Stepping(store, f"sqlite:///{folder}/views.db")
        stepping.catch_up()
        stepping.close()
        hall.app.close()
    return Played(hall.talk, topic, shown, hidden, retracted, held, question)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("hearhear")
    told = played(folder)
    with content_in(folder / "views.db"):
        yield told


@pytest.fixture(autouse=True)
def _site(talk: Played) -> Iterator[None]:  # noqa: ARG001 - its views are there before the site
    with empty_site():
        yield


def test_a_talk_leads_to_all_that_belongs_to_it(talk: Played) -> None:
    [found] = Talk.objects.all()

    assert (found.id, found.title, found.state) == (talk.talk, "Pricing", "live")
    assert found.started_at == NOON
    assert found.ended_at is None
    assert found.kinds["agree"]["curve"] == "loved"
    assert [topic.title for topic in found.topics.all()] == ["Costs"]
    assert [panelist.name for panelist in found.panelists.all()] == ["Pat"]
    assert {attendee.name for attendee in found.attendees.all()} >= {"Ann", "Bob"}
    assert found.ticks.get().topic_id == talk.topic
    assert found.attendance.get().present == 3


def test_lines_are_those_a_room_shows(talk: Played) -> None:
    assert [line.id for line in ChatLine.objects.all()] == [talk.shown]
    assert {line.id for line in ChatLine.everything.all()} == {
        talk.shown,
        talk.hidden,
        talk.retracted,
        talk.held,
    }
    assert ChatLine.everything.get(id=talk.retracted).text == ""


def test_the_orm_follows_from_a_line_to_its_author() -> None:
    line = ChatLine.objects.select_related("talk", "attendee").get(attendee__name="Ann")

    assert (line.talk.title, line.attendee.signed_in) == ("Pricing", False)


def test_a_post_names_its_author_and_leads_to_where_it_was_caught() -> None:
    post = Post.objects.select_related("attendee").get()

    assert (post.text, post.source) == ("Dear!", "mastodon")
    assert post.url == "https://example.social/@cat/1"
    assert post.attendee.name == post.name == "@cat@example.social"


def test_a_question_has_its_standing_votes() -> None:
    question = Question.objects.get()

    assert (question.text, question.votes) == ("Why so dear?", 1)
    assert [reply.text for reply in question.replies.all()] == ["Good one"]
    assert [answer.text for answer in question.answers.all()] == ["Costs"]
    assert Vote.objects.filter(question=question).aggregate(Sum("change"))["change__sum"] == 1


def test_moments_compare_as_time_does() -> None:
    after = datetime(2000, 1, 1, tzinfo=UTC)

    assert Tick.objects.filter(at__gt=after).count() == 1
    assert Tick.objects.filter(at__lte=after).count() == 0


@pytest.mark.parametrize("model", content.MODELS, ids=lambda model: model.__name__)
def test_every_model_is_a_view_that_is_there_and_only_to_read(model: type) -> None:
    if model._meta.abstract:
        return
    list(model.objects.all())

    for change in (
        lambda: model().save(),
        lambda: model().delete(),
        model.objects.create,
        lambda: model.objects.all().delete(),
        lambda: model.objects.bulk_create([model()]),
    ):
        with pytest.raises(ReadOnlyError):
            change()
    with pytest.raises((ReadOnlyError, FieldError)):
        model.objects.update(second=1)


def test_all_views_have_their_model() -> None:
    """But the measures and counts, which have no key of their own, and what is for analysts."""
    tables = {model._meta.db_table for model in content.MODELS if not model._meta.abstract}

    with connections["hearhear"].cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
        plain = {name for (name,) in cursor.fetchall() if not name.startswith("v_")}

    assert plain - {"ticks_per_second", "ticks_per_person", "moderation"} == tables


def test_the_admin_shows_the_content_to_look_at_only(talk: Played) -> None:
    boss = Client()
    boss.force_login(user("boss", is_staff=True, is_superuser=True))

    listed = [model for model in admin_site._registry if model._meta.app_label == "hearhear_django"]
    assert len(listed) >= 6
    for model in listed:
        page = f"/admin/hearhear_django/{model._meta.model_name}/"
        assert boss.get(page).status_code == 200
        assert boss.get(f"{page}add/").status_code == 403
    hidden = boss.get(f"/admin/hearhear_django/chatline/{talk.hidden}/change/")
    assert "spam" in hidden.content.decode()
    assert "Save" not in hidden.content.decode()
    assert boss.get("/admin/hearhear_django/chatline/?q=spam").status_code == 200
