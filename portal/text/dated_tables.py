"""Tables whose rows hold from a day on: which row holds today is said beside it, and turns over by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from html import unescape

from markupsafe import escape

from portal.i18n import Phrase, gettext

_TABLE = re.compile(r"<table>(?:(?!<table>)[\s\S])*?</table>")
_ROW = re.compile(r"<tr>(?:(?!<tr>)[\s\S])*?</tr>")
_CELL = re.compile(r"(<t[hd](?: [^<>]*)?>)((?:(?!<t[hd][ >])[\s\S])*?)(</t[hd]>)")
_TAG = re.compile(r"<[^<>]*>")
_DAY = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?")
_NUMBER = re.compile(r"[¥￥$€£+\-−±~≈约]*\s*\d")
FROM = ("从哪天起", "生效日期", "生效日", "起始日期", "from", "valid from", "effective from")
UNTIL = ("到哪天止", "失效日期", "失效日", "截止日期", "until", "valid until", "valid to")
"""What the columns of the days are headed: as the price template writes them, and as people do."""
SAID = {
    "now": ("success", Phrase("holds today")),
    "later": ("info", Phrase("not yet")),
    "past": ("neutral", Phrase("no longer")),
}


def in_force(html: str, today: date) -> str:
    """Safe HTML in which each row of a table with a column of days from when it holds says whether it does.

    Of several rows of the same thing that have begun the latest holds. A table without such a column, or
    without days in it, stays as it is.
    """
    return _TABLE.sub(lambda table: _said(table[0], today), html)


def _said(table: str, today: date) -> str:
    rows = [row[0] for row in _ROW.finditer(table)]
    told = [[_words(cell[2]) for cell in _CELL.finditer(row)] for row in rows]
    heads = [head.casefold() for head in told[0]] if told else []
    begins = next((place for place, head in enumerate(heads) if head in FROM), None)
    if begins is None:
        return table
    ends = next((place for place, head in enumerate(heads) if head in UNTIL), None)
    body = [cells for cells in told[1:] if len(cells) == len(heads)]
    states = _states(body, _named_by(body, len(heads), {begins, ends}), (begins, ends), today)
    marks = iter(states)
    number = 0

    def marked(row: re.Match[str]) -> str:
        nonlocal number
        number += 1
        if number == 1 or len(told[number - 1]) != len(heads):
            return row[0]
        state = next(marks)
        return _mark(row[0], begins, state) if state else row[0]

    return _ROW.sub(marked, table)


def _words(cell: str) -> str:
    return " ".join(unescape(_TAG.sub("", cell)).split())


def _named_by(body: list[list[str]], width: int, days: set[int | None]) -> list[int]:
    """The columns that say what a row is about: the first, and those of words before the first of numbers."""
    others = [place for place in range(width) if place not in days]
    named = list[int]()
    for place in others:
        filled = [cells[place] for cells in body if cells[place]]
        numbers = sum(bool(_NUMBER.match(words)) for words in filled)
        if numbers * 2 > len(filled) and (named or len(others) == 1):
            break
        named.append(place)
    return named


def _states(body: list[list[str]], named: list[int], days: tuple[int, int | None], today: date) -> list[str]:
    """What is said of each row; '' of one without a day."""
    spans = [(_day(cells[days[0]]), _day(cells[days[1]]) if days[1] is not None else None) for cells in body]
    keys = [tuple(cells[place] for place in named) for cells in body]
    latest = defaultdict[tuple[str, ...], date](lambda: date.min)
    for key, (begin, _) in zip(keys, spans, strict=True):
        if begin is not None and begin <= today:
            latest[key] = max(latest[key], begin)
    found = list[str]()
    for key, (begin, end) in zip(keys, spans, strict=True):
        if begin is None:
            found.append("")
        elif begin > today:
            found.append("later")
        else:
            found.append("past" if begin < latest[key] or (end is not None and end < today) else "now")
    return found


def _day(words: str) -> date | None:
    found = _DAY.search(words)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _mark(row: str, place: int, state: str) -> str:
    tone, words = SAID[state]
    number = -1

    def told(cell: re.Match[str]) -> str:
        nonlocal number
        number += 1
        if number != place:
            return cell[0]
        return f'{cell[1]}{cell[2]} <span class="tag tag-{tone}">{escape(gettext(words))}</span>{cell[3]}'

    return _CELL.sub(told, row)
