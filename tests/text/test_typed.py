"""Plain text as it was typed: its signs, its addresses, and what folds."""

from __future__ import annotations

import pytest

from portal.text.typed import as_typed, beginning


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("100*0.02*3 <b>", "100*0.02*3 &lt;b&gt;"),
        (
            "见 https://example.com/a?b=1&c=2，再谈",
            '见 <a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">'
            "https://example.com/a?b=1&amp;c=2</a>，再谈",
        ),
        (
            "看www.example.com。",
            '看<a href="https://www.example.com" rel="noopener noreferrer nofollow">www.example.com</a>。',
        ),
        ("awww.example", "awww.example"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('http://x"onclick=alert(1)', None),
        ("", ""),
    ],
)
def test_signs_stay_and_addresses_can_be_pressed(text: str, html: str | None) -> None:
    made = str(as_typed(text))
    assert made == html if html is not None else '" onclick' not in made and "&#34;onclick" in made


def test_what_is_long_begins_with_its_first_lines() -> None:
    assert beginning("short\nnote") == ""
    assert beginning("x" * 600) == ""
    assert beginning("x" * 601) == "x" * 240 + "…"
    assert beginning("\n".join("abcdefghijkl")) == "a\nb\nc\nd…"
