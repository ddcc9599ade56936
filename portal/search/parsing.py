"""What a query means: its terms, its words, the forms in which they may be written."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from portal.search.text import cut_words, flat, is_stop, stem
from portal.text.grams import TextRun, bigrams, joins, norm, runs
from portal.text.pinyin import syllables

LONGEST = 400
MOST_TERMS = 240
"""More than the longest question of 200 characters has."""
MOST_TOLD = 6
"""Words of English: in longer questions words alone put the right one first more often (Cranfield)."""
_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])"
    r"(?:iang|iong|uang|iao|ian|ing|uai|uan|ang|eng|ong|ai|ei|ao|ou|an|en|ia|ie|iu|in|ua|uo|ui|un|ue|ve|[aoeiuv])"
    r"|ang|ai|ao|an|en|er|ou|ei|[aeo])+"
)
"""A word that may be Chinese in Latin letters."""
_ASKS = re.compile(
    "多少|多久|多长|多大|怎|如何|什么|为何|哪里|哪儿|几|[吗呢么]$|能否|能不能|可不可以|可以|是否|有没有"
)
"""What makes a question of words that the dictionary does not know."""


@dataclass(frozen=True, slots=True)
class Term:
    """One unit of the index that the query holds: a pair of Han characters (`inside` one word, or reaching
    from one into the next), or the stem of a word.
    """

    gram: str
    raw: str
    start: int
    end: int
    han: bool
    stop: bool = False
    inside: bool = True
    prefix: bool = False
    alternates: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    """What a pair that stands nowhere probably is, with one character put right."""

    form: str = field(init=False)

    def __post_init__(self) -> None:
        """The form is the term as the ranker counts it in flattened text."""
        object.__setattr__(self, "form", self.gram if self.han else f" {self.gram} ")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the query as people see it, for counting and marking."""

    text: str
    start: int
    end: int
    han: bool
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """Neighbouring words of the query written as one: `rs 485` as rs485."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Slip:
    """What a word of the query is with one character put right, and where it stands."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Vocabulary:
    """The company's own language: synonyms in both directions, and words that must not be cut."""

    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, groups: Iterable[Iterable[str]] = (), words: Iterable[str] = ()) -> "Vocabulary":
        """Makes it from lists of words that mean the same, and from the company's words."""
        synonyms: dict[str, tuple[str, ...]] = {}
        for group in groups:
            folded = list(dict.fromkeys(norm(word).strip() for word in group if word.strip()))
            for word in folded:
                others = (*synonyms.get(word, ()), *(other for other in folded if other != word))
                synonyms[word] = tuple(dict.fromkeys(others))
        return cls(synonyms, tuple(dict.fromkeys(norm(word).strip() for word in words if word.strip())))

    @cached_property
    def known(self) -> re.Pattern[str] | None:
        """Finds the company's words and synonyms in folded text, longest first."""
        forms = sorted({*self.synonyms, *self.words}, key=len, reverse=True)
        return re.compile("|".join(map(_whole, forms))) if forms else None

    def entry(self, found: str) -> str:
        """The word or synonym that stands for what was found: loan for loans."""
        if found in self.synonyms or found in self.words:
            return found
        return self._stems.get(_stemmed(found), found)

    def otherwise(self, text: str) -> list[str]:
        """A text with one of the company's words said otherwise, in each of the ways that there are."""
        normal = norm(text)
        found = self.known.finditer(normal) if self.known else ()
        return [
            f"{text[: each.start()]} {said} {text[each.end() :]}"
            for each in found
            for said in self.synonyms.get(self.entry(each.group()), ())
        ]

    @cached_property
    def _stems(self) -> dict[str, str]:
        return {_stemmed(word): word for word in (*self.words, *self.synonyms)}


def _stemmed(words: str) -> str:
    return " ".join(map(stem, words.split()))


def _whole(word: str) -> str:
    start = r"(?<![a-z0-9])" if word[:1].isascii() else ""
    end = r"(?![a-z0-9])" if word[-1:].isascii() else ""
    if word.isascii() and word[-1:].isalpha() and len(word) > 2:
        end = f"(?:e?s)?{end}"
    return f"{start}{re.escape(word)}{end}"


NO_VOCABULARY = Vocabulary()


