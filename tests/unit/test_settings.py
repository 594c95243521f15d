"""Settings: defaults that need nothing, problems told by name, secrets kept."""

from pathlib import Path

import pytest

from gateway.settings import Settings, SettingsError, known_names, origin_of, with_kept_secrets

PRODUCTION = {
    "HEARHEAR_STORE_URL": "mysql+pymysql://root@db1:3306,db2:3306/talks",
    "HEARHEAR_BROKER_URL": "amqp://guest:guest@mq1,mq2",
}


def problems_of(env: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(env)
    return refused.value.problems


def test_defaults_need_nothing() -> None:
    settings = Settings.from_env({"PATH": "/bin", "HEARHEAR_REQUIRE": "mariadb"})

    assert settings.is_embedded
    assert settings.site == "http://127.0.0.1:8000"
    assert settings.views_url == "sqlite:///hearhear-views.db"
    assert settings.keys_url == "sqlite:///hearhear-keys.db"


def test_views_and_keys_lie_beside_the_sqlite_file() -> None:
    settings = Settings.from_env({"HEARHEAR_STORE_URL": "sqlite:////srv/talks/store.db"})

    assert settings.views_url == "sqlite:////srv/talks/hearhear-views.db"
    assert settings.keys_url == "sqlite:////srv/talks/hearhear-keys.db"


def test_views_and_keys_share_the_database_of_a_production_store() -> None:
    settings = Settings.from_env({**PRODUCTION, "HEARHEAR_SECRETS": "s" * 32})

    assert settings.views_url == settings.keys_url == settings.store_url
    assert not settings.is_embedded


def test_an_option_wins_over_the_environment() -> None:
    assert Settings.from_env({"HEARHEAR_PORT": "8001"}, port=9000, host=None).port == 9000


def test_a_misspelt_name_is_refused_with_the_nearest_known_one() -> None:
    assert problems_of({"HEARHEAR_STOR_URL": "sqlite:///x.db"}) == [
        "HEARHEAR_STOR_URL is no setting; did you mean HEARHEAR_STORE_URL?"
    ]


def test_all_problems_are_told_at_once() -> None:
    told = problems_of({**PRODUCTION, "HEARHEAR_PORT": "http", "HEARHEAR_LOGS": "json"})

    assert [problem.split()[0] for problem in told] == [
        "HEARHEAR_LOGS",
        "HEARHEAR_PORT",
        "HEARHEAR_SECRETS",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEARHEAR_STORE_URL", "postgresql://db/talks"),
        ("HEARHEAR_BROKER_URL", "redis://localhost"),
        ("HEARHEAR_PORT", "65536"),
        ("HEARHEAR_PORT", "-1"),
        ("HEARHEAR_WINDOW_MS", "soon"),
        ("HEARHEAR_PUBLIC_URL", "live.example.org"),
        ("HEARHEAR_SECRETS", "too short"),
        ("HEARHEAR_ALLOWED_ORIGINS", "https://a.example/path"),
        ("HEARHEAR_FRAME_ANCESTORS", "https://a.example; script-src *"),
        ("HEARHEAR_MEDIA_SOURCES", "'unsafe-inline'"),
        ("HEARHEAR_TRUSTED_PROXIES", "proxy.example"),
        ("HEARHEAR_LOG", "xml"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    (problem,) = problems_of({name: value})

    assert problem.startswith(f"{name} should be ")


def test_every_setting_has_a_name_and_says_what_it_is_for() -> None:
    fields = Settings.__dataclass_fields__

    assert len(known_names()) == len(fields)
    assert all(field.metadata["about"].endswith(".") for field in fields.values())


def test_secrets_are_made_once_and_kept_for_their_owner_alone(tmp_path: Path) -> None:
    settings = Settings.from_env({"HEARHEAR_STORE_URL": f"sqlite:///{tmp_path}/hearhear.db"})

    first, second = with_kept_secrets(settings), with_kept_secrets(settings)

    assert first.secrets == second.secrets
    assert len(first.secrets[0]) >= 32
    assert [file.name for file in tmp_path.iterdir()] == ["hearhear-secrets"]
    assert (tmp_path / "hearhear-secrets").stat().st_mode & 0o777 == 0o600


def test_secrets_that_are_set_are_not_kept(tmp_path: Path) -> None:
    env = {
        "HEARHEAR_STORE_URL": f"sqlite:///{tmp_path}/hearhear.db",
        "HEARHEAR_SECRETS": f"{'a' * 32}, {'b' * 32}",
    }

    settings = with_kept_secrets(Settings.from_env(env))

    assert settings.secrets == ("a" * 32, "b" * 32)
    assert not list(tmp_path.iterdir())


def test_an_origin_has_neither_path_nor_default_port() -> None:
    assert origin_of("https://Live.example.org:443/talks") == "https://live.example.org"
    assert origin_of("http://127.0.0.1:8000") == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "value", "partner"),
    [
        ("HEARHEAR_JWT_KEYS", "site.jwks", "HEARHEAR_JWT_AUDIENCE"),
        ("HEARHEAR_SITE_COOKIE", "sessionid", "HEARHEAR_SITE_SESSION_URL"),
        ("HEARHEAR_SITE_SESSION_URL", "http://www.example.org/who/", "HEARHEAR_SITE_COOKIE"),
    ],
)
def test_a_setting_of_the_host_site_names_the_other_it_needs(
    name: str, value: str, partner: str
) -> None:
    assert partner in problems_of({name: value})[0]


def test_the_address_for_sessions_is_kept_to_the_letter() -> None:
    settings = Settings.from_env(
        {
            "HEARHEAR_SITE_SESSION_URL": "https://www.example.org/who/",
            "HEARHEAR_SITE_COOKIE": "sessionid",
        }
    )

    assert settings.site_session_url == "https://www.example.org/who/"
    assert problems_of({"HEARHEAR_SITE_COOKIE": "hearhear"})
