"""What of an entry is shown as a hit: its title and where it says what is asked, the words marked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup

from portal.search.documents import IndexEntry
from portal.search.engine import Hit
from portal.search.highlight import Marker
from portal.search.text import ValueKind, alternates, pinyin
from portal.text.grams import holds_han


def suggested(marker: Marker, entry: IndexEntry, score: float) -> Hit:
    """What is shown while someone types: the title alone."""
    title = marker.marked(entry.title)
    return Hit(entry.parent, entry.id, entry.kind, score, title, Markup(""), entry.updated)


def as_hit(marker: Marker, entry: IndexEntry, score: float, *, lang: str = "") -> Hit:
    """An answer: `lang` is what its reader reads, where it says the same in several languages."""
    title, body = marker.marked(entry.title), marker.snippet(entry.body, lang=lang)
    if "<mark>" not in title and "<mark>" not in body:
        # Found by another name: the code or the number typed is shown, so that one sees why.
        names = list(_names_found(marker, entry))
        read_on = next((name for name in names if body and _reads_on(name, body)), None)
        if read_on:
            body = Markup("{} · {}").format(read_on, body)
        elif names:
            body = names[0]
    return Hit(entry.parent, entry.id, entry.kind, score, title, body, entry.updated)


def _names_found(marker: Marker, entry: IndexEntry) -> Iterator[Markup]:
    """Those of an entry's names that were found, marked; for somebody's name in pinyin the name itself."""
    for name in entry.alt:
        shown = marker.marked(name)
        if "<mark>" not in shown or _sounds(entry, name):
            continue
        spoken = re.sub(r"[\W_]+", "", name).lower()
        written = next((each for each in entry.alt if holds_han(each) and pinyin(each)[0] == spoken), "")
        if written:
            yield Markup("<mark>{}</mark>").format(written)
        if not written or name != spoken:
            yield shown


def _reads_on(name: Markup, body: Markup) -> bool:
    """Whether a name and a text are of one language; codes and numbers are of any."""
    told = name.striptags()
    return any(map(str.isdigit, told)) or holds_han(told) == holds_han(body.striptags())


def _sounds(entry: IndexEntry, name: str) -> bool:
    """Whether one of an entry's names is its title in pinyin, which nobody wants to read."""
    kinds: tuple[ValueKind, ...] = ("title", "name", "company")
    return name != entry.title and any(name in alternates(entry.title, kind) for kind in kinds)
