"""The files in which analysts write views of their own."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from domain.errors import Invalid
from projections.analytics import NAMES
from projections.own_view import OwnView

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OURS = {"number", "talk"}
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,59}")
_KINDS = (str, int, float, bool)


def checked_name(name: str) -> str:
    """Return the name of an own view, or raise ``Invalid``."""
    if not _NAME.fullmatch(name) or name in NAMES or name.endswith("_rows"):
        raise Invalid(f"{name} can't be the name of an own view: lower case, and not one of ours")
    return name


def own_view_in(file: Path) -> type[OwnView]:
    """Load the one view that a file holds: a class with ``columns``, ``apply`` and ``rows``.

    Raises ``Invalid`` with what is wrong with it. Runs the file.
    """
    spec = spec_from_file_location("own_view", file)
    if spec is None or spec.loader is None or not file.is_file():
        raise Invalid(f"{file} is no file of Python: give the path of one")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Invalid(f"{file} can't be run: {type(error).__name__}: {error}") from error
    found = [
        one
        for one in vars(module).values()
        if isinstance(one, type)
        and all(hasattr(one, name) for name in ("columns", "apply", "rows"))
    ]
    if len(found) != 1:
        raise Invalid(f"{file} should hold one class with columns, facts, apply and rows")
    return _checked(file, found[0])


def _checked(file: Path, view: type) -> type[OwnView]:
    columns, facts = view.columns, getattr(view, "facts", None)  # type: ignore[attr-defined]
    is_named = isinstance(columns, dict) and columns and all(map(_COLUMN.fullmatch, columns))
    if not is_named or not set(columns.values()) <= set(_KINDS) or _OURS & set(columns):
        raise Invalid(
            f"{file}: columns should map names (not number, talk) to str, int, float or bool"
        )
    if not facts or isinstance(facts, str):
        raise Invalid(f"{file}: facts should list stored names, such as talk.started")
    return view
