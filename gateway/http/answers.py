"""Answers as JSON, from the types that the OpenAPI document describes."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from gateway.http.operations import JSON

_encoder = msgspec.json.Encoder()


def encoded(
    answer: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON."""
    return Response(_encoder.encode(answer), status, headers, media_type=JSON)
