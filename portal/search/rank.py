"""The order of hits, the same for both engines: BM25 on the candidates' own text, then what BM25 does not
see: whole names, codes written differently, typing not finished, misspelt words.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import mul
from typing import Any, cast

from rapidfuzz import process
from rapidfuzz.distance import OSA

from portal.search.documents import FoldedText
from portal.search.parsing import ParsedQuery, Term
from portal.text.grams import holds_han

# Saturation and length of BM25; the mean length is fixed, so that a score does not depend on the engine's
# statistics, and short entries (a name, a product) count as short.
K1 = 1.6
B = 0.6
MEAN_LENGTH = 300
TITLE = 2.0  # a word in the title counts as so many in the body
TYPO = 0.75
PREFIX = 0.95
SYNONYM = 0.9
JOINED = 0.95
SPOKEN = 0.75
WHOLE_NAME = 0.6
TITLE_START = 0.15
TITLE_SHARE = 0.2
NEAR = 0.1
OF_KIND = {"deal": 0.7, "customer": 0.75}
"""What a hit of a kind counts beside those of other kinds: who asks wants an answer or a person, and a deal
or a customer is found by its own name all the same. What is written of a customer is short, which alone would
put it before what was written for everybody.
"""
OVERDUE = 0.7
"""What an article counts whose check is overdue (RULES 4.4)."""
PROVEN = 0.05
"""By so much at most an article comes before its like, since it worked for colleagues: who asks finds first
what answers, and among those the proven one.
"""
DUE, WORKED = "fresh:due", "worked:"
MOST_WORKED = 40
"""More colleagues than these prove nothing more; engines count by value, and have few."""
SAME = 20
"""So many of the best are looked at for one notice of several years."""
CUT = 0.4  # hits below this share of the best score are noise
SPREAD = 0.04
"""At least so much lies between the nearest in meaning and what is not near, or a handful of texts would all
be near.
"""
NEAR_HAN, NEAR_LATIN = 0.875, 0.83
"""So near in meaning an answer is to a question with Han, and to one without: of 184 and 592 public questions
put to texts that hold no answer 4 % reach it, of 170 and 116 right answers 94 % and 82 %.
"""
BEHIND = 0.02
"""So far behind the nearest at most: of right answers that are not the nearest nine in ten are no farther, of
other texts one in five.
"""
_FEWEST_LETTERS = 5
_slips = cast(Any, OSA.distance)  # its overloads do not fit the stub of process.extract


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry in its place: `score` is comparable within one query."""

    id: str
    score: float
    text: FoldedText


def idf(doc_freq: int, documents: int) -> float:
    """How much a term says: much when few entries hold it."""
    return math.log(1 + (max(documents - doc_freq, 0) + 0.5) / (doc_freq + 0.5))


