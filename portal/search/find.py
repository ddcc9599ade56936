"""A search from the typed words to one page of hits: parse, retrieve, rank, group, mark."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from portal.search.documents import FoldedText, IndexEntry
from portal.search.engine import Candidates, Engine, Nearest, Query, Result
from portal.search.highlight import Marker
from portal.search.holding import OF_CUSTOMERS, called, held, holds, tells_of_customers
from portal.search.parsing import NO_VOCABULARY, ParsedQuery, Vocabulary
from portal.search.rank import (
    Ranked,
    best_of_each,
    cut,
    near_enough,
    newest_year_first,
    people_first,
    rank,
    shares,
    worth_reading,
)
from portal.search.showing import as_hit, suggested
from portal.search.slips import put_right
from portal.search.spelling import suggest_spelling
from portal.search.versions import NO_VERSIONS, Same, Versions, Works, count_once, same, shown_for

POOL = 50
MANY = 4
"""So many words are seldom all held by one text."""
MEANING = 0.75
"""What the text nearest in meaning counts, where the best by its words counts 1."""
FOLDED, FOLDED_FROM = "deal", 3
OFFERED = 10
"""So many deals, at most, are offered while somebody types: the others leave room."""
LEARNT = ("article", "question", "course", "experience")
"""Kinds of which those that are to come first come before others."""
FEW = 5
"""So many are shown where nothing shares a word: something is always the nearest."""
BESIDE = 3
"""So much knowledge is shown beside what holds every word and is none."""
DEEPEST = 1000

FACET_VALUES: Mapping[str, Callable[[FoldedText], Iterable[str]]] = {
    "kind": lambda text: [text.kind],
    "tags": lambda text: text.tags,
    "lang": lambda text: [text.fact("lang")],
    "status": lambda text: [text.fact("status")],
    "owner": lambda text: [text.fact("owner")],
}
"""What of a text the facets count."""

T = TypeVar("T")
Load = Callable[[Sequence[str]], Mapping[str, IndexEntry]]


def find(
    engine: Engine,
    query: Query,
    load: Load,
    vocabulary: Vocabulary = NO_VOCABULARY,
    nearest: Nearest | None = None,
    *,
    begin: Callable[[str], None] | None = None,
    versions: Versions = NO_VERSIONS,
) -> Result:
    """Answers a query. `load` gives entries by id, leaving out those that the person may not read: they are
    dropped. `nearest` is asked where no knowledge holds every word; `begin` is told before, where that is
    likely. Of `versions` of one article one is listed, and all are counted once. Raises EngineDown.
    """
    started = time.perf_counter()
    if query.groups is not None and not query.groups:
        return Result([], 0, True, {name: {} for name in query.facets}, 0.0, engine.name)
    parsed = ParsedQuery.of(query.text, vocabulary)
    if query.text.strip() and not parsed.terms:  # signs alone say nothing
        return Result([], 0, True, {name: {} for name in query.facets}, 0.0, engine.name)
    of = partial(
        _Search, engine, load=load, nearest=nearest, begin=begin, versions=versions, reads=query.reads
    )
    meant = put_right(parsed, engine.counted)
    result = of(meant).answer(query)
    if meant.slips and len(parsed.words) == 1:
        first = result if query.page == 1 else of(meant).answer(replace(query, page=1))
        result = result if first.suggestion else of(parsed).answer(query)  # it was meant as it stands
    return replace(result, took_ms=(time.perf_counter() - started) * 1000)


@dataclass(frozen=True)
class _Search:
    """How the best of one query are found."""

    engine: Engine
    parsed: ParsedQuery
    load: Load
    nearest: Nearest | None
    begin: Callable[[str], None] | None
    versions: Versions
    reads: str
    years: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Which hit is the newest of several years, and of which."""
    tabs: list[Ranked] = field(default_factory=list)
    """What the kinds are counted of, where that is more than what is listed."""
    unlike: set[str] = field(default_factory=set)
    """The records that share no word with what is asked."""
    near: dict[str, float] = field(default_factory=dict)
    """What nearness counts of the records that hold every word, where their words say little."""

    def may_ask(self, query: Query) -> bool:
        """Whether what means the same may be asked for."""
        return not query.suggest and not query.strict and self.parsed.is_told

    def answer(self, query: Query) -> Result:
        """One page of the best, or of the newest, with what is counted and what was probably meant."""
        if self.parsed.terms and not query.sort:
            places, found = self.best(query)
        else:
            places, found = self.listed(query)
            if self.parsed.terms and query.facets and not places:
                places, found = self.best(replace(query, sort=""), newest_first=True)
        first = (query.page - 1) * query.size
        page = places[first : first + query.size]
        near = found.near if query.page == 1 else []
        shown = self.load([*(entry for entry, _ in page), *near])
        marker = Marker(self.parsed)
        hit = suggested if query.suggest else partial(as_hit, lang=query.reads)
        hits = [
            replace(hit(marker, shown[entry], score), years=self.years.get(entry, ()))
            for entry, score in page
            if entry in shown
        ]
        read = (shown[entry] for entry, _ in page if entry in shown)
        listed = len(places) + found.folded
        return Result(
            hits=hits,
            total=max(found.total, listed) if found.exact_total else listed,
            exact_total=found.exact_total,
            facets=found.facets,
            took_ms=0.0,
            engine=self.engine.name,
            suggestion=suggest_spelling(self.parsed, found.doc_freq, read),
            folded=found.folded,
            held=found.held,
            alike=found.alike,
            near=[hit(marker, shown[id], 0.0) for id in near if id in shown],
            unanswered=found.unanswered,
        )

    def best(self, query: Query, *, newest_first: bool = False) -> tuple[list[tuple[str, float]], Candidates]:
        """The best first, or of the best the newest; beyond the ranked ones what is known follows, then the
        others, each newest first.
        """
        if self.begin and self.may_ask(query) and len(self.parsed.required) >= MANY:
            self.begin(self.parsed.text)
        found = self.engine.retrieve(self.parsed, query, POOL)
        narrowed = query.is_narrowed and query.facets
        if narrowed:
            ranked = self._narrowed(query, found)
        else:
            ranked = self._with_first(query, found, self._with_others(query, found))
            ranked = self._by_meaning(query, found, ranked)
            if not found.exact_total or len(ranked) > found.total:
                found.facets = _counted(query, ranked)
        if not found.exact_total:
            found.held = held(self.parsed, ranked)
            if found.held == len(ranked) and len(found.ids) < POOL and not narrowed:
                found.total, found.exact_total = len(ranked), True
        if newest_first:
            ranked = sorted(ranked, key=lambda hit: -hit.text.updated)
        else:
            ranked = list(first_of_knowledge(ranked, query.first, partial(_moves, self.parsed)))
            ranked = people_first(called(self.parsed), ranked)
            ranked, years = newest_year_first(self.parsed, ranked)
            self.years.update(years)
        found.near = [id for id in found.near if all(hit.text.parent != id for hit in ranked)]
        ranked = self._one_of_each(query, found, ranked)
        places = [(hit.id, hit.score) for hit in ranked]
        listed, beyond = query, 0
        if query.beside_deals and not query.kinds and not newest_first:
            if query.suggest:
                offered = _without_deals_beyond(OFFERED, places)
                beyond, places = len(places) - len(offered), offered
            else:
                places, found.folded = _folded(places + self._first_deals(query, places, found), found)
        if found.folded or beyond:
            listed = replace(query, kinds=query.beside_deals)
        wanted = query.page * query.size
        if wanted > len(places) and found.total - found.folded > len(places):
            seen = {id.partition("--")[0] for id, _ in places}
            seen |= {hit.text.parent for hit in ranked}
            strict = found.exact_total and found.total > 0
            deeper = replace(listed, sort="-updated", facets=(), strict=strict)
            first = () if query.kinds or newest_first else LEARNT
            places += self._beyond(deeper, seen, min(wanted * 3, DEEPEST), first)
            places, _several, _works = self._one_place_each(places)
        count_listed(found, [id.partition("-")[0] for id, _ in places])
        return places, found

    def _beyond(
        self, deeper: Query, seen: set[str], most: int, first: tuple[str, ...]
    ) -> list[tuple[str, float]]:
        """The places of what is found beside the records that are seen, those of some kinds first."""
        places: list[tuple[str, float]] = []
        for query in (*([replace(deeper, kinds=first)] if first else ()), deeper):
            for id in self.engine.retrieve(self.parsed, query, most).ids:
                parent = id.partition("--")[0]
                if parent not in seen:
                    seen.add(parent)
                    places.append((id, 0.0))
        return places

    def listed(self, query: Query) -> tuple[list[tuple[str, float]], Candidates]:
        """Newest first: everything under the filters, or all that holds every word."""
        newest = replace(query, sort="-updated")
        found = self.engine.retrieve(self.parsed, newest, min(query.page * query.size * 3, DEEPEST))
        parents: dict[str, str] = {}
        for id in found.ids:
            parents.setdefault(id.partition("--")[0], id)
        places, several, works = self._one_place_each([(id, 0.0) for id in parents.values()])
        self._count_once(query, found, len(parents), several, works)
        return places, found

    def _one_of_each(self, query: Query, found: Candidates, ranked: list[Ranked]) -> list[Ranked]:
        """Hits with one version of each article, also of what is near; what is counted is counted so."""
        works = self.versions.of({*found.near, *(hit.text.parent for hit in (*ranked, *self.tabs))})
        several = same(ranked, works)
        self._count_once(query, found, len(ranked), several, works)
        listed = {works.get(hit.text.parent, "") for hit in ranked}
        near: dict[str, str] = {}
        for id in found.near:
            near.setdefault(works.get(id, id), id)
        found.near = [id for work, id in near.items() if work not in listed]
        found.alike -= sum(
            len(apart) - (len(apart) == len(hits))
            for hits in several
            if (apart := [hit for hit in hits if hit.text.parent in self.unlike])
        )
        shown = self._shown_for(several)
        kept = (shown.get(hit.id, hit) for hit in ranked)
        return [hit for hit in kept if hit is not None]

    def _shown_for(self, several: Same) -> dict[str, Ranked | None]:
        return shown_for(several, self.parsed, self.reads, partial(holds, self.parsed))

    def _one_place_each(self, places: list[tuple[str, float]]) -> tuple[list[tuple[str, float]], Same, Works]:
        """Places with one for all versions of an article; which are versions, and of what."""
        parents = {id: id.partition("--")[0] for id, _ in places}
        works = self.versions.of(set(parents.values()))
        texts = _texts([id for id, parent in parents.items() if parent in works], self.load)
        several = same((Ranked(id, 0.0, texts[id]) for id in parents if id in texts), works)
        shown = {id: hit.id if hit else "" for id, hit in self._shown_for(several).items()}
        kept = [(shown.get(id, id), score) for id, score in places if shown.get(id, id)]
        return kept, several, works

    def _count_once(self, query: Query, found: Candidates, in_hand: int, several: Same, works: Works) -> None:
        """Count the versions of an article once: of what is in hand, else of all that hold every word."""
        of_kinds = same(self.tabs, works) if self.tabs else several
        beyond = in_hand < found.total or (query.kinds and not self.tabs)
        if found.exact_total and query.facets and beyond:
            several = of_kinds = self._all_versions(query)
        less = sum(len(hits) - 1 for hits in several if query.admits(hits[0].text))
        found.total -= less
        for name, counts in found.facets.items():
            count_once(counts, FACET_VALUES[name], of_kinds if name == "kind" else several)

    def _all_versions(self, query: Query) -> Same:
        """All that hold every word under the filters, of whatever kind, and are versions of one article."""
        works = self.versions.every()
        if not works:
            return []
        among = replace(query, among=tuple(works), kinds=(), sort="-updated", strict=True, facets=())
        ids = {id.partition("--")[0]: id for id in self.engine.retrieve(self.parsed, among, DEEPEST).ids}
        held = Counter(works[parent] for parent in ids)
        texts = _texts([id for parent, id in ids.items() if held[works[parent]] > 1], self.load)
        return same((Ranked(id, 0.0, text) for id, text in texts.items()), works)

    def _first_deals(
        self, query: Query, places: list[tuple[str, float]], found: Candidates
    ) -> list[tuple[str, float]]:
        """The first deals that hold every word, where better hits leave none: counted, they are seen."""
        if not found.exact_total or any(_is_deal(id) for id, _ in places):
            return []
        if not found.facets.get("kind", {}).get(FOLDED):
            return []
        of_deals = replace(query, kinds=(FOLDED,), facets=(), strict=True)
        ranked = self._ranked(self.engine.retrieve(self.parsed, of_deals, POOL))
        return [(hit.id, hit.score) for hit in ranked[: FOLDED_FROM + 1]]

    def _narrowed(self, query: Query, found: Candidates) -> list[Ranked]:
        """Lists under filters what was counted for them before they were set: where much holds every word,
        that alone; else those of the best without filters that pass them, if any do.
        """
        ranked = self._with_first(query, found, self._ranked(found))
        whole = self.engine.retrieve(self.parsed, query.widened(), POOL)
        by_words = self._with_others(query.widened(), whole)
        best = self._by_meaning(query, whole, by_words)
        found.near = whole.near
        if whole.exact_total and whole.total >= len(best):
            if found.exact_total and len(ranked) > found.total > 0:
                strict = replace(query, strict=True, facets=())
                return self._as_near(self._ranked(self.engine.retrieve(self.parsed, strict, POOL)), by_words)
            ranked = self._as_near(ranked, by_words)
        elif admitted := [hit for hit in best if query.admits(hit.text)]:
            found.facets = _counted(query, admitted)
            self.tabs[:] = [hit for hit in best if query.admits(hit.text, of_any_kind=True)]
            found.facets["kind"] = dict(Counter(hit.text.kind for hit in self.tabs))
            found.total, found.exact_total = len(admitted), whole.exact_total
            found.alike = min(whole.alike, len(admitted))
            return admitted
        if not found.exact_total:
            found.facets = _counted(query, ranked)
        return ranked

    def _as_near(self, ranked: list[Ranked], among: Sequence[Ranked]) -> list[Ranked]:
        """Hits in the order in which they stand among all."""
        return sorted(_weighed(ranked, self.near, among), key=_place) if self.near else ranked

    def _with_others(self, query: Query, found: Candidates) -> list[Ranked]:
        """The best; where deals leave little room for anything else, the best of the other kinds too."""
        ranked = self._ranked(found)
        deals = sum(map(_is_deal, found.ids))
        if not query.beside_deals or query.kinds or deals < POOL / 2:
            return ranked
        others = replace(query, kinds=query.beside_deals, facets=())
        known = {hit.id for hit in ranked}
        more = self._ranked(self.engine.retrieve(self.parsed, others, POOL))
        return cut(sorted([*ranked, *(hit for hit in more if hit.id not in known)], key=_place))

    def _with_first(self, query: Query, found: Candidates, ranked: list[Ranked]) -> list[Ranked]:
        """The best with all that is to come first and answers as well: where something holds every word, what
        does; never what is far behind the best.
        """
        if not query.first:
            return ranked
        strict = found.exact_total and found.total > 0
        own = replace(query, among=query.first, facets=(), strict=strict)
        known = {hit.text.parent for hit in ranked}
        theirs = self._ranked(self.engine.retrieve(self.parsed, own, POOL))
        return cut(sorted([*ranked, *(hit for hit in theirs if hit.text.parent not in known)], key=_place))

    def _ranked(self, found: Candidates) -> list[Ranked]:
        texts = found.texts if found.texts is not None else _texts(found.ids, self.load)
        return cut(best_of_each(rank(self.parsed, found.doc_freq, found.documents, texts)))

    def _by_meaning(self, query: Query, found: Candidates, ranked: list[Ranked]) -> list[Ranked]:
        """Hits with what means the same in other words; where one holds every word, knowledge alone, beside
        them. A code or a name has no other words, and what is not typed to its end has none yet.
        """
        if self.nearest is None or not self.may_ask(query):
            return ranked
        if (found.exact_total and found.total) or any(holds(self.parsed, hit.text) for hit in ranked):
            return self._with_near(query, found, ranked, self.nearest)
        cosines = self.nearest(self.parsed.text, query.groups)
        near = shares(cosines)
        if not near:
            return ranked
        known = {hit.text.parent for hit in ranked}
        fused = _weighed(ranked, near, ranked)
        enough = near_enough(self.parsed.text, cosines)
        others = {id: MEANING * near[id] for id in enough if id not in known}
        texts = _texts(worth_reading(others, fused), self.load)
        fused += [Ranked(id, others[id], text) for id, text in texts.items()]
        fused.sort(key=_place)
        fused = cut(fused) if ranked else fused[:FEW]
        found.exact_total = not fused
        self.unlike.update(hit.text.parent for hit in fused if hit.text.parent not in known)
        found.alike = sum(hit.text.parent not in known for hit in fused)
        return fused

    def _with_near(
        self, query: Query, found: Candidates, ranked: list[Ranked], nearest: Nearest
    ) -> list[Ranked]:
        """Hits where deals, customers or people hold every word and no knowledge does: what of it is near
        enough to be an answer comes before what tells of customers, or stands apart where it is no hit. Who
        typed a whole name meant that.
        """
        if not query.facets:
            return ranked
        holding = [hit.text for hit in ranked if holds(self.parsed, hit.text)]
        if any(called(self.parsed) in text.names for text in holding):
            return ranked
        counted = found.facets.get("kind", {})
        if any(counted.get(kind) for kind in LEARNT) or any(text.kind in LEARNT for text in holding):
            if self.parsed.says_little:
                self.near.update(shares(nearest(self.parsed.text, query.groups)))
                return self._as_near(ranked, ranked)
            return ranked
        cosines = nearest(self.parsed.text, query.groups)
        enough = near_enough(self.parsed.text, cosines)
        found.unanswered = bool(cosines) and not enough and tells_of_customers(self.parsed, ranked)
        enough = enough if query.is_narrowed else enough[:BESIDE]
        first = next((at for at, hit in enumerate(ranked) if hit.text.kind in OF_CUSTOMERS), len(ranked))
        listed = {hit.text.parent for hit in ranked}
        texts = _texts([name for name in enough if name not in listed], self.load)
        found.near = [name for name, text in texts.items() if query.admits(text)][:BESIDE]
        return ranked[:first] + sorted(ranked[first:], key=lambda hit: hit.text.parent not in enough)


