"""Messages between programs, signed as Standard Webhooks says (https://www.standardwebhooks.com).

``webhook-id`` is the same for every attempt, ``webhook-timestamp`` that of the attempt in
seconds since 1970, and ``webhook-signature`` holds ``v1,`` and the base64 of HMAC-SHA256
over ``id.timestamp.body``, once for each secret, so that a secret can be replaced.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from domain.errors import Unauthenticated

TOLERANCE_S = 300
"""Seconds that a timestamp may be off: an older message may be somebody else's copy."""


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign a message as ``webhook-signature`` holds it."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(secret.encode(), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def signed_id(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: float
) -> str:
    """Return the id of a message that one of the secrets has signed just now.

    Raises ``Unauthenticated``; it takes as long whichever signature is wrong, and how.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()
    if not message_id or not given:
        raise Unauthenticated("it is not signed: webhook-id and webhook-signature are missing")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):  # noqa: PLR2004 - digits
        raise Unauthenticated("webhook-timestamp is a number of seconds since 1970")
    if abs(now - int(timestamp)) > TOLERANCE_S:
        raise Unauthenticated(f"webhook-timestamp is more than {TOLERANCE_S} seconds off")
    expected = [signature(secret, message_id, int(timestamp), body) for secret in secrets]
    matches = [hmac.compare_digest(e.encode(), g.encode()) for e in expected for g in given]
    if not any(matches):
        raise Unauthenticated("webhook-signature is of no secret in HEARHEAR_POST_SECRETS")
    return message_id
