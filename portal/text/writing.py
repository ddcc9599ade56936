"""What can be said of a text as such: its language, its address, its gist, how it differs from another."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from typing import NamedTuple

from rapidfuzz.distance import Indel

from portal.text.languages import is_spelled
from portal.text.markdown import plain_text, render_markdown
from portal.text.pinyin import syllables

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_JOINER = re.compile(
    "(?:^|(?<=[ -~\u3400-\u9fff]))[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]++(?=[ -~\u3400-\u9fff]|$)"
)
"""Joiners between letters that do not join; in Persian or a family of emoji they mean something."""
_BLANK = re.compile("[\u00a0\u2007\u202f]")


def visible(text: str) -> str:
    """A line of text without characters that nobody sees: two names that look the same are the same."""
    return text if text.isascii() else _JOINER.sub("", _INVISIBLE.sub("", _BLANK.sub(" ", text)))


def clean(text: str) -> str:
    """Text as it may be stored: NFC, line ends as \\n, no control characters or lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


SUMMARY, _READ = 160, 2_000


def written_in(text: str) -> str:
    """The language of content, apart from the interface's: `zh` for text with Han characters, else `en`,
    as is one whose words outnumber them.
    """
    return "en" if is_spelled(text) or not re.search("[\u3400-\u9fff]", text) else "zh"


Stretch = tuple[str, int, int]
"""Lines of one language, `zh`, `en` or none, with where they begin and end."""
_LETTERS, _ONLY_A_WORD = re.compile("[A-Za-z]"), 8


def stretches(text: str) -> list[Stretch]:
    """A text cut where its lines change their language: a line mostly of Han is Chinese, another with more
    letters than a word English, any other goes along.
    """
    lines: list[Stretch] = []
    at = 0
    for line in text.splitlines(keepends=True):
        told = "zh" if written_in(line) == "zh" else ""
        told = told or ("en" if len(_LETTERS.findall(line)) >= _ONLY_A_WORD else "")
        lines.append((told, at, at + len(line)))
        at += len(line)
    return gathered(lines)


def gathered(lines: Iterable[Stretch]) -> list[Stretch]:
    """Neighbours of one language as one stretch; what is of none goes along."""
    found: list[Stretch] = []
    for told, start, end in lines:
        if found and (not told or not found[-1][0] or told == found[-1][0]):
            found[-1] = found[-1][0] or told, found[-1][1], end
        else:
            found.append((told, start, end))
    return found


_SAID = {"zh": re.compile("[\u3400-\u9fff]"), "en": re.compile(r"(?<!\S)[A-Za-z’'-]{2,}[,.;:!?]*(?!\S)")}
_ENOUGH = {"zh": 24, "en": 12}
"""So many characters, or words, are more than a quotation or an address."""


def excerpt(summary: str, text: str, language: str) -> str:
    """What lists show of a text: its summary, or, where that is in the other language and the text says
    something in the reader's too, the beginning of that, at most 160 characters.
    """
    if written_in(summary) == language:
        return summary
    for told, low, high in stretches(text):
        begun = summary_of(text[low : min(high, low + _READ)]) if told == language else ""
        if len(_SAID[language].findall(begun)) >= _ENOUGH[language]:
            return begun
    return summary


def slug_of(title: str) -> str:
    """A title as part of an address: `jian dan` for 简单, joined by hyphens, at most 80 characters."""
    words = re.findall("[a-z0-9]+", " ".join(syllables(title)).lower())
    return "-".join(words)[:80].strip("-") or "article"


def summary_of(text: str) -> str:
    """The beginning of a Markdown text without its marks and headings, at most 160 characters."""
    words = _prose(_beginning(text))
    if len(words) <= SUMMARY:
        words = _prose(text)
    return words if len(words) <= SUMMARY else words[: SUMMARY - 1].rstrip() + "…"


def _beginning(text: str) -> str:
    """Whole paragraphs from the first on, enough for most summaries; all where links are told at the end."""
    end = text.rfind("\n\n", 0, 20 * SUMMARY)
    return text if end < 0 or "]:" in text[end:] else text[:end]


def _prose(text: str) -> str:
    prose = re.sub(r"^#{1,6}\s.*$", "", text, flags=re.MULTILINE)
    return " ".join(plain_text(prose if prose.strip() else text).split("\n"))


_EMPHASIS = re.compile("</?(?:strong|em)>")
_AROUND_HAN = re.compile(
    "(?<=[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]) | (?=[\u3400-\u9fff\u3000-\u303f\uff00-\uffef])"
)


def reads_the_same(before: str, after: str) -> bool:
    """Whether two Markdown texts say the same in the same words, numbers, links and pictures: only spacing,
    line breaks and what is bold may differ.
    """
    return before == after or _as_read(before) == _as_read(after)


def _as_read(text: str) -> str:
    if "```" in text or "    " in text:  # in code, spacing says something
        return text
    shown = _EMPHASIS.sub("", render_markdown(text))
    return _AROUND_HAN.sub("", re.sub(r"\s+", " ", shown)).strip()


