"""What is never kept of anybody nor ranks anyone: protected attributes, refused by name (RULES 4.5, 4.10)."""

from __future__ import annotations

import re

from portal.i18n import Phrase

_HAN: dict[str, str] = {
    "age": "年龄|岁数|高龄|年纪|年老|年轻|老年|中年|青年|老人|未成年|[0-9]+后|[0-9]+岁|[七八九零]零后",
    "gender": "性别|男性|女性|男的|女的|男士|女士|男人|女人|变性|性取向|同性恋|孕妇|怀孕",
    "religion": "宗教|信教|信仰|佛教|基督|天主教|伊斯兰|穆斯林|道教|教徒|清真",
    "health": "健康|疾病|生病|患病|病史|残疾|残障|体检|癌|抑郁|精神病|慢性病|传染病|乙肝",
    "origin": "籍贯|民族|种族|族裔|国籍|户籍|户口|血统|肤色|出生地|老乡|[南北]方人|外地人|本地人",
    "marital state": "婚姻|婚否|已婚|未婚|离婚|离异|单身|丧偶|再婚|结过婚",
    "politics": "政治|党员|党派|政见|入党|群众身份|政党",
}
_LATIN: dict[str, str] = {
    "age": r"age|ages|aged|ageing|aging|elderly|seniors?|old|young|younger|older|teen\w*|middle-aged|minors?",
    "gender": r"gender|sex|sexes|males?|females?|man|men|woman|women|transgender|gay|lesbian|pregnan\w*",
    "religion": r"religi\w+|faith|buddhis\w+|christian\w*|catholic\w*|muslims?|islam\w*|jew\w*|hindu\w*",
    "health": r"health\w*|illness\w*|sick\w*|disease\w*|disab\w+|handicap\w*|cancer|depress\w+|medical",
    "origin": r"origins?|ethnic\w*|race|racial|nationalit\w+|ancestry|birthplace|hukou|skin colou?r",
    "marital state": r"marital|marriage|married|unmarried|divorc\w+|single|widow\w*",
    "politics": r"politic\w*|part(?:y|ies) member\w*|left-wing|right-wing|communis\w*|socialis\w*",
}
WORDS: dict[str, Phrase] = {
    "age": Phrase("age"),
    "gender": Phrase("gender"),
    "religion": Phrase("religion"),
    "health": Phrase("health"),
    "origin": Phrase("origin"),
    "marital state": Phrase("marital state"),
    "politics": Phrase("politics"),
}
"""What the protected attributes are called."""
_FOUND = {
    name: re.compile(rf"{_HAN[name]}|(?<![A-Za-z])(?:{_LATIN[name]})(?![A-Za-z])", re.IGNORECASE)
    for name in WORDS
}


def protected_in(text: str) -> str | None:
    """The protected attribute that a word names, as a key of WORDS; None for a word that names none."""
    return next((name for name, form in _FOUND.items() if form.search(text)), None)


def refusal(text: str) -> Phrase | None:
    """Why a word is refused, for whoever typed it; None when it may stand."""
    found = protected_in(text)
    if found is None:
        return None
    return Phrase(
        "This names a protected attribute (%(what)s). It is never kept of anyone, and nobody is found or "
        "chosen by it. Say what the customer asks for or how a colleague works.",
        what=WORDS[found],
    )
