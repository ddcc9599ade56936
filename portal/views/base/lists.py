"""What a list page keeps in its address: the search, the filters, the sort, the place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from portal.models.base.listing import number_of
from portal.web import Request


class ListState:
    """The state of one list, read from the address; `href` gives the address of a changed state."""

    def __init__(self, request: Request, *filters: str, sort: str, path: str = "", tab: str = "tab"):
        query = request.query
        self.path = path or request.path
        self.q = query.get("q", "").strip()[:100]
        self.sort = query.get("sort", "") or sort
        self.after = query.get("after", "")
        self.filters = {name: query.get(name, "") for name in filters}
        self._usual, self._tab = sort, {tab: query[tab]} if tab in query else {}

    def __getitem__(self, name: str) -> str:
        return self.filters[name]

    def number(self, name: str) -> int | None:
        """A filter's value as a record's id; None when it is none."""
        return number_of(self.filters[name]) or None

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

    def chips(self, name: str, offers: Sequence[tuple[str, str, int | None]]) -> list[tuple[Any, ...]]:
        """Filter chips: `offers` are (value, words, count); the chosen one takes itself out again."""
        chosen = self.filters[name]
        return [
            (words, self.href(**{name: "" if value == chosen else value}), count, value == chosen)
            for value, words, count in offers
        ]

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides something."""
        return bool(self.q or any(self.filters.values()))
