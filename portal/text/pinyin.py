"""How Chinese is read in Latin letters: what lists are sorted by, what addresses are made of, and what people
type who do not write characters.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

SURNAMES = {
    "单": "shan",
    "卜": "bu",
    "仇": "qiu",
    "员": "yun",
    "句": "gou",
    "召": "shao",
    "区": "ou",
    "折": "she",
    "曾": "zeng",
    "朴": "piao",
    "查": "zha",
    "洗": "xian",
    "祭": "zhai",
    "秘": "bi",
    "种": "chong",
    "繁": "po",
    "缪": "miao",
    "翟": "zhai",
    "覃": "qin",
    "解": "xie",
    "都": "du",
    "黑": "he",
    "佴": "nai",
    "么": "yao",
}
"""Family names that are read otherwise than the same character elsewhere."""


WORDS = {
    "还款": "huán kuǎn",
    "还息": "huán xī",
    "还房贷": "huán fáng dài",
    "重置": "chóng zhì",
    "差旅": "chāi lǚ",
    "朝阳": "cháo yáng",
}
"""Words of those who sell that the dictionary lacks or reads otherwise."""


@cache
def _dictionary() -> Callable[[str], list[str]]:
    """What reads a text. Its dictionary loads as long as half of the portal: not before a first text."""
    kept = ModuleType("pypinyin.phrases_dict")  # which reads them itself, into 37 MB
    kept.phrases_dict = words()  # type: ignore[attr-defined]
    sys.modules.setdefault(kept.__name__, kept)
    import pypinyin  # noqa: PLC0415 - see above

    own = {word: [[each] for each in read.split()] for word, read in WORDS.items()}
    pypinyin.load_phrases_dict(own)
    return pypinyin.lazy_pinyin


_WORD = re.compile(r'"([^"]+)":\s*(\[\s*\[.*?\]\s*\])', re.DOTALL)


def words() -> dict[str, list[list[str]]]:
    """How the dictionary's words are read, each reading of a syllable kept once, not for each of 47,000."""
    spec = find_spec("pypinyin")
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).with_name("phrases_dict.json").read_text(encoding="utf-8")
    kept: dict[tuple[str, ...], list[str]] = {}
    found = {}
    for word, read in (match.groups() for match in _WORD.finditer(text)):
        readings = []
        for each in json.loads(read):
            reading = kept.setdefault(tuple(each), each)
            # A word is copied before it is changed, but a list that is twice in it would be changed twice.
            readings.append(reading if reading not in readings else each)
        found[word] = readings
    return found


@lru_cache(maxsize=20_000)
def syllables(text: str) -> tuple[str, ...]:
    """The syllable of each character; what is not Chinese stays in one piece."""
    return (text,) if text.isascii() and text else tuple(_dictionary()(text))


def of_name(name: str) -> tuple[str, ...]:
    """The syllables of a person's name, 曾 and its like read as family names."""
    if name[:1] in SURNAMES and not name.startswith("单于"):
        return (SURNAMES[name[0]], *(syllables(name[1:]) if name[1:] else ()))
    return syllables(name)


def sort_key(text: str) -> str:
    """A text as lists sort it: pinyin in lower case."""
    return " ".join(syllables(text)).lower()


def name_sort_key(name: str) -> str:
    """A person's name as lists sort it."""
    return " ".join(of_name(name)).lower()


def initials(text: str) -> str:
    """The first letter of each syllable; what is not Chinese stays as it is."""
    found, at = [], 0
    for syllable in syllables(text):
        written = text.startswith(syllable, at)
        found.append(syllable if written else syllable[:1])
        at += len(syllable) if written else 1
    return "".join(found)
