"""One cell of a table read as a day: in figures, in words, in Chinese, as an instant with a zone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

from portal import clock
from portal.i18n import Phrase
from portal.tables.cells import BadCell, Cell, number_text, shown

DateOrder = Literal["ymd", "mdy", "dmy"]

LONGEST = 80  # characters of a day with its weekday, time and zone
EXCEL_EPOCH = date(1899, 12, 30)  # so that day 60 and later come out right
EXCEL_DAYS = range(10_000, 80_000)  # 1927 to 2119: below, a plain number is the likelier reading
SHORT_YEAR_PIVOT = 30  # Excel's: 00-29 are 2000s, 30-99 are 1900s
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HAN_DIGITS = "零一二三四五六七八九"
HAN_WEEKDAYS = "一二三四五六日"

_HALF = r"[AP]\.?M\.?|上午|下午|中午|凌晨|早上|晚上"
_TIME_OF_DAY = re.compile(
    rf"(?:T|[\s,]\s*|(?<=[日号])(?=\d|上午|下午|中午|凌晨|早上|晚上))\s*(?P<before>{_HALF})?\s*"
    r"(?P<hour>\d{1,2})(?::|时|点)(?P<minute>\d{2})分?(?::?(?P<second>\d{2})秒?(?:[.,]\d+)?)?"
    rf"\s*(?P<after>{_HALF})?\s*(?P<zone>Z|(?:UTC|GMT)?\s?[+-]\d{{2}}(?::?\d{{2}})?|UTC|GMT)?"
    r"(?:\s*\([^()]*\))?$",
    re.I,
)
_HAN_WEEKDAY = re.compile(r"[(\s,]*(?:星期|周|礼拜)([一二三四五六日天])[)\s,]*")
_WEEKDAY = re.compile(
    r"(?:^|(?<=[\s,]))(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s*", re.I
)
_CHINESE_DATE = re.compile(r"(\d{4}|\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?$")
_HAN_DATE = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]?$"
)
_SEPARATED_DATE = re.compile(r"(\d{1,4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,4})$")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_NAMED_MONTH = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?[\s/.-]*(?P<month>[A-Z]{3,9})\.?,?[\s/-]*"
    r"|(?P<month2>[A-Z]{3,9})\.?[\s-]+(?P<day2>\d{1,2})(?:st|nd|rd|th)?(?:,\s*|[\s/-]+))"
    r"(?P<year>\d{4}|\d{2})$",
    re.I,
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[\s/.-]+(?P<month>[A-Z]{3,9})\.?[\s/.-]+(?P<day>\d{1,2})$", re.I)
_NO_YEAR = re.compile(
    r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]?$|\d{1,2}[\s-][A-Z]{3,9}$|[A-Z]{3,9}[\s-]\d{1,2}$", re.I
)


def parse_date(value: Cell, order: DateOrder = "ymd") -> date:
    """The cell as a day; `order` decides what `03/04/2017` means. A year in front is year-month-day.

    An instant with a zone is the company's day at that moment; midnight is how programs write a day alone,
    and a time without zone says nothing of a zone: both keep their day.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    bare, at, weekday = _parts(number_text(value, _no_date, LONGEST))
    try:
        found = _numbered_date(bare, order) or _named_date(bare) or _excel_date(bare)
        if found and at is not None:
            found = _day_of(found, at)
    except (ValueError, OverflowError):
        raise BadCell(
            "no_such_day", Phrase("“%(value)s” is not a day of the calendar.", value=shown(value))
        ) from None
    if not found:
        raise _no_date(value)
    if weekday is not None and found.weekday() != weekday and at is None:
        told = Phrase("“%(value)s”: that day is another day of the week.", value=shown(value))
        raise BadCell("weekday", told)
    return found


def guess_date_order(samples: Iterable[Cell]) -> DateOrder | Literal["ambiguous"]:
    """Which order the dates of one column are written in; `ambiguous` where they do not show it."""
    year_first = day_first = month_first = unclear = 0
    for value in samples:
        if isinstance(value, date):
            year_first += 1
            continue
        if not isinstance(value, str):
            continue
        text, _at, _weekday = _parts(unicodedata.normalize("NFKC", value[:LONGEST]).strip())
        match = _SEPARATED_DATE.match(text)
        if match and len(match[1]) <= 2:
            first, second = int(match[1]), int(match[3])
            day_first += first > 12 or (match[2] == "." and second <= 12)
            month_first += second > 12
            unclear += 1
        elif match or any(
            pattern.match(text)
            for pattern in (_CHINESE_DATE, _HAN_DATE, _COMPACT_DATE, _NAMED_MONTH, _YEAR_FIRST)
        ):
            year_first += 1
    if day_first and month_first:
        return "ambiguous"
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    return "ymd" if year_first and not unclear else "ambiguous"