@dataclass(frozen=True)
class ParsedQuery:
    """A query taken apart, the same for every engine. `normal` is the folded query."""

    text: str
    normal: str
    terms: tuple[Term, ...]
    words: tuple[Word, ...]
    joined: tuple[Join, ...]
    spoken: str
    slips: tuple[Slip, ...] = ()

    @classmethod
    def of(cls, text: str, vocabulary: Vocabulary = NO_VOCABULARY) -> "ParsedQuery":
        typing = not text[-1:].isspace()
        text = text[:LONGEST]
        normal = norm(text).rstrip()
        pieces = list(runs(normal))
        company = [
            (found.start(), found.end(), vocabulary.entry(found.group()))
            for found in _known(vocabulary, normal)
        ]
        words, stops = _words(pieces, company, typing and pieces[-1:] != [] and pieces[-1].end == len(normal))
        terms = _terms(pieces, words, stops, company, vocabulary)
        return cls(text, normal, terms, words, _joined(normal, pieces), _spoken(pieces))

    def expands(self, part: Term | Word) -> bool:
        """Whether to look for all words that begin with what is being typed: one letter begins too many of
        them to say anything beside other words.
        """
        text = part.raw if isinstance(part, Term) else part.text
        return part.prefix and (part.han or len(text) > 1 or len(self.terms) == 1)

    def misheard(self, doc_freq: Mapping[str, int]) -> list[tuple[Word, str]]:
        """Words in Han that hold an unknown pair, with how they sound: perhaps a character is wrong; not
        those that the company says otherwise.
        """
        short = [word for word in self.words if word.han and 2 <= len(word.text) <= 4]
        return [
            (word, "".join(syllables(word.text)))
            for word in short
            if not (self.is_said_otherwise(word) or all(doc_freq.get(gram) for gram in bigrams(word.text)))
        ]

    def is_said_otherwise(self, word: Word) -> bool:
        """Whether the company has other words for it: who typed it meant it."""
        return any(
            term.alternates and word.start <= term.start and term.end <= word.end for term in self.terms
        )

    @property
    def without_slips(self) -> list[str]:
        """The query with each of its slips put right."""
        return [f"{self.text[: slip.start]}{slip.text}{self.text[slip.end :]}" for slip in self.slips]

    @property
    def language(self) -> str:
        """The language that it is asked in: `zh` or `en`; '' for a code, a name, pinyin or a single word."""
        if any(word.han for word in self.words):
            return "zh"
        said = [term for term in self.terms if term.raw.isalpha() and len(term.raw) > 1]
        return "en" if len(said) > 1 and not all(_PINYIN.fullmatch(term.raw) for term in said) else ""

    @property
    def is_told(self) -> bool:
        """Whether it says something in words, so that it can be said otherwise: a code, a number, a name and
        what is typed in pinyin cannot, and who writes many words of English has said it well enough.
        """
        if any(word.han and len(word.text) > 1 and len(cut_words(word.text)) == 1 for word in self.words):
            return True
        asked = self.normal.rstrip("?!。. ")
        if all(word.han and not is_stop(word.text) for word in self.words) and _ASKS.search(asked):
            return True
        latin = [term for term in self.terms if not term.han]
        said = [term for term in latin if not term.stop and term.raw.isalpha() and len(term.raw) > 1]
        return 1 < len(said) <= MOST_TOLD and not all(_PINYIN.fullmatch(term.raw) for term in latin)

    @property
    def says_little(self) -> bool:
        """Whether its words are single characters of Han, held by chance in many a text: 交的钱能退吗."""
        return len(self.required) > 1 and all(word.han and len(word.text) == 1 for word in self.words)

    @property
    def content_terms(self) -> tuple[Term, ...]:
        """The terms that are not mere grammar."""
        return tuple(term for term in self.terms if not term.stop)

    @property
    def required(self) -> tuple[Word | Join, ...]:
        """What a document must hold to be counted: every word, a code or number as one."""
        codes = [join for join in self.joined if any(sign.isdigit() for sign in join.text)]
        whole = [join for join in codes if not any(_inside(join, other) for other in codes)]
        words = [
            word
            for word in self.words
            if not any(join.start <= word.start and word.end <= join.end for join in whole)
        ]
        long = [word for word in words if not word.han or len(word.text) > 1]
        return (*whole, *(long if whole or long else words))


def _inside(join: Join, other: Join) -> bool:
    return join is not other and other.start <= join.start and join.end <= other.end


def _known(vocabulary: Vocabulary, normal: str) -> Iterable[re.Match[str]]:
    return vocabulary.known.finditer(normal) if vocabulary.known else ()


