"""What of an entry is shown as a hit: its title and where it says what is asked, the words marked."""

from __future__ import annotations

from markupsafe import Markup

from portal.search.documents import IndexEntry
from portal.search.engine import Hit
from portal.search.highlight import Marker
from portal.search.text import ValueKind, alternates
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
        names = ((name, marker.marked(name)) for name in entry.alt)
        shown = next((shown for name, shown in names if "<mark>" in shown and not _sounds(entry, name)), None)
        if shown:
            body = Markup("{} · {}").format(shown, body) if body and _reads_on(shown, body) else shown
    return Hit(entry.parent, entry.id, entry.kind, score, title, body, entry.updated)


def _reads_on(name: Markup, body: Markup) -> bool:
    """Whether a name and a text are of one language; codes and numbers are of any."""
    told = name.striptags()
    return any(map(str.isdigit, told)) or holds_han(told) == holds_han(body.striptags())


def _sounds(entry: IndexEntry, name: str) -> bool:
    """Whether one of an entry's names is its title in pinyin, which nobody wants to read."""
    kinds: tuple[ValueKind, ...] = ("title", "name", "company")
    return name != entry.title and any(name in alternates(entry.title, kind) for kind in kinds)
