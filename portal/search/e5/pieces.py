"""Cuts texts into the pieces that the model knows."""

from __future__ import annotations

import re
from array import array

from marisa_trie import Trie

from portal.search.e5.packed import Packed

_BLANK = "▁"
"""What the model has for a blank; every text begins with one."""
_RARER = 10.0
"""How much less likely a sign is that no piece holds than the least likely piece."""
_BLANKS = re.compile(" {2,}")


class Pieces:
    """Of all ways to put a text together the likeliest: that with the highest sum of its pieces' scores."""

    def __init__(self, packed: Packed) -> None:
        self._spelled, self._scores, self._unknown = packed.spelled(), packed.scores, packed.unknown
        self._unlikely = min(self._scores) - _RARER
        self._scores[self._unknown] = float("-inf")  # its name is no piece of any text
        pieces = packed.pieces()
        self._longest = max(map(len, pieces))
        self._known = Trie(pieces)
        self._numbers = array("i", [0]) * len(pieces)
        for number, piece in enumerate(pieces):
            self._numbers[self._known[piece]] = number

    def of(self, text: str) -> list[int]:
        """The numbers of a text's pieces, in order."""
        whole = text.encode("utf-8", "replace").decode()  # half a sign is none
        written = _BLANKS.sub(" ", whole.translate(self._spelled))
        if not written.startswith(" "):
            written = f" {written}"
        written = written.replace(" ", _BLANK)
        best = [0.0] + [float("-inf")] * len(written)
        ends_with = [(self._unknown, 0)] * len(best)
        for at in range(len(written)):
            so_far = best[at]
            for piece, key in self._known.iter_prefixes_with_ids(written[at : at + self._longest]):
                number, end = self._numbers[key], at + len(piece)
                if so_far + self._scores[number] > best[end]:
                    best[end], ends_with[end] = so_far + self._scores[number], (number, at)
            if so_far + self._unlikely > best[at + 1]:
                best[at + 1], ends_with[at + 1] = so_far + self._unlikely, (self._unknown, at)
        return _walked_back(ends_with)


def _walked_back(ends_with: list[tuple[int, int]]) -> list[int]:
    found, at = list[int](), len(ends_with) - 1
    while at:
        number, at = ends_with[at]
        found.append(number)
    return found[::-1]
