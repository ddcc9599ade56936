"""What search knows of a record: the document handed over by a noun, and the entries cut from it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from portal.search.text import flat
from portal.text.grams import grams, is_han, joins, norm

SECTION = 1300
LEAD = 250
"""Characters at the beginning of a text that say what it is about."""
MOST_PASSAGES = 8
_SEPARATOR = "\x1f"
_BETWEEN = "\x1e"


@dataclass(frozen=True, slots=True)
class RestrictedText:
    """Text of a record that fewer people may read than the record: it is searched as an entry of its own, so
    that it makes nothing match for anyone else. `groups` must all be allowed to read the record too.
    """

    groups: frozenset[str]
    text: str = ""
    alt: tuple[str, ...] = ()


@dataclass(frozen=True)
class SearchDoc:
    """One findable record. `groups` are the principals that may read it ("public", "team:7", "user:42"),
    `tags` its facets ("topic:12"), `alt` other names (see `text.alternates`), `updated` Unix seconds.
    """

    id: str
    kind: str
    title: str
    alt: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    body: str = ""
    groups: frozenset[str] = frozenset()
    lang: str = ""
    status: str = ""
    owner: str = ""
    updated: int = 0
    restricted: tuple[RestrictedText, ...] = ()
    answers: tuple[str, ...] = ()
    """Parts of the body that each say a thing of their own."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*", self.id):
            raise ValueError(f"an id of letters, digits, _ and single hyphens is needed, not {self.id!r}")

    @property
    def passages(self) -> list[str]:
        """What is compared by meaning: the title with the beginning of the text, and with that of each answer
        that does not stand there. Nothing that fewer people may read than the record.
        """
        lead = self.body[:LEAD]
        others = [answer[:LEAD] for answer in self.answers if not lead.startswith(answer[:LEAD])]
        return [f"{self.title}\n{part}".strip() for part in (lead, *others)][:MOST_PASSAGES]

    @property
    def digest(self) -> str:
        """A hash of the passages."""
        text = "\x1f".join(self.passages)
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class FoldedText(NamedTuple):
    """The folded text of an entry, in the form in which the ranker counts, with what facets are made of."""

    parent: str
    kind: str
    updated: int
    length: int
    title: str
    names: str
    body: str
    facts: str = ""

    @property
    def tags(self) -> list[str]:
        return self.facts.split(_BETWEEN)[3:]

    def fact(self, name: str) -> str:
        """The language, status or owner."""
        return dict(zip(("lang", "status", "owner"), self.facts.split(_BETWEEN), strict=False)).get(name, "")

    def pack(self) -> str:
        return _SEPARATOR.join(map(str, self))

    @classmethod
    def unpack(cls, packed: str) -> "FoldedText":
        parent, kind, updated, length, *rest = packed.split(_SEPARATOR)
        return cls(parent, kind, int(updated), int(length), *rest)


@dataclass(frozen=True)
class IndexEntry:
    """What an engine holds: one section or one restricted part of a document, with the text as written."""

    id: str
    parent: str
    kind: str
    title: str
    alt: tuple[str, ...]
    tags: tuple[str, ...]
    body: str
    groups: frozenset[str]
    lang: str
    status: str
    owner: str
    updated: int

    @cached_property
    def text(self) -> FoldedText:
        """The folded text; names stand between bars, the title first, so that a whole name is seen."""
        title, body = norm(self.title), norm(self.body)
        names = [" ".join(title.split()), *(" ".join(norm(name).split()) for name in self.alt)]
        whole = [flat(name, stemmed=False).strip() for name in names]
        extra = joins(" ".join(names))
        flattened = flat(body, stemmed=True) + "".join(f"{word} " for word in joins(body))
        return FoldedText(
            parent=self.parent,
            kind=self.kind,
            updated=self.updated,
            length=sum(len(word) if is_han(word) else 1 for word in flattened.split()),
            title=flat(title, stemmed=True),
            names="".join(f"| {name} " for name in dict.fromkeys(whole + extra)) + "|",
            body=flattened,
            facts=_BETWEEN.join((self.lang, self.status, self.owner, *self.tags)),
        )

    def written(self) -> list[object]:
        """All that the folded text does not have, to be kept beside it."""
        shown = [self.id, self.title, self.alt, self.tags, self.body, sorted(self.groups)]
        return [*shown, self.lang, self.status, self.owner]

    @classmethod
    def read(cls, written: list[Any], text: FoldedText) -> "IndexEntry":
        """The entry again, of what was kept: to fold its text again would cost more."""
        id, title, alt, tags, body, groups, lang, status, owner = written
        entry = cls(
            id=id,
            parent=text.parent,
            kind=text.kind,
            title=title,
            alt=tuple(alt),
            tags=tuple(tags),
            body=body,
            groups=frozenset(groups),
            lang=lang,
            status=status,
            owner=owner,
            updated=text.updated,
        )
        entry.__dict__["text"] = text
        return entry

    @cached_property
    def stamp(self) -> str:
        """A digest of all of it: entries with equal stamps are equal."""
        content = json.dumps([*self.written(), self.text], ensure_ascii=False)
        return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    def head_grams(self) -> Iterator[str]:
        """Index terms of the title and the other names, as written and as stems."""
        yield from dict.fromkeys((*grams(self.text.title), *grams(self.text.names.replace("|", " "))))

    def body_grams(self) -> Iterator[str]:
        yield from grams(self.text.body)


def entries(doc: SearchDoc) -> list[IndexEntry]:
    """Cuts a document into what engines hold: its sections, then its restricted parts."""
    parts = [
        _entry(doc, doc.id if number == 1 else f"{doc.id}--{number}", doc.alt, body, doc.groups)
        for number, body in enumerate(sections(doc.body), start=1)
    ]
    return parts + [
        _entry(doc, f"{doc.id}--r{number}", extra.alt, extra.text, extra.groups)
        for number, extra in enumerate(doc.restricted, start=1)
    ]


def _entry(doc: SearchDoc, id: str, alt: tuple[str, ...], body: str, groups: frozenset[str]) -> IndexEntry:
    return IndexEntry(
        id=id,
        parent=doc.id,
        kind=doc.kind,
        title=doc.title,
        alt=alt,
        tags=doc.tags,
        body=body,
        groups=groups,
        lang=doc.lang,
        status=doc.status,
        owner=doc.owner,
        updated=doc.updated,
    )


_BREAKS = (
    re.compile(r"\n(?=#{1,6} )"),
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[。！？；])|(?<=[.!?;] )"),
    re.compile(r"(?<= )"),
)


def sections(body: str, size: int = SECTION) -> list[str]:
    """Splits a long text at its headings, else paragraphs, else sentences, into pieces of about `size`
    characters that together are the whole text.
    """
    if len(body) <= size * 1.3:
        return [body]
    pieces: list[str] = []
    for piece in _pieces(body, size, 0):
        heading = piece.lstrip().startswith("#") and len(pieces[-1]) > size / 2 if pieces else False
        if pieces and not heading and len(pieces[-1]) + len(piece) <= size * 1.1:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _pieces(text: str, size: int, level: int) -> Iterator[str]:
    if len(text) <= size:
        yield text
    elif level == len(_BREAKS):
        yield from (text[i : i + size] for i in range(0, len(text), size))
    else:
        start = 0
        for cut in (*(found.end() for found in _BREAKS[level].finditer(text)), len(text)):
            if cut > start:
                yield from _pieces(text[start:cut], size, level + 1)
                start = cut
