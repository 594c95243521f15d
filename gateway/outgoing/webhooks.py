"""Webhooks: other programs are told when a talk is scheduled, opened, started, ended or recorded.

Signed as Standard Webhooks says (https://www.standardwebhooks.com): ``webhook-id`` is the
same for every attempt, ``webhook-timestamp`` is that of the attempt, and
``webhook-signature`` holds ``v1,`` and the base64 of HMAC-SHA256 over
``id.timestamp.body``, once for each secret, so that a secret can be replaced.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from uuid import NAMESPACE_URL, uuid5

import httpx
import orjson
from eventsourcing.utils import get_topic

from domain.aggregate import talk_stream
from domain.clock import iso
from domain.store import Recorded, Store
from domain.talk import Talk
from gateway.outgoing.errands import ErrandFailed
from gateway.outside import ForbiddenAddressError, Outside
from gateway.signing import signature

Post = Callable[[str, bytes, Mapping[str, str]], httpx.Response]
"""Posts a body with headers to a URL. Blocks; raises httpx's errors, ForbiddenAddressError."""

ANSWERS_WITHIN_S = 10.0
TOLD = frozenset(
    fact.TOPIC
    for fact in (
        Talk.Scheduled,
        Talk.DoorsOpened,
        Talk.Started,
        Talk.Ended,
        Talk.RecordingAttached,
    )
)
"""The facts that receivers are told of; the name is the ``type`` of the message."""


class Webhook:
    """Tells one receiver. ``site`` is our own address, for the links in a message."""

    facts = TOLD

    def __init__(
        self,
        url: str,
        *,
        store: Store,
        secrets: Sequence[str],
        site: str,
        post: Post,
        now: Callable[[], datetime],
    ) -> None:
        self.name = f"webhook:{hashlib.sha256(url.encode()).hexdigest()[:32]}"
        self._url = url
        self._store = store
        self._secrets = secrets
        self._site = site
        self._post = post
        self._now = now

    def do(self, recorded: Recorded) -> None:
        """Deliver one message; any answer but 2xx is a failure, 410 (gone) a final one."""
        body = orjson.dumps(self._message(recorded))
        message_id = str(uuid5(NAMESPACE_URL, f"{self._store.log_id()}/{recorded.position}"))
        timestamp = int(self._now().timestamp())
        signatures = (signature(one, message_id, timestamp, body) for one in self._secrets)
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(signatures),
        }
        try:
            answer = self._post(self._url, body, headers)
        except (httpx.HTTPError, httpx.InvalidURL, ForbiddenAddressError, OSError) as error:
            raise ErrandFailed(f"{type(error).__name__}: {error}") from None
        if not answer.is_success:
            raise ErrandFailed(
                f"it answered {answer.status_code}",
                retry_in_s=_retry_after(answer),
                is_final=answer.status_code == HTTPStatus.GONE,
            )

    def _message(self, recorded: Recorded) -> dict[str, object]:
        talk = self._store.aggregate(Talk, talk_stream(recorded.talk))
        page, api = f"{self._site}/talks/{recorded.talk}", f"{self._site}/api/talks/{recorded.talk}"
        return {
            "type": get_topic(type(recorded.fact)),
            "timestamp": iso(recorded.fact.timestamp),
            "data": {
                "talk": recorded.talk,
                "title": talk.title if talk else "",
                "position": recorded.position,
                "room": page,
                "replay": f"{page}/replay",
                "timeline": f"{api}/timeline",
            },
        }


def posting(outside: Outside) -> Post:
    """Post to where may be called; what is answered beyond status and headers is not read."""

    async def posted(url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        async with (
            outside.client(timeout_s=ANSWERS_WITHIN_S) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as answer,
        ):
            return answer

    return lambda url, body, headers: asyncio.run(posted(url, body, headers))


def _retry_after(answer: httpx.Response) -> float:
    """Tell the seconds that a receiver asks us to wait; dates, which few send, count as none."""
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 0.0
