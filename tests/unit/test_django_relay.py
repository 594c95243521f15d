"""From a saved object of the site to a command: once for each content, over any failure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django_site.started import KEY, empty_site, user
from doors import Door, opened_door

from gateway.site_tokens import KeysInSetting, SiteTokens

# isort: split
import json

from django.core.management import CommandError, call_command
from django.db import transaction
from django_site.notices.models import Prompt
from hearhear_django import relay
from hearhear_django.door import Answer, UnreachableError
from hearhear_django.models import Relayed
from hearhear_django.tickets import public_jwk

from domain.clock import utc_now


class Hearhear:
    """The door as the site reaches it, which may be closed, or lose its answers."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.sent: list[Mapping[str, Any]] = []
        self.is_down = False
        self.loses_answers = False

    def send(self, talk: str, body: Mapping[str, Any], ticket: str) -> Answer:
        if self.is_down:
            raise UnreachableError("nobody answers")
        self.sent.append(body)
        answer = self.door.client.post(
            f"/api/talks/{talk}/commands",
            json=dict(body),
            headers={"Authorization": f"Bearer {ticket}"},
        )
        if self.loses_answers:
            raise UnreachableError("the answer was lost")
        if answer.status_code == 200:
            return Answer(result=answer.json()["result"])
        return Answer(refusal=answer.text)

    def questions(self, talk: str) -> list[str]:
        """The facts about questions in the log of a talk, in order."""
        facts = self.door.system.store.log.read(0, 1000, talk=talk)
        return [fact.name for fact in facts if fact.name.startswith("question.")]


@pytest.fixture(autouse=True)
def _site() -> Iterator[None]:
    with empty_site():
        yield


@pytest.fixture
def hearhear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hearhear]:
    jwks = json.dumps({"keys": [public_jwk(KEY)]})
    verifier = SiteTokens(KeysInSetting(jwks), "hearhear", utc_now)
    with opened_door(tmp_path) as door:
        door.system.identity._verifiers = (verifier,)
        there = Hearhear(door)
        monkeypatch.setattr(relay, "send", there.send)
        yield there


@pytest.fixture
def talk(hearhear: Hearhear) -> str:
    return hearhear.door.live_talk(hearhear.door.with_role("host"))


def test_a_saved_object_becomes_a_command_of_its_author(hearhear: Hearhear, talk: str) -> None:
    ann = user("ann")

    prompt = Prompt.objects.create(talk=talk, text="Why?", author=ann)

    [sent] = hearhear.sent
    assert (sent["command"], sent["text"]) == ("ask_question", "Why?")
    relayed = Relayed.objects.get()
    assert relayed.source == f"notices.prompt:{prompt.pk}"
    assert not relayed.is_due
    assert relayed.results["question"]


def test_the_same_content_again_sends_nothing(hearhear: Hearhear, talk: str) -> None:
    prompt = Prompt.objects.create(talk=talk, text="Why?")
    prompt.save()

    prompt.remark = "for us alone"
    prompt.save()

    assert [sent["command"] for sent in hearhear.sent] == ["ask_question"]
    assert hearhear.questions(talk) == ["question.asked"]


def test_content_that_comes_back_is_sent_again(hearhear: Hearhear, talk: str) -> None:
    prompt = Prompt.objects.create(talk=talk, text="A")
    for text in ("B", "A", "B"):
        prompt.text = text
        prompt.save()

    assert len({sent["command_id"] for sent in hearhear.sent}) == len(hearhear.sent)
    assert hearhear.questions(talk) == ["question.asked", *["question.edited"] * 3]


def test_what_is_rolled_back_is_not_sent(hearhear: Hearhear, talk: str) -> None:
    with transaction.atomic():
        Prompt.objects.create(talk=talk, text="Why?")
        transaction.set_rollback(True)

    assert hearhear.sent == []
    assert not Relayed.objects.exists()


def test_an_object_without_a_talk_sends_nothing(hearhear: Hearhear) -> None:
    Prompt.objects.create(talk="", text="Why?")

    assert hearhear.sent == []


def test_what_could_not_be_sent_is_sent_later_in_its_order(hearhear: Hearhear, talk: str) -> None:
    hearhear.is_down = True
    prompt = Prompt.objects.create(talk=talk, text="A")
    prompt.text = "B"
    prompt.save()
    with pytest.raises(CommandError, match="1 of 1 are left"):
        call_command("hearhear_send")

    hearhear.is_down = False
    call_command("hearhear_send", verbosity=0)

    assert [sent["text"] for sent in hearhear.sent] == ["A", "B"]
    assert hearhear.questions(talk) == ["question.asked", "question.edited"]


def test_a_lost_answer_is_asked_for_again_and_records_nothing_twice(
    hearhear: Hearhear, talk: str
) -> None:
    hearhear.loses_answers = True
    prompt = Prompt.objects.create(talk=talk, text="A")
    prompt.save()
    hearhear.loses_answers = False

    call_command("hearhear_send", verbosity=0)

    first, *others = hearhear.sent
    assert others == [first, first]
    assert hearhear.questions(talk) == ["question.asked"]
    assert Relayed.objects.get().results["question"]


def test_a_refusal_is_kept_and_not_tried_again(hearhear: Hearhear, talk: str) -> None:
    prompt = Prompt.objects.create(talk=talk, text=" ")
    assert "text_empty" in Relayed.objects.get().refusal

    call_command("hearhear_send", verbosity=0)
    assert len(hearhear.sent) == 1

    prompt.text = "Why?"
    prompt.save()
    assert Relayed.objects.get().refusal == ""
    assert hearhear.questions(talk) == ["question.asked"]


def test_a_failing_rule_does_not_fail_the_save(
    hearhear: Hearhear, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setitem(relay._rules, "notices.prompt", failing)

    prompt = Prompt.objects.create(talk=talk, text="Why?")

    assert prompt.pk
    assert Relayed.objects.get().is_due
    assert hearhear.sent == []


def test_a_loaded_fixture_sends_nothing(hearhear: Hearhear, talk: str, tmp_path: Path) -> None:
    fixture = tmp_path / "prompts.json"
    fields = {"talk": talk, "text": "Why?", "author": None, "remark": ""}
    fixture.write_text(json.dumps([{"model": "notices.prompt", "pk": 1, "fields": fields}]))

    call_command("loaddata", fixture, verbosity=0)

    assert hearhear.sent == []