def first_of_knowledge(
    listed: Sequence[T], first: Collection[str], told: Callable[[T], tuple[str, bool]]
) -> list[T]:
    """What is listed, those named in `first` before other knowledge: each in a place of knowledge, so that
    who looks for somebody or something else finds that where it was. `told` gives the name of one, and
    whether it may be moved.
    """
    ordered, first = list(listed), frozenset(first)
    named = [told(each) for each in ordered] if first else []
    places = [place for place, (_, moves) in enumerate(named) if moves]
    moved = sorted(places, key=lambda place: named[place][0] not in first)
    for place, comes in zip(places, moved, strict=True):
        ordered[place] = listed[comes]
    return ordered


def _moves(parsed: ParsedQuery, hit: Ranked) -> tuple[str, bool]:
    """Knowledge, unless its title is just what was typed."""
    return hit.text.parent, hit.text.kind in LEARNT and not hit.text.names.startswith(called(parsed))


def _weighed(ranked: list[Ranked], near: Mapping[str, float], among: Sequence[Ranked]) -> list[Ranked]:
    """Hits with what their nearness counts beside their words, those of the best among all counting 1."""
    best = among[0].score if among else 1.0
    return [replace(hit, score=hit.score / best + MEANING * near.get(hit.text.parent, 0)) for hit in ranked]


