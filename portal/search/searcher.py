"""Search as people meet it: their rights, the engine that answers now, what is shown of a hit."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, reduce
from typing import Any

from markupsafe import Markup
from peewee import Value

from portal.models.base import Phrase, Searchable
from portal.models.customers import CustomerType
from portal.models.people import Department, Person
from portal.models.prepared import Prepared
from portal.models.products import Product
from portal.models.search_documents import SearchCursor, SearchDocument
from portal.models.synonyms import Synonym
from portal.models.topics import Topic
from portal.search import store
from portal.search.asking import KINDS, TAGS, Asked
from portal.search.documents import Entry
from portal.search.embedded import Embedded
from portal.search.engine import Engine, EngineDown, Hit, Query, Result
from portal.search.feed import Feed, Feeder
from portal.search.find import find
from portal.search.highlight import marked
from portal.search.meilisearch import Meilisearch
from portal.search.plan import NO_VOCABULARY, Plan, Vocabulary
from portal.search.records import NOUNS, principals
from portal.search.text import norm
from portal.settings import Settings

PAGE = 20
SUGGESTED = 10
LOOKED_AT = 24
MOST_OF_A_KIND = 4
FAILURES = 3
REST_SECONDS = 15
FACETS = ("kind", "tags", "lang", "status", "owner")
log = logging.getLogger("portal.search")


class Breaker:
    """Leaves an engine alone for 15 seconds after three failures, so that nobody waits for it in vain."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_at = 0.0

    @property
    def lets_through(self) -> bool:
        """Whether to ask the engine; after a rest one request alone tries."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if self._clock() < self._closed_at:
                return False
            self._closed_at = self._clock() + REST_SECONDS
            return True

    def note(self, *, worked: bool) -> None:
        with self._lock:
            if worked:
                self._failures = 0
                return
            self._failures += 1
            if self._failures >= FAILURES:
                self._closed_at = self._clock() + REST_SECONDS


@dataclass(frozen=True)
class Named:
    """What a filter's value is called, in both languages."""

    name: str
    name_en: str


