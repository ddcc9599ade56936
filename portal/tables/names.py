"""Which known name a misspelt one most likely means, and when it is wiser not to say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from portal.text.pinyin import syllables

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+")

SHORTEST = 5  # letters; in anything shorter one slip makes another word
SHORTEST_HAN = 4  # characters; 王伟 and 王玮 are two people
ALLOWED = ((15, 3), (9, 2), (SHORTEST, 1))  # (from this many letters, this many slips)


@lru_cache(maxsize=50_000)
def key(name: str) -> str:
    """The name without case, width, space and punctuation: two names with one key are the same name."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", folded)))


def similar(name: str, known: Iterable[str]) -> str | None:
    """The one known name that `name` is a misspelling of, or None where none or several might be meant.

    The same key wins first. Then slips of the keyboard (swapped, missing, doubled, wrong letters), fewer in
    shorter names; in Chinese, characters that sound the same, or one left out. Numbers and short words such
    as initials and sizes must agree exactly: `GTX 50` is not `GTX 500`.
    """
    wanted = key(name)
    if not wanted:
        return None
    names = list(dict.fromkeys(known))
    if name in names:
        return name
    same = [other for other in names if key(other) == wanted]
    if same:
        return same[0] if len(same) == 1 else None
    found = sorted((slips, other) for other in names if (slips := _slips(name, other)) is not None)
    if not found or (len(found) > 1 and found[1][0] <= found[0][0] + 1):
        return None
    return found[0][1]


def resembling(name: str, known: Iterable[str]) -> str | None:
    """The one known name of two or three characters that a Chinese name is easily mistaken for: of one sound,
    or with one other character of three. Two people may well be called so: it is asked about, never taken.
    """
    wanted = key(name)
    if not (_HAN.match(wanted) and 2 <= len(wanted) < SHORTEST_HAN):
        return None
    near = [
        (other, read)
        for other in dict.fromkeys(known)
        if len(read := key(other)) == len(wanted) and read != wanted
    ]
    near = [(other, read) for other, read in near if read[0] == wanted[0]]
    alike = [other for other, read in near if syllables(read) == syllables(wanted)]
    if not alike and len(wanted) > 2:
        alike = [other for other, read in near if sum(a != b for a, b in zip(read, wanted, strict=True)) == 1]
    return alike[0] if len(alike) == 1 else None


def _slips(name: str, other: str) -> int | None:
    """How many slips turn one name into the other, if few enough to be slips at all."""
    if _HAN.search(name) or _HAN.search(other):
        return _han_slips(key(name), key(other))
    if _fixed_words(name) != _fixed_words(other):
        return None
    left, right = key(name), key(other)
    allowed = next((slips for letters, slips in ALLOWED if min(len(left), len(right)) >= letters), 0)
    distance = OSA.distance(left, right, score_cutoff=allowed)
    return distance if allowed and distance <= allowed else None


def _han_slips(name: str, other: str) -> int | None:
    """Input methods confuse characters of one sound; any other changed character is another name."""
    if min(len(name), len(other)) < SHORTEST_HAN:
        return None
    if len(name) == len(other):
        return 1 if syllables(name) == syllables(other) else None
    shorter, longer = sorted((name, other), key=len)
    if len(longer) - len(shorter) == 1 and len(shorter) > SHORTEST_HAN:
        return 1 if OSA.distance(shorter, longer) == 1 else None
    return None


@lru_cache(maxsize=50_000)
def _fixed_words(name: str) -> Sequence[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", name).casefold())
    numbers = [number for word in words for number in re.findall(r"\d+", word)]
    return tuple(numbers) + tuple(sorted(w for w in words if len(w) <= 2 and not w.isdigit()))
