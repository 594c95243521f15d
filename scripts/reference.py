"""Write what the reference pages take from the code: ``make reference``.

Between two marks of a page stands what one function here makes of the code's own types; the
rest is written by hand. A test compares, so what is added to the code and not here fails.
"""

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import msgspec
import typer

from domain import (
    access,
    attendance,
    commands,
    errors,
    highlights,
    listening,
    participation,
    person,
    policy,
    question,
    social,
    talk,
)
from domain.aggregate import Fact
from domain.policy import RULES
from domain.speaker import ROLES
from domain.undoing import ASPECTS, INVERSES
from gateway import cli, protocol
from gateway.http.door import OPERATIONS
from gateway.http.resources.kinds import ANY, RESOURCES, Resource, arguments_of
from gateway.settings import Settings, env_name
from projections import sheets
from projections.meanings import MEANINGS
from projections.measures import MEASURES
from projections.stage import PUBLIC_RULES

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
HEARHEAR_DJANGO = Path(__file__).parents[1] / "gateway" / "django" / "hearhear_django"
BLOCK = re.compile(r"(<!-- from the code: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
AGGREGATES = (
    talk.Talk,
    participation.Participation,
    highlights.Highlights,
    listening.Listening,
    question.Question,
    social.SocialPost,
    attendance.Attendance,
    access.Access,
    person.Person,
)


def list_commands() -> str:
    """Make a table of the doors' commands for each least role that may give them."""
    parts = []
    for role in ("attendee", "panelist", "moderator", "host"):
        rows = [
            (f"`{name}`", _arguments(shape), first_paragraph(shape))
            for name, shape in commands.COMMANDS.items()
            if role == shape.ROLE
        ]
        if rows:
            head = ("command", "arguments", "what it does")
            parts += [f"## {role.capitalize()}", table(head, rows)]
    return "\n\n".join(parts)


def _arguments(shape: type[msgspec.Struct]) -> str:
    arguments = msgspec.structs.fields(shape)
    return ", ".join(f"`{one.name}`{'' if one.required else '?'}" for one in arguments)


def list_roles() -> str:
    """Make a table of the roles, with the commands that each has beyond those before it."""
    rows = [(f"`{role}`", ", ".join(f"`{name}`" for name in _commands_of(role))) for role in ROLES]
    return table(("role", "commands"), rows)


def _commands_of(role: str) -> list[str]:
    return [name for name, shape in commands.COMMANDS.items() if role == shape.ROLE]


def list_policy() -> str:
    """Make a table of the rules, with what each may be and what holds when nobody sets it."""
    rows = [
        (
            f"`{one.name}`",
            _values_of(one.type),
            f"`{json.dumps(policy.DEFAULT[one.name])}`",
            "everybody" if one.name in PUBLIC_RULES else "the desk",
            RULES[one.name],
        )
        for one in msgspec.structs.fields(commands.SetPolicy)
    ]
    return table(("rule", "values", "unless set", "told to", "meaning"), rows)


def _values_of(kind: Any) -> str:
    """Tell the values that a rule may have, from its type."""
    told = msgspec.json.schema(kind)
    one = next(each for each in told.get("anyOf", [told]) if each.get("type") != "null")
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"] if value is not None)
    if one["type"] == "integer":
        return f"{one['minimum']} to {one['maximum']}"
    return {"array": "a list of texts", "boolean": "`true`, `false`"}[one["type"]]


def list_undoing() -> str:
    """Make a table of the acts that can be undone, by what they decide."""
    rows = [
        (aspect, ", ".join(f"`{stored_name(fact)}`" for fact in facts if fact in INVERSES))
        for aspect, facts in ASPECTS.items()
    ]
    return table(("about", "acts"), rows)


def list_refusals() -> str:
    """Make a table of the ways a command can be refused."""
    rows = [
        (f"`{refusal.reason}`", str(refusal.status), first_paragraph(refusal))
        for refusal in errors.REFUSALS
    ]
    return table(("reason", "status", "when"), rows)


def list_facts() -> str:
    """Make a table of the facts of each kind of stream."""
    parts = []
    for aggregate in AGGREGATES:
        rows = [
            (f"`{stored_name(fact)}`", _fields_of(fact), _meaning(fact)) for fact in of(aggregate)
        ]
        head = ("name", "fields", "what happened")
        parts += [f"## {aggregate.__name__}", first_paragraph(aggregate), table(head, rows)]
    return "\n\n".join(parts)


def of(aggregate: type) -> Iterator[type[Fact]]:
    """List the facts of an aggregate in the order in which they are declared."""
    for value in vars(aggregate).values():
        is_fact = isinstance(value, type) and issubclass(value, Fact)
        if is_fact and value.__name__ not in {"Event", "Created"}:
            yield value


def stored_name(fact: type[Fact]) -> str:
    """Tell the name under which a fact is stored."""
    return str(vars(fact)["TOPIC"])


def _fields_of(fact: type[Fact]) -> str:
    names = [name for name in inspect.get_annotations(fact) if not name.isupper()]
    return ", ".join(f"`{name}`{' (sealed)' * (name in fact.SEALED)}" for name in names)


def _meaning(fact: type[Fact]) -> str:
    generated = f"{fact.__name__}("  # what a dataclass says of itself
    if (fact.__doc__ or generated).startswith(generated):
        return re.sub(r"(?<!^)(?=[A-Z])", " ", fact.__name__).capitalize() + "."
    return first_paragraph(fact)


def list_settings() -> str:
    """Make a table of the settings."""
    rows = [
        (f"`{env_name(name)}`", f"`{about['text']}`" if about["text"] else "", about["about"])
        for name, about in ((one.name, one.metadata) for one in fields(Settings))
    ]
    return table(("name", "default", "what it is for"), rows)


def list_operations() -> str:
    """Make a table of what the plain door offers."""
    rows = [
        (
            f"`{one.method}`",
            f"`{one.path}`",
            ", ".join(f"`{each.encode_name}`" for each in _fields(one.query)),
            "yes" if one.needs_identity else "",
            one.summary,
        )
        for one in OPERATIONS
    ]
    return table(("method", "path", "query", "identity needed", "what it does"), rows)


def _fields(shape: type | None) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(shape) if shape else ()


def list_resources() -> str:
    """Tell of each resource what it holds, and which command each method asks for."""
    parts = []
    for resource in RESOURCES:
        parts += [f"## {resource.name.capitalize()}"]
        if resource.tells:
            told = ", ".join(f"`{one.name}`" for one in msgspec.structs.fields(resource.tells))
            parts += [first_paragraph(resource.tells), f"Fields: {told}."]
        head = ("method", "with", "asks for", "role")
        parts += [table(head, [*_ways_of(resource)])]
    return "\n\n".join(parts)


def _ways_of(resource: Resource) -> Iterator[tuple[str, str, str, str]]:
    for command in resource.creates:
        yield "`POST`", _arguments(command), *_asked(command)
    for way in resource.changes:
        value = "…" if way.value is ANY else f"`{json.dumps(way.value)}`"
        why = " and `why`" * ("why" in arguments_of(way.command))
        yield "`PATCH`", f"`{way.field}`: {value}{why}", *_asked(way.command)
    for command in resource.deletes:
        yield "`DELETE`", "`?why=`" * ("why" in arguments_of(command)), *_asked(command)


def _asked(command: type[commands.Command]) -> tuple[str, str]:
    return f"`{commands.name_of(command)}`", command.ROLE


def list_tables() -> str:
    """Tell the columns of each table that analysts read."""
    parts = []
    for sheet in sheets.SHEETS.values():
        rows = [
            (f"`{one.name}`", _KINDS[one.kind], one.shown.value, MEANINGS[one.name])
            for one in sheet.columns
        ]
        head = ("column", "type", "analysts see it", "meaning")
        parts += [f"## {sheet.name}", sheet.what, table(head, rows)]
        if measure := MEASURES.get(sheet.name):
            parts.append(f"```sql\n{measure.sql.strip()}\n```")
    return "\n\n".join(parts)


_KINDS = {str: "text", int: "whole number", float: "number", bool: "0 or 1"}


def list_frames(frames: Iterable[type[protocol.Frame]]) -> str:
    """Make a table of frames, with the fields that each may have."""
    rows = [
        (f"`{frame.__struct_config__.tag}`", _arguments(frame), first_paragraph(frame))
        for frame in frames
    ]
    return table(("type", "fields", "meaning"), rows)


def list_command_line() -> str:
    """Tell the usage of each command of the command line, with its own options."""
    group = typer.main.get_command(cli.app)
    return "\n\n".join(_usage(name, command) for name, command in group.commands.items())  # type: ignore[attr-defined]


def _usage(name: str, command: Any) -> str:
    own = [one for one in command.params if getattr(one, "rich_help_panel", "") != "Settings"]
    takes_settings = len(own) < len(command.params)
    arguments = [one for one in own if one.param_type_name == "argument"]
    words = [one.name.upper() for one in arguments] + ["[OPTIONS]"] * (own != arguments)
    rows = [(f"`{_spelt(one)}`", one.help or "") for one in own if one.name != "help"]
    parts = [
        f"## hearhear {' '.join([name, *words])}",
        first_paragraph(command.callback),
        *([table(("", ""), rows)] if rows else []),
        *(["Takes the [settings](settings.md) as options."] if takes_settings else []),
    ]
    return "\n\n".join(parts)


def _spelt(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    return str(parameter.name.upper() if is_argument else parameter.opts[0])


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Lay out a Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def first_paragraph(thing: object) -> str:
    """Take the first paragraph of a docstring, on one line, in Markdown's back-quotes."""
    text = inspect.cleandoc(getattr(thing, "__doc__", None) or "").partition("\n\n")[0]
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))


