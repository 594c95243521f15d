"""What the OpenAPI document says holds for whatever is sent: no crash, no undocumented answer."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from doors import Door, opened_door
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.http.describing import openapi
from gateway.http.door import OPERATIONS


@schemathesis.serializer("application/x-ndjson")
def one_line(_: schemathesis.SerializationContext, value: Any) -> bytes:
    return json.dumps(value).encode()


DOCUMENT = schemathesis.openapi.from_dict(openapi(OPERATIONS))
DESCRIBED = {one.ok().label: one.ok() for one in DOCUMENT.get_all_operations()}
CASES = [(label, GenerationMode.POSITIVE) for label in DESCRIBED] + [
    (f"{one.method} {one.path}", GenerationMode.NEGATIVE)
    for one in OPERATIONS
    if one.body is not None
]
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened_door(tmp_path_factory.mktemp("door"), is_projected=True) as door:
        yield door


@pytest.fixture(scope="module")
def host(door: Door) -> dict[str, str]:
    return door.with_role("host")


@pytest.fixture(scope="module")
def talk(door: Door, host: dict[str, str]) -> str:
    return door.live_talk(host)


def test_every_operation_is_described() -> None:
    assert len(DESCRIBED) == len(OPERATIONS)


@pytest.mark.parametrize(("label", "mode"), CASES)
@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_operation_answers_as_it_is_described(
    door: Door,
    host: dict[str, str],
    talk: str,
    label: str,
    mode: GenerationMode,
    data: st.DataObject,
) -> None:
    case = data.draw(DESCRIBED[label].as_strategy(mode))
    if "talk" in case.path_parameters and data.draw(st.booleans()):
        case.path_parameters["talk"] = talk

    answer = door.client.send(
        _request(door, case.as_transport_kwargs("http://127.0.0.1:8000"), host)
    )

    answer.elapsed = timedelta()
    door.client.cookies.clear()
    case.validate_response(answer, checks=CHECKS)


def _request(door: Door, sent: dict[str, Any], host: dict[str, str]) -> httpx.Request:
    """Turn what schemathesis would send into a request of our client."""
    return door.client.build_request(
        sent["method"],
        sent["url"],
        params=sent.get("params"),
        headers={**sent["headers"], **host},
        json=sent.get("json"),
        content=sent.get("data"),
    )
