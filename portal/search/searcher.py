"""Search as people meet it: their rights, the engine that answers now, what is shown of a hit."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from markupsafe import Markup
from peewee import DatabaseError

from portal import i18n
from portal.models.base.database import transact
from portal.models.company.topics import Topic
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.experts import Knower, most_telling, whom_to_ask
from portal.models.knowledge.languages import LanguageVersion
from portal.models.learning.marked import marked_for
from portal.models.people.people import Person
from portal.models.search.documents import SearchCursor, SearchDocument
from portal.models.search.synonyms import Synonym
from portal.search import store
from portal.search.answers import NamedWords
from portal.search.asking import Asked
from portal.search.documents import IndexEntry
from portal.search.embedded import Embedded
from portal.search.engine import Engine, EngineDown, Fed, Hit, Query, Result
from portal.search.feed import Feed, Feeder
from portal.search.find import DEEPEST, FOLDED, LEARNT, find, first_of_knowledge
from portal.search.highlight import MARK, Marker, marked
from portal.search.page import PAGE, Found, Page, mixed, readable, record_of
from portal.search.parsing import NO_VOCABULARY, ParsedQuery, Vocabulary
from portal.search.records.common import plain, principals
from portal.search.records.findable import FINDABLE
from portal.search.repeats import repeated
from portal.search.slips import put_right
from portal.search.versions import NO_VERSIONS, Versions
from portal.search.who import about, asks_who, fields
from portal.settings import Settings
from portal.text.grams import holds_han, norm

if TYPE_CHECKING:
    from portal.search.meilisearch import Meilisearch
    from portal.search.nearness import Nearness

LOOKED_AT = 24
KNOWLEDGE = ("question", "article")
SIMILAR, NEAREST = 5, 3
"""So many are shown of what is there already; so many where no word is shared."""
ENOUGH_HAN, ENOUGH_LETTERS = 2, 4
KNOWN = 8
"""So many are shown beside what is judged."""
WAYS = 8
"""In so many other ways the words of a list's box are looked for."""
LIKE, LIKE_TEXT = 50, 500
"""So many questions like one are looked at, by so many of its characters."""
FAILURES = 3
REST_SECONDS = 15
FACETS = ("kind", "tags", "lang", "status", "owner")
log = logging.getLogger("portal.search")
T = TypeVar("T")


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


def _server(settings: Settings, embedded: Embedded) -> Meilisearch:
    # Its client loads as long as a third of the portal, and most portals have no server.
    from portal.search.meilisearch import Meilisearch  # noqa: PLC0415 - see above

    return Meilisearch(settings.search_url, settings.search_key, counted=embedded.counted)


def _by_meaning() -> tuple[Feeder, Nearness]:
    # An extra: what it needs may not be there.
    from portal.search.meaning import Meaning, VectorFeeder  # noqa: PLC0415 - see above
    from portal.search.nearness import Nearness  # noqa: PLC0415 - see above

    return VectorFeeder(Meaning()), Nearness()


class KnownVersions:
    """The other versions of the articles that one search comes upon: of each it is asked once."""

    def __init__(self) -> None:
        self.others: dict[int, list[LanguageVersion]] = {}
        """By the article's id, those that everyone reads; of one without any, none."""

    def of(self, names: Collection[str]) -> dict[str, str]:
        articles = {int(name.partition("-")[2]) for name in names if name.startswith("article-")}
        if new := articles - self.others.keys():
            self.others |= {ident: [] for ident in new} | LanguageVersion.beside_each(new)
        return {f"article-{ident}": self.others[ident][0].work for ident in articles if self.others[ident]}

    @staticmethod
    def every() -> dict[str, str]:
        return {f"article-{ident}": work for ident, work in LanguageVersion.every().items()}


@dataclass(frozen=True)
class ToAsk:
    """The people to ask, with the topics that the question is about."""

    knowers: list[Knower]
    about: list[Topic]
    like: dict[int, str]
    """The questions like it: their words, by id."""

    @property
    def is_known(self) -> bool:
        """Whether any of them is known for it; else those are named who may help on."""
        return any(each.is_known for each in self.knowers)


