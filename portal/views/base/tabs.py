"""The sections of a record's page: each says its words, its fragment and what it needs (detail.html)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.record import Record
from portal.web import Request, render

Facts = Mapping[str, Any]
"""What a template is given, by name."""

Link = tuple[str, str, bool, int | None]
"""Words, address, whether it is the one shown, count."""


@dataclass(frozen=True)
class Tab:
    """One section: its fragment, and what it reads for that when it is the one asked for."""

    words: Phrase
    fragment: str
    reads: Callable[[Request, Any, Facts], Facts] = lambda request, record, beside: {}
    """For a request and a record, beside what the page shows anyway."""


@dataclass(frozen=True)
class OpenTab:
    """The section asked for, among the others."""

    name: str
    fragment: str
    links: list[Link]
    facts: Facts


class Tabs:
    """A record's sections by their names in the address; the first is shown unless another is asked for."""

    def __init__(self, **tabs: Tab) -> None:
        self._tabs = tabs

    def page(
        self, request: Request, template: str, record: Record, beside: Facts, **counts: int | None
    ) -> Response:
        """The record's page with the section that its address asks for: no other is read.

        `beside`: what the page shows whichever section is open; `counts`: how much lies in a section.
        """
        tab = self._open(request, record, beside, counts)
        return render(request, template, record=record, tabs=tab, **beside, **tab.facts)

    def _open(
        self, request: Request, record: Record, beside: Facts, counts: Mapping[str, int | None]
    ) -> OpenTab:
        first, name = next(iter(self._tabs)), request.query.get("tab", "")
        name = name if name in self._tabs else first
        links = []
        for each, tab in self._tabs.items():
            href = record.url if each == first else f"{record.url}?tab={each}"
            links.append((i18n.gettext(tab.words), href, each == name, counts.get(each)))
        tab = self._tabs[name]
        return OpenTab(name, tab.fragment, links, tab.reads(request, record, beside))
