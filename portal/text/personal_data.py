"""What in a text would tell who a person is: found before an experience is read by others (RULES 4.10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from portal.i18n import Phrase

_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
"""Full-width characters as ASCII, one for one, so that positions stay."""

_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])[3-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
# By hand, not with `phonenumbers`: its finder loses a number that stands beside other digits, such as a day.
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z+])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9](?:[ .-]?[0-9]{4}){2}(?![0-9A-Za-z])"
)
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z-])\(?0[1-9][0-9]{1,2}\)?[ -]?[2-9][0-9]{2,3}[ -]?[0-9]{4}(?![0-9A-Za-z-])"
)
_ABROAD = re.compile(
    r"(?<![0-9A-Za-z+])(?:\+|00(?=86))[1-9][0-9]{0,2}(?:[ -]?\(?[0-9]+\)?){2,5}(?![0-9A-Za-z])"
)

WORDS = {
    "phone": Phrase("phone number"),
    "id number": Phrase("ID number"),
    "e-mail": Phrase("e-mail address"),
    "bank card": Phrase("bank card number"),
    "name": Phrase("customer's name"),
}


@dataclass(frozen=True)
class Find:
    """One piece of personal data: its kind, its text, where it begins and ends."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def must_go(self) -> bool:
        """Numbers and addresses must go; a name may also be an ordinary word, which its author can tell."""
        return self.kind != "name"

    @property
    def words(self) -> Phrase:
        return Phrase("%(kind)s “%(text)s”", kind=WORDS[self.kind], text=self.text)


def find(text: str, names: Iterable[str] = ()) -> list[Find]:
    """All personal data in a text, in its order; `names` are those of the people it may be about.

    ID numbers count only with a right check digit (GB 11643), bank cards with a right Luhn digit.
    """
    plain = text.translate(_WIDE)
    taken: list[Find] = []
    for kind, start, end in _patterns(plain, names):
        if all(end <= other.start or start >= other.end for other in taken):
            taken.append(Find(kind, text[start:end], start, end))
    return sorted(taken, key=lambda found: found.start)


def _patterns(plain: str, names: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for match in _EMAIL.finditer(plain):
        yield "e-mail", match.start(), match.end()
    for match in _ID_NUMBER.finditer(plain):
        if _is_id_number(_digits(match.group())):
            yield "id number", match.start(), match.end()
    for match in _CARD.finditer(plain):
        if _is_card(_digits(match.group())):
            yield "bank card", match.start(), match.end()
    for pattern in (_MOBILE, _LANDLINE, _ABROAD):
        for match in pattern.finditer(plain):
            if pattern is not _ABROAD or 8 <= len(_digits(match.group())) <= 15:
                yield "phone", match.start(), match.end()
    for name in sorted({name.strip().translate(_WIDE) for name in names}, key=len, reverse=True):
        if len(name) < 2:
            continue
        literal = re.escape(name)
        if name.isascii():  # "Ann" is not in "Anna"; between Han characters there are no gaps to ask for
            literal = rf"(?<![A-Za-z0-9]){literal}(?![A-Za-z0-9])"
        for match in re.finditer(literal, plain, re.IGNORECASE):
            yield "name", match.start(), match.end()


def _digits(text: str) -> str:
    return re.sub("[^0-9Xx]", "", text).upper()


def _is_id_number(text: str) -> bool:
    """Not `stdnum.cn.ric`: it knows no person older than the present code of their district."""
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    plausible = 1850 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31
    return plausible and mod_11_2.is_valid(text)


def _is_card(text: str) -> bool:
    return luhn.is_valid(text) and len(set(text)) > 1


def scrub(text: str, names: Iterable[str] = (), *, mark: str = "〔…〕") -> str:
    """The text with every piece of personal data replaced by a mark."""
    parts, at = [], 0
    for found in find(text, names):
        parts += [text[at : found.start], mark]
        at = found.end
    return "".join([*parts, text[at:]])