def count_listed(found: Candidates, kinds: Sequence[str]) -> None:
    """Count what is listed beside all that hold every word since it says the same: no label names fewer."""
    if not found.exact_total or len(kinds) + found.folded <= found.total:
        return
    found.total = len(kinds) + found.folded
    told = found.facets.get("kind", {})
    told |= {kind: count for kind, count in Counter(kinds).items() if count > told.get(kind, 0)}


def _is_deal(id: str) -> bool:
    return id.startswith(f"{FOLDED}-")


def _place(hit: Ranked) -> tuple[float, int, int, str]:
    return -hit.score, len(hit.text.title), -hit.text.updated, hit.id


def _folded(places: list[tuple[str, float]], found: Candidates) -> tuple[list[tuple[str, float]], int]:
    """The places without those of deals beyond the first few, and how many deals that leaves out; all where
    there is nothing but deals, or hardly more of them.
    """
    of_deals = [place for place in places if _is_deal(place[0])]
    count = max(found.facets.get("kind", {}).get(FOLDED, 0), len(of_deals))
    alone = len(of_deals) == len(places) and not found.near
    if alone or count <= FOLDED_FROM + 1:
        return places, 0
    return _without_deals_beyond(FOLDED_FROM, places), count - min(len(of_deals), FOLDED_FROM)


def _without_deals_beyond(most: int, places: list[tuple[str, float]]) -> list[tuple[str, float]]:
    left_out = set([place for place in places if _is_deal(place[0])][most:])
    return [place for place in places if place not in left_out]


def _counted(query: Query, ranked: list[Ranked]) -> dict[str, dict[str, int]]:
    """Where records are shown that do not hold every word, what is counted is what is shown."""
    return {
        name: dict(Counter(value for hit in ranked for value in FACET_VALUES[name](hit.text) if value))
        for name in query.facets
    }


def _texts(ids: Sequence[str], load: Load) -> dict[str, FoldedText]:
    loaded = load(ids)
    return {id: loaded[id].text for id in ids if id in loaded}
