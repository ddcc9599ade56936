"""What a query was probably meant to say, told from the words of what it found."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, combinations

from rapidfuzz.distance import OSA

from portal.search.documents import IndexEntry
from portal.search.parsing import ParsedQuery, Slip, Word
from portal.search.rank import close
from portal.search.text import cut_words, stem
from portal.text.grams import norm
from portal.text.pinyin import syllables


def suggest_spelling(parsed: ParsedQuery, doc_freq: Mapping[str, int], found: Iterable[IndexEntry]) -> str:
    """The query with its unknown words put right, or "" when there is nothing to put right: a misspelt Latin
    word becomes the nearest word of the best hits, Han of the right sound the name that sounds so.
    """
    entries = list(found)
    changes: list[tuple[int, int, str]] = []
    for term in parsed.content_terms:
        unknown = not term.han and not term.alternates and not doc_freq.get(term.gram)
        if unknown and len(term.raw) > 3 and (meant := _nearest(term.raw, entries)):
            changes.append((term.start, term.end, meant))
    for word in parsed.words:
        grams = [term.gram for term in parsed.terms if word.start <= term.start and term.end <= word.end]
        unknown = word.han and len(word.text) > 1 and not all(doc_freq.get(gram) for gram in grams)
        if unknown and not _stands_as_typed(word, parsed) and (meant := _same_sound(word.text, entries)):
            changes.append((word.start, word.end, meant))
    for slip in upheld(parsed, entries):
        if not any(slip.start < end and start < slip.end for start, end, _ in changes):
            changes.append((slip.start, slip.end, slip.text))
    text = parsed.text
    for start, end, meant in sorted(changes, reverse=True):
        text = text[:start] + meant + text[end:]
    return text.strip() if changes else ""


def upheld(parsed: ParsedQuery, found: Iterable[IndexEntry]) -> list[Slip]:
    """The slips that what was found bears out: what was meant begins or ends a word there, and for a word
    that the language knows it is one. 中签 is no slip of what stands in 分钟签约, nor 同义词 of 同一.
    """
    if not parsed.slips:
        return []
    held = norm("\n".join(f"{entry.title}\n{entry.body}" for entry in list(found)[:10]))
    stretches = [run for run in re.findall(r"[\u3400-\u9fff]+", held) if len(run) > 1]
    return [slip for slip in parsed.slips if _stands(parsed, slip, stretches)]


def _stands(parsed: ParsedQuery, slip: Slip, stretches: Iterable[str]) -> bool:
    changed = set(_put_right(parsed, slip))
    is_known = len(cut_words(parsed.normal[slip.start : slip.end])) == 1
    wanted, least = ([slip.text], 2) if is_known else (_parts(slip.text), 1)
    parts = [part for part in wanted if any(gram in part for gram in changed)]
    return any(_borne_out(run, parts, least) for run in stretches)


def _borne_out(run: str, parts: Iterable[str], least: int) -> bool:
    """Whether one of these stands in a stretch of Han with so many of its ends where words begin or end."""
    places = {found.span() for part in parts for found in re.finditer(part, run)}
    edges = _edges(run) if places else set()
    return any(len(edges.intersection(place)) >= least for place in places)


def _parts(word: str) -> list[str]:
    """A word, and what of it is longer than one character."""
    ends = combinations(range(len(word) + 1), 2)
    return [word[start:end] for start, end in ends if end - start > 1]


def _put_right(parsed: ParsedQuery, slip: Slip) -> Iterator[str]:
    """The pairs of a word that one character put right has changed."""
    for term in parsed.terms:
        if slip.start <= term.start and term.end <= slip.end:
            gram = slip.text[term.start - slip.start : term.end - slip.start]
            if gram in term.meant:
                yield gram


def _nearest(word: str, entries: list[IndexEntry]) -> str:
    begun = re.compile(rf"(?<![a-z0-9]){word[:1]}[a-z]{{3,}}")
    known = {found for entry in entries[:5] for found in begun.findall(norm(f"{entry.title} {entry.body}"))}
    if any(found.startswith(word) for found in known):
        return ""
    stems = close(stem(word), {stem(found) for found in known})
    near = close(word, known) | {found for found in known if stem(found) in stems}
    return min(near, key=lambda found: (OSA.distance(found, word), found), default="")


def _stands_as_typed(word: Word, parsed: ParsedQuery) -> bool:
    """Whether it was meant so: a word of the company, or one of a sentence that is a word of the language."""
    return parsed.is_said_otherwise(word) or (len(parsed.words) > 1 and len(cut_words(word.text)) == 1)


def _same_sound(word: str, entries: list[IndexEntry]) -> str:
    """What a name or title has that sounds so: a word or several, never the end of one and the beginning of
    the next.
    """
    sound = syllables(word)
    for entry in entries[:10]:
        for run in re.findall(r"[\u3400-\u9fff]+", norm(" ".join((entry.title, *entry.alt)))):
            sounds = syllables(run)
            for i in range(len(run) - len(word) + 1):
                meant = str(run[i : i + len(word)])
                if sounds[i : i + len(word)] == sound and meant != word and _is_whole(run, i, i + len(word)):
                    return meant
    return ""


def _is_whole(run: str, start: int, end: int) -> bool:
    """Whether a part of a stretch of Han begins and ends where words do; the dictionary leaves the characters
    of a name that it does not know alone side by side.
    """
    return {start, end} <= _edges(run)


def _edges(run: str) -> set[int]:
    return set(accumulate(map(len, cut_words(run)), initial=0))
