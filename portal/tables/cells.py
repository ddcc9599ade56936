"""One cell of a table as a person typed it, read as an amount, a whole number, a code or a text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from portal import i18n
from portal.i18n import Phrase
from portal.text.writing import clean, visible

Cell = str | int | float | bool | date | datetime | None

LARGEST = 2**63 - 1  # what a database's big integer holds
LONGEST = 40  # characters in a number; more is a text in the wrong column
LONGEST_IN_SHEET = 32_767  # characters, as UTF-16 counts them, in a cell of a spreadsheet
EXACT = 15  # digits that a spreadsheet keeps of a number
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
_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d{1,3}", re.I | re.A)
FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""What some spreadsheet takes for a formula, also where it was guarded once; full-width signs as well."""
_GUARDED = re.compile("'+[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_BLANK_LINES = re.compile(r"\A(?:[ \t]*[\r\n])+")
_SIGNED_NUMBER = re.compile(r"[+-]\d[\d ]*(?:[.,]\d+)?", re.A)
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
        text = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
        text = unicodedata.normalize("NFC", visible(text))
    return text.replace("\0", "").strip()


def parse_lines(value: Cell) -> str:
    """The cell as a text of several lines: nothing in it is changed but how its lines end."""
    refuse_cut(value)
    return clean(_BLANK_LINES.sub("", value)).rstrip() if isinstance(value, str) else parse_text(value)


def refuse_cut(value: Cell) -> None:
    """Refuse a text that fills a spreadsheet's cell up to its end: what came after that is lost."""
    if isinstance(value, str) and len(value) >= LONGEST_IN_SHEET // 2:
        size = sum(2 if c > "\uffff" else 1 for c in value)
        if LONGEST_IN_SHEET - 1 <= size <= LONGEST_IN_SHEET:  # the last of two halves may not fit
            told = Phrase(
                "This text ends after %(most)s characters, where a spreadsheet cuts it. Bring it as CSV.",
                most=LONGEST_IN_SHEET,
            )
            raise BadCell("cut", told)


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
    """Text for a cell of a CSV file that no spreadsheet takes for a formula; `unguarded` takes it back.

    A signed number such as a telephone's is none: +86 10 6000 0001 stays as it is.
    """
    return f"'{text}" if FORMULA.match(text) and not _SIGNED_NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text as it was before it was guarded."""
    return text[1:] if _GUARDED.match(text) else text


def refuse_shortened(value: Cell) -> None:
    """Refuse a number that a spreadsheet has cut: 1.38E+10 lost its digits, no code or telephone is in it."""
    cut = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**EXACT
    if cut or (isinstance(value, str) and _SHORTENED.fullmatch(parse_code(value))):
        raise shortened(value)


def shortened(value: Cell) -> BadCell:
    """Why a number that a spreadsheet has cut is not taken."""
    told = Phrase(
        "A spreadsheet has shortened this number: “%(value)s”. Format its column as text and type it anew.",
        value=shown(value),
    )
    return BadCell("shortened", told)


def ends_in_zeros(text: str) -> bool:
    """Whether a long number has nothing but zeros from where a spreadsheet keeps no digits."""
    return len(text) > EXACT and text.isascii() and text.isdigit() and not text[EXACT:].strip("0")


def parse_integer(value: Cell) -> int:
    """The cell as a whole number; thousands may be grouped (`2,822`), a fraction of zero is allowed."""
    text = number_text(value)
    sign, text = _sign(text)
    match = re.fullmatch(r"(\d+|\d{1,3}(?:[, ]\d{3})+)(?:\.0+)?", text, re.A)
    if not match:
        raise BadCell("integer", Phrase("“%(value)s” is not a whole number.", value=shown(value)))
    return _storable(sign * int(re.sub(r"[, ]", "", match[1])), value)


def parse_money(value: Cell, digits: int | None = None) -> int:
    """The cell as an amount in minor units (`¥1,054.50` is 105450); more decimals than the currency refuse.

    `digits`: how many decimals the minor unit takes, where it is not the company's currency's.
    A lone comma before three digits groups thousands; a lone point never does, because `1.054` may be either.
    An amount in another currency is refused: nothing is ever converted.
    """
    text = number_text(value)
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
                value=shown(value),
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
                    "“%(value)s” is not in %(code)s, the company's currency.", value=shown(value), code=code
                ),
            )
        text = written.sub("", text).strip()
    return text


def _no_number(value: Cell) -> BadCell:
    return BadCell("number", Phrase("“%(value)s” is not a number.", value=shown(value)))


def number_text(
    value: Cell, otherwise: Callable[[Cell], BadCell] = _no_number, longest: int = LONGEST
) -> str:
    """The characters to read a number from, width and kinds of space and minus made plain."""
    if isinstance(value, bool | date):
        raise otherwise(value)
    if isinstance(value, float):
        return _plain(value)
    text = parse_text(value)
    if len(text) > longest:
        raise otherwise(value)
    if not text.isascii():
        if any(_is_set_apart(sign) for sign in text):
            raise otherwise(value)
        text = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    text = re.sub(r"\s", " ", text).strip()
    if not text:
        raise BadCell("blank", Phrase("This cell is empty."))
    if len(text) > longest:
        raise otherwise(value)
    if _SHORTENED.fullmatch(text):
        raise shortened(value)
    return text


def _is_set_apart(sign: str) -> bool:
    """Whether it is a raised or circled number (², ⑩), which a plain form would take for digits."""
    return unicodedata.category(sign) == "No" and unicodedata.normalize("NFKC", sign).isdecimal()


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
    raise BadCell("money", Phrase("“%(value)s” is not an amount of money.", value=shown(value)))


def _storable(number: int, value: Cell) -> int:
    if abs(number) > LARGEST:
        raise BadCell("too_large", Phrase("“%(value)s” is too large a number.", value=shown(value)))
    return number


def shown(value: Cell) -> str:
    """A cell as a sentence quotes it."""
    text = parse_text(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
