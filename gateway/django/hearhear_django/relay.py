"""From a saved object of this site to a command, once for each content it had.

A rule says which command an object's content means::

    @command_on_save(Announcement)
    def announced(announcement, before):
        return Command(announcement.talk_id, "announce", {"text": announcement.text})

The save notes down, in its own transaction, that there may be something to send; it is
sent after the commit, and again by ``manage.py hearhear_send`` while Hearhear does not
answer. The id of a command follows from its object, its number and its content, so what
is sent twice is recorded once; the same content saved again sends nothing.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models.signals import post_save

from hearhear_django.door import Answer, UnreachableError, send
from hearhear_django.models import Relayed
from hearhear_django.tickets import ticket_for, ticket_of_site

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Command:
    """What an object means over there; ``by`` is the user who says it, else the site itself."""

    talk: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    by: Any = None


Rule = Callable[[Any, Mapping[str, str]], Command | None]
"""An object, and the ids that Hearhear gave for it before, to a command; ``None`` sends nothing.

It is called for nothing but its answer: once with no ids, to tell whether the content is new.
"""

_rules: dict[str, Rule] = {}


def command_on_save(model: type[models.Model]) -> Callable[[Rule], Rule]:
    """Send what the decorated rule says whenever an object of the model was saved."""

    def register(rule: Rule) -> Rule:
        _rules[model._meta.label_lower] = rule  # noqa: SLF001 - Django's documented name
        post_save.connect(_saved, sender=model, dispatch_uid="hearhear_django.relay")
        return rule

    return register


def _saved(
    sender: type[models.Model], *, instance: models.Model, using: str, raw: bool, **_: Any
) -> None:
    if raw:  # a fixture is loaded: its objects were sent when they were first saved
        return
    source = f"{sender._meta.label_lower}:{instance.pk}"  # noqa: SLF001 - see above
    Relayed.objects.using(using).update_or_create(source=source, defaults={"is_due": True})

    def committed() -> None:
        relay(source, using=using)

    transaction.on_commit(committed, using=using, robust=True)


def relay(source: str, *, using: str = "default") -> bool:
    """Send what there is to send for an object; tell whether all of it was answered."""
    while (due := _prepared(source, using)) is not None:
        try:
            answer = _sent(due)
        except UnreachableError as cause:
            _log.warning("Hearhear does not take a command of %s yet: %s", source, cause)
            return False
        _settle(due, answer, using)
    return True


def _prepared(source: str, using: str) -> Relayed | None:
    """Write down what is to be sent before it is sent, so that a repeat is the same."""
    with transaction.atomic(using=using):
        relayed = Relayed.objects.using(using).select_for_update().get(source=source)
        if relayed.pending:
            return relayed
        pending = _meant(relayed, using)
        relayed.pending = {} if pending.get("digest") == relayed.digest else pending
        relayed.is_due = bool(relayed.pending)
        relayed.save(using=using)
        return relayed if relayed.pending else None


def _meant(relayed: Relayed, using: str) -> dict[str, Any]:
    """Tell what an object means as it is in the database at this moment."""
    label, _, pk = relayed.source.partition(":")
    rule = _rules.get(label)
    if rule is None:
        return {}
    instance = apps.get_model(label)._base_manager.using(using).filter(pk=pk).first()  # noqa: SLF001 - see above
    if instance is None:
        return {}
    # Its content is what would be sent of a new object: asked once, then edited, it is the same.
    content, command = rule(instance, {}), rule(instance, relayed.results)
    if content is None or command is None:
        return {}
    canonical = json.dumps(_as_json(content), sort_keys=True).encode()
    return {**_as_json(command), "digest": sha256(canonical).hexdigest()}


def _as_json(command: Command) -> dict[str, Any]:
    return {
        "talk": command.talk,
        "by": str(command.by.pk) if command.by else "",
        "body": {"command": command.name, **command.arguments},
    }


def _sent(due: Relayed) -> Answer:
    pending = due.pending
    body = {**pending["body"], "command_id": due.command_id}
    return send(pending["talk"], body, _ticket(pending["by"]))


def _ticket(by: str) -> str:
    if not by:
        return ticket_of_site()
    return ticket_for(get_user_model().objects.get(pk=by))


def _settle(due: Relayed, answer: Answer, using: str) -> None:
    """Note the answer, unless somebody else who sent the same has done so."""
    if answer.refusal:
        _log.warning("Hearhear refused a command of %s: %s", due.source, answer.refusal)
    with transaction.atomic(using=using):
        relayed = Relayed.objects.using(using).select_for_update().get(source=due.source)
        if (relayed.number, relayed.pending) != (due.number, due.pending):
            return
        relayed.number += 1
        relayed.digest = relayed.pending["digest"]
        relayed.pending = {}
        relayed.results = {**relayed.results, **answer.result}
        relayed.refusal = answer.refusal
        relayed.save(using=using)
