"""Two interface languages: catalogues, and how dates, numbers and money read in each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, numbers
from babel.dates import TIMEDELTA_UNITS, format_date, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from portal import clock

LOCALES = ("zh", "en")
FOLDER = Path(__file__).parent / "locale"
_CONTEXT = "\x04"
"""What gettext puts between a word's context and the word."""
_CLDR = {"zh": "zh_Hans_CN", "en": "en"}
_TAGS = {"zh": "zh-CN", "en": "en"}


class Phrase(str):
    """A sentence for people: English here, translated where it is shown.

    `Phrase("At least %(n)s characters.", n=10)` reads as English text and keeps its msgid and values.
    """

    __slots__ = ("msgid", "values")
    msgid: str
    values: dict[str, Any]

    def __new__(cls, msgid: str, **values: Any) -> Phrase:
        plain = {name: _named_in("en", value) for name, value in values.items()}
        phrase = super().__new__(cls, msgid % plain if values else msgid)
        phrase.msgid, phrase.values = msgid, values
        return phrase

    @classmethod
    def among(cls, context: str, msgid: str) -> Phrase:
        """A word that Chinese says otherwise among other things: `Phrase.among("questions", "Open")`."""
        phrase = cls(msgid)
        phrase.msgid = in_context(context, msgid)
        return phrase


def names(record: Any) -> Any:
    """What a record is called in each language, as a value of a phrase: whoever reads it, reads theirs."""
    english = getattr(record, "name_en", "")
    return {"zh": record.name, "en": english} if english and english != record.name else record.name


def in_each(words: Phrase) -> dict[str, str]:
    """Words of the portal in each language, as a value of a phrase: whoever reads it, reads theirs."""
    told = {locale: said(locale, words.msgid) for locale in LOCALES}
    return {locale: text % words.values for locale, text in told.items()} if words.values else told


def _named_in(locale: str, value: Any) -> Any:
    return value[locale] if isinstance(value, dict) and value.keys() == {"zh", "en"} else value


def in_context(context: str, msgid: str) -> str:
    """The key of a word in its context, as catalogues know it."""
    return f"{context}{_CONTEXT}{msgid}"


_locale: ContextVar[str] = ContextVar("locale", default="zh")
_SYMBOLS = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$"}


@dataclass(frozen=True)
class Currency:
    """A kind of money: its ISO 4217 code, the mark before an amount, and the decimals of its minor unit."""

    code: str
    mark: str
    digits: int


_currency = Currency("CNY", "¥", 2)


@cache
def catalogue(locale: str) -> NullTranslations:
    """All of a language's words, compiled in memory from its .po files. English is the source language."""
    merged = Catalog(locale=_CLDR[locale])
    for path in sorted((FOLDER / locale).rglob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=_CLDR[locale]):
                if message.id:
                    merged[message.id] = message
    if not len(merged):
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return GNUTranslations(compiled)


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Use a language inside a block."""
    token = _locale.set(locale if locale in LOCALES else "zh")
    try:
        yield
    finally:
        _locale.reset(token)


def current() -> str:
    """The language in use: `zh` or `en`."""
    return _locale.get()


def tag(locale: str | None = None) -> str:
    """The BCP 47 tag for `lang`."""
    return _TAGS[locale or current()]


def choose(accept_language: str) -> str:
    """The language a browser asks for: any Chinese gets `zh`, all others what they weigh most."""
    wanted: list[tuple[float, int, str]] = []
    for part in accept_language.split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), len(wanted), name.split("-")[0].lower()))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(wanted) if name in LOCALES), "zh" if not wanted else "en")


def said(locale: str, msgid: str) -> str:
    """A message of the catalogue in a language. What has no translation is said as it stands."""
    return catalogue(locale).gettext(msgid).rpartition(_CONTEXT)[2]


def gettext(message: str, **values: Any) -> str:
    """The message in the language in use, with its values put in."""
    values = values or getattr(message, "values", {})
    text = said(current(), getattr(message, "msgid", message))
    return text % {name: _put(name, value) for name, value in values.items()} if values else text


_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
"""How what was kept at first holds its month."""


def _put(name: str, value: Any) -> Any:
    if name == "month" and isinstance(value, str) and _MONTH.fullmatch(value):
        return month(clock.Month.parse(value))
    return translated(value)


def translated(value: Any) -> Any:
    """A value that is itself a phrase, the names of a record, or a list of these, in the language in use."""
    if isinstance(value, list | tuple):
        return join(translated(each) for each in value)
    return gettext(value) if hasattr(value, "msgid") else _named_in(current(), value)


def country(code: str) -> str:
    """What a country is called, by its ISO code."""
    return str(Locale.parse(_CLDR[current()]).territories.get(code, code))


def in_each_language(words: str) -> list[str]:
    """A message as each language of the portal says it."""
    return [said(locale, getattr(words, "msgid", words)) for locale in LOCALES]


def ngettext(singular: str, plural: str, n: int, **values: Any) -> str:
    """The message for a count."""
    return catalogue(current()).ngettext(singular, plural, n) % {"n": number(n), **values}


def label(record: Any) -> str:
    """What a record, an enum member or a phrase is called in the language in use."""
    if record is None:
        return ""
    if isinstance(record, str):
        return gettext(getattr(record, "label", record))
    english = getattr(record, "name_en", "") or getattr(record, "title_en", "")
    name = getattr(record, "name", None) or getattr(record, "title", "")
    return str(english if current() == "en" and english else name)


def job(person: Any) -> str:
    """A person's job title in the language in use, empty if they have none."""
    return str((current() == "en" and person.title_en) or person.title or "")


