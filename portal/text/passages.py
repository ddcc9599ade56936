"""A passage of a text, known by its words and what stands around it: it is found when the text goes on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import unescape
from typing import NamedTuple

from rapidfuzz import fuzz

AROUND = 40
"""So many characters before and after a passage are kept."""
_TAG = re.compile(r"<(?:\"[^\"]*\"|[^\">])*>")
_ALIKE, _AROUND_ALIKE = 80, 75
"""How alike changed words, and what stands around them, must be: in per cent."""
_SHORTEST, _OWN = 8, 20
"""From so many characters on a passage is known again in other words, and by its words wherever it stands."""


class Extent(NamedTuple):
    """From which character of the shown text to which, blanks not counted."""

    start: int
    end: int


class ShownText:
    """What a reader sees of a text: the words of safe HTML, compared without blanks, as those differ."""

    def __init__(self, html: str):
        self.html = html

    @cached_property
    def parts(self) -> list[tuple[bool, str]]:
        """Tags and the text between them, in order: whether it is text, and the piece as it stands."""
        found, at = list[tuple[bool, str]](), 0
        for tag in _TAG.finditer(self.html):
            if tag.start() > at:
                found.append((True, self.html[at : tag.start()]))
            found.append((False, tag.group()))
            at = tag.end()
        return [*found, (True, self.html[at:])] if at < len(self.html) else found

    @cached_property
    def words(self) -> str:
        """The text without blanks."""
        return squeezed("".join(unescape(piece) for is_text, piece in self.parts if is_text))

    def find(self, quote: str, before: str = "", after: str = "") -> Extent | None:
        """Where a passage stands now; None where it is gone: nothing like it stands between the like."""
        quote, before, after = squeezed(quote), squeezed(before), squeezed(after)
        if not quote:
            return None
        places = list(self._places(quote))
        if places:
            best = max(places, key=lambda at: self._nearness(at, at + len(quote), before, after))
            if len(quote) >= _OWN or self._is_near(best, best + len(quote), before, after):
                return Extent(best, best + len(quote))
            return None
        return self._find_changed(quote, before, after)

    def find_typed(self, quote: str, before: str = "") -> Extent | None:
        """Where these very words stand: after what is given, where they stand more than once."""
        quote, before = squeezed(quote), squeezed(before)[-AROUND:]
        places = list(self._places(quote)) if quote else []
        if not places:
            return None
        best = max(places, key=lambda at: self._around(at, at + len(quote), before, "")[0])
        return Extent(best, best + len(quote))

    def _places(self, quote: str) -> Iterator[int]:
        at = self.words.find(quote)
        while at >= 0:
            yield at
            at = self.words.find(quote, at + 1)

    def _find_changed(self, quote: str, before: str, after: str) -> Extent | None:
        if len(quote) < _SHORTEST or len(quote) > len(self.words):
            return None
        found = fuzz.partial_ratio_alignment(quote, self.words, score_cutoff=_ALIKE)
        if found is None or not self._is_near(found.dest_start, found.dest_end, before, after):
            return None
        return Extent(found.dest_start, found.dest_end)

    def _around(self, start: int, end: int, before: str, after: str) -> tuple[float, float]:
        """How alike what stands before and after is, in per cent; of nothing nothing is asked."""
        held = self.words[max(0, start - len(before)) : start], self.words[end : end + len(after)]
        kept = (before, after)
        left, right = (
            100.0 if one == other else fuzz.ratio(one, other) for one, other in zip(held, kept, strict=True)
        )
        return left, right

    def _nearness(self, start: int, end: int, before: str, after: str) -> float:
        return sum(self._around(start, end, before, after))

    def _is_near(self, start: int, end: int, before: str, after: str) -> bool:
        """Whether one of its sides at least is as it was."""
        left, right = self._around(start, end, before, after)
        asked = [alike for alike, kept in ((left, before), (right, after)) if kept]
        return not asked or max(asked) >= _AROUND_ALIKE

    def around(self, passage: Extent) -> tuple[str, str]:
        """What stands before and after a passage."""
        return (
            self.words[max(0, passage.start - AROUND) : passage.start],
            self.words[passage.end : passage.end + AROUND],
        )

    def marked(self, passages: Iterable[tuple[str, int, Extent]]) -> str:
        """The same HTML with passages marked; where one ends, its number as a link to a place on the page."""
        kept = list(passages)
        if not kept:
            return self.html
        edges = sorted({edge for _, _, passage in kept for edge in passage})
        made, at, links, waiting = list[str](), 0, 0, list[str]()
        for is_text, piece in self.parts:
            if not is_text:
                made.append(piece)
                links += piece.startswith(("<a ", "<a>")) - piece.startswith("</a")
                if waiting and not links:
                    made += waiting
                    waiting = []
                continue
            for run in _runs(piece, at, edges):
                held = any(start <= at < end for _, _, (start, end) in kept)
                width = len(squeezed(unescape(run)))
                made.append(f"<mark>{run}</mark>" if held and width else run)
                at += width
                ended = [_reference(where, n) for where, n, each in kept if width and each.end == at]
                (waiting if links else made).extend(ended)
        return "".join(made)


def squeezed(text: str) -> str:
    """A text without blanks of any kind."""
    return "".join(text.split())


_CHARACTER = re.compile(r"&(?:#\w+|\w+);|.", re.DOTALL)


def _runs(piece: str, at: int, edges: list[int]) -> Iterator[str]:
    """A piece of escaped text, cut where a passage begins or ends; `at`: at which character it begins."""
    cut = bisect_right(edges, at)
    if cut == len(edges) or edges[cut] >= at + len(piece):
        yield piece
        return
    run, known = list[str](), set(edges)
    for each in _CHARACTER.findall(piece):
        wide = len(squeezed(unescape(each)))
        if at in known and run:
            yield "".join(run)
            run = []
        run.append(each)
        at += wide
    yield "".join(run)


def _reference(place: str, number: int) -> str:
    return f'<a class="passage-number" href="#{place}">{number}</a>'
