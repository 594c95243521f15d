"""Codes that lead into a talk: short, readable when projected, and the same in every gateway."""

import re

from gateway.joining import ALPHABET, LENGTH, code_of, qr_of, talk_of

TALKS = [f"talk-{number}" for number in range(500)]


def test_a_code_is_made_of_letters_that_read_as_nothing_else() -> None:
    assert all(re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", code_of(talk)) for talk in TALKS)
    assert not set("01OILUAE") & set(ALPHABET)


def test_a_code_stays_the_same_for_ever_since_posters_carry_it() -> None:
    assert code_of("talk-1") == "H2WRST"


def test_a_code_leads_to_its_talk_however_it_is_typed() -> None:
    code = code_of("talk-77")

    assert talk_of(code, TALKS) == "talk-77"
    assert talk_of(f" {code[:3].lower()}-{code[3:].lower()} ", TALKS) == "talk-77"


def test_other_texts_lead_nowhere() -> None:
    assert [talk_of(typed, TALKS) for typed in ("", "BBBBBB", code_of("talk-1") * 2)] == [
        "",
        "",
        "",
    ]


def test_a_qr_code_is_a_picture_that_scales_and_holds_nothing_of_its_text() -> None:
    drawn = qr_of("https://example.org/j/ABC?<script>").decode()

    assert drawn.startswith("<svg")
    assert "viewBox" in drawn
    assert "script" not in drawn