def list_django_settings() -> str:
    """Make a table of what a Django site sets."""
    rows = [
        (
            f"`{one.name.upper()}`",
            f"`{one.metadata['default']}`" if one.metadata["default"] else "",
            one.metadata["about"],
        )
        for one in fields(_configuration())
    ]
    return table(("key", "default", "what it is for"), rows)


def list_django_views() -> str:
    """Make a table of the pages that a Django site gets."""
    tree = _parsed("views")
    rows = [
        (f"`{path}`", f"`hearhear:{name}`", ast.get_docstring(tree[name]) or "")
        for path, name in re.findall(r'path\("(.+?)".+?name="(\w+)"', _source("urls"))
    ]
    return table(("path", "name", "what it does"), rows)


def list_django_models() -> str:
    """Make a table of the models over the SQL views."""
    source = _source("content")
    rows = [
        (f"`{name}`", f"`{view}`", ast.get_docstring(_parsed("content")[name]) or "")
        for name, view in re.findall(
            r'^class (\w+)\((?:(?!^class ).)*?db_table = "(\w+)"', source, re.DOTALL | re.MULTILINE
        )
    ]
    return table(("model", "of the table", "what a row is"), rows)


def _configuration() -> Any:
    """Load the settings of a Django site by themselves, wherever the package is installed."""
    spec = spec_from_file_location("django_configuration", HEARHEAR_DJANGO / "conf.py")
    if spec is None or spec.loader is None:
        raise ImportError(HEARHEAR_DJANGO)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Configuration


