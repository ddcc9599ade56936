"""Tables whose rows hold from a day on: which row holds today is said beside it, and turns over by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from heapq import nlargest
from html import unescape
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import escape

from portal.i18n import Phrase, gettext

_TABLE = re.compile(r"<table>(?:(?!<table>)[\s\S])*?</table>")
_ROW = re.compile(r"<tr>(?:(?!<tr>)[\s\S])*?</tr>")
_CELL = re.compile(r"(<t[hd](?: [^<>]*)?>)((?:(?!<t[hd][ >])[\s\S])*?)(</t[hd]>)")
_TAG = re.compile(r"<[^<>]*>")
_DAY = r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?"
_SPAN = re.compile(
    rf"(?:自|从|from |since )?{_DAY} ?(?:起|(?:至|到|-|–|—|~|～|to|until) ?{_DAY} ?止?)?", re.IGNORECASE
)
_LAST = re.compile(rf"(?:至|到|until )?{_DAY} ?止?", re.IGNORECASE)
_OPEN = re.compile(r"[-–—/]*|无|长期", re.IGNORECASE)
_NUMBER = re.compile(r"[¥￥$€£]? ?\d[\d.,]* ?[%‰]?(?:元|万|万元)?")
_PRICE = re.compile(r"价|费|率|佣金|\b(?:price|rate|fee|cost)s?\b")
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

    Of several rows of the same name that have begun the latest holds. Of a row that another one may have
    replaced, which is not called the same, nothing is said. A table without such a column, or without days
    in it, stays as it is.
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
    rows_of = _named(heads, [cells for cells in told[1:] if len(cells) == len(heads)], begins, ends)
    states = _states(rows_of, today)
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


class _DatedRow(NamedTuple):
    """A row of a table: what it is about, what it is called in full, what it says, and when it holds."""

    about: str
    name: tuple[str, ...]
    worth: str
    begin: date | None
    """None without a day that is told beyond doubt."""
    end: date
    has_words: bool
    """Whether anything is said of its day, readable or not."""

    def holds(self, today: date) -> bool:
        return self.begin is not None and self.begin <= today <= self.end


def _named(heads: list[str], body: list[list[str]], begins: int, ends: int | None) -> list[_DatedRow]:
    """The rows with their names: all their cells but the days and the price. The price is the one column
    headed as a price with nothing but numbers in it; of several such columns none is it, as one of them may
    say of what the others are the price. A name left blank below is the one above.
    """
    others = [place for place in range(len(heads)) if place not in (begins, ends)]
    spans = [_span(cells[begins], cells[ends] if ends is not None else "") for cells in body]
    dated = [cells for cells, (begin, _) in zip(body, spans, strict=True) if begin]
    numeric = {p for p in others if all(_NUMBER.fullmatch(cells[p]) for cells in dated if cells[p])}
    prices = [place for place in others if _PRICE.search(heads[place]) and place in numeric]
    price = prices[0] if len(prices) == 1 else None
    named = [place for place in others if place != price]
    told = [place for place in named if not _PRICE.search(heads[place])]
    first = next((place for place in told if place not in numeric), told[0] if told else None)
    rows, above = list[_DatedRow](), [""] * len(heads)
    for cells, (begin, end) in zip(body, spans, strict=True):
        blank = next((n for n, place in enumerate(others) if cells[place]), len(others))
        for place in others[:blank]:
            cells[place] = above[place]
        above = cells
        about = cells[first] if first is not None else ""
        name = tuple(cells[place] for place in named)
        worth = cells[price] if price is not None else ""
        rows.append(_DatedRow(about, name, worth, begin, end, has_words=bool(cells[begins])))
    return rows


def _span(begin: str, end: str) -> tuple[date | None, date]:
    """From which day to which; None where the words say something else, or something besides."""
    if (found := _SPAN.fullmatch(begin)) is None:
        return None, date.max
    first, second = _day(found.groups()[:3]), _day(found.groups()[3:]) if found[4] else None
    last: date | None = second or date.max
    if not _OPEN.fullmatch(end):
        closed = _LAST.fullmatch(end)
        last = _day(closed.groups()) if closed and not second else None
    if first is None or last is None or last < first or (found[4] and second is None):
        return None, date.max
    return first, last


def _day(parts: Sequence[str]) -> date | None:
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def _states(rows: list[_DatedRow], today: date) -> list[str]:
    """What is said of each row; '' where that is not certain: wrong of a price is worse than nothing."""
    alike, newest = (
        defaultdict[tuple[str, ...], list[_DatedRow]](list),
        defaultdict[str, dict[Any, date]](dict),
    )
    for row in rows:
        if row.holds(today) or (row.begin is None and row.has_words):
            begin = row.begin or date.max  # what begins nobody knows when may hold already
            newest[row.about][row.name] = max(begin, newest[row.about].get(row.name, date.min))
        if row.holds(today):
            alike[row.name].append(row)
    rivals = {
        about: nlargest(2, ((day, name) for name, day in found.items())) for about, found in newest.items()
    }
    told = {name: _told_apart(held) for name, held in alike.items()}
    found = list[str]()
    for row in rows:
        if row.begin is None or not row.holds(today):
            found.append("" if row.begin is None else "later" if row.begin > today else "past")
            continue
        state = told[row.name][row]
        later = any(day > row.begin and name != row.name for day, name in rivals[row.about])
        unknown = newest[row.about][row.name] == date.max
        found.append("" if state == "now" and (later or unknown) else state)
    return found


def _told_apart(held: list[_DatedRow]) -> dict[_DatedRow, str]:
    """Of rows of one name that hold by their own days: the latest begun does. One before it is over, unless
    it lasts longer: it holds again, and nothing is said of it meanwhile.
    """
    found, lasting = dict[_DatedRow, str](), date.min
    for _, together in groupby(sorted(held, key=_begin, reverse=True), key=_begin):
        same = list(together)
        latest = lasting == date.min
        for row in same:
            if latest:
                found[row] = "now" if len({each.worth for each in same}) == 1 else ""
            else:
                found[row] = "past" if lasting >= row.end else ""
        lasting = max(lasting, *(row.end for row in same))
    return found


def _begin(row: _DatedRow) -> date:
    return row.begin or date.max


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
