"""The engine in the portal's own process: a tantivy index in the data folder, nothing to install."""

import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any, cast

import tantivy
from tantivy import Document, Index, IndexWriter, Searcher
from tantivy import Query as Match

from portal.search import matches
from portal.search.documents import FoldedText, IndexEntry, SearchDoc, entries
from portal.search.engine import Candidates, EngineDown, Fed, Health, Query
from portal.search.parsing import ParsedQuery, Term
from portal.search.rank import close

VERSION = metadata.version("tantivy")
# Raised whenever the same text would be cut or kept differently: an index of another format is rebuilt.
FORMAT = 4
HEAP_BYTES = 20_000_000
OPENINGS = 5
_COMMON = 0.2  # a term that more entries hold than this share finds too much to be worth its time
_SHORT = 4
_COUNTED = 3_000
_MOST_KNOWN, _MOST_UNKNOWN = 24, 12
"""So many terms of a question are looked for, the rarest first."""


def _number(parent: str) -> int:
    return int.from_bytes(blake2b(parent.encode(), digest_size=7).digest(), "big")


def _document(entry: IndexEntry, *, alone: bool) -> Document:
    document = Document()
    document.add_text("id", entry.id)
    document.add_text("parent", entry.parent)
    document.add_unsigned("record", _number(entry.parent))
    document.add_boolean("alone", alone)
    document.add_integer("updated", entry.updated)
    for name in ("kind", "lang", "status", "owner"):
        document.add_text(name, getattr(entry, name))
    for name in ("tags", "groups"):
        for value in getattr(entry, name):
            document.add_text(name, value)
    head = " ".join(entry.head_grams())
    document.add_text("head", head)
    document.add_text("full", f"{head} {' '.join(entry.body_grams())}")
    document.add_bytes("text", entry.text.pack().encode())
    document.add_bytes("stamp", entry.stamp.encode())
    return document


def _text(document: Document) -> FoldedText:
    return FoldedText.unpack(_bytes(document, "text").decode())


def _bytes(document: Document, field: str) -> bytes:
    return cast(bytes, document.get_first(field))


@dataclass(frozen=True)
class _View:
    """One state of the index on disk, as a reader sees it."""

    stamp: tuple[int, ...]
    index: Index
    searcher: Searcher
    letters: dict[str, dict[int, list[str]]]

    def words(self, letter: str, length: int) -> list[str]:
        """The words of the index with this first letter and length."""
        if letter not in self.letters:
            held: dict[int, list[str]] = {}
            for word, _ in self.searcher.terms_with_prefix("full", letter):
                if len(word) > 3 and word.isalpha():
                    held.setdefault(len(word), []).append(word)
            self.letters[letter] = held
        return self.letters[letter].get(length, [])


