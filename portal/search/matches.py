"""What the embedded index holds of an entry, and the matches of a query in its own terms."""

from collections.abc import Sequence
from typing import cast

from tantivy import Occur, Schema, SchemaBuilder
from tantivy import Query as Match

from portal.search.engine import Query
from portal.search.parsing import Join, ParsedQuery, Word
from portal.search.text import stem
from portal.text.grams import bigrams, is_han

TYPED_FROM = 3
_FEW = 32


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("parent", "kind", "tags", "groups", "lang", "status", "owner"):
        builder.add_text_field(
            name, tokenizer_name="raw", index_option="basic", fast=name not in ("parent", "groups")
        )
    builder.add_unsigned_field("record", fast=True)
    builder.add_boolean_field("alone", indexed=True, fast=True)
    builder.add_integer_field("updated", fast=True)
    builder.add_text_field("head", tokenizer_name="cut")
    builder.add_text_field("full", tokenizer_name="cut")
    builder.add_bytes_field("text", stored=True)
    builder.add_bytes_field("stamp", stored=True)
    return builder.build()


SCHEMA = _schema()


def term(field: str, gram: str) -> Match:
    """Entries with a term in a field, scored by how often."""
    return Match.term_query(SCHEMA, field, gram, "freq")


def beginning(field: str, typed: str) -> Match:
    """Entries with a word that begins so; in the head it counts three times."""
    prefix = Match.fuzzy_term_query(SCHEMA, field, typed, 0, True, True)
    return Match.boost_query(prefix, 3.0 if field == "head" else 1.0)


def phrase(field: str, terms: list[str]) -> Match:
    """Entries with terms in this order."""
    if len(terms) == 1:
        return term(field, terms[0])
    return Match.phrase_query(SCHEMA, field, cast("list[str | tuple[int, str]]", terms))


def form_grams(form: str) -> list[str]:
    """The terms of another form of a word."""
    return [gram for word in form.split() for gram in (bigrams(word) if is_han(word) else [word])]


def any_of(matches: list[Match]) -> Match:
    """Entries with any of these."""
    return Match.boolean_query([(Occur.Should, match) for match in matches])


def all_of(matches: list[Match]) -> Match:
    """Entries with all of these; all entries when there is none."""
    if not matches:
        return Match.all_query()
    return Match.boolean_query([(Occur.Must, match) for match in matches])


def filtered(match: Match, filters: list[Match]) -> Match:
    """What matches under filters, which change no score."""
    return all_of([match, *(Match.const_score_query(one, 0.0) for one in filters)]) if filters else match


def filters(query: Query, without: str = "") -> list[Match]:
    """The filters of a query, but for one."""
    return [_one_of(field, values) for field, values in query.filters(without)]


def _one_of(field: str, values: Sequence[str]) -> Match:
    """A set is looked up for all of the index at once: for few values it is dearer than the values are."""
    if len(values) > _FEW:
        return Match.term_set_query(SCHEMA, field, list(values))
    return any_of([Match.term_query(SCHEMA, field, value, "basic") for value in values])


def every_word(parsed: ParsedQuery) -> list[Match]:
    """What an entry with every word of the query matches."""
    return [
        _join(part) if isinstance(part, Join) else _word(part, begun=parsed.expands(part))
        for part in parsed.required
    ]


def _join(join: Join) -> Match:
    return any_of([term("full", join.text), beginning("head", join.text)])


def whole_grams(part: Word | Join) -> list[str]:
    """The terms that every entry with the word has; none for what may be written in other ways."""
    return bigrams(part.text) if isinstance(part, Word) and part.han and len(part.text) > 1 else []


def _word(word: Word, *, begun: bool) -> Match:
    if word.han:
        return phrase("full", bigrams(word.text)) if len(word.text) > 1 else beginning("full", word.text)
    matches = [term("full", stem(word.text)), term("full", word.text)]
    if begun:
        matches.append(beginning("full" if len(word.text) >= TYPED_FROM else "head", word.text))
    return any_of(matches)


IN_SECTIONS = Match.term_query(SCHEMA, "alone", False)
