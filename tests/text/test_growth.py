"""Ten times the text takes about ten times as long, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.text.addresses import is_email
from portal.text.markdown import fault_of, headings, plain_text, render_markdown
from tests.growth import too_fast_growing

PARSERS: dict[str, tuple[Callable[[str], Any], int]] = {
    "markdown": (render_markdown, 2_000),
    "plain text": (plain_text, 2_000),
    "headings": (headings, 2_000),
    "cost": (fault_of.__wrapped__, 2_000),
    "e-mail": (is_email, 3_000),
}


@pytest.mark.parametrize("name", PARSERS)
def test_no_text_takes_longer_than_its_length(name: str) -> None:
    parse, n = PARSERS[name]
    assert too_fast_growing(parse, n) == []
