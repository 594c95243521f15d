"""Options of the command line that are the settings' own, and how its errors are told."""

import inspect
import os
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Concatenate, NoReturn, ParamSpec

import typer

from gateway.settings import Settings, SettingsError

P = ParamSpec("P")

DONE, FAILED, WRONG_USAGE = 0, 1, 2


class CommandError(Exception):
    """A command could not do its work; the text is one line with the cause and the cure."""

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        super().__init__(" ".join(message.split()))
        self.code = code


def with_settings(
    command: Callable[Concatenate[Settings, P], None], *leave_out: str
) -> Callable[..., None]:
    """Give a command an option for each setting; it gets all of them as its first argument."""
    names = [name for name in Settings.__dataclass_fields__ if name not in leave_out]

    @wraps(command)
    def with_options(**given: Any) -> None:
        overrides = {name: given.pop(name) for name in names}
        try:
            command(Settings.from_env(os.environ, **overrides), **given)  # type: ignore[call-arg]
        except SettingsError as error:  # some are only seen to be wrong when they are used
            raise CommandError(str(error), code=WRONG_USAGE) from error

    own = list(inspect.signature(command).parameters.values())[1:]
    options = [_option(name) for name in names]
    with_options.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    return with_options


def _option(name: str) -> inspect.Parameter:
    about = Settings.__dataclass_fields__[name].metadata
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        help=about["about"].replace("`", ""),
        show_default=about["text"] or False,
        rich_help_panel="Settings",
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]
    )


def fail(message: str, *, code: int = FAILED) -> NoReturn:
    """End the command with one line that names the cause and the cure."""
    raise CommandError(message, code=code)
