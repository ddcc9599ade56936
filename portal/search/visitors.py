"""Search for the world: among what is public at this very moment, and nothing else.

The words of what is public are written and taken out in the same breath as the page, and each page that they
lead to is asked for as every reader asks: what was taken down, or is too old, is found by nobody. The pages
are ranked and marked as everywhere, on the text that is public. What is asked costs the same however many
hold it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from heapq import nlargest
from operator import add
from typing import Any

from markupsafe import Markup
from peewee import Select, Value, chunked, fn

from portal import i18n
from portal.models.help.pages import HelpPage, HelpWord
from portal.models.help.words import HelpState
from portal.models.knowledge.languages import LanguageVersion
from portal.search.documents import IndexEntry, SearchDoc, entries
from portal.search.highlight import Marker
from portal.search.parsing import NO_VOCABULARY, ParsedQuery, Term, Vocabulary
from portal.search.rank import best_of_each, cut, rank
from portal.search.text import alternates, stem
from portal.search.versions import same, shown_for
from portal.text.grams import grams, norm, packed, packed_from, runs

LONGEST = 100
"""Characters of what is looked for; the rest is left out."""
MOST_TERMS, MOST_FORMS, CANDIDATES, SHOWN = 8, 3, 20, 20
LOOKED_AT = 1_000
"""So many of the pages that hold a word are looked at, those first that have it in their title, then the
newest. What more of them hold says as little as what all hold.
"""
CHECKED, _SHORT = 200, 3
"""So many of those that hold most of what is looked for are asked whether they may be read still."""
_READ = (
    HelpPage.id,
    HelpPage.article,
    HelpPage.slug,
    HelpPage.title,
    HelpPage.plain,
    HelpPage.language,
    HelpPage.changed_at,
)


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
    pages, documents, frequencies = _candidates(parsed, terms)
    parsed = _begun(parsed, pages)
    held = {entry.id: (page, entry) for page in pages for entry in entries(_document(page))}
    texts = {name: entry.text for name, (_, entry) in held.items()}
    ranked = cut(best_of_each(rank(parsed, frequencies, documents, texts)))
    marker = Marker(parsed)
    several = same(ranked, _works(pages)) if ranked else []
    shown = shown_for(several, parsed, i18n.current(), lambda text: True)
    listed = [hit for each in ranked if (hit := shown.get(each.id, each)) is not None]
    return [_answer(marker, *held[hit.id]) for hit in listed[:SHOWN]]


def _begun(parsed: ParsedQuery, pages: list[HelpPage]) -> ParsedQuery:
    """With the words of these pages that begin as what is typed and have a shorter stem: eligibility, of
    which eligib is typed, is counted as elig.
    """
    typed = {term.raw: set[str]() for term in parsed.terms if not term.han and parsed.expands(term)}
    typed = {raw: stems for raw, stems in typed.items() if len(raw) >= _SHORT}
    if not typed:
        return parsed
    for word in {run.text for page in pages for run in runs(norm(page.plain)) if not run.han}:
        for raw, stems in typed.items():
            if word.startswith(raw) and len(stem(word)) < len(raw):
                stems.add(f" {stem(word)} ")
    terms = (replace(term, meant=tuple(sorted(typed.get(term.raw, ())))) for term in parsed.terms)
    return replace(parsed, terms=tuple(terms))


def _works(pages: list[HelpPage]) -> dict[str, str]:
    known = LanguageVersion.known([page.article_id for page in pages])
    return {_name(page): known[page.article_id].work for page in pages if page.article_id in known}


def _name(page: HelpPage) -> str:
    return str(page).replace("_", "")


def _answer(marker: Marker, page: HelpPage, entry: IndexEntry) -> VisitorAnswer:
    return VisitorAnswer(page.address, page.language, marker.marked(page.title), marker.snippet(entry.body))


def _candidates(
    parsed: ParsedQuery, terms: tuple[Term, ...]
) -> tuple[list[HelpPage], int, Mapping[str, int]]:
    """The pages that hold most of the terms, in their titles first, then the newest; how many pages there
    are, and how many hold each term.
    """
    held, counts = Counter[int](), dict[str, int]()
    documents, found = _found(parsed, terms)
    for term, pages in zip(terms, found, strict=True):
        counts[term.gram] = documents if len(pages) >= LOOKED_AT else len(pages)
        for page, in_title in pages.items():
            held[page] += 2 if in_title else 1
    most, shown = nlargest(CHECKED, held, key=lambda page: (held[page], page)), list[HelpPage]()
    for some in chunked(most, 2 * CANDIDATES):
        read = HelpPage.in_the_open().select(*_READ).where(HelpPage.id.in_(some))
        shown += sorted(read, key=lambda page: some.index(page.id))
        if len(shown) >= CANDIDATES:
            break
    return shown[:CANDIDATES], documents, counts


def _found(parsed: ParsedQuery, terms: tuple[Term, ...]) -> tuple[int, list[dict[int, bool]]]:
    """How many pages there are; by term those that hold it, and whether their title does."""
    found: list[dict[int, bool]] = [{} for _ in range(len(terms) + 1)]
    public = HelpPage.select().where(HelpPage.state == HelpState.PUBLIC)
    parts = [public.select(Value(len(terms)), fn.COUNT(HelpPage.id), Value(value=False))]
    parts += [_holding(n, form) for n, term in enumerate(terms) for form in _forms(parsed, term)]
    rows: Any = reduce(add, parts).tuples()
    for number, page, in_title in rows:
        found[number][page] = found[number].get(page, False) or bool(in_title)
    return next(iter(found.pop())), found


def _forms(parsed: ParsedQuery, term: Term) -> list[Any]:
    """The conditions of which a page meets one where it holds a term in any of its forms, or what begins with
    what is typed, or what the company says for it.
    """
    others = sorted({gram for form in term.alternates for gram in grams(form)})
    forms = [HelpWord.term == packed(term.raw), *map(_any_form, (term.gram, *others[:MOST_FORMS]))]
    if parsed.expands(term) or (term.han and len(term.gram) == 1):
        forms.append(HelpWord.term.between(*packed_from(term.gram)))
    return forms


def _any_form(gram: str) -> Any:
    """Of a word of letters all forms of it begin as its stem does, but for the last letter of some: policies
    and policy have the stem polici, pricing has price.
    """
    if not (gram.isascii() and gram.isalpha()):
        return HelpWord.term == packed(gram)
    begins = gram[:-1] if len(gram) > _SHORT and gram[-1] in "ie" else gram
    return HelpWord.term.between(*packed_from(begins))


def _holding(number: int, condition: Any) -> Any:
    """As the index holds them: of one word those in titles first, then the newest pages."""
    rows = HelpWord.select(Value(number).alias("number"), HelpWord.page.alias("page"), HelpWord.in_title)
    first = rows.where(condition).order_by(
        HelpWord.term.desc(), HelpWord.in_title.desc(), HelpWord.page.desc()
    )
    some = first.limit(LOOKED_AT).alias("some")
    return Select([some], [some.c.number, some.c.page, some.c.in_title])


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