def _parts(text: str) -> tuple[str, re.Match[str] | None, int | None]:
    """The day alone, the time of the day, and the day of the week, where they are written."""
    weekday = None
    if found := _HAN_WEEKDAY.search(text):
        weekday = HAN_WEEKDAYS.index(found[1].replace("天", "日"))
        text = f"{text[: found.start()]} {text[found.end() :]}".strip()
    elif found := _WEEKDAY.search(text):
        weekday = next(n for n, name in enumerate(WEEKDAYS) if name.startswith(found[1][:3].lower()))
        text = f"{text[: found.start()]} {text[found.end() :]}".strip(" ,")
    at = _TIME_OF_DAY.search(text)
    return (text[: at.start()] if at else text).rstrip(" ,"), at, weekday


def _day_of(day: date, at: re.Match[str]) -> date:
    """The company's day of an instant. Raises ValueError where there is no such time."""
    hour, minute, second = int(at["hour"]), int(at["minute"]), int(at["second"] or 0)
    half = (at["before"] or at["after"] or "").lower()
    if half and hour <= 12:
        later = half.startswith(("p", "下", "中", "晚"))
        hour = hour % 12 + 12 * (later and not (half.startswith("中") and 10 <= hour < 12))
    moment = datetime.combine(day, time(hour, minute, min(second, 59)))
    if not at["zone"] or moment.time() == time(0):
        return day
    zone = re.sub(r"UTC|GMT|\s", "", at["zone"].upper()).replace("Z", "+0000").replace(":", "") or "+0000"
    away = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5] or 0))
    return clock.local(moment.replace(tzinfo=timezone(away if zone[0] == "+" else -away))).date()


def _numbered_date(text: str, order: DateOrder) -> date | None:
    if match := _CHINESE_DATE.match(text) or _COMPACT_DATE.match(text):
        return _day(_full_year(match[1]), int(match[2]), int(match[3]))
    if match := _HAN_DATE.match(text):
        year = int("".join(str(max(0, HAN_DIGITS.find(c))) for c in match[1]))
        return _day(year, _han_number(match[2]), _han_number(match[3]))
    match = _SEPARATED_DATE.match(text)
    return _separated_date(match[1], int(match[3]), match[4], order) if match else None


def _separated_date(first: str, middle: int, last: str, order: DateOrder) -> date | None:
    if len(first) == 4:
        return _day(int(first), middle, int(last))
    if len(first) > 2:
        return None
    if order == "ymd" and len(last) <= 2:
        return _day(_full_year(first), middle, int(last))
    if order == "ymd" or len(last) == 3:
        return None
    day, month = (int(first), middle) if order == "dmy" else (middle, int(first))
    return _day(_full_year(last), month, day)


def _han_number(text: str) -> int:
    """一 to 三十一."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return HAN_DIGITS.index(text) if len(text) == 1 else 0
    return (HAN_DIGITS.index(tens) if tens else 1) * 10 + (HAN_DIGITS.index(ones) if ones else 0)


def _named_date(text: str) -> date | None:
    match = _NAMED_MONTH.match(text) or _YEAR_FIRST.match(text)
    if not match:
        return None
    named = match.groupdict()
    word = (named["month"] or named["month2"]).lower()
    month = next((n for n, name in enumerate(MONTHS, 1) if name.startswith(word)), None)
    if month is None:
        return None
    return _day(_full_year(named["year"]), month, int(named["day"] or named["day2"]))


def _excel_date(text: str) -> date | None:
    match = re.fullmatch(r"(\d{5})(?:\.\d+)?", text)
    if not match or int(match[1]) not in EXCEL_DAYS:
        return None
    return EXCEL_EPOCH + timedelta(days=int(match[1]))


def _day(year: int, month: int, day: int) -> date:
    if not 1800 <= year <= 2200:
        raise ValueError(year)
    return date(year, month, day)


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < SHORT_YEAR_PIVOT else 1900)


def _no_date(value: Cell) -> BadCell:
    if isinstance(value, str) and _NO_YEAR.match(unicodedata.normalize("NFKC", value).strip()):
        return BadCell("no_year", Phrase("“%(value)s” has no year.", value=shown(value)))
    return BadCell("date", Phrase("“%(value)s” is not a date.", value=shown(value)))
