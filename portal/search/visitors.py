"""Search for the world: among what is public at this very moment, and nothing else.

No index takes part, so that none can tell of anything, nor lags behind what was taken down: the database
gives the pages that hold a word, and they are ranked and marked as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import Any

from markupsafe import Markup
from peewee import Case, fn

from portal import i18n
from portal.models.help.pages import HelpPage
from portal.models.knowledge.languages import LanguageVersion
from portal.search.documents import IndexEntry, SearchDoc, entries
from portal.search.highlight import Marker
from portal.search.parsing import NO_VOCABULARY, ParsedQuery, Term, Vocabulary
from portal.search.rank import best_of_each, cut, rank
from portal.search.text import alternates
from portal.search.versions import same, shown_for

LONGEST = 100
"""Characters of what is looked for; the rest is left out."""
MOST_TERMS, CANDIDATES, SHOWN = 8, 20, 20


@dataclass(frozen=True)
class VisitorAnswer:
    """One public page that was found."""

    address: str
    language: str
    title: Markup
    snippet: Markup


def search(text: str, vocabulary: Vocabulary = NO_VOCABULARY) -> list[VisitorAnswer]:
    """The public pages that answer this, best first: of one in several languages that in the language asked
    in, or else the visitor's.
    """
    parsed = ParsedQuery.of(text[:LONGEST], vocabulary)
    terms = (parsed.content_terms or parsed.terms)[:MOST_TERMS]
    if not terms:
        return []
    pages = _candidates(terms)
    documents, frequencies = _frequencies(terms) if pages else (0, {})
    held = {entry.id: (page, entry) for page in pages for entry in entries(_document(page))}
    texts = {name: entry.text for name, (_, entry) in held.items()}
    ranked = cut(best_of_each(rank(parsed, frequencies, documents, texts)))
    marker = Marker(parsed)
    several = same(ranked, _works(pages)) if ranked else []
    shown = shown_for(several, parsed, i18n.current(), lambda text: True)
    listed = [hit for each in ranked if (hit := shown.get(each.id, each)) is not None]
    return [_answer(marker, *held[hit.id]) for hit in listed[:SHOWN]]


def _works(pages: list[HelpPage]) -> dict[str, str]:
    known = LanguageVersion.known([page.article_id for page in pages])
    return {_name(page): known[page.article_id].work for page in pages if page.article_id in known}


def _name(page: HelpPage) -> str:
    return str(page).replace("_", "")


def _answer(marker: Marker, page: HelpPage, entry: IndexEntry) -> VisitorAnswer:
    return VisitorAnswer(page.address, page.language, marker.marked(page.title), marker.snippet(entry.body))


def _candidates(terms: tuple[Term, ...]) -> list[HelpPage]:
    held: Any = reduce(add, (Case(None, [(_holds(term), 1)], 0) for term in terms))
    titled: Any = reduce(add, (Case(None, [(HelpPage.title.contains(term.gram), 1)], 0) for term in terms))
    read = (
        HelpPage.id,
        HelpPage.article,
        HelpPage.slug,
        HelpPage.title,
        HelpPage.plain,
        HelpPage.language,
        HelpPage.changed_at,
    )
    found = HelpPage.in_the_open().select(*read).where(held > 0)
    return list(found.order_by((held + titled).desc(), HelpPage.id.desc()).limit(CANDIDATES))


def _frequencies(terms: tuple[Term, ...]) -> tuple[int, Mapping[str, int]]:
    """Of how many pages in all, how many hold each term."""
    counts = [fn.SUM(Case(None, [(_holds(term), 1)], 0)) for term in terms]
    rows: Any = HelpPage.in_the_open().select(fn.COUNT(HelpPage.id), *counts).tuples()
    documents, *held = next(iter(rows))
    return documents, {term.gram: int(count or 0) for term, count in zip(terms, held, strict=True)}


def _holds(term: Term) -> Any:
    forms = dict.fromkeys((term.gram, *term.alternates))
    return reduce(or_, [HelpPage.plain.contains(form) for form in forms])


def _document(page: HelpPage) -> SearchDoc:
    assert page.changed_at is not None
    return SearchDoc(
        id=_name(page),
        kind="article",
        title=page.title,
        alt=alternates(page.title, "title"),
        body=page.plain.partition("\n")[2].replace("\n", "\n\n"),
        lang=page.language,
        status="published",
        updated=int(page.changed_at.timestamp()),
    )
