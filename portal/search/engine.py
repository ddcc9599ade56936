"""What every engine offers, and the words in which it is asked and answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from markupsafe import Markup

from portal.search.documents import FoldedText, SearchDoc

if TYPE_CHECKING:
    from portal.search.parsing import ParsedQuery

FACETS = ("kind", "tags", "lang", "status", "owner")


class EngineDown(Exception):
    """The engine cannot answer. `reason` is one of unreachable, slow, refused, broken, missing, full,
    rebuild (the index has another format) and busy (another process holds the writer).
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Query:
    """A question to the index. `groups` are the principals of the person who asks: the empty set finds
    nothing, None (no filter) is for system jobs only. Tags with one prefix are alternatives, tags with
    different prefixes are all needed. `sort` is "" (best first) or "-updated".
    """

    text: str = ""
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    groups: frozenset[str] | None = frozenset()
    langs: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    page: int = 1
    size: int = 20
    facets: tuple[str, ...] = ("kind", "tags")
    suggest: bool = False
    sort: str = ""
    strict: bool = False
    """Only entries with every word."""
    reads: str = ""
    """The reader's language: of a text in two, that one is shown."""
    beside_deals: tuple[str, ...] = ()
    """All kinds but deals, of which only the first few are then listed: they are many and answer little."""
    first: tuple[str, ...] = ()
    """Records, as their documents are named ("article-12"), that come before other knowledge that answers."""
    among: tuple[str, ...] = ()
    """Only these records, named so; empty: all."""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the words and the rights of the person filters."""
        return bool(self.kinds or self.tags or self.langs or self.statuses or self.owners)

    def widened(self) -> "Query":
        """Without the filters."""
        return replace(self, kinds=(), tags=(), langs=(), statuses=(), owners=(), facets=("kind",))

    def admits(self, text: FoldedText, *, of_any_kind: bool = False) -> bool:
        """Whether an entry passes the filters."""
        held = ((self.langs, "lang"), (self.statuses, "status"), (self.owners, "owner"))
        return (
            (of_any_kind or not self.kinds or text.kind in self.kinds)
            and all(set(group) & set(text.tags) for group in self.tag_choices())
            and all(not values or text.fact(name) in values for values, name in held)
        )

    def filters(self, without: str = "") -> list[tuple[str, Sequence[str]]]:
        """Fields of an entry with the values of which each must have one; `without` leaves one filter out."""
        chosen: list[tuple[str, Sequence[str]]] = [("tags", group) for group in self.tag_choices()]
        if self.groups is not None:
            chosen.append(("groups", sorted(self.groups)))
        named = (
            ("kind", "kinds"),
            ("lang", "langs"),
            ("status", "statuses"),
            ("owner", "owners"),
            ("parent", "among"),
        )
        held = [(field, getattr(self, name)) for field, name in named if name != without]
        return chosen + [(field, values) for field, values in held if values]

    def tag_choices(self) -> list[tuple[str, ...]]:
        """The tags, grouped by prefix: one of each group must be there."""
        choices: dict[str, list[str]] = {}
        for tag in self.tags:
            choices.setdefault(tag.partition(":")[0], []).append(tag)
        return [tuple(group) for group in choices.values()]


@dataclass
class Candidates:
    """What an engine found, best first by its own light. `doc_freq` counts, for terms of the query, how many
    of all `documents` entries hold them; `texts` are the folded texts when the engine keeps them.
    """

    ids: list[str]
    documents: int
    doc_freq: Mapping[str, int]
    total: int = 0
    exact_total: bool = True
    held: int = 0
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    alike: int = 0
    folded: int = 0
    near: list[str] = field(default_factory=list)
    unanswered: bool = False
    texts: Mapping[str, FoldedText] | None = None


@dataclass(frozen=True)
class Hit:
    """One record found: `id` is the record's document, `entry` the section that answers best."""

    id: str
    entry: str
    kind: str
    score: float
    title: Markup
    snippet: Markup
    updated: int = 0
    years: tuple[str, ...] = ()
    """Where it is the newest of one title of several years: these."""


@dataclass
class Result:
    """One page of hits. `total` counts records that hold every word (`exact_total`), else some word."""

    hits: list[Hit]
    total: int
    exact_total: bool
    facets: dict[str, dict[str, int]]
    took_ms: float
    engine: str
    suggestion: str = ""
    degraded: bool = False
    folded: int = 0
    """So many of all are on no page: deals beyond the first few."""
    held: int = 0
    """So many of them hold every word as the company says it, where not all are counted."""
    alike: int = 0
    """So many of them share no word with the query: they are near it in meaning."""
    near: list[Hit] = field(default_factory=list)
    """Knowledge near in meaning, where what holds every word is none: apart, and not counted."""
    unanswered: bool = False
    """Whether what holds every word tells of customers alone, and nothing of what is known is near."""


@dataclass(frozen=True)
class Health:
    """The state of an index: `documents` are entries; `reason` is empty when all is well."""

    ok: bool
    documents: int = 0
    reason: str = ""
    detail: str = ""
    rebuild_needed: bool = False
    version: str = ""


class Fed(Protocol):
    """What is given every document that changes. Every method raises EngineDown when it cannot."""

    name: str

    def index(self, docs: Iterable[SearchDoc]) -> None:
        """Puts documents in the place of their former selves; returns when durable and visible."""

    def delete(self, ids: Iterable[str]) -> None:
        """Removes documents with all their entries; unknown ids are no error."""

    def stamps(self) -> Iterator[tuple[str, str]]:
        """The id and the stamp of every entry held, in no order."""

    def begin_rebuild(self) -> "Fed":
        """Starts an empty index beside the one that answers."""

    def finish_rebuild(self, new: "Fed") -> None:
        """Puts the new index in the place of this one, in one step."""

    def health(self) -> Health:
        """Says how the index is; never raises."""


class Engine(Fed, Protocol):
    """An index of entries that is asked."""

    def retrieve(self, parsed: "ParsedQuery", query: Query, limit: int) -> Candidates:
        """Finds up to `limit` entries that share words with the query, under the query's filters; the best of
        them up to twice as many, where what comes first is this engine's coarser guess.
        """

    def counted(self, grams: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """Of how many entries in all how many hold each term."""


Nearest = Callable[[str, frozenset[str] | None], list[tuple[str, float]]]
"""For a question and the principals of who asks: the documents nearest in meaning, the nearest first, each
with its cosine. Never raises.
"""
