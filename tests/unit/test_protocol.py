"""The frames of the live door, to bytes and back."""

import json

import pytest
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from domain.errors import Invalid, NotAllowed, TooFast
from gateway import protocol


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536, 70_000])
def test_a_message_is_framed_as_the_websocket_library_does_it(length: int) -> None:
    message = protocol.Message(b"x" * length)

    framed = message.framed

    assert framed == WebSocketFrame(Opcode.TEXT, message.payload).serialize(mask=False)


def test_a_patch_tells_where_it_begins_and_ends() -> None:
    message = protocol.patch("log-1", 3, 5, {"feed": {"l1": None}})

    assert json.loads(message.text) == {
        "type": "patch",
        "epoch": "log-1",
        "prev": 3,
        "position": 5,
        "patch": {"feed": {"l1": None}},
    }


def test_a_server_sent_event_carries_the_cursor_a_reader_resumes_from() -> None:
    event = protocol.snapshot("log-1", 5, {}).event

    assert event.startswith(b'id: log-1/5\ndata: {"type":"snapshot"')
    assert event.endswith(b"\n\n")
    assert protocol.cursor_from("log-1/5") == ("log-1", 5)


def test_a_cursor_that_makes_no_sense_stands_before_everything() -> None:
    assert protocol.cursor_from("nonsense") == ("", 0)


def test_a_refusal_says_when_to_come_back_only_if_it_knows() -> None:
    slow = protocol.encode(protocol.refusal("c", TooFast("slow down", retry_after_s=2.5)))
    never = protocol.encode(protocol.refusal(None, NotAllowed("not for you")))

    assert json.loads(slow.text)["retry_after_s"] == 2.5
    assert json.loads(never.text) == {
        "type": "refused",
        "command_id": None,
        "status": 403,
        "reason": "not_allowed",
        "detail": "not for you",
        "field": "",
    }


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "1", '"command"', '{"type":"snapshot"}', "{}", '{"type":["command"]}', b"\xff"],
)
def test_what_is_no_message_of_a_client_is_invalid(text: str | bytes) -> None:
    with pytest.raises(Invalid):
        protocol.read(text)


def test_a_message_nested_too_deeply_is_invalid() -> None:
    with pytest.raises(Invalid):
        protocol.read("[" * 60_000)


def test_a_hello_with_a_text_for_a_position_is_invalid() -> None:
    with pytest.raises(Invalid):
        protocol.hello({"type": "hello", "after": "5"})


def test_a_server_may_send_one_frame_or_several_in_a_message() -> None:
    assert protocol.frames('{"type":"who"}') == [{"type": "who"}]
    assert protocol.frames('[{"type":"who"},{"type":"who"}]') == [{"type": "who"}] * 2