class HoldingIds(NamedTuple):
    """The ids of the records that hold some words, the newest first."""

    ids: list[int]
    is_cut: bool
    """Whether there are more: what an engine gives at once has an end."""


class Searcher:
    """Finds for people. Engines are opened at the first need: making one costs nothing."""

    def __init__(self, settings: Settings) -> None:
        self.embedded = Embedded(settings.data / "search")
        self.server = _server(settings, self.embedded) if settings.search_url else None
        self.engines: list[Engine] = [self.server, self.embedded] if self.server else [self.embedded]
        # The embedded one first: it takes milliseconds, and whatever ails the server must not hold it up.
        self.feed = Feed([Feeder(engine) for engine in reversed(self.engines)])
        self.nearness: Nearness | None = None
        if settings.finds_by_meaning:
            vectors, self.nearness = _by_meaning()
            self.feed.feeders.append(vectors)
        self.breakers = {engine.name: Breaker() for engine in self.engines}
        self._words: tuple[Any, Vocabulary] = ((), NO_VOCABULARY)

    @property
    def fed(self) -> list[Fed]:
        """All that is given what changes: the engines as they are asked, then what knows of meaning."""
        others = [feeder.engine for feeder in self.feed.feeders if feeder.engine not in self.engines]
        return [*self.engines, *others]

    def close(self) -> None:
        """Let go of the index."""
        self.embedded.close_writer()

    def warm_up(self) -> None:
        """Load the dictionary before somebody waits for it, and what texts mean: about a second."""
        ParsedQuery.of("预热")
        if self.nearness is not None:
            with suppress(DatabaseError):  # not migrated yet
                transact(self.nearness.refresh, write=False)

    # --- Asking ---

    def search(self, person: Person, asked: Asked) -> Page:
        """One page of what a person asks for, the last where there are not so many; before anything is asked
        all there is, newest first. Never raises for an engine: it says what it could still do.
        """
        page = self._page(person, asked, facets=FACETS)
        if page.total and not page.hits and asked.page > 1:
            page = self._page(person, asked.at(-(-page.listed // PAGE)), facets=FACETS)
        if not page.degraded and self._is_behind():
            page.degraded = "behind"
        if page.total == page.alike and asked.text:
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
        page.hits = mixed(page.hits)
        return page

    def called(self, person: Person, text: str, kinds: tuple[str, ...]) -> list[Found]:
        """The best few of these kinds for a name that is being typed, each version of an article by its own.
        No filter is read out of it.
        """
        asked = Asked(text=" ".join(text.split())[:60], filters={"kind": kinds})
        return self._page(person, asked, size=LOOKED_AT, suggest=True, each_version=True).hits

    def similar(self, person: Person, text: str) -> Page:
        """What fits best of the knowledge that a person may read, where they write something new; nothing for
        a word only begun. No filter is read out of the text, and it is not noted as looked for.
        """
        asked = Asked(text=" ".join(text.split())[:200], filters={"kind": KNOWLEDGE})
        if len(asked.text) < (ENOUGH_HAN if holds_han(norm(asked.text)) else ENOUGH_LETTERS):
            return Page(asked)
        page = self._page(person, asked, size=SIMILAR)
        if page.total == page.alike:  # something is always the nearest
            page.hits = page.hits[:NEAREST]
        return page

    def whom_to_ask(self, person: Person, page: Page) -> ToAsk | None:
        """The people to ask, where a page answers a question for some; None for any other page."""
        asked = page.asked
        if asked.page > 1 or asked.filters or not asks_who(asked.text):
            return None
        topics = Topic.every()
        named = [topic.id for topic in self.asked_about(asked.text, topics)]
        telling = self._telling(page)
        found = next((each.topics for each in telling if each.topics), ())
        ids, of_it = named or most_telling(found), set(named)
        like = {  # what only mentions the field is not like a question for who knows it
            record_of(each.hit): each.hit.title.striptags()
            for each in telling
            if each.kind == "question" and (not of_it or of_it.intersection(each.topics))
        }
        knowers = whom_to_ask(ids, like=list(like), but=person)
        return ToAsk(knowers, [topics[ident] for ident in ids if ident in topics], like)

    def asked_about(self, text: str, topics: Mapping[int, Topic]) -> list[Topic]:
        """The fields that a question for people names, of all topics by id; none for any other text."""
        if not asks_who(text):
            return []
        here = [topic for topic in topics.values() if topic.archived_at is None]
        named = fields(ParsedQuery.of(text[:200], self._vocabulary()), here)
        return [topics[ident] for ident in most_telling([topic.id for topic in named])]

    def _telling(self, page: Page) -> list[Found]:
        """What was found that holds a word of that for which a question for people asks, or is near it in
        meaning. That it says 有没有人 makes no text one about it.
        """
        marker = Marker(ParsedQuery.of(about(page.asked.text), self._vocabulary()))
        if page.total == page.alike:
            return [*page.hits, *page.near]
        told = [f"{each.hit.title.striptags()} {each.hit.snippet.striptags()}" for each in page.hits]
        holding = [each for each, words in zip(page.hits, told, strict=True) if MARK in marker.marked(words)]
        return [*holding, *page.near]

    def named(self, text: str) -> NamedWords:
        """What of the company's own words a query of several words names."""
        parsed = ParsedQuery.of(text[:200], self._vocabulary())
        return NamedWords.of(parsed) if len(parsed.required) > 1 else NamedWords()

    def alike(self, person: Person, text: str, detail: str = "") -> list[int]:
        """The ids of the questions that are most like one that is asked, by its words and by those of its
        detail (Markdown), the likest first: whoever answered them may know (RULES 4.5). None where no engine
        answers.
        """
        said = " ".join(f"{text} {plain(detail)}".split())[:LIKE_TEXT]
        query = Query(said, kinds=("question",), groups=principals(person), size=LIKE, facets=())
        found, _degraded = self._find(query, {}) if said else (None, "")
        return [record_of(hit) for hit in found.hits] if found else []

    def holding(self, person: Person, kind: str, text: str) -> HoldingIds:
        """The ids of records of a kind that hold every word, as the search box finds them: also as the
        company says it otherwise, and where none does with a wrong character put right. The newest of what
        this person may find. None where no engine answers: who asks has the database to look into.
        """
        vocabulary, groups = self._vocabulary(), principals(person)
        parsed = ParsedQuery.of(text[:200], vocabulary)
        if not parsed.terms or not groups or kind not in FINDABLE:
            return HoldingIds([], is_cut=False)
        query = Query(text, kinds=(kind,), groups=groups, sort="-updated", facets=())
        ways = [parsed, *(ParsedQuery.of(way, vocabulary) for way in vocabulary.otherwise(text[:200])[:WAYS])]

        def held(engine: Engine) -> list[list[str]]:
            found = [engine.retrieve(way, query, DEEPEST).ids for way in ways]
            if not any(found):
                meant = put_right(parsed, engine.counted).without_slips
                found = [engine.retrieve(ParsedQuery.of(way), query, DEEPEST).ids for way in meant]
            return found

        found, _engine = self._first_answer(held)
        ids = list(dict.fromkeys(int(id.split("-")[1]) for some in found or () for id in some))
        return HoldingIds(ids, is_cut=any(len(some) >= DEEPEST for some in found or ()))

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
        each_version: bool = False,
    ) -> Page:
        started = time.perf_counter()
        first = marked_for(person) if facets and asked.text and not asked.sort else []
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
            beside_deals=tuple(kind for kind in FINDABLE if kind != FOLDED) if facets or suggest else (),
            sort=asked.sort or ("" if asked.text else "-updated"),
            reads=i18n.current(),
            first=tuple(first),
        )
        entries: dict[str, IndexEntry] = {}
        known = KnownVersions()
        apart = each_version or asks_who(asked.text)  # whom to ask costs what a page may ask of the database
        versions = NO_VERSIONS if apart else Versions(known.of, known.every)
        result, degraded = self._find(query, entries, versions)
        if result is None:
            page = self._titles(person, asked, size, first)
        else:
            seen = readable(person, [*result.hits, *result.near])
            near = [hit for hit in result.near if hit in seen]
            hits = [hit for hit in seen if hit not in near]
            cut = len(result.hits) - len(hits)
            page = Page.of(asked, hits, entries, result.facets if facets else None, near, others=known.others)
            page.total, page.exact = max(result.total - cut, len(hits)), result.exact_total
            page.alike, page.folded = min(result.alike, page.total), result.folded
            page.held = min(result.held, page.total)
            page.unanswered = result.unanswered
            page.spelling = "" if result.exact_total else result.suggestion
        page.degraded, page.first = degraded, frozenset(first)
        page.took_ms = (time.perf_counter() - started) * 1000
        return page

    def _find(
        self, query: Query, entries: dict[str, IndexEntry], versions: Versions = NO_VERSIONS
    ) -> tuple[Result | None, str]:
        """The answer of the first engine that gives one, and how search helped itself. `entries` takes up
        what was read on the way.
        """
        vocabulary = self._vocabulary()
        groups = query.groups or frozenset()

        def load(ids: Sequence[str]) -> dict[str, IndexEntry]:
            entries.update(store.load([id for id in ids if id not in entries], groups))
            return {id: entries[id] for id in ids if id in entries}

        nearest, begin = (self.nearness.nearest, self.nearness.begin) if self.nearness else (None, None)
        result, engine = self._first_answer(
            lambda each: find(each, query, load, vocabulary, nearest, begin=begin, versions=versions)
        )
        if result is None:
            return None, "titles"
        return result, "" if engine is self.engines[0] else "local"

    def repeated(self, experience: Experience) -> list[int]:
        """The ids of the experiences in review or decided that seem to say the same, the likest first."""
        return repeated(experience, self.nearness, self._first_answer)

    def known(self, person: Person, text: str) -> Page:
        """What fits best of the articles that a person may read beside a text that they judge: by more of it
        than a title. No questions: what somebody answered there stands under their name, often in the words
        that they hand in, and whose it is none of its reviewers is to learn (RULES 4.2).
        """
        asked = Asked(text=" ".join(text.split())[:LIKE_TEXT], filters={"kind": ("article",)})
        return self._page(person, asked, size=KNOWN)

    def _first_answer(self, ask: Callable[[Engine], T]) -> tuple[T, Engine] | tuple[None, None]:
        """What the first engine answers that can, and which. How it went is noted of each that was asked: one
        that is let try after a rest and does not say so would rest again.
        """
        for engine in self.engines:
            breaker = self.breakers[engine.name]
            if not breaker.lets_through:
                continue
            try:
                answer = ask(engine)
            except EngineDown as down:
                breaker.note(worked=False)
                log.warning("search failed", extra={"facts": {"engine": engine.name, "error": str(down)}})
                continue
            breaker.note(worked=True)
            return answer, engine
        return None, None

    def _is_behind(self) -> bool:
        cursor = SearchCursor.known(self.engines[0].name)
        return cursor is not None and cursor.is_behind

    def _titles(self, person: Person, asked: Asked, size: int, first: Collection[str] = ()) -> Page:
        """Titles and names that hold every word, from the database alone."""
        words = norm(asked.text).split()
        kinds = [kind for kind in asked.filters.get("kind", tuple(FINDABLE)) if kind in FINDABLE]
        rows = SearchDocument.select(SearchDocument.noun, SearchDocument.record).where(
            ~SearchDocument.gone & SearchDocument.noun.in_(kinds)
        )
        for word in words:
            rows = rows.where(SearchDocument.title.contains(word))
        named = list(rows.order_by(SearchDocument.changed_at.desc()).limit(200))
        found = store.load([row.name for row in named], principals(person))
        parsed = ParsedQuery.of(asked.text)
        hits = [
            Hit(
                entry.parent,
                entry.id,
                entry.kind,
                0.0,
                marked(parsed, entry.title),
                Markup(""),
                entry.updated,
            )
            for entry in found.values()
        ]
        hits.sort(key=lambda hit: (len(hit.title), -hit.updated))
        kept = readable(person, first_of_knowledge(hits, first, lambda hit: (hit.id, hit.kind in LEARNT)))
        start = (asked.page - 1) * size
        page = Page.of(asked, kept[start : start + size], found)
        page.total = len(kept)
        return page

    @property
    def vocabulary(self) -> Vocabulary:
        """The company's own language."""
        return self._vocabulary()

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