class Piece(NamedTuple):
    """A run of text that two versions share, or that one of them has: `same`, `added`, `removed`; of a run
    that is not shown, `left out` and its number of lines.
    """

    change: str
    text: str


_TOKEN = re.compile(r"[㐀-鿿]|\w+|\s+|.", re.DOTALL)
_Change = tuple[str, int, int, int, int]
_CLOSE_LOOK = 4000
_PAIRS, _SQUARE = 30_000, 20_000_000
"""So many pairs of equal pieces, and so many pairs of any, are compared."""


def differences(before: str, after: str) -> list[Piece]:
    """What changed from one text to the next, to the word or Han character; lines where they are long."""
    found: list[Piece] = []
    for piece in _joined(_compare(before.splitlines(keepends=True), after.splitlines(keepends=True))):
        if found and piece.change == found[-1].change:
            found[-1] = Piece(piece.change, found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


PairedLine = tuple[list[Piece], list[Piece]]
"""A run of lines as it was and as it is."""


def side_by_side(before: str, after: str) -> list[PairedLine]:
    """What changed, as it was beside as it is, in rows that begin and end at line ends that both share."""
    rows: list[PairedLine] = [([], [])]
    for piece in differences(before, after):
        if piece.change == "same":
            lines = piece.text.split("\n")
            for number, line in enumerate(lines):
                if number:
                    rows.append(([], []))
                if line:
                    for side in rows[-1]:
                        side.append(Piece("same", line))
        else:
            rows[-1][piece.change == "added"].append(piece)
    return [row for row in rows if row[0] or row[1]]


NEAR, FAR = 2, 8
"""So many lines that stayed are shown beside what changed; of fewer than FAR in a row none is left out."""


def folded(rows: Sequence[PairedLine]) -> list[PairedLine]:
    """Rows of `side_by_side` but for long runs that stayed: a row of `left out` says how many lines."""
    shown = list[PairedLine]()
    for stayed, run in groupby(rows, _has_stayed):
        lines = list(run)
        if not stayed or len(lines) < FAR:
            shown += lines
            continue
        gap = [Piece("left out", str(len(lines) - 2 * NEAR))]
        shown += [*lines[:NEAR], (gap, gap), *lines[-NEAR:]]
    return shown


def _has_stayed(row: PairedLine) -> bool:
    return all(piece.change == "same" for side in row for piece in side)


def _compare(before: list[str], after: list[str]) -> Iterator[tuple[str, str, str]]:
    for change, a, b, c, d in _changes(before, after):
        yield change, "".join(before[a:b]), "".join(after[c:d])


def _changes(before: list[str], after: list[str]) -> Sequence[_Change]:
    """What is equal and what is not, with its places.

    Where pieces repeat much, the most readable answer costs the square of the text or more: there the longest
    common part is enough, or that beginning and end are one.
    """
    held, again = Counter(before), Counter(after)
    if sum(count * again[piece] for piece, count in held.items()) <= _PAIRS:
        return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    first = _alike(zip(before, after, strict=False))
    last = _alike(zip(before[first:][::-1], after[first:][::-1], strict=False))
    ends = len(before) - last, len(after) - last
    found: list[_Change] = [("replace", 0, ends[0] - first, 0, ends[1] - first)]
    if (ends[0] - first) * (ends[1] - first) <= _SQUARE:
        edits = Indel.opcodes(before[first : ends[0]], after[first : ends[1]])
        found = [(e.tag, e.src_start, e.src_end, e.dest_start, e.dest_end) for e in edits]
    moved = [(change, a + first, b + first, c + first, d + first) for change, a, b, c, d in found]
    whole = [("equal", 0, first, 0, first), *moved, ("equal", ends[0], len(before), ends[1], len(after))]
    filled = [each for each in whole if each[1] < each[2] or each[3] < each[4]]
    runs = [(same, list(run)) for same, run in groupby(filled, lambda each: each[0] == "equal")]
    return [
        ("equal" if same else "replace", run[0][1], run[-1][2], run[0][3], run[-1][4]) for same, run in runs
    ]


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _joined(changes: Iterator[tuple[str, str, str]]) -> Iterator[Piece]:
    for change, old, new in changes:
        if change == "equal":
            yield Piece("same", old)
        elif change == "replace" and len(old) + len(new) <= _CLOSE_LOOK:
            yield from _closely(old, new)
        else:
            yield from (Piece(kind, text) for kind, text in (("removed", old), ("added", new)) if text)


def _closely(old: str, new: str) -> Iterator[Piece]:
    for change, gone, come in _compare(_TOKEN.findall(old), _TOKEN.findall(new)):
        if change == "equal":
            yield Piece("same", gone)
        else:
            yield from (Piece(kind, text) for kind, text in (("removed", gone), ("added", come)) if text)
