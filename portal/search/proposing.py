"""Words that may mean the same, read out of searches: what found nothing, and what was opened next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from portal import clock
from portal.models.search.lookups import Lookup
from portal.models.search.proposals import WordProposal
from portal.search.text import cut_words, is_stop, norm, runs, stem
from portal.text.pinyin import syllables

SESSION = timedelta(minutes=10)
"""So soon after finding nothing the next search is for the same."""
LATELY = timedelta(days=90)
LONGEST = 40
MOST_WORDS = 3
_MOST_VAIN = 5
_LETTERS = 4


class Search(NamedTuple):
    """One search, as far as it tells something."""

    person: int
    text: str
    at: datetime
    vain: bool
    opened: bool


def propose() -> None:
    """Propose to the administrator what several people went through lately."""
    rows: Any = (
        Lookup.select(Lookup.person, Lookup.text, Lookup.at, Lookup.found, Lookup.opened)
        .where(Lookup.at > clock.now() - LATELY)
        .order_by(Lookup.person, Lookup.at, Lookup.id)
    )
    searches = (
        Search(row.person_id, row.text, row.at, not row.found and not row.opened, row.opened)
        for row in rows.iterator()
    )
    WordProposal.gather(same_words(searches))


def same_words(searches: Iterable[Search]) -> dict[tuple[str, str], int]:
    """By pair of words how many people looked for the first in vain, and within ten minutes opened what they
    found by the second. `searches` come person by person, the oldest first.
    """
    seen: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    vain: list[Search] = []
    for search in searches:
        vain = [each for each in vain if _same_session(each, search)][-_MOST_VAIN:]
        if search.vain:
            vain.append(search)
        elif search.opened:
            for each in vain:
                if pair := difference(each.text, search.text):
                    seen[pair].add(each.person)
            vain = []
    return {pair: len(people) for pair, people in seen.items()}


def _same_session(one: Search, other: Search) -> bool:
    return one.person == other.person and other.at - one.at <= SESSION


def difference(sought: str, helped: str) -> tuple[str, str] | None:
    """In which words two searches differ, if in few, and by more than a slip."""
    one, other = _words(sought), _words(helped)
    mine, theirs = set(map(stem, one)), set(map(stem, other))
    first = [word for word in one if stem(word) not in theirs]
    second = [word for word in other if stem(word) not in mine]
    if not (0 < len(first) <= MOST_WORDS and 0 < len(second) <= MOST_WORDS):
        return None
    pair = _together(first), _together(second)
    if any(not 2 <= len(word) <= LONGEST for word in pair) or _is_slip(*pair):
        return None
    return pair


def _words(text: str) -> list[str]:
    cut = (cut_words(run.text) if run.han else [run.text] for run in runs(norm(text)))
    return [word for words in cut for word in words if not is_stop(word)]


def _together(words: list[str]) -> str:
    joined = words[0]
    for before, word in pairwise(words):
        joined += f" {word}" if before.isascii() or word.isascii() else word
    return joined


def _is_slip(one: str, other: str) -> bool:
    """Whether one is the other misspelt: that needs no words of the company's."""
    if one.isascii() and other.isascii():
        return min(len(one), len(other)) > _LETTERS and OSA.distance(one, other) <= 2
    return "".join(syllables(one)) == "".join(syllables(other))
