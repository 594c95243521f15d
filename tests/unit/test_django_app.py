"""What Django sites import: tickets, whose session it is, the tag, and the check of settings."""

import ast
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import jwt
import pytest
from django_site.started import KEY, empty_site, user

from domain.speaker import Speaker
from gateway.identity import Identity, UsedCodesInMemory
from gateway.site_people import person_of, speaker_of
from gateway.site_tokens import KeysInFile, KeysInSetting, SiteTokens, read_keys

# isort: split
import hearhear_django
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.template import Context, Template
from django.test import Client, override_settings
from hearhear_django.conf import problems
from hearhear_django.people import person_id
from hearhear_django.tickets import load, public_jwk, signed

JWKS = json.dumps({"keys": [public_jwk(KEY)]})


@pytest.fixture(autouse=True)
def _site() -> Iterator[None]:
    with empty_site():
        yield


@pytest.fixture
def ann() -> Client:
    """The browser of Ann, who is logged in at the site."""
    client = Client()
    client.force_login(user("ann", first_name="Ann", last_name="Lee"))
    return client


def now() -> datetime:
    return datetime.now(UTC)


def site_tokens() -> SiteTokens:
    return SiteTokens(KeysInSetting(JWKS), "hearhear", now)


def test_a_ticket_tells_who_is_logged_in(ann: Client) -> None:
    answer = ann.get("/hearhear/ticket")

    assert answer.json()["expires_in_s"] == 60
    assert "no-store" in answer["Cache-Control"]
    assert site_tokens().speaker(answer.json()["ticket"]) == Speaker(
        person=person_of("", str(ann.session["_auth_user_id"])), name="Ann Lee", signed_in=True
    )


def test_a_ticket_lasts_a_minute(ann: Client) -> None:
    ticket = ann.get("/hearhear/ticket").json()["ticket"]
    claims = jwt.decode(ticket, options={"verify_signature": False})

    assert 55 < claims["exp"] - now().timestamp() <= 60


def test_by_ticket_and_by_session_it_is_the_same_person(ann: Client) -> None:
    by_ticket = site_tokens().speaker(ann.get("/hearhear/ticket").json()["ticket"])

    assert speaker_of(ann.get("/hearhear/session").json()) == by_ticket


def test_nobody_is_told_of_nobody() -> None:
    stranger = Client()

    for page in ("ticket", "session"):
        assert stranger.get(f"/hearhear/{page}").status_code == 401
    assert stranger.get("/hearhear/enter/t1")["Location"].startswith("/login")


def test_a_group_of_the_site_gives_a_role() -> None:
    hal = user("hal")
    hal.groups.add(Group.objects.create(name="Hosts"), Group.objects.create(name="Cooks"))
    client = Client()
    client.force_login(hal)

    assert client.get("/hearhear/session").json() == {
        "sub": str(hal.pk),
        "name": "hal",
        "roles": ["host"],
    }


def test_an_issuer_tells_sites_apart(ann: Client) -> None:
    with override_settings(HEARHEAR={"URL": "https://live.example.org", "ISSUER": "shop"}):
        assert ann.get("/hearhear/session").json()["iss"] == "shop"


@pytest.mark.parametrize("issuer", ["", "https://shop.example", 'Größe "X"'])
def test_the_site_knows_the_id_of_a_person_to_erase(ann: Client, issuer: str) -> None:
    with override_settings(HEARHEAR={"URL": "https://live.example.org", "ISSUER": issuer}):
        user_of_ann = User.objects.get(username="ann")

        told = speaker_of(ann.get("/hearhear/session").json())

        assert person_id(user_of_ann) == told.person


def test_the_way_over_is_a_link_that_works_once(ann: Client) -> None:
    ours = Identity(
        ["n" * 32],
        used_codes=UsedCodesInMemory(now),
        now=now,
        new_id=str,
        verifiers=[site_tokens()],
    )

    page, _, code = ann.get("/hearhear/enter/t1")["Location"].partition("#code=")

    assert page == "https://live.example.org/talks/t1"
    assert ours.redeem(code).name == "Ann Lee"


def test_the_tag_embeds_a_talk_and_escapes_what_it_is_given() -> None:
    page = Template("{% load hearhear %}{% hearhear_talk talk title=title %}")

    html = page.render(Context({"talk": 't1"/../x', "title": '"><script>'}))

    assert 'src="https://live.example.org/embed/t1%22%2F..%2Fx"' in html
    assert 'title="&quot;&gt;&lt;script&gt;"' in html


def test_keys_are_made_and_rotated_by_a_command(tmp_path: Path) -> None:
    old, new, public = tmp_path / "old.pem", tmp_path / "new.pem", tmp_path / "site.jwks"
    call_command("hearhear_key", old, public, stdout=StringIO())
    call_command("hearhear_key", new, public, stdout=StringIO())
    tokens = SiteTokens(KeysInFile(public), "hearhear", now)

    for file in (old, new):
        assert file.stat().st_mode & 0o777 == 0o600
        with override_settings(HEARHEAR={"URL": "https://x", "PRIVATE_KEY": str(file)}):
            assert tokens.speaker(signed({"sub": "1", "name": "Ann"}))
    with pytest.raises(CommandError, match="is there already"):
        call_command("hearhear_key", old, public)
    assert len(read_keys(public.read_text())) == 2


def test_a_missing_or_wrong_key_is_told() -> None:
    with (
        override_settings(HEARHEAR={"URL": "https://x"}),
        pytest.raises(ImproperlyConfigured, match="hearhear_key"),
    ):
        signed({"sub": "1", "name": "Ann"})
    with pytest.raises(ValueError, match="PEM"):
        load("-----BEGIN NOTHING-----")


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({}, "HEARHEAR['URL'] is missing"),
        ({"URL": "https://x", "PRIVAT_KEY": ""}, "did you mean 'PRIVATE_KEY'?"),
        ({"URL": "https://x", "DATABASE": "nowhere"}, "which DATABASES does not have"),
    ],
)
def test_what_is_wrong_in_the_settings_is_told(told: dict[str, str], problem: str) -> None:
    with override_settings(HEARHEAR=told):
        assert problem in problems()[0]


def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", "hearhear_django", check=True, dry_run=True, verbosity=0)
    call_command("check", verbosity=0)


def test_it_needs_django_and_pyjwt_and_nothing_of_ours() -> None:
    package = Path(str(hearhear_django.__file__)).parent
    trees = [ast.parse(file.read_text()) for file in package.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    named = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    named |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in named} - sys.stdlib_module_names

    assert roots == {"django", "jwt", "cryptography", "hearhear_django"}
