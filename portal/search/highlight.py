"""The part of a text that answers a query, with the found words marked, in the text as written."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from portal.search.plan import Plan
from portal.search.text import norm, runs, stem

WINDOW = 160

Span = tuple[int, int]


def spans(plan: Plan, text: str) -> list[Span]:
    """Where words of the query stand in the text: whole words, never a part of a Latin word that was not
    typed as a beginning. A Han word is looked for whole, then in its longest parts of two or more.
    """
    normal = norm(text)
    found: list[Span] = []
    found += _han_spans(plan, normal)
    found += _latin_spans(plan, normal)
    for term in plan.terms:
        for form in term.alternates:
            found += (
                _places(form.strip(), normal) if not form.isascii() else _latin_form(form.strip(), normal)
            )
    codes = [term.raw for term in plan.terms if not term.han and len(term.raw) > 3 and not term.raw.isalpha()]
    for code in (*codes, *(join.text for join in plan.joined)):
        letters = r"[\W_]?".join(map(re.escape, code))
        found += [place.span() for place in re.finditer(rf"(?<![a-z0-9]){letters}(?![a-z0-9])", normal)]
    return _merged(found)


def _places(form: str, normal: str) -> list[Span]:
    return [place.span() for place in re.finditer(re.escape(form), normal)] if form else []


def _han_spans(plan: Plan, normal: str) -> Iterator[Span]:
    for word in plan.words:
        if not word.han:
            continue
        places = _places(word.text, normal)
        if not places and len(word.text) > 2:
            places = [
                span for i in range(len(word.text) - 1) for span in _places(word.text[i : i + 2], normal)
            ]
        if len(word.text) > 1 or len(plan.words) == 1:
            yield from places
    # One character alone is marked only where it stands next to the word beside which it was typed.
    for term in plan.telling:
        if term.han and len(term.gram) == 2:
            inside = any(word.start <= term.start and term.end <= word.end for word in plan.words)
            if not inside:
                yield from _places(term.gram, normal)


def _latin_spans(plan: Plan, normal: str) -> Iterator[Span]:
    terms = [term for term in plan.telling if not term.han]
    if not terms:
        return
    stems = {term.gram for term in terms}
    typed = tuple(term.raw for term in terms if term.prefix)
    for run in runs(normal):
        if run.han:
            continue
        if run.text in stems or stem(run.text) in stems:
            yield run.start, run.end
        elif typed and run.text.startswith(typed):
            yield run.start, run.start + len(next(raw for raw in typed if run.text.startswith(raw)))


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


def marked(plan: Plan, text: str) -> Markup:
    """The whole text, escaped, with `<mark>` around what was found."""
    return _mark(text, spans(plan, text), 0, len(text))


def snippet(plan: Plan, text: str, window: int = WINDOW) -> Markup:
    """About `window` characters around the place with most different words of the query, or the beginning."""
    found = spans(plan, text)
    start, end = _window(text, found, window)
    cut = _mark(text, found, start, end)
    return Markup("{}{}{}").format("… " if start else "", cut, " …" if end < len(text) else "")


def _window(text: str, found: list[Span], window: int) -> Span:
    if len(text) <= window * 1.25:
        return 0, len(text)
    if not found:
        return 0, _edge(text, window, forward=False)
    normal = norm(text)
    best, most = found[0][0], -1
    for i, (start, _) in enumerate(found[:200]):
        inside = {normal[a:b] for a, b in found[i:] if b <= start + window * 0.8}
        weight = sum(len(word) for word in inside)
        if weight > most:
            best, most = start, weight
    start = max(0, best - window // 5)
    start = _edge(text, start, forward=True, latest=best) if start else 0
    end = min(len(text), start + window)
    end = max([end, *(b for a, b in found if a < end < b)])
    return start, _edge(text, end, forward=False) if end < len(text) else end


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
    pieces: list[Markup] = []
    at = start
    for a, b in found:
        if a >= start and b <= end:
            pieces += [_plain(text, at, a), Markup("<mark>{}</mark>").format(text[a:b])]
            at = b
    pieces.append(_plain(text, at, end))
    return Markup("").join(pieces)


def _plain(text: str, start: int, end: int) -> Markup:
    """The text between marks, without the signs that make a line a heading."""
    piece = text[start:end]
    if not start or text[start - 1] == "\n":
        piece = re.sub(r"^#{1,6} +", "", piece)
    return escape(re.sub(r"\n#{1,6} +", "\n", piece))
