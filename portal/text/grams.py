"""How text is cut into what an index holds: folded, in single words and pairs of Han characters."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from portal.text.scripts import SIMPLIFIED

HAN = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
SIGNED = r"(?<![a-z0-9])(?:[a-z]#|[a-z]\+\+|\.net)(?![a-z0-9#+])"
RUN = re.compile(rf"[{HAN}]+|{SIGNED}|[a-z0-9]+|[^\W_{HAN}]+")
COMPOUND = re.compile(r"(?<![a-z0-9])[a-z0-9]++(?:[-/._+][a-z0-9]++){1,4}")
_SIGNED = str.maketrans({"#": "sharp", "+": "plus", ".": "dot"})
_LONGEST_JOIN = 32


class _Fold(dict[int, str]):
    """Folds one character to one character, and remembers it."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


def _fold(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).lower()
    if len(folded) != 1:
        return char
    folded = SIMPLIFIED.get(folded, folded)
    plain = unicodedata.normalize("NFD", folded)[0]
    return plain if plain.isascii() else folded


_FOLDS = _Fold()


def norm(text: str) -> str:
    """Folds width, case, accents and Traditional characters, and keeps the length: offsets stay true."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of Han characters or one Latin word, with its place in the normalised text."""

    text: str
    start: int
    end: int
    han: bool


def is_han(text: str) -> bool:
    return bool(text) and re.match(rf"[{HAN}]", text) is not None


def holds_han(text: str) -> bool:
    return re.search(rf"[{HAN}]", text) is not None


def runs(normal: str) -> Iterator[TextRun]:
    """Cuts normalised text into stretches of Han and single words; `c#` and `.net` stay whole."""
    for found in RUN.finditer(normal):
        text = found.group()
        if text[0] > "\u3004" and is_han(text):
            yield TextRun(text, found.start(), found.end(), han=True)
        else:
            yield TextRun(spelled(text), found.start(), found.end(), han=False)


def spelled(word: str) -> str:
    """A word whose signs carry meaning, in letters: `c#` is csharp, so that it is never `c`."""
    return word if word.isalnum() else word.translate(_SIGNED)


def bigrams(run: str) -> list[str]:
    """The overlapping pairs of a stretch of Han: 增值税 gives 增值, 值税."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def joins(normal: str) -> list[str]:
    """Codes and numbers written with separators, without them: `rs-485` gives rs485, and the phone
    number `138-1234-5678` gives 13812345678.
    """
    found: dict[str, None] = {}
    for match in COMPOUND.finditer(normal):
        bare = re.sub(r"[^a-z0-9]", "", match.group())
        if len(bare) <= _LONGEST_JOIN:
            found[bare] = None
    for match in re.finditer(r"(?<![a-z0-9])\+?\d+(?:[- .]\d+)+(?![a-z0-9])", normal):
        bare = re.sub(r"\D", "", match.group())
        if 5 <= len(bare) <= 20:
            found[bare] = None
    return list(found)


def grams(flattened: str) -> Iterator[str]:
    """Index terms of a flattened text: words, bigrams of Han and the last character of each stretch,
    so that one character finds every word that it begins or ends.
    """
    for word in flattened.split():
        if word[0] > "\u3004" and is_han(word):
            if len(word) > 1:
                yield from bigrams(word)
            yield word[-1]
        else:
            yield word


def terms_of(text: str) -> set[int]:
    """What an index holds of a text, as numbers."""
    normal = norm(text)
    return {packed(each) for each in (*grams(" ".join(run.text for run in runs(normal))), *joins(normal))}


_PACKED = 7


def packed(gram: str) -> int:
    """An index term as a number: of a word the beginning, as much as seven bytes hold. Each database sorts
    numbers alike, and keeps them in little room.
    """
    return int.from_bytes(gram.encode()[:_PACKED].ljust(_PACKED, b"\0"))


def packed_from(beginning: str) -> tuple[int, int]:
    """The least and the greatest number of what begins so."""
    low = packed(beginning)
    return low, low | (1 << 8 * max(0, _PACKED - len(beginning.encode()))) - 1
