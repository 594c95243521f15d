"""Hearhear's plain door, as this site uses it: one command, and its answer."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from hearhear_django.conf import configuration

ANSWERS_WITHIN_S = 5.0
_LATER = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})


class UnreachableError(Exception):
    """Nobody knows what became of the command: it is to be sent again, under the same id."""


@dataclass(frozen=True)
class Answer:
    """What became of a command: the ids it gave, or why it was refused."""

    result: dict[str, str] = field(default_factory=dict)
    refusal: str = ""


def send(talk: str, body: Mapping[str, Any], ticket: str) -> Answer:
    """Send a command in the name of a ticket's bearer; raises ``UnreachableError``."""
    request = urllib.request.Request(  # noqa: S310 - the site's own setting
        f"{configuration().reached_at}/api/talks/{quote(talk, safe='')}/commands",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {ticket}",
            "Content-Type": "application/json",
            "Idempotency-Key": body["command_id"],
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN_S) as response:  # noqa: S310 - see above
            return Answer(result=json.load(response)["result"])
    except urllib.error.HTTPError as refused:
        with refused:
            detail = refused.read().decode(errors="replace")
        if refused.code in _LATER or refused.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UnreachableError(f"{refused.code}: {detail}") from None
        return Answer(refusal=detail)
    except (OSError, ValueError, KeyError) as cause:
        raise UnreachableError(str(cause)) from None
