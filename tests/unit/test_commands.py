import pytest

from domain import text
from domain.clock import iso, parse
from domain.commands import COMMANDS, CastVote, GiveFeedback, decode
from domain.errors import Invalid, Refused, TextEmpty, TextTooLong, UnknownCommand
from domain.speaker import Speaker, includes

ID = "6f1c1c52-0e0e-4a43-8b73-5c6f3c4f5a10"


def test_a_command_is_read_from_its_one_shape() -> None:
    raw = {"type": "command", "command": "cast_vote", "command_id": ID, "question": "q1"}

    assert decode(raw) == (ID, CastVote(question="q1"))


def test_optional_arguments_may_be_left_out() -> None:
    raw = {"command": "give_feedback", "command_id": ID, "kind": "agree"}

    assert decode(raw) == (ID, GiveFeedback(kind="agree", media_s=None))


@pytest.mark.parametrize(
    ("raw", "kind", "field"),
    [
        ([], Invalid, ""),
        ({}, Invalid, "command_id"),
        ({"command_id": "1"}, Invalid, "command_id"),
        ({"command_id": ID}, Invalid, "command"),
        ({"command_id": ID, "command": "sing"}, UnknownCommand, "command"),
        ({"command_id": ID, "command": "post_line"}, Invalid, "text"),
        ({"command_id": ID, "command": "post_line", "text": 3}, Invalid, "text"),
        ({"command_id": ID, "command": "post_line", "text": "a", "at": 3}, Invalid, "at"),
        (
            {"command_id": ID, "command": "give_feedback", "kind": "a", "media_s": -1},
            Invalid,
            "media_s",
        ),
    ],
)
def test_what_has_not_the_shape_is_refused_by_field(
    raw: object, kind: type[Refused], field: str
) -> None:
    with pytest.raises(kind) as refused:
        decode(raw)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "internal",
    ["schedule_talk", "import_topic", "sample_attendance", "note_rows_read", "erase_person"],
)
def test_the_products_own_commands_are_unknown_at_the_door(internal: str) -> None:
    assert internal not in COMMANDS


@pytest.mark.parametrize("blank", ["", "  \n", "\u200b\u200d", "\x00"])
def test_a_text_with_nothing_to_see_is_empty(blank: str) -> None:
    with pytest.raises(TextEmpty):
        text.checked(blank)


def test_a_text_may_be_as_long_as_its_limit() -> None:
    assert text.checked(" " + "é" * text.TEXT_LIMIT) == "é" * text.TEXT_LIMIT

    with pytest.raises(TextTooLong):
        text.checked("é" * (text.TEXT_LIMIT + 1))


def test_a_higher_role_includes_the_lower_ones() -> None:
    assert includes(frozenset({"host"}), "moderator")
    assert includes(frozenset(), "attendee")
    assert not includes(frozenset({"moderator"}), "host")
    assert not includes(frozenset({"analyst"}), "panelist")


def test_roles_of_a_token_hold_in_their_talk_alone() -> None:
    speaker = Speaker("p", "Ann", talk_roles={"t1": frozenset({"host"})})

    assert speaker.roles_in("t1") == {"host"}
    assert speaker.roles_in("t2") == set()


def test_moments_are_written_in_one_form() -> None:
    assert iso(parse("2026-03-14T13:00:00.5+01:00")) == "2026-03-14T12:00:00.500Z"
    assert iso(parse("2026-03-14T12:00:00")) == "2026-03-14T12:00:00.000Z"
    assert iso(None) == ""
