"""Words that may mean the same, read out of searches: what found nothing, and what was opened next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from portal import clock
from portal.models.customers.contacts import all_names
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.search.lookups import Lookup
from portal.models.search.proposals import WordProposal
from portal.search.text import cut_words, is_stop, stem
from portal.text import naming
from portal.text.grams import norm, runs
from portal.text.pinyin import syllables

SESSION = timedelta(minutes=10)
"""So soon after finding nothing the next search is for the same."""
LATELY = timedelta(days=90)
LONGEST = 40
MOST_WORDS = 3
LONGEST_NAME = 4
"""Characters, or words of letters: what is longer is no person's."""
MOST_PAIRS = 50
"""So many are looked at whether they may be told, those of the most people first."""
_MOST_VAIN = 5
_LETTERS = 4


class Search(NamedTuple):
    """One search, as far as it tells something."""

    person: int
    text: str
    at: datetime
    vain: bool
    opened: bool


def seen_lately() -> dict[tuple[str, str], int]:
    """The pairs of words that several people went through lately, by how many, as far as an administrator may
    read them: reads much and writes nothing.
    """
    rows: Any = (
        Lookup.select(Lookup.person, Lookup.text, Lookup.at, Lookup.found, Lookup.opened)
        .where((Lookup.at > clock.now() - LATELY) & Lookup.person.is_null(False))
        .order_by(Lookup.person, Lookup.at, Lookup.id)
    )
    searches = (
        Search(row.person_id, row.text, row.at, not row.found and not row.opened, row.opened)
        for row in rows.iterator()
    )
    return tellable(same_words(searches))


def tellable(seen: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Of pairs of words those that tell nothing but knowledge: the second stands in an article or a question
    that all staff may read, and neither names a customer or who is met there, in any form. Others found such
    a record under their own rights; who configures the portal does not read it (RULES 4.10).
    """
    enough = sorted(
        (pair for pair, people in seen.items() if people >= WordProposal.LEAST),
        key=lambda pair: (-seen[pair], pair),
    )[:MOST_PAIRS]
    if not enough:
        return {}
    names = all_names()
    named = naming.standing("\n".join(word for pair in enough for word in pair), names)
    parts = {part for name in names for part in _parts(name)}
    return {
        pair: seen[pair]
        for pair in enough
        if parts.isdisjoint(pair)
        and not any(naming.occurrences("\n".join(pair), named))
        and _is_open_knowledge(pair[1])
    }


def _parts(name: str) -> list[str]:
    """Words that may call a person alone: 建国 of 王建国, and Weissbach of Gudrun Weissbach."""
    plain = norm(name)
    if plain.isascii():
        words = plain.split()
        return words if len(words) <= LONGEST_NAME else []
    return [plain[-2:]] if len(plain) <= LONGEST_NAME else []


def _is_open_knowledge(word: str) -> bool:
    told = Article.title.contains(word) | Article.summary.contains(word) | Article.body.contains(word)
    asked = Question.text.contains(word) | Question.detail.contains(word)
    return (
        Article.select().where((Article.state == "published") & told).exists()
        or Question.select().where(Question.archived_at.is_null() & asked).exists()
        or Answer.select()
        .join(Question)
        .where(Question.archived_at.is_null() & Answer.text.contains(word))
        .exists()
    )


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
