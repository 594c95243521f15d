"""Both doors described for machines, from the types the code uses.

OpenAPI 3.1 tells the plain door, AsyncAPI 3 the live one.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from domain.commands import COMMANDS, Command
from gateway.http.operations import IF_NONE_MATCH, JSON, Operation
from gateway.identity import COOKIE
from gateway.problems import Problem
from gateway.protocol import FROM_CLIENT, FROM_SERVER

_REF = "#/components/schemas/{name}"
_PROBLEM = "application/problem+json"
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.FOUND})


def product_version() -> str:
    """Tell the version of the installed product."""
    try:
        return version("hearhear")
    except PackageNotFoundError:
        return "0"


def openapi(operations: Sequence[Operation]) -> dict[str, Any]:
    """Describe all operations."""
    schemas = _Schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hearhear",
            "version": product_version(),
            "description": "The live-event stream that remembers. "
            "What is live comes through the WebSocket door: see /api/asyncapi.json.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def asyncapi() -> dict[str, Any]:
    """Describe the frames of the live door."""
    frames = (*FROM_CLIENT, *FROM_SERVER)
    kinds = [*frames, *COMMANDS.values()]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    for name, command in COMMANDS.items():
        enveloped = _enveloped(name, command, components)
        enveloped["properties"] = {"type": {"const": "command"}, **enveloped["properties"]}
        components[command.__name__] = enveloped
    components["CommandFrame"] = {"oneOf": schemas[len(frames) :]}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Hearhear, the live door", "version": product_version()},
        "defaultContentType": JSON,
        "channels": {
            "live": {
                "address": "/api/talks/{talk}/live",
                "description": "One view of one talk per socket: `?as=room|desk|replay`, resumed "
                "with `&epoch=` and `&after=`. The server may send an array of frames.",
                "parameters": {"talk": {"description": "The id of the talk."}},
                "messages": {
                    frame.__name__: {"$ref": f"#/components/messages/{frame.__name__}"}
                    for frame in frames
                },
            }
        },
        "operations": {
            "say": _frames_of("receive", FROM_CLIENT),
            "hear": _frames_of("send", FROM_SERVER),
        },
        "components": {
            "schemas": components,
            "messages": {
                frame.__name__: {"summary": _first_line(frame), "payload": payload}
                for frame, payload in zip(frames, schemas, strict=False)
            },
        },
    }


def _frames_of(action: str, frames: Sequence[type]) -> dict[str, Any]:
    """Describe who sends which frames, seen from the server."""
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{frame.__name__}"} for frame in frames],
    }


def _first_line(documented: type) -> str:
    return (documented.__doc__ or "").strip().partition("\n")[0]


def _bodies(operation: Operation) -> Sequence[Any]:
    """List the types of which a body may be; those of all commands are known anyway."""
    if operation.body is COMMANDS:
        return ()
    return operation.body if isinstance(operation.body, tuple) else (operation.body,)


class _Schemas:
    """The JSON schemas of all types that operations take and answer."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        types = {
            each
            for operation in operations
            for each in (operation.query, *_bodies(operation), operation.answers)
            if each is not None
        }
        commands = list(COMMANDS.values())
        ordered = sorted({*types, Problem, *commands}, key=str)
        schemas, self.components = msgspec.json.schema_components(ordered, ref_template=_REF)
        self._by_type = dict(zip(ordered, schemas, strict=True))
        for name, command in COMMANDS.items():
            self.components[_envelope_of(command)] = _enveloped(name, command, self.components)

    def of(self, shape: Any) -> dict[str, Any]:
        """Refer to the schema of a type, of any of several, or to those of all commands."""
        if shape is COMMANDS:
            refs = {name: _REF.format(name=_envelope_of(kind)) for name, kind in COMMANDS.items()}
            return {
                "oneOf": [{"$ref": ref} for ref in refs.values()],
                "discriminator": {"propertyName": "command", "mapping": refs},
            }
        if isinstance(shape, tuple):
            return {"oneOf": [self._by_type[each] for each in shape]}
        described: dict[str, Any] = self._by_type[shape]
        return described

    def fields_of(self, shape: type) -> tuple[dict[str, Any], set[str]]:
        """Tell the fields of a type, and which of them must be given."""
        schema = self.components[shape.__name__]
        return schema["properties"], set(schema["required"])


def _envelope_of(command: type[Command]) -> str:
    """Name the schema of a command as it is sent; its own name is that of its arguments alone."""
    return f"{command.__name__}Command"


def _enveloped(name: str, command: type[Command], components: Mapping[str, Any]) -> dict[str, Any]:
    """Put what every command has in front of its own arguments."""
    schema = dict(components[command.__name__])
    envelope = {
        "command": {"const": name},
        "command_id": {
            "type": "string",
            "format": "uuid",
            "description": "Chosen by the client; the same again gets the first answer.",
        },
    }
    schema["properties"] = {**envelope, **schema["properties"]}
    schema["required"] = [*envelope, *schema["required"]]
    schema["description"] = f"{schema.get('description', '')} Role: {command.ROLE}.".strip()
    return schema


def _operation(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name or operation.handler.__name__,
        "summary": operation.summary,
        "parameters": [
            *_path_parameters(operation),
            *_query_parameters(operation, schemas),
            *_header_parameters(operation),
        ],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        body = {"schema": schemas.of(operation.body)}
        described["requestBody"] = {"required": True, "content": {operation.body_type: body}}
    if operation.needs_identity:
        described["security"] = [{"token": []}, {"cookie": []}]
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)", operation.path)
    ]


def _query_parameters(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    properties, required = schemas.fields_of(operation.query)
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _present(schema)}
        for name, schema in properties.items()
    ]


def _header_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "in": "header", "description": one.about, "schema": dict(one.schema)}
        for one in operation.headers
    ]


def _present(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a parameter that is given: left out is its only way of being null."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    described = {**schema, **choices[0]} if len(choices) == 1 else dict(schema)
    described.pop("anyOf", None)
    if described.get("default", "") is None:
        del described["default"]
    return described


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.status not in _WITHOUT_BODY:
        schema = {} if operation.answers is None else schemas.of(operation.answers)
        content = {"schema": schema or {"type": "string"}}
        answer["content"] = {operation.answer_type: content}
    refusals = {401, *operation.refusals} if operation.needs_identity else set(operation.refusals)
    problem = {"content": {_PROBLEM: {"schema": schemas.of(Problem)}}}
    is_tagged = IF_NONE_MATCH in operation.headers
    unchanged = {"304": {"description": "Not Modified"}} if is_tagged else {}
    return {
        str(operation.status): answer,
        **unchanged,
        **{
            str(code): {"description": HTTPStatus(code).phrase} | problem
            for code in sorted(refusals)
        },
    }