def use_currency(code: str) -> None:
    """Set the company's currency, an ISO 4217 code."""
    global _currency
    mark = _SYMBOLS.get(code) or numbers.get_currency_symbol(code, locale="en")
    spaced = f"{mark}\N{NO-BREAK SPACE}" if mark[-1].isalpha() else mark
    _currency = Currency(code, spaced, numbers.get_currency_precision(code))


def currency() -> Currency:
    """The company's currency: all amounts are in it."""
    return _currency


def minor(amount: Decimal | str | int) -> int:
    """An amount in minor units. Raises ValueError when it has more decimals than the currency."""
    scaled = Decimal(amount).scaleb(_currency.digits)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more than {_currency.digits} decimals")
    return int(scaled)


def major(units: int) -> Decimal:
    """Minor units as an amount with all decimals of the currency."""
    return Decimal(units).scaleb(-_currency.digits)


def money(units: int | None, *, sign: bool = False) -> str:
    """Minor units as the company's money: `¥20,500.00`, minus before the sign."""
    if units is None:
        return "—"
    before = "−" if units < 0 else "+" if sign and units > 0 else ""
    return f"{before}{_currency.mark}{major(abs(units)):,}"


def number(value: int | float | Decimal | None, digits: int | None = None) -> str:
    """A number with separators."""
    if value is None:
        return "—"
    if digits is not None:
        return f"{_half_up(value, digits):,.{digits}f}"
    if isinstance(value, int):
        return f"{value:,}"  # alike in both languages, and babel takes its time
    return numbers.format_decimal(value, locale=_CLDR[current()])


def percent(rate: float | Decimal | None, digits: int = 1) -> str:
    """A share of one as a percentage: 0.0205 with two digits is `2.05%`."""
    return "—" if rate is None else f"{_half_up(Decimal(str(rate)) * 100, digits):.{digits}f}%"


def _half_up(value: float | Decimal, digits: int) -> Decimal:
    """Rounded as people round: 62.5 is 63, where Python takes the even one of both."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def rate(millionths: int | Decimal | None) -> str:
    """A rate in millionths as a percentage, whole, with at least two digits: 20_500 is `2.05%`."""
    if millionths is None:
        return "—"
    whole, _, digits = f"{Decimal(millionths) / 10_000:f}".partition(".")
    return f"{whole}.{digits.rstrip('0'):0<2}%"


def day(value: date | datetime | None) -> str:
    """A day as tables show it: `2026-05-12`."""
    if value is None:
        return "—"
    return (clock.local(value).date() if isinstance(value, datetime) else value).isoformat()


def moment(value: datetime | None) -> str:
    """A moment in the company's time zone: `2026-05-12 10:02`."""
    return "—" if value is None else clock.local(value).isoformat(" ", "minutes")[:16]


