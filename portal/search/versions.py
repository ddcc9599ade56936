"""The versions of one article in several languages are one hit: the one in the language that was asked in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from portal.search.documents import FoldedText
from portal.search.parsing import ParsedQuery
from portal.search.rank import Ranked

Works = Mapping[str, str]
"""Of documents that have versions in other languages, as they are named, what they are versions of."""
Same = Sequence[Sequence[Ranked]]
"""Hits that say the same, several at a time."""


class Versions(NamedTuple):
    """How is known what are versions of one article."""

    of: Callable[[Collection[str]], Works]
    """Among these documents."""
    every: Callable[[], Works]
    """All there are; none where they are too many to be asked for at once."""


NO_VERSIONS = Versions(lambda names: {}, dict)


def same(hits: Iterable[Ranked], works: Works) -> list[list[Ranked]]:
    """Hits that say the same and that everyone reads: a draft is a hit of its author's own."""
    found = defaultdict[str, list[Ranked]](list)
    for hit in hits:
        if (work := works.get(hit.text.parent)) and hit.text.fact("status") == "published":
            found[work].append(hit)
    return [versions for versions in found.values() if len(versions) > 1]


def shown_for(
    several: Same, parsed: ParsedQuery, reads: str, holds: Callable[[FoldedText], bool]
) -> dict[str, Ranked | None]:
    """For each of several versions what is shown in its place: in that of the best one of them, in those of
    the others none. One that holds every word comes before the others, of these the one in the language asked
    in, or else the reader's.
    """
    wanted = parsed.language or reads
    shown = dict[str, Ranked | None]()
    for hits in several:
        pool = [hit for hit in hits if holds(hit.text)] or hits
        chosen = next((hit for hit in pool if hit.text.fact("lang") == wanted), pool[0])
        shown |= {hit.id: None for hit in hits}
        shown[hits[0].id] = replace(chosen, score=hits[0].score)
    return shown


def count_once(counts: dict[str, int], values: Callable[[FoldedText], Iterable[str]], several: Same) -> None:
    """What is one row counts once for each value that some of its versions have."""
    for hits in several:
        for value, held in Counter(value for hit in hits for value in set(values(hit.text))).items():
            if value in counts:
                counts[value] = max(1, counts[value] - held + 1)
