"""What is asked of a Meilisearch server: the queries, the counts, the filters, all in its words."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from portal.search.engine import Candidates, Query
from portal.search.parsing import Join, ParsedQuery, Word
from portal.search.rank import idf
from portal.search.text import stem
from portal.text.grams import bigrams, is_han

MOST_WORDS = 10  # more words of a query are not looked at by the server
STEPS = 14
STEP_LIMIT = 40
ENOUGH = 250
MOST_ALONE = 60
_FIRST_HAN = 0x3000
_FIRST_CODE = 0xA000  # Yi syllables: letters of their own, never cut, folded or taken for misspelt
_CODES = 208


class _Codes(dict[int, str]):
    def __missing__(self, code: int) -> str:
        high, low = divmod(code - _FIRST_HAN, _CODES)
        self[code] = coded = chr(_FIRST_CODE + high) + chr(_FIRST_CODE + low)
        return coded


_CODED = _Codes()


def coded(gram: str) -> str:
    """An index term as the server gets it: Han in four letters a pair, all else as it is."""
    return gram.translate(_CODED) if is_han(gram) else gram


def listed(values: Iterable[str]) -> str:
    """A list of values as filters have it."""
    return f"[{', '.join(json.dumps(value, ensure_ascii=False) for value in values)}]"


def filtered(query: Query, without: str = "") -> dict[str, Any]:
    """The filters of a query, but for one."""
    chosen = query.filters(without)
    return {"filter": [f"{field} IN {listed(values)}" for field, values in chosen]} if chosen else {}


def every_word(parsed: ParsedQuery) -> dict[str, Any]:
    """Entries that hold every word; what is being typed stands last, as the beginning of a word."""
    typed = [
        part
        for part in parsed.required
        if isinstance(part, Word) and parsed.expands(part) and not _pairs(part)
    ]
    whole = [f'"{" ".join(map(coded, _grams(part)))}"' for part in parsed.required if part not in typed]
    last = [coded(part.text) for part in typed]
    return {"q": " ".join([*whole, *last]), "matchingStrategy": "all"}


def _pairs(word: Word) -> bool:
    return word.han and len(word.text) > 1


def _grams(part: Word | Join) -> list[str]:
    if isinstance(part, Join):
        return [part.text]
    return bigrams(part.text) if part.han else [stem(part.text)]


def counts(uid: str, parsed: ParsedQuery, query: Query) -> list[dict[str, Any]]:
    """Counts of records by facet; those by kind leave the chosen kinds aside, so that the tabs stay."""
    base = {"indexUid": uid, **every_word(parsed), "hitsPerPage": 0, "distinct": "parent"}
    counted = [{**base, **filtered(query), "facets": list(query.facets)}]
    if query.kinds and "kind" in query.facets:
        counted.append({**base, **filtered(query, without="kinds"), "facets": ["kind"]})
    return counted


def read_counts(found: Candidates, query: Query, answers: list[dict[str, Any]]) -> None:
    """Notes what was counted."""
    if not answers:
        return
    found.total = int(answers[0]["totalHits"])
    for answer in answers:
        for name, values in answer["facetDistribution"].items():
            found.facets[name] = {value: count for value, count in values.items() if value}


WeightedQuery = tuple[float, dict[str, Any]]


def weighted_queries(
    parsed: ParsedQuery, frequencies: Mapping[str, int], documents: int
) -> list[WeightedQuery]:
    """Queries that together find what a BM25 search would, with the weight of each.

    The server drops words from the end when not all are found together, so that everything found holds the
    first: each content word is asked for once as the first, with rarer ones before common ones behind it.
    """
    terms = parsed.content_terms or parsed.terms
    typed = [term for term in terms if parsed.expands(term)]
    held = [term for term in terms if frequencies.get(term.gram) and term not in typed]
    unknown = [term for term in terms if not frequencies.get(term.gram) and term not in typed]
    misspelt = [term for term in unknown if not term.han and len(term.raw) >= 5 and term.raw.isalpha()]
    held.sort(key=lambda term: (not term.inside, frequencies[term.gram]))
    last = [coded(term.raw if not term.han else term.gram) for term in typed]
    queries: list[WeightedQuery] = []
    words = [coded(term.gram) for term in sorted(held, key=lambda term: frequencies[term.gram])]
    rest = list(words)
    expected = 0
    for term in held[:STEPS]:
        if expected >= ENOUGH:
            break
        anchor = coded(term.gram)
        rest.remove(anchor)
        share = rest[: MOST_WORDS - 1 - len(last)]
        queries.append((idf(frequencies[term.gram], documents), _query([anchor, *share, *(last or [""])])))
        expected += min(frequencies[term.gram], STEP_LIMIT)
    for term in misspelt:
        queries.append((idf(0, documents), _query([term.gram, *words[: MOST_WORDS - 1], ""])))
    for term in [term for term in unknown if term.inside and term not in misspelt][:STEPS]:
        # Unknown a moment ago; it may have come since.
        queries.append((idf(0, documents), _query([coded(term.gram), *words[:2], ""])))
    for term in typed:
        weight = idf(max(1, frequencies.get(term.gram, 0)), documents)
        for form in dict.fromkeys((coded(term.gram), coded(term.raw))):
            queries.append((weight / 2, {**_query([form]), "attributesToSearchOn": ["head"]}))
            if term.han or len(term.raw) > 2:
                queries.append((weight / 2, _query([form])))
    for join in parsed.joined:
        end = "" if join.end == len(parsed.normal) else " "
        queries.append((10.0, _query([join.text + end])))
    sounds = [sound for _, sound in parsed.misheard(frequencies)]
    for sound in dict.fromkeys(filter(None, (parsed.spoken, *sounds))):
        queries.append((10.0, {**_query([sound, ""]), "attributesToSearchOn": ["head"]}))
    for phrase in dict.fromkeys(form for term in terms for form in (*term.alternates, *term.meant)):
        grams = [coded(g) for w in phrase.split() for g in (bigrams(w) if is_han(w) else [w])]
        others = [word for word in words if word not in grams][: MOST_WORDS - len(grams)]
        queries.append((8.0, _query([f'"{" ".join(grams)}"', *others, ""])))
    return queries


def each_alone(parsed: ParsedQuery, frequencies: Mapping[str, int], documents: int) -> list[WeightedQuery]:
    """A query for each term that any entry holds, the rarest first."""
    terms = parsed.content_terms or parsed.terms
    held = sorted(
        (term for term in terms if frequencies.get(term.gram)), key=lambda term: frequencies[term.gram]
    )
    return [
        (idf(frequencies[term.gram], documents), _query([coded(term.gram), ""])) for term in held[:MOST_ALONE]
    ]


def _query(words: list[str]) -> dict[str, Any]:
    return {"q": " ".join(words), "matchingStrategy": "last", "limit": STEP_LIMIT}


def fused(lists: list[tuple[float, list[str]]]) -> list[str]:
    """One list of many: what stands high in the lists of rare words first."""
    scores: dict[str, float] = {}
    for weight, ids in lists:
        for place, id in enumerate(ids):
            scores[id] = scores.get(id, 0.0) + weight / (20 + place)
    return sorted(scores, key=lambda id: (-scores[id], id))
