"""The part of a text that answers a query, with the found words marked, in the text as written."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from portal.search.parsing import ParsedQuery, Term
from portal.search.text import stem
from portal.text.grams import HAN, SIGNED, is_han, norm, runs, spelled
from portal.text.writing import Stretch, gathered, stretches

WINDOW = 160
MARK, END = "<mark>", "</mark>"
_NONE, _BEFORE, _AFTER = Markup(""), Markup("… "), Markup(" …")

Span = tuple[int, int]


class Marker:
    """Marks the words of one query in any number of texts: whole words, never a part of a Latin word that was
    not typed as a beginning. A Han word is looked for whole, then in its longest parts of two or more.
    """

    def __init__(self, parsed: ParsedQuery) -> None:
        self.parsed = parsed
        latin = [term for term in parsed.content_terms if not term.han]
        self.stems = {term.gram for term in latin}
        self.typed = tuple(term.raw for term in latin if term.prefix)
        self.begun = _beginnings(latin) if latin else None
        self.codes = _codes(parsed)
        self.alternates = tuple(dict.fromkeys(form for term in parsed.terms for form in term.alternates))
        self.alternates += tuple(dict.fromkeys(form for term in parsed.terms for form in term.meant))
        said = {at for word in parsed.words for at in range(word.start, word.end)}
        # Two characters across words are marked where they stand together as they were typed; not where one
        # of them is mere grammar: 么算 of 怎么算 stands in 什么算 too.
        self.across = [
            term.gram
            for term in parsed.content_terms
            if term.han and len(term.gram) == 2 and not term.inside and {term.start, term.start + 1} <= said
        ]

    def marked(self, text: str) -> Markup:
        """The whole text, escaped, with `<mark>` around what was found."""
        return _mark(text, self._spans(norm(text)), 0, len(text))

    def snippet(self, text: str, window: int = WINDOW, lang: str = "") -> Markup:
        """About `window` characters around the place with most different words, or the beginning: from where
        a sentence begins if that is near, and in one language, the reader's (`lang`) if it says as much.
        """
        normal = norm(text)
        found = self._spans(normal)
        low, high = _of_one_language(normal, found, lang)
        text, normal = text[low:high], normal[low:high]
        found = [(start - low, end - low) for start, end in found if low <= start and end <= high]
        start, end = _window(normal, found, window)
        cut = Markup(_BREAK.sub(_joined, str(_mark(text, found, start, end))))  # noqa: S704 - escaped there
        begun = start and not _begins(normal, start)
        return (_BEFORE if begun else _NONE) + cut + (_AFTER if end < len(normal) else _NONE)

    def _spans(self, normal: str) -> list[Span]:
        found = [*self._han(normal), *self._latin(normal)]
        for form in self.alternates:
            found += _latin_form(form, normal) if form.isascii() else _places(form, normal)
        if self.codes:
            found += [place.span() for place in self.codes.finditer(normal)]
        return _merged(found)

    def _han(self, normal: str) -> Iterator[Span]:
        for word in self.parsed.words:
            if not word.han:
                continue
            places = _places(word.text, normal)
            if not places and len(word.text) > 2:
                parts = (word.text[i : i + 2] for i in range(len(word.text) - 1))
                places = [span for part in parts for span in _places(part, normal)]
            if len(word.text) > 1 or len(self.parsed.words) == 1:
                yield from places
        for gram in self.across:
            yield from _places(gram, normal)

    def _latin(self, normal: str) -> Iterator[Span]:
        for found in self.begun.finditer(normal) if self.begun else ():
            word = spelled(found.group())
            if word in self.stems or stem(word) in self.stems:
                yield found.span()
            elif self.typed and word.startswith(self.typed):
                begun = next(raw for raw in self.typed if word.startswith(raw))
                yield found.start(), found.start() + len(begun)


def _beginnings(terms: list[Term]) -> re.Pattern[str]:
    """Finds the words that may have one of the stems (a stem keeps all but the last letters of its word),
    and every `c#`, lest its `c` be taken for one.
    """
    starts = {term.gram[: max(2, len(term.gram) - 2)] for term in terms}
    begun = "|".join(re.escape(start) for start in sorted(starts, key=len, reverse=True))
    return re.compile(rf"{SIGNED}|(?<![a-z0-9])(?:{begun})[^\W_{HAN}]*")


def _codes(parsed: ParsedQuery) -> re.Pattern[str] | None:
    """Finds codes and numbers, with whatever separators they are written."""
    codes = [
        term.raw for term in parsed.terms if not term.han and len(term.raw) > 3 and not term.raw.isalpha()
    ]
    forms = [
        r"[\W_]?".join(map(re.escape, code)) for code in (*codes, *(join.text for join in parsed.joined))
    ]
    forms.sort(key=len, reverse=True)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(forms)})(?![a-z0-9])") if forms else None


def _places(form: str, normal: str) -> list[Span]:
    places: list[Span] = []
    at = normal.find(form)
    while at >= 0:
        places.append((at, at + len(form)))
        at = normal.find(form, at + len(form))
    return places


def _latin_form(form: str, normal: str) -> Iterator[Span]:
    wanted = form.split()
    cut = [run for run in runs(normal) if not run.han]
    for i in range(len(cut) - len(wanted) + 1):
        if all(stem(run.text) == word for run, word in zip(cut[i:], wanted, strict=False)):
            yield cut[i].start, cut[i + len(wanted) - 1].end


def _merged(found: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def marked(parsed: ParsedQuery, text: str) -> Markup:
    """The whole text, escaped, with `<mark>` around what was found."""
    return Marker(parsed).marked(text)


def snippet(parsed: ParsedQuery, text: str, window: int = WINDOW, lang: str = "") -> Markup:
    """About `window` characters around the place with most different words of the query, or the beginning."""
    return Marker(parsed).snippet(text, window, lang)


# --- Where to cut --------------------------------------------------------------------------------------

_SENTENCE = re.compile(r"[。！？；!?][”’」』）)\"']*\s*|[.]\s+|\s*\n\s*")
_CLAUSE = re.compile(r"[，,：:、]\s*")
_BREAK = re.compile(r"(.)((?:</mark>)?)[^\S\n]*\n\s*(?=\S)|\s*\n\s*$")


def _joined(found: re.Match[str]) -> str:
    """What stands for the end of a line: a sentence goes on, what is no sentence is set apart."""
    last, mark = found[1] or "", found[2] or ""
    if not last:
        return ""
    return f"{last}{mark}" + ("" if last in "。！？；：，、" else " " if last in ".!?;:,·" else " · ")


def _of_one_language(normal: str, found: list[Span], lang: str) -> Span:
    """The stretch of lines of one language that holds most of what was found, the reader's own where it holds
    a third as much: a synonym in the other language is no reason to leave it. What is nothing else than what
    was found, amid the other language as in a list of words, stands with its neighbours.
    """
    told_in = gathered(
        ("" if low and high < len(normal) and _is_bare(normal, found, low, high) else told, low, high)
        for told, low, high in stretches(normal)
    )
    if len(told_in) < 2:
        return 0, len(normal)

    def worth(stretch: Stretch) -> int:
        told, low, high = stretch
        inside = {normal[start:end] for start, end in found if low <= start and end <= high}
        return sum(map(_weight, inside)) * (3 if told == lang else 1)

    if not found:  # it says the same in both, or has words of one in a text of the other: that begins
        says = [_weight(normal[low:high]) for _, low, high in told_in]
        own = sum(said for (told, _, _), said in zip(told_in, says, strict=True) if told == lang)
        told_in = told_in if own * 3 >= sum(says) else told_in[:1]
    _, low, high = max(told_in, key=lambda each: (worth(each), each[0] == lang))
    return low, low + len(normal[low:high].rstrip())


def _is_bare(normal: str, found: list[Span], low: int, high: int) -> bool:
    """Whether a stretch says nothing beside what was found in it."""
    at = low
    for start, end in found:
        if low <= start and end <= high:
            if any(map(str.isalnum, normal[at:start])):
                return False
            at = end
    return at > low and not any(map(str.isalnum, normal[at:high]))


def _weight(word: str) -> int:
    """How much a word says: a Chinese character as much as four letters."""
    return sum(4 if is_han(char) else 1 for char in word)


def _begins(normal: str, at: int) -> bool:
    """Whether a sentence begins here."""
    return any(found.end() == at for found in _SENTENCE.finditer(normal, max(0, at - 8), at))


def _window(normal: str, found: list[Span], window: int) -> Span:
    if len(normal) <= window * 1.25:
        return 0, len(normal)
    if not found:
        return 0, _end(normal, 0, window, 0)
    best, most = found[0][0], -1
    for i, (start, _) in enumerate(found[:100]):
        inside: set[str] = set()
        for a, b in found[i:]:
            if b > start + window * 0.8:
                break
            inside.add(normal[a:b])
        weight = sum(map(len, inside))
        if weight > most:
            best, most = start, weight
    start = _start(normal, best, window)
    end = min(len(normal), start + window)
    end = max([end, *(b for a, b in found if a < end < b)])
    return start, _end(normal, start, end, max(b for a, b in found if b <= end))


def _start(normal: str, best: int, window: int) -> int:
    """Where to begin, that the place `best` is seen: with its sentence, else its clause, else a word."""
    for ends, reach in ((_SENTENCE, window * 3 // 5), (_CLAUSE, window // 3)):
        low = max(0, best - reach)
        begun = [found.end() for found in ends.finditer(normal, low, best)]
        if begun or low == 0:
            return begun[-1] if begun else 0
    start = best - window // 5
    return _edge(normal, start, forward=True, latest=best) if start > 0 else 0


def _end(normal: str, start: int, end: int, last: int) -> int:
    """Where to end: with a sentence that leaves nothing found out and is not much shorter, else a word."""
    if end == len(normal):
        return end
    low = max(last, start + (end - start) * 3 // 5)
    ended = [found.start() + len(found.group().rstrip()) for found in _SENTENCE.finditer(normal, low, end)]
    return ended[-1] if ended else _edge(normal, end, forward=False)


def _edge(text: str, at: int, *, forward: bool, latest: int = 0) -> int:
    """Moves a cut off the middle of a Latin word."""
    step = 1 if forward else -1
    moved = at
    while 0 < moved < len(text) and text[moved - 1].isascii() and text[moved].isascii():
        if not (text[moved - 1].isalnum() and text[moved].isalnum()):
            break
        moved += step
        if abs(moved - at) > 24 or (forward and moved >= latest):
            return at
    return moved


def _mark(text: str, found: list[Span], start: int, end: int) -> Markup:
    pieces: list[str] = []
    at = start
    for a, b in found:
        if a >= start and b <= end:
            pieces += [_plain(text, at, a), MARK, escape(text[a:b]), END]
            at = b
    pieces.append(_plain(text, at, end))
    return Markup("".join(pieces))  # noqa: S704 - all of it is escaped


def _plain(text: str, start: int, end: int) -> str:
    """The text between marks, escaped, without the signs that make a line a heading."""
    piece = text[start:end]
    if "#" in piece:
        if not start or text[start - 1] == "\n":
            piece = re.sub(r"^#{1,6} +", "", piece)
        piece = re.sub(r"\n#{1,6} +", "\n", piece)
    return escape(piece)
