"""One page of hits as people see it: what they may read, what stands below a hit, how to narrow it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, reduce
from types import MappingProxyType
from typing import Any

from markupsafe import Markup
from peewee import Value

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.nouns import NOUNS
from portal.models.base.prepared import Prepared
from portal.models.base.record import Searchable
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.knowledge.audience import ReaderGroup
from portal.models.knowledge.languages import LanguageVersion
from portal.models.knowledge.templates import kinds_called
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.search.asking import KINDS, TAGS, Asked
from portal.search.documents import IndexEntry
from portal.search.engine import Hit
from portal.search.highlight import MARK, Marker
from portal.search.parsing import ParsedQuery
from portal.search.records.findable import FINDABLE

PAGE = 20
SUGGESTED = 10
MOST_OF_A_KIND = 4
Counts = Mapping[str, Mapping[str, int]]
ValueNames = Mapping[tuple[str, str], "BilingualName"]


@dataclass(frozen=True)
class BilingualName:
    """What a filter's value is called, in both languages."""

    name: str
    name_en: str


@dataclass
class Found:
    """One hit as a page shows it."""

    hit: Hit
    url: str
    owner: BilingualName | None = None
    status: str = ""
    lang: str = ""
    also: Sequence[LanguageVersion] = ()
    """The other versions of an article, which are this row too."""
    topics: tuple[int, ...] = ()
    """What knowledge is about, with all above it."""

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
class FacetValue:
    """One value of a facet: how many hits it has, and whether it is chosen."""

    value: str
    label: BilingualName | Phrase | str
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
    facets: dict[str, list[FacetValue]] = field(default_factory=dict)
    degraded: str = ""
    spelling: str = ""
    looser: int = 0
    """How many hits the same words have without the filters, when there is none with them."""
    near: list[Found] = field(default_factory=list)
    """Knowledge near in meaning, where what holds every word is none: beside the hits, and not counted."""
    unanswered: bool = False
    """Whether deals and customers alone are listed, and no knowledge is near."""
    held: int = 0
    """How many hold every word as the company says it, where no index counted them."""
    alike: int = 0
    """How many share no word with what was asked, and are near it in meaning."""
    folded: int = 0
    """How many deals are on no page, since others answer better: their tab has them."""
    took_ms: float = 0.0
    first: frozenset[str] = frozenset()
    """The records for who is new in a post, as their documents are named: they come before the rest."""

    @classmethod
    def of(
        cls,
        asked: Asked,
        hits: Sequence[Hit],
        entries: Mapping[str, IndexEntry],
        counts: Counts | None = None,
        near: Sequence[Hit] = (),
        *,
        others: Mapping[int, Sequence[LanguageVersion]] = MappingProxyType({}),
    ) -> Page:
        """Hits that may be shown, with the names of all that is shown with them; `counts` by facet, `others`
        the other versions of an article by its id.
        """
        offered = _offered(asked, counts) if counts is not None else {}
        every = [*hits, *near]
        names = _names([entries[hit.entry].owner for hit in every], offered, _called(every))
        titled = _titles(asked, names)
        page = cls(asked, _shown(hits, entries, names, titled), near=_shown(near, entries, names, titled))
        for found in (*page.hits, *page.near):
            found.also = others.get(record_of(found.hit), ()) if found.kind == "article" else ()
        if counts is not None:
            page.kinds = {kind: counts.get("kind", {}).get(kind, 0) for kind in KINDS}
            page.facets = _choices(asked, offered, names)
        return page

    @property
    def listed(self) -> int:
        """How many are on all pages together."""
        return self.total - self.folded

    @property
    def is_in_vain(self) -> bool:
        """Whether nothing here answers what was asked: that is missing."""
        return self.unanswered or self.total == self.alike

    @property
    def near_first(self) -> bool:
        """Whether what is near comes before hits that do not begin with a person or product."""
        return not self.hits or self.hits[0].kind not in ("person", "product")

    @property
    def begins_with_first(self) -> bool:
        """Whether something stands here for the reader's being new."""
        return any(found.hit.id in self.first for found in self.hits)

    @property
    def more(self) -> bool:
        return self.asked.page * PAGE < self.listed and bool(self.hits)


def mixed(hits: list[Found]) -> list[Found]:
    """The best few, of no kind so many that they hide the others; more of them when there is nothing else."""
    places: dict[str, int] = {}
    ranked = []
    for place, each in enumerate(hits):
        of_its_kind = places[each.kind] = places.get(each.kind, 0) + 1
        ranked.append((of_its_kind > MOST_OF_A_KIND, place))
    kept = sorted(place for _, place in sorted(ranked)[:SUGGESTED])
    return [hits[place] for place in kept]


