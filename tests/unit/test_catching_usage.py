"""What can't be caught is told in one line, with the cause and the cure."""

from pathlib import Path

import pytest

from gateway import cli
from gateway.options import CommandError

X = {"HEARHEAR_X_TOKEN": "token"}


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as told:
        cli.app(["catch", *arguments], standalone_mode=False)
    assert "\n" not in str(told.value)
    return told.value


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_source_its_settings_are_named() -> None:
    told = refused("talk-1")

    assert told.code == 2
    assert str(told).endswith("set HEARHEAR_MASTODON_URL, HEARHEAR_BLUESKY_URL or HEARHEAR_X_TOKEN")


def test_without_a_store_it_is_said_where_one_was_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEARHEAR_X_TOKEN", "token")

    told = refused("talk-1")

    assert told.code == 1
    assert "there is no store at sqlite:///hearhear.db" in str(told)


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--bluesky-url", "bsky.app", "HEARHEAR_BLUESKY_URL should be a URL that begins with"),
        ("--mastodon-url", "ftp://example.social", "HEARHEAR_MASTODON_URL should be a URL"),
        ("--mastodon-url", "https://ann:pw@example.social", "HEARHEAR_MASTODON_URL should be"),
        ("--callable-networks", "home", "HEARHEAR_CALLABLE_NETWORKS should be addresses"),
        ("--post-secrets", "short", "HEARHEAR_POST_SECRETS should be strings of at least 32"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(option: str, value: str, expected: str) -> None:
    told = refused("talk-1", option, value)

    assert told.code == 2
    assert expected in str(told)
