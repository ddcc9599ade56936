"""Han characters typed wrong, of the same sound or of a like shape, put right by what the company's texts
hold: where 毡略 stands nowhere and 战略 does, that is looked for too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from portal.search.parsing import ParsedQuery, Slip, Term, Word
from portal.search.text import cut_words
from portal.text.grams import bigrams, is_han
from portal.text.pinyin import syllables

CountedTerms = Callable[[Sequence[str]], tuple[int, Mapping[str, int]]]
"""Tells of how many entries in all how many hold each term."""
MOST_WORDS = 3
"""So many words of a query are looked at."""
LONGEST = 6
MOST_MEANT = 2


def put_right(parsed: ParsedQuery, counted: CountedTerms) -> ParsedQuery:
    """The query with what its unknown words were probably meant to be. Raises EngineDown."""
    suspected = [word for word in parsed.words if _may_be_wrong(word, parsed)]
    if not suspected:
        return parsed
    grams = {gram for word in suspected for gram in bigrams(word.text)}
    _, known = counted(sorted(grams))
    unknown = [word for word in suspected if not all(known.get(gram) for gram in bigrams(word.text))]
    slips = [slip for word in unknown[:MOST_WORDS] for slip in _slips(word, known, counted)]
    return replace(parsed, terms=_meant(parsed.terms, slips), slips=tuple(slips)) if slips else parsed


def _may_be_wrong(word: Word, parsed: ParsedQuery) -> bool:
    """A word of a sentence that the language knows was meant as it stands, and one that the company knows."""
    if not word.han or not 2 <= len(word.text) <= LONGEST or parsed.is_said_otherwise(word):
        return False
    return len(parsed.words) == 1 or len(cut_words(word.text)) > 1


def _slips(word: Word, known: Mapping[str, int], counted: CountedTerms) -> list[Slip]:
    """What a word is with one character changed: of all such words the one most of whose pairs are known."""
    tried = list(_tried(word.text, known))
    _, found = counted(sorted({gram for _, pairs in tried for gram in pairs}))
    right: list[tuple[int, int, str]] = []
    for meant, pairs in tried:
        counts = [count for gram in pairs if (count := found.get(gram, 0))]
        if counts:
            right.append((-len(counts), -min(counts), meant))
    most = min((count for count, _, _ in right), default=0)
    best = [meant for count, _, meant in sorted(right) if count == most]
    return [Slip(word.start, word.end, meant) for meant in best[:MOST_MEANT]]


def _tried(text: str, known: Mapping[str, int]) -> Iterator[tuple[str, list[str]]]:
    """Each word that a wrong character may stand for, with the pairs that the right one makes."""
    for at, char in enumerate(text):
        around = [start for start in (at - 1, at) if 0 <= start < len(text) - 1]
        if all(known.get(text[start : start + 2]) for start in around):
            continue
        for other in alike(char):
            meant = text[:at] + other + text[at + 1 :]
            yield meant, [meant[start : start + 2] for start in around]


def _meant(terms: Sequence[Term], slips: Sequence[Slip]) -> tuple[Term, ...]:
    meant: defaultdict[str, list[str]] = defaultdict(list)
    for term in terms:
        for slip in slips:
            if term.han and slip.start <= term.start and term.end <= slip.end:
                form = slip.text[term.start - slip.start : term.end - slip.start]
                if form != term.gram:
                    meant[term.gram].append(form)
    return tuple(
        replace(term, meant=tuple(dict.fromkeys(meant[term.gram]))) if term.gram in meant else term
        for term in terms
    )


def alike(char: str) -> str:
    """The usual characters that sound or look like one."""
    if not is_han(char):
        return ""
    sound = syllables(char)[0]
    found = _by_sound().get(sound, "") + _by_shape().get(char, "")
    return "".join(dict.fromkeys(other for other in found if other != char))


@cache
def _by_sound() -> dict[str, str]:
    """The 3,755 usual characters by how they are read."""
    found: defaultdict[str, str] = defaultdict(str)
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            if (high, low) < (0xD7, 0xFA):
                char = bytes((high, low)).decode("gb2312")
                found[syllables(char)[0]] += char
    return dict(found)


@cache
def _by_shape() -> dict[str, str]:
    found: defaultdict[str, str] = defaultdict(str)
    for group in files("portal.text").joinpath("lookalikes.txt").read_text(encoding="utf-8").split():
        for char in group:
            found[char] += group
    return dict(found)