@dataclass(frozen=True)
class Found:
    """One hit as a page shows it."""

    hit: Hit
    url: str
    owner: Named | None = None
    status: str = ""
    lang: str = ""

    @property
    def kind(self) -> str:
        return self.hit.kind

    @property
    def updated(self) -> datetime:
        """When the record was last changed."""
        return datetime.fromtimestamp(self.hit.updated, UTC)

    @property
    def status_words(self) -> Phrase:
        """How it stands."""
        return STATUS_WORDS.get(self.status, Phrase(self.status))


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many hits it has, and whether it is chosen."""

    value: str
    label: Named | Phrase
    count: int
    chosen: bool


@dataclass
class Page:
    """What a search found: one page of hits with the counts around them.

    `degraded` says how search helps itself: "" when all is well, "local" when the server is down and the
    portal's own index answers, "titles" when no index answers, "behind" when it answers and refuses changes.
    """

    asked: Asked
    hits: list[Found] = field(default_factory=list)
    total: int = 0
    exact: bool = True
    kinds: dict[str, int] = field(default_factory=dict)
    facets: dict[str, list[Choice]] = field(default_factory=dict)
    degraded: str = ""
    spelling: str = ""
    looser: int = 0
    """How many hits the same words have without the filters, when there is none with them."""
    took_ms: float = 0.0

    @property
    def more(self) -> bool:
        return self.asked.page * PAGE < self.total and bool(self.hits)


class Searcher:
    """Finds for people. Engines are opened at the first need: making one costs nothing."""

    def __init__(self, settings: Settings) -> None:
        self.embedded = Embedded(settings.data / "search")
        self.server = Meilisearch(settings.search_url, settings.search_key) if settings.search_url else None
        self.engines: list[Engine] = [self.server, self.embedded] if self.server else [self.embedded]
        # The embedded one first: it takes milliseconds, and whatever ails the server must not hold it up.
        self.feed = Feed([Feeder(engine) for engine in reversed(self.engines)])
        self._breakers = {engine.name: Breaker() for engine in self.engines}
        self._words: tuple[Any, Vocabulary] = ((), NO_VOCABULARY)

    def close(self) -> None:
        """Let go of the index."""
        self.embedded.close_writer()

    def warm_up(self) -> None:
        """Load the dictionary before somebody waits for it: about a second."""
        Plan.of("预热")

    # --- Asking ---

    def search(self, person: Person, asked: Asked) -> Page:
        """One page of what a person asks for. Never raises for an engine: it says what it could still do."""
        page = self._page(person, asked, facets=FACETS)
        if not page.degraded and self._is_behind():
            page.degraded = "behind"
        if not page.total and asked.text:
            page.spelling = self._spelling(person, asked)
            if asked.filters:
                page.looser = self._page(person, asked.without_filters()).total
        return page

    def suggest(self, person: Person, text: str) -> Page:
        """The best few for what is being typed."""
        asked = Asked.read({"q": text}, person, lambda name: [])
        if asked.is_empty:
            return Page(asked)
        page = self._page(person, asked, size=LOOKED_AT, suggest=True)
        page.hits = _mixed(page.hits)
        return page

    def newest_of_all(self, person: Person) -> Page:
        """What is new in all that a person may see: the results page before anything is asked."""
        return self._page(person, Asked(), facets=FACETS)

    def newest(self, person: Person, asked: Asked, size: int = 50) -> list[Found]:
        """The newest of what a person asks for."""
        return self._page(person, asked.sorted_by("-updated"), size=size).hits

    def _page(
        self,
        person: Person,
        asked: Asked,
        *,
        facets: tuple[str, ...] = (),
        size: int = PAGE,
        suggest: bool = False,
    ) -> Page:
        started = time.perf_counter()
        query = Query(
            text=asked.text,
            kinds=asked.filters.get("kind", ()),
            tags=asked.tags,
            groups=principals(person),
            langs=asked.filters.get("lang", ()),
            statuses=asked.filters.get("status", ()),
            owners=asked.filters.get("owner", ()),
            page=asked.page,
            size=size,
            facets=facets,
            suggest=suggest,
            sort=asked.sort or ("" if asked.text else "-updated"),
        )
        entries: dict[str, Entry] = {}
        result, degraded = self._find(query, entries)
        if result is None:
            page = self._titles(person, asked, size)
        else:
            hits = _readable(person, result.hits)
            cut = len(result.hits) - len(hits)
            page = Page(asked, [], max(result.total - cut, len(hits)), result.exact_total)
            offered = _offered(asked, result.facets) if facets else {}
            names = _names([entries[hit.entry].owner for hit in hits], offered)
            page.hits = _shown(hits, entries, names)
            if facets:
                page.kinds = {kind: result.facets.get("kind", {}).get(kind, 0) for kind in KINDS}
                page.facets = _choices(asked, offered, names)
        page.degraded = degraded
        page.took_ms = (time.perf_counter() - started) * 1000
        return page

    def _find(self, query: Query, entries: dict[str, Entry]) -> tuple[Result | None, str]:
        """The answer of the first engine that gives one, and how search helped itself. `entries` takes up
        what was read on the way.
        """
        vocabulary = self._vocabulary()
        groups = query.groups or frozenset()

        def load(ids: Sequence[str]) -> dict[str, Entry]:
            entries.update(store.load([id for id in ids if id not in entries], groups))
            return {id: entries[id] for id in ids if id in entries}

        for engine in self.engines:
            breaker = self._breakers[engine.name]
            if not breaker.lets_through:
                continue
            try:
                result = find(engine, query, load, vocabulary)
            except EngineDown as down:
                breaker.note(worked=False)
                log.warning("search failed", extra={"facts": {"engine": engine.name, "error": str(down)}})
                continue
            breaker.note(worked=True)
            return result, "" if engine is self.engines[0] else "local"
        return None, "titles"

    def _is_behind(self) -> bool:
        cursor = SearchCursor.known(self.engines[0].name)
        return cursor is not None and cursor.is_behind

    def _titles(self, person: Person, asked: Asked, size: int) -> Page:
        """Titles and names that hold every word, from the database alone."""
        words = norm(asked.text).split()
        kinds = [kind for kind in asked.filters.get("kind", tuple(NOUNS)) if kind in NOUNS]
        rows = SearchDocument.select(SearchDocument.noun, SearchDocument.record).where(
            ~SearchDocument.gone & SearchDocument.noun.in_(kinds)
        )
        for word in words:
            rows = rows.where(SearchDocument.title.contains(word))
        named = list(rows.order_by(SearchDocument.changed_at.desc()).limit(200))
        found = store.load([row.name for row in named], principals(person))
        plan = Plan.of(asked.text)
        hits = [
            Hit(entry.parent, entry.id, entry.kind, 0.0, marked(plan, entry.title), Markup(""), entry.updated)
            for entry in found.values()
        ]
        readable = _readable(person, sorted(hits, key=lambda hit: (len(hit.title), -hit.updated)))
        first = (asked.page - 1) * size
        hits = readable[first : first + size]
        names = _names([found[hit.entry].owner for hit in hits], {})
        return Page(asked, _shown(hits, found, names), len(readable))

    def _vocabulary(self) -> Vocabulary:
        state = Synonym.state()
        if self._words[0] != state:
            groups = [row.group for row in Synonym.select().order_by(Synonym.id)]
            alone = [group[0] for group in groups if len(group) == 1]
            together = [group for group in groups if len(group) > 1]
            self._words = state, Vocabulary.of(together, alone)
        return self._words[1]

    def _spelling(self, person: Person, asked: Asked) -> str:
        """The words as they were probably meant, if this person finds anything with them."""
        try:
            meant = [self._meant(word) for word in asked.text.split()]
        except EngineDown:
            return ""
        text = " ".join(meant)
        if text == " ".join(asked.text.split()):
            return ""
        return text if self._page(person, asked.with_text(text)).total else ""

    def _meant(self, word: str) -> str:
        plain = norm(word)
        if not (plain.isascii() and plain.isalpha() and len(plain) > 3):
            return word
        near = self.embedded.words_like(plain)
        return near[0][0] if near and near[0][0] != plain else word


def _mixed(hits: list[Found]) -> list[Found]:
    """The best few, of no kind so many that they hide the others; more of them when there is nothing else."""
    places: dict[str, int] = {}
    ranked = []
    for place, each in enumerate(hits):
        of_its_kind = places[each.kind] = places.get(each.kind, 0) + 1
        ranked.append((of_its_kind > MOST_OF_A_KIND, place))
    kept = sorted(place for _, place in sorted(ranked)[:SUGGESTED])
    return [hits[place] for place in kept]


# --- Hits ----------------------------------------------------------------------------------------------


def _readable(person: Person, hits: Iterable[Hit]) -> list[Hit]:
    """The hits whose records the person may see now: two questions to the database for all nouns together."""
    listed = list(hits)
    wanted: dict[str, list[int]] = {}
    for hit in listed:
        wanted.setdefault(hit.kind, []).append(_number(hit))
    open_ = {kind: ids for kind, ids in wanted.items() if NOUNS[kind].model in _OPEN}
    seen = set(_existing(tuple(open_)).rows(**open_)) if open_ else set()
    parts = []
    for kind in wanted.keys() - open_:
        model: Any = NOUNS[kind].model
        visible = model.visible_to(person).where(model.id.in_(wanted[kind])).order_by()
        parts.append(visible.select(Value(kind), model.id))
    seen |= set(_together(parts).tuples()) if parts else set()
    return [hit for hit in listed if (hit.kind, _number(hit)) in seen]


def _number(hit: Hit) -> int:
    return int(hit.id.partition("-")[2])


_OPEN = {
    noun.model
    for noun in NOUNS.values()
    if noun.model.visible_to.__func__ is Searchable.visible_to.__func__  # type: ignore[attr-defined]
}
"""What all who work here may see, as long as it is there."""


@cache
def _existing(kinds: tuple[str, ...]) -> Prepared[Any]:
    def write(*ids: Any) -> Any:
        models: list[Any] = [NOUNS[kind].model for kind in kinds]
        return _together(
            [
                model.select(Value(kind), model.id).where(model.id.in_(some))
                for kind, model, some in zip(kinds, models, ids, strict=True)
            ]
        )

    return Prepared(write, kinds)


def _together(parts: Sequence[Any]) -> Any:
    """Several queries with like columns as one."""
    return reduce(lambda whole, part: whole.union_all(part), parts)


PLACES = {
    "article": "/articles/{}",
    "question": "/questions/{}",
    "customer": "/customers/{}",
    "product": "/products/{}",
    "person": "/people/{}",
    "deal": "/deals/{}",
    "experience": "/experiences/{}",
}


STATUS_WORDS = {
    "published": Phrase("Published"),
    "draft": Phrase("Draft"),
    "open": Phrase("Open"),
    "answered": Phrase("Answered"),
    "active": Phrase("In use"),
    "archived": Phrase("Archived"),
    "left": Phrase("Left the company"),
    "lead": Phrase("Lead"),
    "engaged": Phrase("Engaged"),
    "viewing": Phrase("Viewing"),
    "negotiation": Phrase("Negotiation"),
    "won": Phrase("Won"),
    "lost": Phrase("Lost"),
    "submitted": Phrase("Submitted"),
    "revision": Phrase("Revision"),
    "accepted": Phrase("Accepted"),
    "rejected": Phrase("Rejected"),
    "merged": Phrase("Merged"),
    "withdrawn": Phrase("Withdrawn"),
}
FIXED = {
    "fresh": {"current": Phrase("Checked"), "due": Phrase("Due for a check")},
    "lang": {"zh": Phrase("Chinese"), "en": Phrase("English")},
    "status": STATUS_WORDS,
}
NAMED: dict[str, Any] = {
    "topic": Topic,
    "product": Product,
    "type": CustomerType,
    "department": Department,
    "owner": Person,
}
MOST_CHOICES = 8
Counts = Mapping[str, Mapping[str, int]]
Names = Mapping[tuple[str, str], Named]


def _shown(hits: Sequence[Hit], entries: Mapping[str, Entry], names: Names) -> list[Found]:
    """Hits with what stands below them: whose they are, how they stand."""
    return [
        Found(
            hit,
            PLACES[hit.kind].format(hit.id.partition("-")[2]),
            owner=None if hit.kind == "person" else names.get(("owner", entry.owner)),
            status=entry.status,
            lang=entry.lang,
        )
        for hit, entry in ((hit, entries[hit.entry]) for hit in hits)
    ]


def _names(owners: Iterable[str], offered: Counts) -> dict[tuple[str, str], Named]:
    """What the owners of hits and the values of filters are called."""
    wanted = {name: dict.fromkeys(offered.get(name, ())) for name in NAMED}
    wanted["owner"] |= dict.fromkeys(owners)
    numbers = {
        name: [int(value) for value in values if value.isdigit()] for name, values in wanted.items() if values
    }
    given = {name: ids for name, ids in numbers.items() if ids}
    rows = _naming(tuple(given)).rows(**given) if given else ()
    return {(name, str(ident)): Named(own, english) for name, ident, own, english in rows}


@cache
def _naming(names: tuple[str, ...]) -> Prepared[Any]:
    def write(*ids: Any) -> Any:
        models = [NAMED[name] for name in names]
        return _together(
            [
                model.select(Value(name), model.id, model.name, model.name_en).where(model.id.in_(some))
                for name, model, some in zip(names, models, ids, strict=True)
            ]
        )

    return Prepared(write, names)


def _offered(asked: Asked, counts: Counts) -> dict[str, dict[str, int]]:
    """The values by which what was found can be narrowed, most frequent first, chosen ones always."""
    counted: dict[str, dict[str, int]] = {name: {} for name in (*TAGS, "owner", "status", "lang")}
    for tag, count in counts.get("tags", {}).items():
        name, _, value = tag.partition(":")
        if name in counted:
            counted[name][value] = count
    for name in ("owner", "status", "lang"):
        counted[name] |= counts.get(name, {})
    offered: dict[str, dict[str, int]] = {}
    for name, values in counted.items():
        chosen = dict.fromkeys(asked.filters.get(name, ()), 0)
        most = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_CHOICES]
        offered[name] = {**dict(most), **{value: values.get(value, 0) for value in chosen}}
    return offered


def _choices(asked: Asked, offered: Counts, names: Names) -> dict[str, list[Choice]]:
    return {
        name: [
            Choice(value, label, count, asked.has(name, value))
            for value, count in values.items()
            if (label := FIXED[name].get(value) if name in FIXED else names.get((name, value)))
        ]
        for name, values in offered.items()
    }


# --- The portal's own ----------------------------------------------------------------------------------

_here: Searcher | None = None


def connect(settings: Settings) -> Searcher:
    """Make the search of this process for these settings: the worker feeds it, pages ask it."""
    global _here
    if _here is not None:
        _here.close()
    _here = Searcher(settings)
    return _here


def here() -> Searcher:
    """The search of this process. Raises RuntimeError before `connect`."""
    if _here is None:
        raise RuntimeError("search is not connected: create_app does that")
    return _here