class Embedded:
    """A tantivy index under `path`. Any number of processes read; one at a time writes: the first call that
    writes takes the writer (EngineDown "busy" when another process has it), `close_writer` gives it back.
    Readers see a commit on their next query.
    """

    name = "embedded"

    def __init__(self, path: Path, *, generation: str = "") -> None:
        self._path = path
        self._generation = generation
        self._writer: IndexWriter | None = None
        self._writing = threading.RLock()
        self._viewing = threading.Lock()
        self._view: _View | None = None

    # --- Files ---

    @property
    def _current(self) -> Path:
        return self._path / "current.json"

    def _folder(self) -> Path:
        return self._path / (self._generation or self._read_current()["generation"])

    def _read_current(self) -> dict[str, Any]:
        try:
            current: dict[str, Any] = json.loads(self._current.read_text())
        except FileNotFoundError:
            raise EngineDown("missing", str(self._current.name)) from None
        except (OSError, ValueError) as error:
            raise EngineDown("broken", str(error)) from error
        if current.get("format") != FORMAT:
            raise EngineDown("rebuild", f"format {current.get('format')}, needed {FORMAT}")
        return current

    def _write_current(self, generation: str) -> None:
        draft = self._path / "current.tmp"
        with draft.open("w") as file:
            json.dump({"format": FORMAT, "generation": generation}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._current)
        descriptor = os.open(self._path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)

    def _open(self, folder: Path, *, create: bool = False) -> Index:
        try:
            if create:
                folder.mkdir(parents=True, exist_ok=True)
                index = Index(matches.SCHEMA, path=str(folder))
            else:
                index = Index.open(str(folder))
        except (ValueError, OSError) as error:
            reason = _reason(error)
            if reason == "broken" and not create and not folder.exists():
                reason = "missing"
            raise EngineDown(reason, str(error)) from error
        index.register_tokenizer("cut", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        return index

    # --- Reading ---

    def _reader(self) -> _View:
        """The newest commit; opening it again costs a stat when nothing has changed."""
        for _ in range(OPENINGS - 1):
            try:
                return self._newest_view()
            except EngineDown as down:
                if down.reason not in ("missing", "broken") or not self._current.exists():
                    raise
                # A merge or a rebuild has taken files away between the look at the list and the opening.
                time.sleep(0.01)
        return self._newest_view()

    def _newest_view(self) -> _View:
        folder = self._folder()
        try:
            meta = (folder / "meta.json").stat()
        except FileNotFoundError:
            raise EngineDown("missing", "no index yet") from None
        except OSError as error:
            raise EngineDown("broken", str(error)) from error
        stamp = (meta.st_mtime_ns, meta.st_size, meta.st_ino)
        view = self._view
        if view and view.stamp == stamp:
            return view
        with self._viewing:
            if self._view and self._view.stamp == stamp:
                return self._view
            index = self._open(folder)
            self._view = _View(stamp, index, index.searcher(), {})
            return self._view

    def retrieve(self, parsed: ParsedQuery, query: Query, limit: int) -> Candidates:
        for last in (False, True):
            try:
                return self._retrieve(parsed, query, limit)
            except (ValueError, OSError) as error:
                # Files are opened as they are needed: a rebuild may have taken them away in the middle.
                self._view = None
                if last:
                    raise EngineDown("broken", str(error)) from error
        raise AssertionError("unreachable")

    def _retrieve(self, parsed: ParsedQuery, query: Query, limit: int) -> Candidates:
        view = self._reader()
        documents, frequencies = _frequencies(view, [term.gram for term in parsed.terms])
        every = matches.every_word(parsed)
        filters = [*matches.filters(query), *(every if query.strict else ())]
        if query.sort or not parsed.terms:
            ids, texts = _newest(view, matches.all_of([*every, *filters]), limit)
        else:
            wanted = self._any_term(view, parsed, frequencies)
            ids, texts = _top(view, matches.filtered(wanted, filters), limit)
            if not ids and not query.suggest:
                # The rarest may stand only where this person may not read: then the others, however common.
                wanted = self._any_term(view, parsed, frequencies, most=len(parsed.terms))
                ids, texts = _top(view, matches.filtered(wanted, filters), limit)
        found = Candidates(ids, documents, frequencies, texts=texts)
        if query.facets and not query.suggest:
            self._count(view, parsed, query, found, every)
        return found

    def counted(self, grams: Sequence[str]) -> tuple[int, dict[str, int]]:
        """Of how many entries in all how many hold each term."""
        return _frequencies(self._reader(), grams)

    def _any_term(
        self, view: _View, parsed: ParsedQuery, frequencies: Mapping[str, int], most: int = 0
    ) -> Match:
        """Entries with any of the most telling content terms, or of all up to `most`, scored by BM25. Where
        the words are few, many entries hold them all, and those that hold them in the head come first; else
        the head adds nothing but work.
        """
        documents = view.searcher.num_docs
        terms = parsed.content_terms or parsed.terms
        rare_first = sorted(
            (term for term in terms if frequencies[term.gram]), key=lambda term: frequencies[term.gram]
        )
        known = [
            term
            for i, term in enumerate(rare_first)
            if most or i < 3 or frequencies[term.gram] <= _COMMON * documents
        ]
        # What occurs nowhere as it was typed takes the place of nothing that does.
        unknown = [term for term in terms if not frequencies[term.gram] and _is_said_otherwise(parsed, term)]
        kept = [*known[: most or _MOST_KNOWN], *unknown[:_MOST_UNKNOWN]]
        wanted: list[Match] = []
        for term in kept:
            wanted += self._term(view, parsed, term, frequencies[term.gram])
        if len(kept) <= _SHORT:
            wanted += [matches.term("head", term.gram) for term in kept]
        for join in parsed.joined:
            wanted += [matches.term(field, join.text) for field in ("head", "full")]
            if join.end == len(parsed.normal) and len(join.text) > 1:
                wanted.append(matches.beginning("head", join.text))
        sounds = [sound for _, sound in parsed.misheard(frequencies)]
        wanted += [matches.term("head", sound) for sound in filter(None, (parsed.spoken, *sounds))]
        return matches.any_of(wanted)

    def _term(self, view: _View, parsed: ParsedQuery, term: Term, frequency: int) -> list[Match]:
        wanted = [matches.term("full", term.gram)]
        if not term.han and term.raw != term.gram:
            wanted.append(matches.term("head", term.raw))
        if parsed.expands(term):
            wanted += [matches.beginning("head", form) for form in dict.fromkeys((term.gram, term.raw))]
            if term.han or len(term.raw) >= matches.TYPED_FROM:
                wanted.append(matches.beginning("full", term.gram))
        for form in (*term.alternates, *term.meant):
            wanted.append(matches.phrase("full", matches.form_grams(form)))
        if not frequency and not term.han and len(term.raw) > 3 and term.raw.isalpha():
            for variant in self._misspelt(view, term):
                wanted += [matches.term("full", variant), matches.term("head", variant)]
        return wanted

    def _misspelt(self, view: _View, term: Term) -> list[str]:
        """Words of the index that an unknown word may be meant to be."""
        near: set[str] = set()
        for form in {term.gram, term.raw}:
            slips = 1 if len(form) < 9 else 2
            for length in range(len(form) - slips, len(form) + slips + 1):
                near |= close(form, view.words(form[0], length))
        return sorted(near)[:6]

    def _count(
        self, view: _View, parsed: ParsedQuery, query: Query, found: Candidates, every: list[Match]
    ) -> None:
        """Counts records, not their sections: entries of one record count once."""
        nowhere = any(
            not found.doc_freq.get(gram, 1) for word in parsed.required for gram in matches.whole_grams(word)
        )
        names = dict.fromkeys(("kind", *query.facets))
        counted = {} if nowhere else _facets(view, matches.all_of([*every, *matches.filters(query)]), names)
        kinds = counted.get("kind", {})
        found.total = sum(kinds.values())
        found.exact_total = bool(kinds) or not found.ids
        if query.kinds and not nowhere:
            every_kind = matches.all_of([*every, *matches.filters(query, without="kinds")])
            counted |= _facets(view, every_kind, ["kind"])
        found.facets = {name: counted.get(name, {}) for name in query.facets}

    def stamps(self) -> Iterator[tuple[str, str]]:
        view = self._reader()
        everything = Match.all_query()
        for _, address in view.searcher.search(everything, max(view.searcher.num_docs, 1), count=False).hits:
            document = view.searcher.doc(address)
            yield str(document.get_first("id")), _bytes(document, "stamp").decode()

    def words_like(self, word: str) -> list[tuple[str, int]]:
        """Words of the index close to a misspelt one, with the number of entries that hold each."""
        view = self._reader()
        near = {
            found
            for length in range(max(len(word) - 2, 4), len(word) + 3)
            for found in close(word, view.words(word[:1], length))
        }
        counted = ((found, view.searcher.doc_freq("full", found)) for found in near)
        return sorted(counted, key=lambda pair: (-pair[1], pair[0]))

    # --- Writing ---

    def open_writer(self) -> None:
        """Takes the right to write, making the index when there is none. EngineDown "busy" if it is taken."""
        with self._writing:
            if self._writer:
                return
            with _disk():
                if not self._generation and not self._current.exists():
                    generation = self._make()
                    self._write_current(generation)
                index = self._open(self._folder())
                self._writer = index.writer(HEAP_BYTES, 1)

    def _make(self) -> str:
        self._path.mkdir(parents=True, exist_ok=True)
        generation = _fresh()
        self._open(self._path / generation, create=True)
        return generation

    def close_writer(self) -> None:
        """Gives the right to write back."""
        with self._writing:
            if self._writer:
                self._writer.wait_merging_threads()
                self._writer = None

    def index(self, docs: Iterable[SearchDoc]) -> None:
        """One commit for all of it: each leaves a segment more, and every search looks into each segment."""

        def change(writer: IndexWriter) -> None:
            for doc in docs:
                writer.delete_documents_by_term("parent", doc.id)
                parts = entries(doc)
                for entry in parts:
                    writer.add_document(_document(entry, alone=len(parts) == 1))

        with self._writing:
            self.open_writer()
            self._commit(change)

    def delete(self, ids: Iterable[str]) -> None:
        gone = list(ids)

        def change(writer: IndexWriter) -> None:
            for id in gone:
                writer.delete_documents_by_term("parent", id)

        with self._writing:
            self.open_writer()
            self._commit(change)

    def _commit(self, change: Any) -> None:
        writer = self._writer
        assert writer is not None
        try:
            with _disk():
                change(writer)
                writer.commit()
        except EngineDown:
            self._writer = None
            raise

    def begin_rebuild(self) -> "Embedded":
        with _disk():
            return Embedded(self._path, generation=self._make())

    def finish_rebuild(self, new: Fed) -> None:
        assert isinstance(new, Embedded)
        with self._writing:
            new.close_writer()
            self._writer = None
            with _disk():
                self._write_current(new._generation)
            self._view = None
            for folder in self._path.glob("index-*"):
                if folder.name != new._generation:
                    shutil.rmtree(folder, ignore_errors=True)

    def health(self) -> Health:
        try:
            return Health(ok=True, documents=self._reader().searcher.num_docs, version=VERSION)
        except EngineDown as down:
            rebuild = down.reason in ("rebuild", "missing", "broken")
            return Health(
                ok=False,
                reason=down.reason,
                detail=down.detail,
                rebuild_needed=rebuild,
                version=VERSION,
            )


@contextmanager
def _disk() -> Iterator[None]:
    """Says in an EngineDown what the disk or the index refuses."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise EngineDown(_reason(error), str(error)) from error


def _reason(error: Exception) -> str:
    said = str(error)
    return next((reason for words, reason in _SAID.items() if words in said), "broken")


_SAID = {"No space left": "full", "LockBusy": "busy"}


def _fresh() -> str:
    return f"index-{secrets.token_hex(6)}"


def _is_said_otherwise(parsed: ParsedQuery, term: Term) -> bool:
    """Whether a term that no entry holds may yet find one: begun, misspelt, or by another word."""
    return bool(not term.han or term.alternates or term.meant or parsed.expands(term))


# --- Collecting ----------------------------------------------------------------------------------------


def _frequencies(view: _View, grams: Iterable[str]) -> tuple[int, dict[str, int]]:
    return view.searcher.num_docs, {gram: view.searcher.doc_freq("full", gram) for gram in grams}


def _top(view: _View, match: Match, limit: int) -> tuple[list[str], dict[str, FoldedText]]:
    hits = view.searcher.search(match, limit, count=False).hits
    texts: dict[str, FoldedText] = {}
    for _, address in hits:
        document = view.searcher.doc(address)
        texts[str(document.get_first("id"))] = _text(document)
    return list(texts), texts


def _newest(view: _View, match: Match, limit: int) -> tuple[list[str], dict[str, FoldedText]]:
    hits = view.searcher.search(match, limit, count=False, order_by_field="updated").hits
    documents = [view.searcher.doc(address) for _, address in hits]
    return [str(document.get_first("id")) for document in documents], {}


def _facets(view: _View, match: Match, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many records have each value: exact up to some thousand sections, about a hundredth off beyond; of
    a field with more than 200 values the rarest may count a record's sections apart.
    """
    held = _buckets(view, match, (*names, "alone"))
    sections = sum(bucket["doc_count"] for bucket in held.pop("alone") if not bucket["key"])
    counted = {
        name: {bucket["key"]: bucket["doc_count"] for bucket in buckets if bucket["key"]}
        for name, buckets in held.items()
    }
    if sections:
        records = {"terms": {"field": "record", "size": _COUNTED}}
        if sections > _COUNTED:
            records = {"cardinality": {"field": "record"}}
        for name, buckets in _buckets(
            view, matches.all_of([match, matches.IN_SECTIONS]), names, records
        ).items():
            for bucket in buckets:
                if bucket["key"] in counted[name]:
                    counted[name][bucket["key"]] -= bucket["doc_count"] - _distinct(bucket["records"])
    return counted


def _buckets(
    view: _View, match: Match, names: Iterable[str], records: dict[str, Any] | None = None
) -> dict[str, list[Any]]:
    within = {"aggs": {"records": records}} if records else {}
    asked = {name: {"terms": {"field": name, "size": 200}, **within} for name in names}
    answer = view.searcher.aggregate(match, asked)
    return {name: answer[name]["buckets"] for name in asked}


def _distinct(records: dict[str, Any]) -> int:
    return len(records["buckets"]) if "buckets" in records else round(records["value"])
