"""A list page as its noun declares it: what is shown, narrowed, sorted, and handed out (list.html)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from peewee import Field, ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.listing import SIZE, Listing, counted, counted_among, listing, number_of
from portal.models.base.record import Row
from portal.models.base.selection import MOST as AT_ONCE
from portal.models.people.people import Person
from portal.request import keep_list
from portal.search import searcher
from portal.search.find import DEEPEST
from portal.search.searcher import HoldingIds
from portal.shell import COME_BACK_TO
from portal.views.base.export import MOST, refused_sheet, sheet
from portal.views.base.filters import Filter, Option
from portal.web import Request, render

PIECES = 20
"""So many pieces of a list come at once for who opened them one by one and comes back."""
R = TypeVar("R", bound=Row)
Chip = tuple[str, str, int | None, bool]
"""Words, address, count, whether it is the one chosen."""


class ListState:
    """The state of one list, read from the address; `href` gives the address of a changed state."""

    def __init__(self, request: Request, *filters: str, sort: str, path: str = "", tab: str = "tab"):
        query = request.query
        self.path = path or request.path
        self.q = query.get("q", "").strip()[:100]
        self.sort = query.get("sort", "") or sort
        self.after = query.get("after", "")
        self.pieces = min(max(number_of(query.get("pieces")), 1), PIECES)
        self.filters = {name: query.get(name, "") for name in filters}
        self._usual, self._tab = sort, {tab: query[tab]} if tab in query else {}

    def __getitem__(self, name: str) -> str:
        return self.filters[name]

    @property
    def kept(self) -> dict[str, str]:
        """All that is not as usual, without the place in the list."""
        sort = "" if self.sort == self._usual else self.sort
        state = {**self._tab, "q": self.q, **self.filters, "sort": sort}
        return {name: value for name, value in state.items() if value}

    def href(self, **changes: Any) -> str:
        """The address with some of the state changed; '' or None takes it out. Begins from the top again."""
        state = {**self.kept, **changes}
        query = urlencode({name: value for name, value in state.items() if value not in ("", None)})
        return f"{self.path}?{query}" if query else self.path

    def sorted_by(self, sort: str) -> str:
        """The address of the list sorted otherwise, for a column's header."""
        return self.href(sort="" if sort == self._usual else sort)

    def more(self, cursor: str) -> str | None:
        """The address of the next piece."""
        return self.href(after=cursor) if cursor else None

    def but(self, *names: str) -> list[tuple[str, str]]:
        """What a form in the list must carry along, without these."""
        return [(name, value) for name, value in self.kept.items() if name not in names]

    def chips(self, name: str, offers: Sequence[tuple[str, str, int | None]]) -> list[Chip]:
        """Filter chips of (value, words, count); the chosen one takes itself out where no other chip does."""
        chosen, undone = self.filters[name], all(value for value, _, _ in offers)
        return [
            (words, self.href(**{name: "" if undone and value == chosen else value}), count, value == chosen)
            for value, words, count in offers
        ]

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides something."""
        return bool(self.q or any(self.filters.values()))


def chosen_ids(request: Request) -> list[int]:
    """The rows that were chosen by hand, no more than fit in one act."""
    given = (number_of(str(each)) for each in request.form.getlist("id"))
    return list(dict.fromkeys(ident for ident in given if ident))[:AT_ONCE]


@dataclass(frozen=True)
class Column:
    """A column of the table: its words, the sort that a press on them gives, and its side."""

    words: Phrase
    sort: str | None = None
    align: str | None = None
    hidden: bool = False
    """Whether the words are for screen readers only."""


class ListPage(Generic[R]):
    """One noun's list: a class says what it is, an instance is one request's look at it.

    class DealList(ListPage[Deal]):
        noun, template, sorts = Deal, "sales/deals/index.html", {"updated": Deal.updated_at}

    def index(request): return DealList(request).page()
    """

    noun: ClassVar[type[Any]]
    template: ClassVar[str]
    title: ClassVar[Phrase]
    """Its heading: what many of the noun are called, unless it says otherwise."""
    subtitle: ClassVar[Phrase | None] = None
    over: ClassVar[tuple[Phrase, str] | None] = None
    """The page it belongs to: its words and the name of its address."""
    sorts: ClassVar[Mapping[str, Field[Any]]]
    """The columns it can be sorted by, under their names in the address."""
    usual: ClassVar[str] = ""
    """How it is sorted unless asked otherwise, `-name` for descending; the first of `sorts` when empty."""
    size: ClassVar[int] = SIZE
    filters: ClassVar[Sequence[Filter]] = ()
    columns: ClassVar[Sequence[Column | Phrase]] = ()
    """Its columns; those that are words alone stand at the start and sort nothing."""
    search: ClassVar[Phrase | None] = None
    """What its search looks through; None where there is no search."""
    orders: ClassVar[Mapping[str, Phrase]] = {}
    """The sorts that stand beside the search, where no column's header offers them."""
    exports: ClassVar[Mapping[Phrase, Callable[[Any, Person], object]]] = {}
    """The columns of the list as a file: their words, and the value of a row for who takes it."""

    picks: ClassVar[bool] = False
    """Whether rows can be chosen, and acted on together."""
    asks: ClassVar[Sequence[str]] = ()
    """The acts on chosen rows that ask something first: `owner`, `topic`, `course`."""
    does: ClassVar[Sequence[str]] = ("archive", "restore")
    """The acts on chosen rows that ask nothing (ACTS of `selection`)."""

    @classmethod
    def pickable_by(cls, person: Person) -> bool:
        """Whether a person may choose rows; it says so where some can do nothing with them."""
        return cls.picks

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """Whether a person may take the list away as a file; it says so where not everyone may."""
        return True

    def __init_subclass__(cls) -> None:
        if "title" not in vars(cls):
            cls.title = cls.noun.called.many
        cls.usual = cls.usual or next(iter(cls.sorts))

    def __init__(self, request: Request, path: str = "") -> None:
        self.request, self.person = request, request.user
        self._held: dict[tuple[str, str], HoldingIds] = {}
        self.state = ListState(request, *(each.name for each in self.filters), sort=self.usual, path=path)

    # --- What a noun says otherwise ---

    def everything(self) -> ModelSelect[R]:
        """All that this person may see, before anything narrows it."""
        found: ModelSelect[R] = self.noun.visible_to(self.person)
        return found

    def read(self, query: ModelSelect[R]) -> ModelSelect[R]:
        """The same rows with whatever else a row of the page shows."""
        return query

    def taken(self, query: ModelSelect[R]) -> ModelSelect[R]:
        """The rows that may leave as a file, with whatever else a line of it shows."""
        return self.read(query)

    def lines(self, rows: Iterable[R]) -> Iterable[R]:
        """The same rows with what is read along for many of them at once."""
        return rows

    def matching(self, text: str) -> Any:
        """The condition that a row holds the words of the search: as it is told at once, or as the search box
        finds it, in any order, in pinyin, by a phone number that this person may read.
        """
        return self.noun.matching(text) | self.noun.id.in_(self.held(self.noun.kind(), text))

    def held(self, kind: str, text: str) -> list[int]:
        """The ids of what the search box finds of a kind with all these words."""
        known = self._held.get((kind, text))
        if known is None:
            known = self._held[kind, text] = searcher.here().holding(self.person, kind, text)
        return known.ids

    @property
    def cut(self) -> str:
        """What is said where more rows hold the words than the search box finds at once; empty where all are
        here. Known once the rows were asked for.
        """
        if not any(held.is_cut for held in self._held.values()):
            return ""
        told = Phrase(
            "Very many hold these words: only the newest %(n)s are here, and in a file of this list."
            " More words find the others.",
            n=i18n.number(DEEPEST),
        )
        return i18n.gettext(told)

    # --- What it finds ---

    def query(self, **changed: str) -> ModelSelect[R]:
        """The rows that search and filters leave, with some filters set to another value."""
        conditions, query = self._conditions(**changed), self._matches()
        return query.where(*conditions) if conditions else query

    def _matches(self) -> ModelSelect[R]:
        query = self.everything()
        return query.where(self.matching(self.state.q)) if self.search and self.state.q else query

    def _conditions(self, **changed: str) -> list[Any]:
        chosen = self.state.filters | changed
        found = (each.where(chosen[each.name], self.person) for each in self.filters)
        return [condition for condition in found if condition is not None]

    @cached_property
    def found(self) -> Listing[R]:
        """The piece of the list that the address asks for."""
        query, state = self.read(self.query()), self.state
        size = self.size * state.pieces
        return listing(query, sorts=dict(self.sorts), sort=state.sort, after=state.after, size=size)

    @property
    def rows(self) -> list[R]:
        return self.found.rows

    # --- What the page shows ---

    @property
    def about(self) -> str:
        """What the heading is followed by."""
        return i18n.gettext(self.subtitle) if self.subtitle else ""

    @property
    def heads(self) -> list[Column]:
        """The columns as they are shown."""
        return [each if isinstance(each, Column) else Column(each) for each in self.columns]

    @property
    def labels(self) -> list[str]:
        """The columns' words in the language in use: on a phone each cell says its own."""
        return [i18n.gettext(column.words) for column in self.heads]

    @cached_property
    def offered(self) -> dict[str, list[Option]]:
        """What each filter that is shown offers, by its name."""
        shown = [each for each in self.filters if each.label]
        return {each.name: list(each.options(self.person, self.state[each.name])) for each in shown}

    @cached_property
    def counts(self) -> dict[tuple[str, str], int | None]:
        """How many rows each option leaves under the search and the other filters; None for very many."""
        counted_filters = [each.name for each in self.filters if each.label and each.counted]
        wanted = [(name, option.value) for name in counted_filters for option in self.offered[name]]
        if self.search and self.state.q:
            among = {(name, value): self._conditions(**{name: value}) for name, value in wanted}
            return counted_among(self._matches(), among)
        return counted({(name, value): self.query(**{name: value}) for name, value in wanted})

    def chips(self, look: str) -> list[tuple[str, list[Chip]]]:
        """The filters of one look, as rows of chips under the words for each row."""
        rows: dict[str, list[Chip]] = {}
        for each in self.filters:
            if each.label and each.look == look:
                rows.setdefault(i18n.gettext(each.label), []).extend(self._chips(each))
        return [(label, chips) for label, chips in rows.items() if chips]

    def _chips(self, narrowing: Filter) -> list[Chip]:
        name, chosen = narrowing.name, self.state[narrowing.name]
        offers = [
            (each.value, each.words, self.counts.get((name, each.value))) for each in self.offered[name]
        ]
        if narrowing.filled:
            offers = [offer for offer in offers if offer[2] != 0 or offer[0] in ("", chosen)]
        return self.state.chips(name, offers)

    @property
    def ordered(self) -> list[Chip]:
        """The sorts that stand beside the search."""
        sort, href = self.found.sort, self.state.sorted_by
        return [(i18n.gettext(words), href(key), None, sort == key) for key, words in self.orders.items()]

    def page(self, **context: Any) -> Response:
        """The page."""
        response, state = render(self.request, self.template, list=self, **context), self.state
        is_passing = state.q or any(state[name] for name in self.passing)
        if self.comes_back and not is_passing and not self.request.wants_fragment:
            keep_list(self.request, response, state.path, urlencode(state.kept))
        return response

    @cached_property
    def pickable(self) -> bool:
        """Whether its reader may choose rows."""
        return self.pickable_by(self.person)

    @property
    def acts(self) -> list[str]:
        """What the bar offers to do with chosen rows, as far as it makes sense for what is shown."""
        put_away = self.state.filters.get("show") == "archived"
        never = "archive" if put_away else "restore"
        return [*self.asks, *(act for act in self.does if act != never)]

    @property
    def comes_back(self) -> bool:
        """Whether it is come back to as it was left."""
        return self.state.path in COME_BACK_TO

    @property
    def passing(self) -> list[str]:
        """The filters that are of the moment."""
        return [each.name for each in self.filters if each.passing]

    def sheet(self, hand_out: Callable[..., Response] = sheet) -> Response:
        """The list as a file, in the order of the page; who may not take it away is written down."""
        if not self.exportable_by(self.person):
            return refused_sheet(self.request, self._name)
        sort = self.state.sort if self.state.sort.lstrip("-") in self.sorts else self.usual
        column, ident = self.sorts[sort.lstrip("-")], self.noun.id
        order = (column.desc(), ident.desc()) if sort.startswith("-") else (column, ident)
        found = self.taken(self._chosen()).order_by(*order).limit(MOST)
        header = [i18n.gettext(words) for words in self.exports]
        named: list[str] | None = [] if chosen_ids(self.request) else None

        def line(row: Any) -> list[object]:
            if named is not None:
                named.append(i18n.label(row))
            return [value(row, self.person) for value in self.exports.values()]

        lines = map(line, self.lines(found.iterator()))
        return hand_out(self.request, self._name, header, lines, named, cut=self.cut)

    def _chosen(self) -> ModelSelect[R]:
        """The rows that were chosen by hand, of all that may be seen; none chosen, those of the page."""
        ids = chosen_ids(self.request)
        return self.everything().where(self.noun.id.in_(ids)) if ids else self.query()

    @property
    def _name(self) -> str:
        path: str = self.noun.called.list_path or self.noun.kind()
        return path.strip("/")
