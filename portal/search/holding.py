"""Which texts hold what is asked for: every word, or the whole as a name."""

from __future__ import annotations

from portal.search.documents import FoldedText
from portal.search.parsing import ParsedQuery
from portal.search.rank import Ranked
from portal.search.text import flat, stem

OF_CUSTOMERS = ("deal", "customer", "customer_request")
"""Kinds that tell of customers, and seldom answer a question."""


def holds(parsed: ParsedQuery, text: FoldedText) -> bool:
    """Whether a text holds every word, as typed or as the company says it."""
    whole = f"{text.title}{text.body}{text.names}"
    return all(any(form in whole for form in either) for either in forms(parsed))


def held(parsed: ParsedQuery, ranked: list[Ranked]) -> int:
    """How many hits hold every word as the company says it: engines count the words as typed alone."""
    if not any(term.alternates for term in parsed.terms):
        return 0
    return sum(holds(parsed, hit.text) for hit in ranked)


def forms(parsed: ParsedQuery) -> list[list[str]]:
    """How each word that is needed may be written."""
    return [
        [
            f" {stem(part.text)} " if part.text.isascii() else part.text,
            *(
                form
                for term in parsed.terms
                if part.start <= term.start < part.end
                for form in term.alternates
            ),
        ]
        for part in parsed.required
    ]


def called(parsed: ParsedQuery) -> str:
    """What was typed as a whole name is written in a text."""
    return f"| {flat(' '.join(parsed.normal.split()), stemmed=False).strip()} |"


def tells_of_customers(parsed: ParsedQuery, ranked: list[Ranked]) -> bool:
    """Whether all hits tell of customers, none of whom or of which a word names: who typed a part of a name
    looked for that.
    """
    said = [form for either in forms(parsed) for form in either]
    return all(
        hit.text.kind in OF_CUSTOMERS
        and not any(form in f"{hit.text.title}{hit.text.names}" for form in said)
        for hit in ranked
    )
