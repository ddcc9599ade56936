"""How Chinese is read in Latin letters: what lists are sorted by, what addresses are made of, and what people
type who do not write characters.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

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


LONGEST = 10
"""Characters of the longest word that the dictionary knows."""
_SINGLE = re.compile(r'"(\d+)":\s*"([^",]+)')
_WORD = re.compile(r'"([^"]+)":\s*(\[\s*\[.*?\]\s*\])', re.DOTALL)
_FIRST = re.compile(r'\[\s*"([^"]+)"')
_TONES = str.maketrans(dict.fromkeys("\u0300\u0301\u0304\u030c"))


class _Dictionary:
    """What the files of pypinyin say, in 7 MB: read by itself it takes 28, for tones that nobody asks for.

    A text is cut into the longest words that are known, from its start. All words are kept by their first
    character, but only the 3,400 that are read otherwise than their characters alone are kept with how.
    """

    def __init__(self) -> None:
        spec = find_spec("pypinyin")
        assert spec is not None
        assert spec.origin is not None
        singles, words = (
            Path(spec.origin).with_name(name).read_text(encoding="utf-8")
            for name in ("pinyin_dict.json", "phrases_dict.json")
        )
        toneless = cache(_toneless)
        numbers: dict[str, int] = {"": 0}
        self._single = array("H", bytes(2 * 0x32400))
        for code, read in (match.groups() for match in _SINGLE.finditer(singles)):
            self._single[int(code)] = numbers.setdefault(toneless(read), len(numbers))
        self._syllables = tuple(numbers)
        self._words: dict[str, str] = {}
        self._read: dict[str, tuple[str, ...]] = {}
        rest = defaultdict[str, list[str]](list)
        for word, read in (match.groups() for match in _WORD.finditer(words)):
            self._add(word, tuple(map(toneless, _FIRST.findall(read))), rest)
        for word, read in WORDS.items():
            self._add(word, tuple(map(toneless, read.split())), rest)
        self._words = {first: "\n".join(["", *others, ""]) for first, others in rest.items()}

    def _add(self, word: str, read: tuple[str, ...], rest: dict[str, list[str]]) -> None:
        rest[word[0]].append(word[1:])
        if read != tuple(map(self.of_character, word)):
            self._read[word] = read

    def of_character(self, char: str) -> str:
        """How a character is read alone; empty for what is not Chinese."""
        code = ord(char)
        return self._syllables[self._single[code]] if code < len(self._single) else ""

    def read(self, text: str) -> Iterator[str]:
        """The syllable of each character; what is not Chinese stays in one piece."""
        at = begun = 0
        while at < len(text):
            if not self.of_character(text[at]):
                at += 1
                continue
            if begun < at:
                yield text[begun:at]
            word = self._word(text, at)
            yield from self._read.get(word) or map(self.of_character, word)
            begun = at = at + len(word)
        if begun < len(text):
            yield text[begun:]

    def _word(self, text: str, at: int) -> str:
        """The longest known word that begins here, or the character."""
        known, end = self._words.get(text[at], ""), at + 1
        while end < min(at + LONGEST, len(text)) and self.of_character(text[end]):
            end += 1
        while end > at + 1 and f"\n{text[at + 1 : end]}\n" not in known:
            end -= 1
        return text[at:end]


def _toneless(syllable: str) -> str:
    """As it is typed: lǜ is lv."""
    parts = unicodedata.normalize("NFD", syllable)
    return unicodedata.normalize("NFC", parts.translate(_TONES).replace("u\u0308", "v"))


@cache
def _dictionary() -> _Dictionary:
    """Half a second of work: not before a first text."""
    return _Dictionary()


@lru_cache(maxsize=20_000)
def syllables(text: str) -> tuple[str, ...]:
    """The syllable of each character; what is not Chinese stays in one piece."""
    return (text,) if text.isascii() and text else tuple(_dictionary().read(text))


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
