"""Tokens of the host site: who they say somebody is, and which are refused."""

from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from site_keys import AUDIENCE, MONDAY, SiteKey, jwks

from domain.errors import Unauthenticated
from domain.speaker import Speaker
from gateway.identity import Identity, UsedCodesInMemory
from gateway.settings import SettingsError
from gateway.site_people import person_of
from gateway.site_tokens import KeysInFile, KeysInSetting, SiteTokens, keys_from, read_keys

KEY = SiteKey()


@pytest.fixture(scope="module")
def tokens() -> SiteTokens:
    return SiteTokens(KeysInSetting(jwks(KEY)), AUDIENCE, lambda: MONDAY)


def test_a_token_tells_who_speaks_and_with_which_roles(tokens: SiteTokens) -> None:
    token = KEY.sign(roles=["host", "editor"], talk_roles={"t1": ["moderator", "attendee"]})

    assert tokens.speaker(token) == Speaker(
        person=person_of("", "42"),
        name="Ann",
        roles=frozenset({"host"}),
        talk_roles={"t1": frozenset({"moderator"})},
        signed_in=True,
    )


def test_the_id_of_an_account_never_changes() -> None:
    assert person_of("", "42") == "59709deb-0c24-509c-9f68-d938498a31de"


def test_accounts_of_two_issuers_are_two_people() -> None:
    assert person_of("https://a.example", "42") != person_of("https://b.example", "42")


def test_a_name_is_brought_into_shape(tokens: SiteTokens) -> None:
    speaker = tokens.speaker(KEY.sign(name=f"  Ann\n  Lee {'x' * 100}"))

    assert speaker
    assert speaker.name.startswith("Ann Lee x")
    assert len(speaker.name) == 80


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another site"}, "meant for somebody else"),
        ({"aud": None}, "no aud"),
        ({"exp": None}, "no exp"),
        ({"sub": None}, "no sub"),
        ({"name": None}, "no name"),
        ({"exp": MONDAY - timedelta(seconds=10)}, "expired"),
        ({"exp": "never"}, "no numbers"),
        ({"nbf": MONDAY + timedelta(seconds=10)}, "not valid yet"),
        ({"sub": ""}, "sub"),
        ({"name": " \n "}, "name"),
        ({"name": ["Ann"]}, "name"),
        ({"roles": "host"}, "roles"),
        ({"talk_roles": ["host"]}, "talk_roles"),
    ],
    ids=str,
)
def test_a_bad_token_is_refused_with_its_reason(
    tokens: SiteTokens, claims: dict[str, object], why: str
) -> None:
    with pytest.raises(Unauthenticated, match=why):
        tokens.speaker(KEY.sign(**claims))


def test_a_token_signed_by_somebody_else_is_refused(tokens: SiteTokens) -> None:
    forged = SiteKey(KEY.kid).sign()

    with pytest.raises(Unauthenticated, match="can't be verified"):
        tokens.speaker(forged)


def test_no_other_algorithm_is_taken_with_the_public_key_as_its_secret(tokens: SiteTokens) -> None:
    claims = {"aud": AUDIENCE, "sub": "42", "name": "Ann", "exp": MONDAY + timedelta(hours=1)}
    secret = KEY.public()["x"]  # all that is public about it
    ours = Identity(
        ["n" * 32],
        used_codes=UsedCodesInMemory(lambda: MONDAY),
        now=lambda: MONDAY,
        new_id=str,
        verifiers=[tokens],
    )

    for token in (
        jwt.encode(claims, secret, algorithm="HS256", headers={"kid": KEY.kid}),
        jwt.encode(claims, None, algorithm="none", headers={"kid": KEY.kid}),
    ):
        with pytest.raises(Unauthenticated):
            ours.speaker_of_token(token)


def test_our_own_tokens_are_read_beside_the_sites(tokens: SiteTokens) -> None:
    ours = Identity(
        ["n" * 32],
        used_codes=UsedCodesInMemory(lambda: MONDAY),
        now=lambda: MONDAY,
        new_id=lambda: "guest",
        verifiers=[tokens],
    )
    bob = ours.guest("Bob")

    assert ours.speaker_of_token(ours.token_for(bob)) == bob
    assert ours.speaker_of_token(KEY.sign()).name == "Ann"


def test_keys_rotate_by_their_ids_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "site.jwks"
    old, new = SiteKey("2025"), SiteKey("2026")
    file.write_text(jwks(old))
    tokens = SiteTokens(KeysInFile(file), AUDIENCE, lambda: MONDAY)
    with pytest.raises(Unauthenticated, match="key that is not known"):
        tokens.speaker(new.sign())

    file.write_text(jwks(old, new))

    assert tokens.speaker(old.sign()) == tokens.speaker(new.sign())
    file.write_text(jwks(new))
    with pytest.raises(Unauthenticated, match="key that is not known"):
        tokens.speaker(old.sign())


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "site.jwks"
    file.write_text(jwks(KEY))
    tokens = SiteTokens(KeysInFile(file), AUDIENCE, lambda: MONDAY)

    file.write_text("{")
    assert tokens.speaker(KEY.sign())
    file.unlink()
    assert tokens.speaker(KEY.sign())


def test_a_single_key_needs_no_id() -> None:
    nameless = SiteKey("")
    tokens = SiteTokens(KeysInSetting(jwks(nameless)), AUDIENCE, lambda: MONDAY)

    assert tokens.speaker(nameless.sign())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no JWKS"),
        ('{"keys": [1]}', "no JWKS"),
        ('{"keys": []}', "no Ed25519 key"),
        ('{"keys": [{"kty": "RSA"}]}', "no Ed25519 key"),
        ('{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}', "can't be read"),
        ('{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": 5}]}', "can't be read"),
        ('{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}]}', "private key"),
        pytest.param(jwks(SiteKey(""), SiteKey("2")), "needs an id", id="a key of two without id"),
    ],
)
def test_what_is_wrong_with_the_keys_is_told(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_keys(text)


def test_keys_stand_in_the_setting_or_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "site.jwks"
    file.write_text(jwks(KEY))

    assert keys_from(jwks(KEY)).keys().keys() == keys_from(str(file)).keys().keys() == {KEY.kid}
    with pytest.raises(SettingsError, match="HEARHEAR_JWT_KEYS can't be used"):
        keys_from(str(tmp_path / "nothing"))


def test_a_ticket_is_a_links_code_that_works_once(tokens: SiteTokens) -> None:
    ours = Identity(
        ["n" * 32],
        used_codes=UsedCodesInMemory(lambda: MONDAY),
        now=lambda: MONDAY,
        new_id=lambda: "guest",
        verifiers=[tokens],
    )
    ticket = KEY.sign()

    assert ours.redeem(ticket) == tokens.speaker(ticket)
    with pytest.raises(Unauthenticated, match="used already"):
        ours.redeem(ticket)
