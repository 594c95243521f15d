"""A post's HTML becomes the text that a reader sees, whatever is tried with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catching.markup import shortened, text_of


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Hello</p><p>World</p>", "Hello\n\nWorld"),
        ("one<br>two<BR />three", "one\ntwo\nthree"),
        ('<a href="https://x" class="mention hashtag">#<span>pricing</span></a> it', "#pricing it"),
        ('<span class="invisible">https://</span>example.org', "https://example.org"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;script&amp;gt;", "&lt;script&gt;"),
        ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
        ("<img src=x onerror=alert(1)>picture", "picture"),
        ("<svg onload=alert(1)>drawn</svg>", "drawn"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("<!-- hidden -->shown", "shown"),
        ("<p></p><p> </p>\n<p>late</p>", "late"),
        ("", ""),
    ],
)
def test_markup_is_taken_off(markup: str, text: str) -> None:
    assert text_of(markup) == text


@given(st.text(alphabet="<>&;/abp \n\"'=!-x", max_size=60))
def test_no_markup_makes_it_fail_or_leaves_space_around(markup: str) -> None:
    text = text_of(markup)

    assert text == text.strip()
    assert "\n\n\n" not in text


@given(st.text(max_size=30), st.integers(2, 20))
def test_a_long_text_is_cut_to_its_limit_and_says_so(text: str, limit: int) -> None:
    short = shortened(text, limit)

    assert len(short) <= limit
    assert short == text if len(text) <= limit else short.endswith("…")
