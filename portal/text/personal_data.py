"""What in a text would tell who a person is: found before others read it (RULES 4.10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from portal.i18n import Phrase
from portal.text import naming

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]+", re.ASCII
)
"""Its last part begins with a letter: `client@8.0` is a version of something."""
_SPELT_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63} ?"
    r"(?:(?:[(\[]at[)\]]|\(a\)|艾特) ?[A-Za-z0-9-]{1,63}"
    r"(?:(?:\.| ?[(\[]dot[)\]] ?| dot |点)[A-Za-z0-9-]{1,63}){0,3}"
    r"(?:\.| ?[(\[]dot[)\]] ?| dot |点)"
    r"| at [A-Za-z0-9-]{1,63}(?: dot [A-Za-z0-9-]{1,63}){0,3} dot )[A-Za-z]{2,24}(?![\w-])",
    re.ASCII | re.IGNORECASE,
)
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx](?![0-9A-Za-z])")
_CALLED_ID = re.compile(
    r"(?:身份证|证件)(?:号码?)?(?:是|为)?[ :：]{0,2}"
    r"(?P<bare>[1-9](?:[ -]?[0-9]){13,16}[ -]?[0-9Xx])(?![0-9A-Za-z])"
)
"""What is called one is one, also with a digit mistyped, and the old ones of 15."""
_CARD = re.compile(r"(?<![0-9A-Za-z])[3-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
# By hand, not with `phonenumbers`: its finder loses a number that stands beside other digits, such as a day.
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z+])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9]"
    r"(?:(?:[ .·—-]?[0-9]{4}){2}|[0-9][ .-][0-9]{3}[ .-][0-9]{4}|(?:[ .-][0-9]{2}){4}"
    r"|[ .-][0-9]{3}[ .-][0-9]{5})"
    r"(?![0-9A-Za-z])"
)
_SPACED_MOBILE = re.compile(r"(?<![0-9A-Za-z+])1[ .·-][3-9](?:[ .·-][0-9]){9}(?![ .·-]?[0-9A-Za-z])")
_SPOKEN_MOBILE = re.compile(
    "[一幺壹][三四五六七八九叁肆伍陆柒捌玖](?:[0-9〇零幺一二三四五六七八九壹贰叁肆伍陆柒捌玖]){9}"
)
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z-])\(?0[1-9][0-9]{1,2}\)?[ -]?[2-9][0-9]{2,3}[ -]?[0-9]{4}(?![0-9A-Za-z-])"
    r"|(?:电话|座机|固话|分机|\btel\b\.?|\bphone\b)(?:号码?)?(?:是|为|is)?[:： ]{0,2}"
    r"(?P<bare>[2-9][0-9]{2,3}[ -]?[0-9]{4})"
    r"(?![0-9A-Za-z-])",
    re.IGNORECASE,
)
_ABROAD = re.compile(
    # one digit a turn: digits that could be parted in many ways would be tried in all of them
    r"(?<![0-9A-Za-z+])(?:\+|00(?=86))[1-9](?:[ -]?\(?[0-9]\)?){7,14}(?![0-9A-Za-z])"
)
_PASSPORT = re.compile(
    r"(?:护照|通行证|passport)[^。；;\n0-9]{0,16}?(?<![A-Za-z0-9])"
    r"(?P<bare>[A-Z]{1,2}[0-9]{7,8}|[0-9]{9})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"(?<![A-Za-z])(?:qq|扣扣|企鹅号)(?:号码?|群号?)?(?: ?(?:number|no\.?|id))?"
    r"[ :：]{0,2}(?:是|为|is)?[ :：]{0,2}"
    r"(?P<bare>[1-9][0-9]{4,10})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_WECHAT = re.compile(
    r"(?<![A-Za-z])(?:微信|薇信|威信|weixin|wechat|vx|wx|v信|加v|加微)(?P<said>(?:账号|帐号|号码?)| ?id)?"
    r"[ :：]{0,2}(?:是|为|叫|is|=)?[ :：]{0,2}"
    r"(?<![A-Za-z0-9_-])(?P<bare>[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ ·•.-]?"
    r"(?:[DF][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DF]"
    r"|(?=(?:[A-Z]?[0-9]){3})[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳])"
    r"(?![0-9A-Za-z])"
)
_NUMBER = "(?:[0-9]{1,5}|[一二三四五六七八九十百零〇]{1,5})"
_ROAD = rf"[\u3400-\u9fff]{{1,10}}(?:路|街|大道|巷|胡同|弄|里|道){_NUMBER}(?:弄|号院?|巷)(?!楼|线|店|柜)"
_ROOM = (
    rf"(?:[A-Za-z]?{_NUMBER}(?:室|房|户)(?![\u3400-\u9fff]?[价型数厅])"
    r"|[0-9]{3,4}(?![0-9A-Za-z年月日元万平米㎡.]))"
)
_BUILDING = rf"(?:{_NUMBER}|[A-Za-z]|[甲乙丙丁东西南北])(?:号楼|栋|幢|座|号院)"
_ADDRESS = re.compile(
    rf"{_ROAD}(?:[^，。；;,\n]{{0,16}}?{_BUILDING})?(?:{_NUMBER}单元)?[^，。；;,\n]{{0,6}}?{_ROOM}"
    rf"|[\u3400-\u9fff]{{0,10}}{_BUILDING}[ -]?{_NUMBER}单元[ 的-]?(?:{_NUMBER}层)?{_ROOM}"
    rf"|[\u3400-\u9fff]{{2,10}}(?:小区|花园|苑|家园|公寓|新村|大厦|府|城){_BUILDING}[ -]?{_ROOM}"
    rf"|[\u3400-\u9fff]{{0,10}}{_BUILDING}[ 的-]?[A-Za-z]?[0-9]{{3,4}}(?:室|房)(?![价型源])"
    rf"|(?:家住|住在|住址|住处|家庭地址|家在|送到|寄到|寄往|收货地址|地址)[是为在:： ]{{0,2}}"
    rf"(?P<bare>[^，。；;,\n]{{0,12}}?{_ROAD})"
    r"|(?<![0-9A-Za-z.,])[0-9]{1,5}[A-Za-z]? (?:[A-Z][a-z]+ ){1,3}"
    r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Boulevard|Blvd\.?|Terrace|Crescent)"
    r"(?![A-Za-z])(?! [A-Z][a-z])"
    r"|(?:Flat|Apt\.?|Apartment|Room|Rm\.?|Unit) ?[0-9]{1,5}[A-Z]?, "
    r"(?:(?:Building|Block|Tower|Bldg\.?) ?[0-9A-Z]{1,4}|(?:No\. ?)?[0-9]{1,5} [A-Z][a-z]+)[^\n.;]{0,30}"
    r"|(?<![A-Za-zäöüß])[A-ZÄÖÜ][a-zäöüß]+(?:straße|strasse|str\.|gasse|allee) [0-9]{1,4}[a-z]?"
    r"(?![0-9A-Za-z])"
)
_BLANK = re.compile("(?<=[\u3400-\u9fff]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z]) (?=[\u3400-\u9fff])")
"""As it is written between Chinese and Latin letters or digits: 3 号楼 1202 室."""

WORDS = {
    "phone": Phrase("phone number"),
    "id number": Phrase("ID number"),
    "e-mail": Phrase("e-mail address"),
    "bank card": Phrase("bank card number"),
    "passport": Phrase("passport number"),
    "wechat": Phrase("WeChat ID"),
    "qq": Phrase("QQ number"),
    "plate": Phrase("number plate"),
    "address": Phrase("address to the door"),
    "name": Phrase("customer's name"),
    "deal": Phrase("the deal's title or amount"),
}
_ASKED = ("name", "deal")
_CLOSE = 12
"""So many characters on either side show where something stands."""
SAID = 8
"""So many finds of one text are named to its author; of the rest it is said how many they are."""


@dataclass(frozen=True)
class Find:
    """One piece of personal data: its kind, its text, where it begins and ends, and the words around it."""

    kind: str
    text: str
    start: int
    end: int
    excerpt: str = ""

    @property
    def must_go(self) -> bool:
        """Numbers and addresses must go; a name may also be an ordinary word, which its author can tell."""
        return self.kind not in _ASKED

    @property
    def words(self) -> Phrase:
        """What it is, and where it stands when there are words around it."""
        if self.excerpt in ("", self.text):
            return Phrase("%(kind)s “%(text)s”", kind=WORDS[self.kind], text=self.text)
        return Phrase(
            "%(kind)s “%(text)s” in “%(excerpt)s”",
            kind=WORDS[self.kind],
            text=self.text,
            excerpt=self.excerpt,
        )


def said(finds: Sequence[Find]) -> list[Phrase]:
    """The finds of one text in words: the first of them, and how many more there are."""
    words = [find.words for find in finds[:SAID]]
    if more := len(finds) - len(words):
        words.append(Phrase("%(count)s more", count=more))
    return words


def find(text: str, names: Iterable[str] = (), deal: Iterable[str] = ()) -> list[Find]:
    """All personal data in a text, in its order; `names` are those of the people it may be about, `deal` the
    title and amounts by which the deal that it is about would be known.

    ID numbers count only with a right check digit (GB 11643) or where they are called so, bank cards with a
    right Luhn digit. A name is found in all its forms (`portal.text.naming`).
    """
    taken, covered = list[Find](), bytearray(len(text))
    deals = [("deal", start, end) for start, end in naming.stretches(text, deal)]
    for kind, start, end in (*_patterns(text, names), *deals):
        if covered.find(1, start, end) < 0:
            covered[start:end] = b"\1" * (end - start)
            taken.append(Find(kind, text[start:end], start, end, _around(text, start, end)))
    return sorted(taken, key=lambda found: found.start)


def _around(text: str, start: int, end: int) -> str:
    """The words around a place, on its line."""
    near = max(0, start - _CLOSE)
    line = text.rfind("\n", near, start) + 1
    end_of_line = text.find("\n", end, end + _CLOSE)
    first, last = line or near, min(len(text), end + _CLOSE) if end_of_line < 0 else end_of_line
    before = "…" if not line and near and text[near - 1] != "\n" else ""
    after = "…" if end_of_line < 0 and last < len(text) and text[last] != "\n" else ""
    return f"{before}{text[first:last].strip()}{after}"


def _patterns(text: str, names: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    plain = text.translate(naming.WIDE)
    for pattern in (_EMAIL, _SPELT_EMAIL):
        for match in pattern.finditer(plain):
            yield "e-mail", match.start(), match.end()
    for match in _ID_NUMBER.finditer(plain):
        if _is_id_number(_digits(match.group())):
            yield "id number", match.start(), match.end()
    for match in _CARD.finditer(plain):
        if _is_card(_digits(match.group())):
            yield "bank card", match.start(), match.end()
    called = (("id number", _CALLED_ID), ("qq", _QQ), ("wechat", _WECHAT), ("passport", _PASSPORT))
    for kind, pattern in called:
        for match in pattern.finditer(plain):
            if kind != "wechat" or match["said"] or re.search("[0-9_-]", match["bare"]):
                yield kind, *match.span("bare")
    for pattern in (_MOBILE, _SPACED_MOBILE, _SPOKEN_MOBILE, _LANDLINE, _ABROAD):
        for match in pattern.finditer(plain):
            if pattern is not _ABROAD or 8 <= len(_digits(match.group())) <= 15:
                yield "phone", *_span(match)
    for match in _PLATE.finditer(plain):
        yield "plate", match.start(), match.end()
    blanks = [match.start() for match in _BLANK.finditer(plain)]
    for match in _ADDRESS.finditer(_BLANK.sub("", plain)):
        start, end = _span(match)
        yield "address", _before_closing(start, blanks), _before_closing(end - 1, blanks) + 1
    for start, end in naming.occurrences(text, names):
        yield "name", start, end


def _before_closing(at: int, blanks: Sequence[int]) -> int:
    """Where a character stood before these blanks, in their order, were taken out."""
    low, high = 0, len(blanks)
    while low < high:  # so many blanks lie before it
        middle = (low + high) // 2
        low, high = (middle + 1, high) if blanks[middle] - middle <= at else (low, middle)
    return at + low


def _span(match: re.Match[str]) -> tuple[int, int]:
    """What was meant: the number itself, where a word before it showed what it is."""
    return match.span("bare") if match.groupdict().get("bare") else match.span()


def _digits(text: str) -> str:
    return re.sub("[^0-9Xx]", "", text).upper()


def _is_id_number(text: str) -> bool:
    """Not `stdnum.cn.ric`: it knows no person older than the present code of their district."""
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    plausible = 1850 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31
    return plausible and mod_11_2.is_valid(text)


def _is_card(text: str) -> bool:
    scheme = {13: "4", 14: "3", 15: "3"}.get(len(text), "3456")  # a bar code has 13 digits and its own check
    return text[0] in scheme and luhn.is_valid(text) and len(set(text)) > 1


def scrub(text: str, names: Iterable[str] = (), *, mark: str = "〔…〕") -> str:
    """The text with every piece of personal data replaced by a mark."""
    return without(text, find(text, names), mark=mark)


def without(text: str, finds: Iterable[Find], *, mark: str = "〔…〕") -> str:
    """The text with these pieces replaced by a mark."""
    parts, at = [], 0
    for found in finds:
        parts += [text[at : found.start], mark]
        at = found.end
    return "".join([*parts, text[at:]])
