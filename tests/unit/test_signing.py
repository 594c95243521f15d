"""Signed messages: by any of our secrets, of now, and of no other body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Unauthenticated
from gateway.signing import TOLERANCE_S, signature, signed_id

OLD, NEW = "o" * 32, "n" * 32
BODY = b'{"talk": "1"}'


def headers(**changes: str) -> dict[str, str]:
    given = {
        "webhook-id": "msg-1",
        "webhook-timestamp": "1000",
        "webhook-signature": signature(OLD, "msg-1", 1000, BODY),
    }
    return {name: value for name, value in {**given, **_dashed(changes)}.items() if value}


def _dashed(changes: dict[str, str]) -> dict[str, str]:
    return {f"webhook-{name}": value for name, value in changes.items()}


def test_a_signature_is_what_another_program_makes_of_it() -> None:
    """``printf 'msg.1.{}' | openssl dgst -sha256 -hmac kkk… -binary | base64``."""
    signed = signature("k" * 32, "msg", 1, b"{}")

    assert signed == "v1,CVIHtn2b3z7bQNY05wspaZV4s8DflNFVMn5XjIgwzKA="


@pytest.mark.parametrize("now", [1000 - TOLERANCE_S, 1000, 1000 + TOLERANCE_S])
def test_any_secret_and_any_of_several_signatures_will_do(now: float) -> None:
    both = f"v1,no {signature(NEW, 'msg-1', 1000, BODY)} v2,other"

    assert signed_id(headers(), BODY, [NEW, OLD], now=now) == "msg-1"
    assert signed_id(headers(signature=both), BODY, [NEW], now=now) == "msg-1"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"signature": ""}, "not signed"),
        ({"id": ""}, "not signed"),
        ({"id": "msg-2"}, "of no secret"),
        ({"timestamp": "1001"}, "of no secret"),
        ({"timestamp": "600"}, "300 seconds off"),
        ({"timestamp": "1400"}, "300 seconds off"),
        ({"timestamp": "soon"}, "number of seconds"),
        ({"timestamp": "\u0661000"}, "number of seconds"),
        ({"timestamp": "9" * 400}, "number of seconds"),
        ({"signature": "v1,"}, "of no secret"),
        ({"signature": "v1,\u00e9"}, "of no secret"),
    ],
)
def test_a_message_that_was_changed_or_is_stale_is_refused(
    changes: dict[str, str], why: str
) -> None:
    with pytest.raises(Unauthenticated, match=why):
        signed_id(headers(**changes), BODY, [OLD], now=1000)


def test_another_secret_signs_nothing() -> None:
    with pytest.raises(Unauthenticated):
        signed_id(headers(), BODY, [NEW], now=1000)


@given(other=st.binary(max_size=40).filter(lambda other: other != BODY))
def test_another_body_is_not_signed(other: bytes) -> None:
    with pytest.raises(Unauthenticated):
        signed_id(headers(), other, [OLD], now=1000)