def month(value: clock.Month) -> str:
    """A month: `2026 年 5 月`, `May 2026`."""
    if current() == "zh":
        return f"{value.year} 年 {value.number} 月"
    return value.first_day.strftime("%B %Y")


def month_in_each(value: clock.Month) -> dict[str, str]:
    """A month as each language writes it, as a value of a phrase: whoever reads it, reads theirs."""
    told = {}
    for locale in LOCALES:
        with speaking(locale):
            told[locale] = month(value)
    return told


def short_month(value: clock.Month) -> str:
    """A month where the year is known: `5 月`, `May`."""
    return f"{value.number} 月" if current() == "zh" else value.first_day.strftime("%b")


def hour(value: datetime) -> int:
    """The hour of the day in the company's time zone."""
    return clock.local(value).hour


def long_day(value: date) -> str:
    """A day in full: `2026 年 5 月 12 日 星期二`, `Tuesday, May 12, 2026`."""
    if current() == "zh":
        return format_date(value, "y 年 M 月 d 日 EEEE", locale=_CLDR["zh"])
    return format_date(value, "full", locale=_CLDR["en"])


def share(millionths: int) -> str:
    """A share sum in millionths as people count: 1_500_000 is `1.5`, and six thirds are `2`."""
    millionths = round(millionths, -2)
    return (
        f"{Decimal(millionths) / 1_000_000:f}".rstrip("0").rstrip(".")
        if millionths % 1_000_000
        else str(millionths // 1_000_000)
    )


def points(millionths: int) -> str:
    """A rate in millionths as percentage points: 500 is `0.05`."""
    return rate(millionths)[:-1]


def ago(value: datetime | None) -> Markup:
    """How long ago, with the exact time on hover and for screen readers."""
    if value is None:
        return Markup("—")
    gone, exact = clock.now() - value, moment(value)
    if abs(gone) < timedelta(minutes=1):
        words = gettext("just now")
    elif abs(gone) > timedelta(days=30):
        words = exact[:10]
    else:
        words = _away(-gone)
    stamp = value.isoformat(timespec="seconds")
    return Markup(f'<time datetime="{stamp}" title="{exact}">{escape(words)}</time>')  # noqa: S704 - digits


def _away(delta: timedelta) -> str:
    """How far away: babel takes its time, and its words change at each half of a unit alone."""
    seconds = delta.days * 86400 + delta.seconds
    unit = next(length for _, length in TIMEDELTA_UNITS if abs(seconds) >= length)
    halves, more = divmod(2 * abs(seconds), unit)
    return _away_by(current(), seconds > 0, unit, halves, more > 0)


@lru_cache(4096)
def _away_by(locale: str, ahead: bool, unit: int, halves: int, more: bool) -> str:
    seconds = (unit * halves + (unit // 2 if more else 0)) // 2
    delta = timedelta(seconds=seconds if ahead else -seconds)
    words = format_timedelta(delta, add_direction=True, locale=_CLDR[locale], threshold=1)
    words = words.replace("\u200b", "")
    return _space_digits(words) if locale == "zh" else words


def _space_digits(words: str) -> str:
    return "".join(
        f"{c} "
        if c.isdigit() and i + 1 < len(words) and not words[i + 1].isdigit() and words[i + 1] != " "
        else c
        for i, c in enumerate(words)
    )


def file_size(size: int) -> str:
    """A size in bytes for people."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size //= 1000
    return f"{size:,} GB"


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """A browser and its system out of what it says of itself, as far as people need it."""
    found = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or gettext("Unknown browser")


def blank() -> str:
    """What parts two sentences: a space, and nothing in Chinese."""
    return "" if current() == "zh" else " "


def join(words: Iterable[Any]) -> str:
    """Names in a row: `甲、乙` or `A, B`."""
    return ("、" if current() == "zh" else ", ").join(str(word) for word in words)


FILTERS: Mapping[str, Any] = {
    "label": label,
    "job": job,
    "money": money,
    "number": number,
    "percent": percent,
    "rate": rate,
    "day": day,
    "moment": moment,
    "month": month,
    "ago": ago,
    "hour": hour,
    "long_day": long_day,
    "share": share,
    "points": points,
    "file_size": file_size,
    "browser_name": browser_name,
    "enumerate_words": join,
}