def readable(person: Person, hits: Iterable[Hit]) -> list[Hit]:
    """The hits whose records the person may see now: two questions to the database for all nouns together."""
    listed = list(hits)
    wanted: dict[str, list[int]] = {}
    for hit in listed:
        wanted.setdefault(hit.kind, []).append(record_of(hit))
    open_ = {kind: ids for kind, ids in wanted.items() if FINDABLE[kind].model in _OPEN}
    seen = set(_existing(tuple(sorted(open_))).rows(**open_)) if open_ else set()
    parts = []
    for kind in wanted.keys() - open_:
        model: Any = FINDABLE[kind].model
        visible = model.visible_to(person).where(model.id.in_(wanted[kind])).order_by()
        parts.append(visible.select(Value(kind), model.id))
    seen |= set(_together(parts).tuples()) if parts else set()
    return [hit for hit in listed if (hit.kind, record_of(hit)) in seen]


def record_of(hit: Hit) -> int:
    """The id of the record that was found."""
    return int(hit.id.partition("-")[2])


_OPEN = {
    noun.model
    for noun in FINDABLE.values()
    if noun.model.visible_to.__func__ is Searchable.visible_to.__func__  # type: ignore[attr-defined]
}
"""What all who work here may see, as long as it is there."""


@cache
def _existing(kinds: tuple[str, ...]) -> Prepared[Any]:
    def write(*ids: Any) -> Any:
        models: list[Any] = [FINDABLE[kind].model for kind in kinds]
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


STATUS_WORDS: dict[str, Phrase] = {
    "active": Phrase("In use"),
    "archived": Phrase("Archived"),
    "left": Phrase("Left the company"),
} | {state.value: state.label for kind in FINDABLE for state in NOUNS[kind].states or ()}
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
    "customer": Customer,
}
MOST_CHOICES = 8


def _topics_of(entry: IndexEntry) -> tuple[int, ...]:
    tags = entry.tags if entry.kind in ("article", "question") else ()
    return tuple(number_of(tag[6:]) for tag in tags if tag.startswith("topic:"))


CALLED = {"person": "owner", "product": "product", "customer": "customer"}
"""The kinds of hits that are called otherwise in English, by the names that say how."""


def _called(hits: Iterable[Hit]) -> dict[str, dict[str, None]]:
    """Those of hits that the reader's language may call otherwise than their titles, by what says how."""
    found: dict[str, dict[str, None]] = {}
    for hit in hits if i18n.current() == "en" else ():
        if name := CALLED.get(hit.kind):
            found.setdefault(name, {})[str(record_of(hit))] = None
    return found


def _titles(asked: Asked, names: ValueNames) -> Callable[[Hit], Hit]:
    """Gives hits the names that the reader's language has for them, with the words marked."""
    marker = Marker(ParsedQuery.of(asked.text)) if i18n.current() == "en" else None

    def titled(hit: Hit) -> Hit:
        called = names.get((CALLED.get(hit.kind, ""), str(record_of(hit)))) if marker else None
        if marker is None or called is None or not called.name_en:
            return hit
        title = marker.marked(called.name_en)
        if MARK in hit.title and MARK not in title:  # asked for by the name in the other language
            return hit
        told = str(hit.snippet).removeprefix(title).removeprefix(" · ")  # the name said why it was found
        return replace(hit, title=title, snippet=Markup(told))  # noqa: S704 - escaped as it was

    return titled


def _shown(
    hits: Sequence[Hit],
    entries: Mapping[str, IndexEntry],
    names: ValueNames,
    titled: Callable[[Hit], Hit],
) -> list[Found]:
    """Hits with what stands below them: whose they are, how they stand."""
    return [
        Found(
            titled(hit),
            NOUNS[hit.kind].path.format(id=hit.id.partition("-")[2]),
            owner=None if hit.kind == "person" else names.get(("owner", entry.owner)),
            status=entry.status,
            lang=entry.lang,
            topics=_topics_of(entry),
        )
        for hit, entry in ((hit, entries[hit.entry]) for hit in hits)
    ]


def _names(
    owners: Iterable[str], offered: Counts, called: Mapping[str, Iterable[str]]
) -> dict[tuple[str, str], BilingualName]:
    """What hits, their owners and the values of filters are called."""
    wanted = {name: dict.fromkeys((*offered.get(name, ()), *called.get(name, ()))) for name in NAMED}
    wanted["owner"] |= dict.fromkeys(owners)
    numbers = {
        name: [number for value in values if (number := number_of(value))]
        for name, values in wanted.items()
        if values
    }
    given = {name: ids for name, ids in numbers.items() if ids}
    rows = _naming(tuple(given)).rows(**given) if given else ()
    return {(name, str(ident)): BilingualName(own, english) for name, ident, own, english in rows}


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


def _choices(asked: Asked, offered: Counts, names: ValueNames) -> dict[str, list[FacetValue]]:
    words: dict[str, Any] = {**FIXED, "for": {each: ReaderGroup(each) for each in offered.get("for", ())}}
    words["genre"] = kinds_called(offered.get("genre", ()))
    return {
        name: [
            FacetValue(value, label, count, asked.has(name, value))
            for value, count in values.items()
            if (label := words[name].get(value) if name in words else names.get((name, value)))
        ]
        for name, values in offered.items()
    }
