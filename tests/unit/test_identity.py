"""Who is speaking: tokens, codes for links, and which origins may act."""

import itertools
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from domain.errors import Unauthenticated
from domain.speaker import Speaker
from gateway.identity import Credentials, Identity, UsedCodesInMemory
from gateway.origins import Origins
from gateway.settings import Settings

SECRET, FORMER = "n" * 32, "f" * 32
MONDAY = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
ANN = Speaker(
    person="ann",
    name="Ann",
    roles=frozenset({"analyst"}),
    talk_roles={"t1": frozenset({"host"})},
    signed_in=True,
)


class Clock:
    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


def identity(*secrets: str, clock: Clock | None = None) -> Identity:
    clock = clock or Clock()
    numbers = itertools.count(1)
    return Identity(
        secrets or (SECRET,),
        used_codes=UsedCodesInMemory(clock),
        now=clock,
        new_id=lambda: f"id-{next(numbers)}",
    )


def test_a_token_tells_who_speaks_and_with_which_roles() -> None:
    ours = identity()

    assert ours.speaker_of_token(ours.token_for(ANN)) == ANN


def test_every_secret_verifies_and_the_first_signs() -> None:
    old_token = identity(FORMER).token_for(ANN)
    ours = identity(SECRET, FORMER)

    assert ours.speaker_of_token(old_token) == ANN
    assert identity(SECRET).speaker_of_token(ours.token_for(ANN)) == ANN


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "é.é.é",
        jwt.encode({"sub": "ann", "aud": "hearhear:session"}, SECRET, "HS256"),
        jwt.encode({"sub": "a", "aud": "hearhear:session", "exp": 9e9}, "z" * 32, "HS256"),
        jwt.encode({"sub": "a", "aud": "hearhear:session", "exp": 9e9}, SECRET * 2, "HS512"),
        jwt.encode({"sub": "a", "aud": "hearhear:session", "exp": 9e9}, "", "none"),
        jwt.encode({"sub": "a", "aud": "elsewhere", "exp": 9e9}, SECRET, "HS256"),
    ],
)
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        identity().speaker_of_token(token)


def test_a_token_ends() -> None:
    clock = Clock()
    ours = identity(clock=clock)
    token = ours.token_for(ANN, lasts=timedelta(hours=1))

    clock.now += timedelta(hours=1, minutes=1)

    with pytest.raises(Unauthenticated, match="expired"):
        ours.speaker_of_token(token)


def test_a_code_is_exchanged_once() -> None:
    ours = identity()
    code = ours.code_for(ANN)

    assert ours.redeem(code) == ANN
    with pytest.raises(Unauthenticated, match="used already"):
        ours.redeem(code)


def test_a_code_is_no_token_and_a_token_no_code() -> None:
    ours = identity()

    with pytest.raises(Unauthenticated):
        ours.speaker_of_token(ours.code_for(ANN))
    with pytest.raises(Unauthenticated):
        ours.redeem(ours.token_for(ANN))


def test_a_role_holds_everywhere_or_in_one_talk() -> None:
    everywhere = identity().invited("Hal", role="host")
    in_one = identity().invited("Mo", role="moderator", talk="t1")

    assert everywhere.roles_in("t1") == {"host"}
    assert in_one.roles_in("t1") == {"moderator"}
    assert not in_one.roles_in("t2")


def test_a_stale_cookie_is_nobody_and_a_bad_bearer_token_is_refused() -> None:
    ours = identity()

    assert ours.speaker(Credentials()) is None
    assert ours.speaker(Credentials(cookie="stale")) is None
    with pytest.raises(Unauthenticated):
        ours.speaker(Credentials(bearer="bad", cookie=ours.token_for(ANN)))


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "live.example.org", True),
        ("https://live.example.org", "live.example.org", True),
        ("https://www.example.org", "live.example.org", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://localhost:8000", "localhost:8000", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://127.0.0.1:9000", "127.0.0.1:8000", False),
        ("https://evil.example", "live.example.org", False),
        ("https://evil.example", "evil.example", False),
        ("http://live.example.org", "live.example.org", False),
        ("null", "live.example.org", False),
        ("http://[bad", "[bad", False),
        ("", "", False),
    ],
)
def test_only_our_own_and_listed_origins_may_act(
    origin: str | None, host: str, *, allowed: bool
) -> None:
    origins = Origins(
        Settings.from_env(
            {
                "HEARHEAR_PUBLIC_URL": "https://live.example.org",
                "HEARHEAR_ALLOWED_ORIGINS": "https://www.example.org",
            }
        )
    )

    assert origins.allows(origin, host) is allowed
