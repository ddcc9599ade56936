"""One cell of a table as a person typed it, read as a date, an amount, a whole number or a text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from portal import i18n
from portal.i18n import Phrase

Cell = str | int | float | bool | date | datetime | None
DateOrder = Literal["ymd", "mdy", "dmy"]

LARGEST = 2**63 - 1  # what a database's big integer holds
LONGEST = 40  # characters in a date or a number; more is a text in the wrong column
EXCEL_EPOCH = date(1899, 12, 30)  # so that day 60 and later come out right
EXCEL_DAYS = range(10_000, 80_000)  # 1927 to 2119: below, a plain number is the likelier reading
SHORT_YEAR_PIVOT = 30  # Excel's: 00-29 are 2000s, 30-99 are 1900s
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME_OF_DAY = re.compile(
    r"(?:[T\s]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AP]M)?\s*(?:Z|[+-]\d{2}:?\d{2})?)$", re.I
)
_CHINESE_DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?$")
_SEPARATED_DATE = re.compile(r"(\d{1,4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,4})$")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_NAMED_MONTH = re.compile(
    r"(?:(?P<day>\d{1,2})[\s-]+(?P<month>[A-Za-z]{3,9})\.?|(?P<month2>[A-Za-z]{3,9})\.?\s+(?P<day2>\d{1,2}))"
    r",?[\s-]+(?P<year>\d{4})$"
)
_MARKS = {
    "CNY": ("¥", "RMB", "CNY", "人民币", "元", "元整", "圆"),
    "JPY": ("¥", "JPY", "円", "日元"),
    "USD": ("$", "US$", "USD", "美元", "美金"),
    "HKD": ("$", "HK$", "HKD", "港元", "港币", "元"),
    "TWD": ("$", "NT$", "TWD", "NTD", "新台币", "台币", "元"),
    "EUR": ("€", "EUR", "欧元"),
    "GBP": ("£", "GBP", "英镑"),
}
"""How people write the currencies of those who use the portal, and of their neighbours."""
_MARK = "|".join(
    re.escape(mark) for mark in sorted({m for marks in _MARKS.values() for m in marks}, key=len, reverse=True)
)
_CURRENCY = re.compile(rf"^({_MARK})\s*", re.I)
_CURRENCY_AFTER = re.compile(rf"\s*({_MARK})$", re.I)
_ALIKE = {0x2212: "-", 0x2013: "-", 0x2019: "'"}  # minus, dash, raised comma
_LARGE_UNITS = {"亿": 8, "億": 8, "千万": 7, "百万": 6, "万": 4, "萬": 4, "千": 3}


class BadCell(ValueError):
    """What stands in a cell is not what its column should hold: `code` for programs, `message` for people."""

    def __init__(self, code: str, message: Phrase):
        self.code = code
        self.message = message
        super().__init__(message)


def parse_text(value: Cell) -> str:
    """The cell as clean text: trimmed, NFC, without NUL and lone surrogates (DESIGN 5); blank gives ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _plain(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    text = str(value)
    if not text.isascii():
        text = unicodedata.normalize("NFC", "".join(c for c in text if not "\ud800" <= c <= "\udfff"))
    return text.replace("\0", "").strip()


def parse_code(value: Cell) -> str:
    """The cell as a code or number typed as text: full-width letters, digits and spaces become plain ones."""
    text = parse_text(value)
    if text.isascii():
        return text
    narrow = "".join(
        chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else " " if c == "\u3000" else c for c in text
    )
    return narrow.strip()


def guarded(text: str) -> str:
    """Text for a cell of a CSV file such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def parse_integer(value: Cell) -> int:
    """The cell as a whole number; thousands may be grouped (`2,822`), a fraction of zero is allowed."""
    text = _number_text(value)
    sign, text = _sign(text)
    match = re.fullmatch(r"(\d+|\d{1,3}(?:[, ]\d{3})+)(?:\.0+)?", text, re.A)
    if not match:
        raise BadCell("integer", Phrase("“%(value)s” is not a whole number.", value=_shown(value)))
    return _storable(sign * int(re.sub(r"[, ]", "", match[1])), value)


def parse_money(value: Cell, digits: int | None = None) -> int:
    """The cell as an amount in minor units (`¥1,054.50` is 105450); more decimals than the currency refuse.

    `digits`: how many decimals the minor unit takes, where it is not the company's currency's.
    A lone comma before three digits groups thousands; a lone point never does, because `1.054` may be either.
    An amount in another currency is refused: nothing is ever converted.
    """
    text = _number_text(value)
    digits = i18n.currency().digits if digits is None else digits
    if text.isascii() and text.isdecimal():
        return _storable(int(text) * 10**digits, value)
    sign, text = _sign(text)
    text = _without_currency(text, value)
    if text.startswith("-") and sign == 1:  # ¥-20
        sign, text = -1, text[1:].strip()
    scale = 0
    for unit, power in _LARGE_UNITS.items():
        if text.endswith(unit):
            text, scale = text.removesuffix(unit).strip(), power
            break
    amount = _amount(text, value).scaleb(scale + digits)
    if amount != amount.to_integral_value():
        raise BadCell(
            "decimals",
            Phrase(
                "“%(value)s” has more decimals than the currency (%(digits)s).",
                value=_shown(value),
                digits=digits,
            ),
        )
    return _storable(sign * int(amount), value)


def _without_currency(text: str, value: Cell) -> str:
    """The amount without the marks of the company's currency; in another it is not this much money."""
    code, mark = i18n.currency().code, i18n.currency().mark.strip()
    for own in (code, mark):
        text = text.removeprefix(own).removesuffix(own).strip()
    known = {*_MARKS.get(code, ()), mark[-1:]}
    for written in (_CURRENCY, _CURRENCY_AFTER):
        found = written.search(text)
        if found and found[1].upper() not in known:
            raise BadCell(
                "currency",
                Phrase(
                    "“%(value)s” is not in %(code)s, the company's currency.", value=_shown(value), code=code
                ),
            )
        text = written.sub("", text).strip()
    return text


def parse_date(value: Cell, order: DateOrder = "ymd") -> date:
    """The cell as a day; `order` decides what `03/04/2017` means. A year in front is year-month-day."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _number_text(value, _no_date)
    bare = _TIME_OF_DAY.sub("", text).rstrip(" ,")
    try:
        found = _numbered_date(bare, order) or _named_date(bare) or _excel_date(bare)
    except ValueError:
        raise BadCell(
            "no_such_day", Phrase("“%(value)s” is not a day of the calendar.", value=_shown(value))
        ) from None
    if not found:
        raise _no_date(value)
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
        text = unicodedata.normalize("NFKC", value[:LONGEST]).strip()
        match = _SEPARATED_DATE.match(_TIME_OF_DAY.sub("", text).rstrip())
        if match and len(match[1]) <= 2:
            first, second = int(match[1]), int(match[3])
            day_first += first > 12 or (match[2] == "." and second <= 12)
            month_first += second > 12
            unclear += 1
        elif match or _CHINESE_DATE.match(text) or _COMPACT_DATE.match(text):
            year_first += 1
    if day_first and month_first:
        return "ambiguous"
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    return "ymd" if year_first and not unclear else "ambiguous"


def _numbered_date(text: str, order: DateOrder) -> date | None:
    match = _CHINESE_DATE.match(text) or _COMPACT_DATE.match(text)
    if match:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    match = _SEPARATED_DATE.match(text)
    if not match:
        return None
    first, middle, last = match[1], int(match[3]), match[4]
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


def _named_date(text: str) -> date | None:
    match = _NAMED_MONTH.match(text)
    if not match:
        return None
    month = (match["month"] or match["month2"])[:3].lower()
    if month not in MONTHS:
        return None
    return _day(int(match["year"]), MONTHS.index(month) + 1, int(match["day"] or match["day2"]))


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


def _no_number(value: Cell) -> BadCell:
    return BadCell("number", Phrase("“%(value)s” is not a number.", value=_shown(value)))


def _no_date(value: Cell) -> BadCell:
    return BadCell("date", Phrase("“%(value)s” is not a date.", value=_shown(value)))


def _number_text(value: Cell, otherwise: Callable[[Cell], BadCell] = _no_number) -> str:
    """The characters to read a number from, width and kinds of space and minus made plain."""
    if isinstance(value, bool | date):
        raise otherwise(value)
    if isinstance(value, float):
        return _plain(value)
    text = parse_text(value)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    text = re.sub(r"\s", " ", text).strip()
    if not text:
        raise BadCell("blank", Phrase("This cell is empty."))
    if len(text) > LONGEST:
        raise otherwise(value)
    return text


def _plain(value: float) -> str:
    """A sheet's number with the 15 digits a spreadsheet shows: 274.65999999999997 is 274.66."""
    if not math.isfinite(value):
        return str(value)
    text = format(Decimal(format(value, ".15g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sign(text: str) -> tuple[int, str]:
    if text.startswith("(") and text.endswith(")"):
        return -1, text[1:-1].strip()
    if text.startswith(("-", "+")):
        return (-1 if text[0] == "-" else 1), text[1:].strip()
    if text.endswith("-"):  # as some accounting programs print it
        return -1, text[:-1].strip()
    return 1, text


def _amount(text: str, value: Cell) -> Decimal:
    """The decimal value of an unsigned number in any common grouping."""
    if re.fullmatch(r"\d+(?:\.\d+)?|\.\d+", text, re.A):
        return Decimal(text)
    for group, point in ((",", "."), (".", ","), (" ", "."), (" ", ","), ("'", ".")):
        g, p = re.escape(group), re.escape(point)
        several = rf"\d{{1,3}}(?:{g}\d{{3}})+"
        if group == ".":  # 1.054 alone may be one and a bit: only a second group or a decimal comma tells
            several = rf"\d{{1,3}}(?:{g}\d{{3}}){{2,}}|\d{{1,3}}(?:{g}\d{{3}})+(?={p})"
        if re.fullmatch(rf"(?:{several})(?:{p}\d+)?", text, re.A):
            return Decimal(text.replace(group, "").replace(point, "."))
    if re.fullmatch(r"\d+,\d{1,2}", text, re.A):
        return Decimal(text.replace(",", "."))
    raise BadCell("money", Phrase("“%(value)s” is not an amount of money.", value=_shown(value)))


def _storable(number: int, value: Cell) -> int:
    if abs(number) > LARGEST:
        raise BadCell("too_large", Phrase("“%(value)s” is too large a number.", value=_shown(value)))
    return number


def _shown(value: Cell) -> str:
    text = parse_text(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