class Ranker:
    """Scores candidates of one query."""

    def __init__(
        self, parsed: ParsedQuery, doc_freq: Mapping[str, int], documents: int, texts: Iterable[FoldedText]
    ) -> None:
        self.parsed = parsed
        self.terms = parsed.content_terms or parsed.terms
        counted = [doc_freq[term.gram] for term in self.terms if term.gram in doc_freq]
        usual = sorted(counted)[len(counted) // 2] if counted else max(documents // 100, 1)
        self.weights = [idf(doc_freq.get(term.gram, usual), max(documents, 1)) for term in self.terms]
        self.total = sum(self.weights) or 1.0
        self.variants = _variants(self.terms, doc_freq, texts)
        self.pairs = [
            f" {a.gram} {b.gram} "
            for a, b in zip(self.terms, self.terms[1:], strict=False)
            if not a.han and not b.han and b.start - a.end <= 2
        ]
        self.name = f"| {' '.join(parsed.normal.split())} |"
        self.covers = [
            (
                join,
                [i for i, term in enumerate(self.terms) if join.start <= term.start and term.end <= join.end],
            )
            for join in parsed.joined
        ]
        self.misheard = [
            (
                f" {sound} ",
                [i for i, term in enumerate(self.terms) if word.start <= term.start and term.end <= word.end],
            )
            for word, sound in parsed.misheard(doc_freq)
        ]

    def score(self, text: FoldedText) -> float:
        """From 0 to about 2; equal text and query give equal scores whatever the engine."""
        slack = K1 * (1 - B + B * text.length / MEAN_LENGTH)
        shares = [0.0] * len(self.terms)
        title, body, names = text.title, text.body, text.names
        in_title = 0.0
        for i, term in enumerate(self.terms):
            form = term.form
            count: float = body.count(form)
            if form in title:
                count += TITLE * title.count(form)
                in_title += self.weights[i]
            elif form in names or (not term.han and f" {term.raw} " in names):
                count += TITLE
            shares[i] = count / (count + slack) if count else self._other_share(term, text, slack)
        self._cover(shares, text)
        base = sum(map(mul, self.weights, shares)) / self.total
        if self.parsed.spoken and f"| {self.parsed.spoken} |" in names:
            base = max(base, SPOKEN)
        return base + self._bonus(text, in_title) if base else 0.0

    def _other_share(self, term: Term, text: FoldedText, slack: float) -> float:
        """The share of a term that is only begun, said otherwise or misspelt."""
        quality, count = 1.0, 0.0
        if term.prefix and not term.han:
            quality = PREFIX
            count = self._count(f" {term.gram}", text) or self._count(f" {term.raw}", text)
        if not count and term.alternates:
            quality = SYNONYM
            count = max(self._count(form, text) for form in term.alternates)
        if not count and term.meant:
            quality = SPOKEN
            count = max(self._count(form, text) for form in term.meant)
        if not count and term.gram in self.variants:
            quality = TYPO
            count = max((self._count(f" {form} ", text) for form in self.variants[term.gram]), default=0)
        return quality * count / (count + slack) if count else 0.0

    def _count(self, form: str, text: FoldedText) -> float:
        head = text.title.count(form) or int(form in text.names)
        return text.body.count(form) + TITLE * head

    def _cover(self, shares: list[float], text: FoldedText) -> None:
        """Words that the entry writes as one (a code, a phone number, a name in pinyin) are all there."""
        for join, covered in self.covers:
            if f" {join.text} " in text.names or f" {join.text} " in text.body:
                found = JOINED
            elif join.end == len(self.parsed.normal) and f" {join.text}" in text.names:
                found = JOINED * PREFIX
            else:
                continue
            for i in covered:
                shares[i] = max(shares[i], found)
        for sound, covered in self.misheard:
            if sound in text.names:
                for i in covered:
                    shares[i] = max(shares[i], SPOKEN)

    def _bonus(self, text: FoldedText, in_title: float) -> float:
        bonus = 0.0
        if self.name in text.names:
            bonus += WHOLE_NAME
        elif text.names.startswith(self.name[:-2]):
            bonus += TITLE_START
        if in_title:
            share = min(1.0, len(self.parsed.normal) / len(text.title))
            bonus += TITLE_SHARE * share * in_title / self.total
        if self.pairs:
            bonus += (
                NEAR * sum(pair in text.body or pair in text.title for pair in self.pairs) / len(self.terms)
            )
        return bonus


def _variants(
    terms: Iterable[Term], doc_freq: Mapping[str, int], texts: Iterable[FoldedText]
) -> dict[str, tuple[str, ...]]:
    """For words that no entry holds: the words of the candidates that they are probably meant to be."""
    unknown = [
        term
        for term in terms
        if not term.han
        and len(term.raw) >= _FEWEST_LETTERS
        and term.raw.isalpha()
        and not doc_freq.get(term.gram)
    ]
    if not unknown:
        return {}
    words: set[str] = set()
    for text in texts:
        words.update(text.title.split(), text.body.split(), text.names.split())
    letters = {term.raw[0] for term in unknown}
    known = [
        word for word in words if word[0] in letters and word.isascii() and word.isalpha() and len(word) > 3
    ]
    return {term.gram: tuple(sorted(close(term.gram, known) | close(term.raw, known))) for term in unknown}


def close(word: str, known: Iterable[str]) -> set[str]:
    """The known words that a misspelt one may mean: one slip up to 8 letters, two beyond."""
    slips = 1 if len(word) < 9 else 2
    first, least, most = word[:1], len(word) - slips, len(word) + slips
    candidates = [found for found in known if least <= len(found) <= most and found.startswith(first)]
    near = process.extract(word, candidates, scorer=_slips, score_cutoff=slips, limit=5)
    return {found for found, distance, _ in near if distance}


def rank(
    parsed: ParsedQuery, doc_freq: Mapping[str, int], documents: int, texts: Mapping[str, FoldedText]
) -> list[Ranked]:
    """Orders entries, best first; ties go to the shorter title, then the newer record."""
    ranker = Ranker(parsed, doc_freq, documents, texts.values())
    ranked = [
        Ranked(id, round(ranker.score(text) * OF_KIND.get(text.kind, 1) * _standing(text), 4), text)
        for id, text in texts.items()
    ]
    ranked.sort(key=lambda found: (-found.score, len(found.text.title), -found.text.updated, found.id))
    return [found for found in ranked if found.score]


def _standing(text: FoldedText) -> float:
    """How far an article is to be relied on, by what its documents say of its check and of its use."""
    if text.kind != "article":
        return 1
    tags = text.tags
    worked = next((int(each.removeprefix(WORKED)) for each in tags if each.startswith(WORKED)), 0)
    proven = 1 + PROVEN * math.log2(1 + worked) / math.log2(1 + MOST_WORKED)
    return proven * OVERDUE if DUE in tags else proven


def best_of_each(ranked: Iterable[Ranked]) -> list[Ranked]:
    """Keeps the best entry of each record."""
    best: dict[str, Ranked] = {}
    for found in ranked:
        best.setdefault(found.text.parent, found)
    return list(best.values())


def cut(ranked: list[Ranked]) -> list[Ranked]:
    """Leaves out what is far behind the best by what it says, not for its kind or an overdue check."""
    said = [found.score / OF_KIND.get(found.text.kind, 1) for found in ranked]
    least = CUT * max(said, default=0)
    return [
        found
        for found, score in zip(ranked, said, strict=True)
        if score >= least * min(1, _standing(found.text))
    ]


def shares(near: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Cosines stretched from 1, the nearest, to 0, the last: all are high, and their differences are told."""
    if not near:
        return {}
    first, last = near[0][1], near[-1][1]
    spread = max(first - last, SPREAD)
    return {name: max(0.0, 1 - (first - cosine) / spread) for name, cosine in near}


def worth_reading(others: Mapping[str, float], ranked: Iterable[Ranked]) -> list[str]:
    """Of what is only near, by its score, what would not be cut beside the ranked ones: even where its check
    is overdue.
    """
    said = [found.score / OF_KIND.get(found.text.kind, 1) for found in ranked]
    least = CUT * OVERDUE * max(said, default=0)
    return [id for id, score in others.items() if score >= least]


def near_enough(text: str, near: Sequence[tuple[str, float]]) -> list[str]:
    """What is so near a question, by its cosine, that it may answer it, the nearest first."""
    least = max(NEAR_HAN if holds_han(text) else NEAR_LATIN, near[0][1] - BEHIND) if near else 1.0
    return [name for name, cosine in near if cosine >= least]


def people_first(name: str, ranked: list[Ranked]) -> list[Ranked]:
    """Of those that have the whole of what was typed as one of their names, and not as their title, people
    come first: before what they wrote, which is found by their names too.
    """
    places = [
        place
        for place, hit in enumerate(ranked)
        if name in hit.text.names and not hit.text.names.startswith(name)
    ]
    moved = sorted(places, key=lambda place: ranked[place].text.kind != "person")
    ordered = list(ranked)
    for place, comes in zip(places, moved, strict=True):
        ordered[place] = replace(ranked[comes], score=ranked[place].score)
    return ordered


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def newest_year_first(
    parsed: ParsedQuery, ranked: list[Ranked]
) -> tuple[list[Ranked], dict[str, tuple[str, ...]]]:
    """Where some of the best are one title of several years and the query names none: the newest in the first
    of their places, and by its id the years that there are.
    """
    if _YEAR.search(parsed.normal):
        return ranked, {}
    ordered, years = list(ranked), dict[str, tuple[str, ...]]()
    titles: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for place, hit in enumerate(ranked[:SAME]):
        if found := _YEAR.search(hit.text.title):
            same = hit.text.kind, _YEAR.sub("", hit.text.title)
            titles.setdefault(same, []).append((found.group(), place))
    for told in titles.values():
        if len({year for year, _ in told}) < 2:
            continue
        newest_first = sorted(told, key=lambda each: (-int(each[0]), each[1]))
        for (_, place), (_, moved) in zip(told, newest_first, strict=True):
            ordered[place] = replace(ranked[moved], score=ranked[place].score)
        years[ranked[newest_first[0][1]].id] = tuple(dict.fromkeys(year for year, _ in newest_first))
    return ordered, years