def _source(module: str) -> str:
    """Read a module that only a Django site can import."""
    return (HEARHEAR_DJANGO / f"{module}.py").read_text(encoding="utf-8")


def _parsed(module: str) -> dict[str, ast.ClassDef | ast.FunctionDef]:
    body = ast.parse(_source(module)).body
    return {one.name: one for one in body if isinstance(one, ast.ClassDef | ast.FunctionDef)}


BLOCKS: dict[str, Callable[[], str]] = {
    "commands": list_commands,
    "roles": list_roles,
    "policy": list_policy,
    "undoing": list_undoing,
    "refusals": list_refusals,
    "facts": list_facts,
    "settings": list_settings,
    "command line": list_command_line,
    "frames from the server": lambda: list_frames(protocol.FROM_SERVER),
    "frames from the client": lambda: list_frames(protocol.FROM_CLIENT),
    "tables": list_tables,
    "operations": list_operations,
    "resources": list_resources,
    "settings for Django": list_django_settings,
    "views for Django": list_django_views,
    "models for Django": list_django_models,
}


def renewed(page: str) -> str:
    """Return a page with each of its blocks made anew."""
    return BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]]() + "\n" + found[3], page)


def main() -> None:
    """Renew every page."""
    for path in FOLDER.glob("*.md"):
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
