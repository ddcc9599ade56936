"""A passage of a text, known by its words and what stands around it: it is found when the text goes on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import unescape
from itertools import islice
from typing import NamedTuple

from rapidfuzz import fuzz

AROUND = 40
"""So many characters before and after a passage are kept."""
_TAG = re.compile(r"<(?:\"[^\"]*\"|[^\">])*>")
_ALIKE, _AROUND_ALIKE = 80, 75
"""How alike changed words, and what stands around them, must be: in per cent."""
_LOOKED_AT = 200
"""So many places of the same words are compared, beside those that stand just as they did."""
_LONG = 20_000
"""In a longer text changed words are looked for where what stands around them is as it was."""
_HOLD = 12
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
        places = self._places(quote, before, after)
        if places:
            best = max(places, key=lambda at: self._nearness(at, at + len(quote), before, after))
            if len(quote) >= _OWN or self._is_near(best, best + len(quote), before, after):
                return Extent(best, best + len(quote))
            return None
        return self._find_changed(quote, before, after)

    def find_typed(self, quote: str, before: str = "") -> Extent | None:
        """Where these very words stand: after what is given, where they stand more than once."""
        quote, before = squeezed(quote), squeezed(before)[-AROUND:]
        places = self._places(quote, before, "") if quote else []
        if not places:
            return None
        best = max(places, key=lambda at: self._around(at, at + len(quote), before, "")[0])
        return Extent(best, best + len(quote))

    def _places(self, quote: str, before: str, after: str) -> list[int]:
        """Where these words stand: just as they did, else here and there."""
        if (whole := self.words.find(before + quote + after)) >= 0:
            return [whole + len(before)]
        found = list(islice(_each(self.words, quote), _LOOKED_AT))
        if len(found) == _LOOKED_AT:
            sides = ((before + quote, len(before)), (quote + after, 0))
            found += [at + on for words, on in sides if (at := self.words.find(words)) >= 0]
        return found

    def _find_changed(self, quote: str, before: str, after: str) -> Extent | None:
        if len(quote) < _SHORTEST or len(quote) > len(self.words):
            return None
        for start, end in self._windows(len(quote), before, after):
            found = fuzz.partial_ratio_alignment(quote, self.words[start:end], score_cutoff=_ALIKE)
            if found is None:
                continue
            at = Extent(start + found.dest_start, start + found.dest_end)
            if self._is_near(*at, before, after):
                return at
        return None

    def _windows(self, width: int, before: str, after: str) -> Iterator[tuple[int, int]]:
        """The parts of the text in which changed words are looked for; of a short one all of it."""
        if len(self.words) <= _LONG:
            yield 0, len(self.words)
            return
        for held, back, on in ((before[-_HOLD:], 0, 2 * width), (after[:_HOLD], 2 * width, 0)):
            for at in islice(_each(self.words, held), 5) if held else ():
                yield max(0, at - back), at + len(held) + on

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
        known = {edge for _, _, passage in kept for edge in passage}
        edges, begun, ends = (
            sorted(known),
            sorted((passage for *_, passage in kept), reverse=True),
            _ends(kept),
        )
        made, at, links, waiting, until = list[str](), 0, 0, list[str](), 0
        for is_text, piece in self.parts:
            if not is_text:
                made.append(piece)
                links += piece.startswith(("<a ", "<a>")) - piece.startswith("</a")
                if waiting and not links:
                    made += waiting
                    waiting = []
                continue
            for run in _runs(piece, at, edges, known):
                while begun and begun[-1].start <= at:
                    until = max(until, begun.pop().end)
                width = len(squeezed(unescape(run)))
                made.append(f"<mark>{run}</mark>" if at < until and width else run)
                at += width
                (waiting if links else made).extend(ends.get(at, ()) if width else ())
        return "".join(made)


def squeezed(text: str) -> str:
    """A text without blanks of any kind."""
    return "".join(text.split())


_CHARACTER = re.compile(r"&(?:#\w+|\w+);|.", re.DOTALL)


def _each(text: str, words: str) -> Iterator[int]:
    """Where words stand, one after the other: what lies across another one of them is passed over."""
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + len(words))


def _ends(passages: Iterable[tuple[str, int, Extent]]) -> dict[int, list[str]]:
    """By where passages end, their numbers."""
    found = defaultdict[int, list[str]](list)
    for where, number, passage in passages:
        found[passage.end].append(_reference(where, number))
    return found


def _runs(piece: str, at: int, edges: list[int], known: set[int]) -> Iterator[str]:
    """A piece of escaped text, cut where a passage begins or ends; `at`: at which character it begins."""
    cut = bisect_right(edges, at)
    if cut == len(edges) or edges[cut] >= at + len(piece):
        yield piece
        return
    run = list[str]()
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
