"""The command line takes each setting as an option, and tells errors in one line."""

from typing import Annotated

import pytest
import typer

from gateway import cli
from gateway.options import CommandError, with_settings
from gateway.settings import Settings
from gateway.site_tokens import keys_from


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.__dataclass_fields__:
        monkeypatch.delenv(f"HEARHEAR_{name.upper()}", raising=False)


def a_command() -> tuple[typer.Typer, list[tuple[Settings, str]]]:
    called: list[tuple[Settings, str]] = []
    app = typer.Typer()

    @app.command()
    @with_settings
    def greet(settings: Settings, name: Annotated[str, typer.Option()] = "") -> None:
        called.append((settings, name))

    return app, called


def test_every_setting_is_an_option_beside_the_command_s_own() -> None:
    app, called = a_command()

    app(["--name", "Ann", "--store-url", "sqlite:///x.db"], standalone_mode=False)

    [(settings, name)] = called
    assert (settings.store_url, name) == ("sqlite:///x.db", "Ann")


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARHEAR_PORT", "1234")
    app, called = a_command()

    app([], standalone_mode=False)
    app(["--port", "4321"], standalone_mode=False)

    assert [settings.port for settings, _ in called] == [1234, 4321]


def test_a_setting_that_can_t_be_used_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARHEAR_PROT", "1234")
    app, _ = a_command()

    with pytest.raises(CommandError, match="did you mean HEARHEAR_PORT") as error:
        app([], standalone_mode=False)

    assert error.value.code == 2


def test_so_is_one_that_turns_out_to_be_wrong_when_it_is_used() -> None:
    app = typer.Typer()

    @app.command()
    @with_settings
    def serve(settings: Settings) -> None:
        keys_from(settings.jwt_keys)

    with pytest.raises(CommandError, match="HEARHEAR_JWT_KEYS can't be used") as error:
        app(["--jwt-keys", "/nowhere", "--jwt-audience", "talks"], standalone_mode=False)

    assert error.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["bogus"], 2, "hearhear --help"),
        (["import", "x.jsonl"], 2, "hearhear import --help"),
        (["import", "no-such-file", "--url", "http://127.0.0.1:1"], 1, "give the path"),
        (["highlights", "no-such-file"], 1, "give the path"),
    ],
)
def test_an_error_is_one_line_with_its_cure_and_the_right_exit_code(
    arguments: list[str],
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["hearhear", *arguments])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (code, "", 1)
    assert words in err
