"""Telling people of what is new in the searches that they keep."""

from __future__ import annotations

from urllib.parse import parse_qs

from portal.models.search.documents import SearchCursor, SearchDocument
from portal.models.search.lookups import SavedSearch
from portal.search import searcher
from portal.search.asking import Asked


def asked_by(kept: SavedSearch) -> Asked:
    """The search that was kept, in the name of the one who keeps it."""
    given = parse_qs(kept.query)
    single = {name: values[0] for name, values in given.items()}
    return Asked.read(single, kept.person, lambda name: given.get(name, []))


def tell(ident: int) -> None:
    """Tell the owner of a kept search what became findable in it since the last look."""
    kept = SavedSearch.get_or_none(SavedSearch.id == ident)
    if kept is None:
        return
    search = searcher.here()
    fed = min(SearchCursor.of(engine.name).seq for engine in search.engines)
    seen = max(SearchDocument.newest_id(fed), kept.seen)
    recent = SearchDocument.select(SearchDocument.noun, SearchDocument.record).where(
        (SearchDocument.id > kept.seen) & (SearchDocument.id <= seen)
    )
    born = {row.name for row in recent.order_by(SearchDocument.id.desc()).limit(5000)}
    found = search.newest(kept.person, asked_by(kept).at(1)) if born else []
    if new := [each for each in found if each.hit.id in born]:
        kept.tell_owner(len(new), str(new[0].hit.title.striptags()))
    kept.look(seen)