def _words(
    pieces: list[TextRun], company: list[tuple[int, int, str]], typing: bool
) -> tuple[tuple[Word, ...], set[int]]:
    """The content words, and the places of the characters that belong to grammar."""
    found: list[Word] = []
    for piece in pieces:
        last = typing and piece is pieces[-1]
        if not piece.han:
            found.append(Word(piece.text, piece.start, piece.end, han=False, prefix=last))
            continue
        edges = {piece.start, piece.end}
        own = [(start, end) for start, end, _ in company if piece.start <= start and end <= piece.end]
        at = piece.start
        for word in cut_words(piece.text):
            at += len(word)
            if not any(start < at < end for start, end in own):
                edges.add(at)
        for start, end in own:
            edges |= {start, end}
        places = sorted(edges)
        for start, end in pairwise(places):
            word = piece.text[start - piece.start : end - piece.start]
            found.append(Word(word, start, end, han=True, prefix=last and end == piece.end))
    owned = {start for start, _, _ in company}
    found = _rejoined(found, owned)
    content = [word for word in found if word.start in owned or not is_stop(word.text)]
    if not content:
        return tuple(found), set()
    kept = {id(word) for word in content}
    return tuple(content), {i for w in found if id(w) not in kept for i in range(w.start, w.end)}


def _rejoined(found: list[Word], owned: set[int]) -> list[Word]:
    """Characters that the dictionary left alone side by side are one word that it does not know: a name."""
    rejoined: list[Word] = []
    for word in found:
        last = rejoined[-1] if rejoined else None
        if last and last.end == word.start and _alone(word, owned) and _alone(last, owned, part=True):
            rejoined[-1] = Word(last.text + word.text, last.start, word.end, han=True, prefix=word.prefix)
        else:
            rejoined.append(word)
    return rejoined


def _alone(word: Word, owned: set[int], *, part: bool = False) -> bool:
    single = len(word.text) == 1 or (
        part and 2 <= len(word.text) <= 3 and len(cut_words(word.text)) == len(word.text)
    )
    return word.han and single and word.start not in owned and not is_stop(word.text[-1])


def _terms(
    pieces: list[TextRun],
    words: tuple[Word, ...],
    stops: set[int],
    company: list[tuple[int, int, str]],
    vocabulary: Vocabulary,
) -> tuple[Term, ...]:
    typed = {word.start for word in words if word.prefix}
    terms: dict[str, Term] = {}
    for piece in pieces:
        grams = bigrams(piece.text) if piece.han else [stem(piece.text)]
        for offset, gram in enumerate(grams):
            start = piece.start + offset
            end = start + len(gram) if piece.han else piece.end
            term = Term(
                gram=gram,
                raw=gram if piece.han else piece.text,
                start=start,
                end=end,
                han=piece.han,
                stop=all(i in stops for i in range(start, end)),
                inside=not piece.han or any(word.start <= start and end <= word.end for word in words),
                prefix=start in typed and (not piece.han or len(gram) == 1),
                alternates=tuple(
                    form
                    for at, to, word in company
                    if at <= start and end <= to
                    for form in map(_form, vocabulary.synonyms.get(word, ()))
                    if form
                ),
            )
            if gram not in terms or (term.prefix and not terms[gram].prefix):
                terms[gram] = term
    return tuple(terms.values())[:MOST_TERMS]


def _form(phrase: str) -> str:
    flattened = flat(norm(phrase), stemmed=True)
    return flattened.strip() if not flattened.isascii() else flattened


def _joined(normal: str, pieces: list[TextRun]) -> tuple[Join, ...]:
    found: dict[str, Join] = {}
    latin = [piece for piece in pieces if not piece.han and piece.text.isascii()]
    if len(latin) <= 5:
        for size in (5, 4, 3, 2):
            for i in range(len(latin) - size + 1):
                part = latin[i : i + size]
                between = (normal[a.end : b.start] for a, b in pairwise(part))
                if all(len(gap) <= 1 for gap in between):
                    text = "".join(piece.text for piece in part)
                    found[text] = Join(text, part[0].start, part[-1].end)
    for text in joins(normal):
        if text not in found:
            letters = r"[^a-z0-9]*".join(map(re.escape, text))
            if place := re.search(letters, normal):
                found[text] = Join(text, place.start(), place.end())
    return tuple(found.values())


def _spoken(pieces: list[TextRun]) -> str:
    """The pinyin of a short query in Han: it finds names written with a wrong character of the same sound."""
    text = "".join(piece.text for piece in pieces)
    if not pieces or not all(piece.han for piece in pieces) or not 2 <= len(text) <= 24:
        return ""
    sound = "".join(syllables(text))
    return sound if sound.isascii() and sound.isalnum() else ""
