"""The line that says who took a list: written last in each file, left out when it comes back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from portal import i18n
from portal.i18n import Phrase
from portal.tables.cells import Cell, unguarded

LINE = "Taken by %(who)s (%(email)s) on %(when)s. For use inside the company."


def watermark(*, who: str, email: str, when: datetime) -> Phrase:
    """The line for a file that someone takes now."""
    return Phrase(
        "Taken by %(who)s (%(email)s) on %(when)s. For use inside the company.",
        who=who,
        email=email,
        when=i18n.moment(when),
    )


def is_watermark(cells: Sequence[Cell]) -> bool:
    """Whether a row is that line, in whichever language, and nothing else."""
    text = cells[0]
    if not isinstance(text, str) or any(cells[1:]):
        return False
    return any(line.fullmatch(unguarded(text.strip())) for line in _lines())


@cache
def _lines() -> tuple[re.Pattern[str], ...]:
    found = []
    for words in i18n.in_each_language(LINE):
        found.append(re.compile(re.sub(r"%\\?\(\w+\\?\)s", ".{1,300}?", re.escape(words))))
    return tuple(found)
