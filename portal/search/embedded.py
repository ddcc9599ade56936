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
from itertools import islice
from pathlib import Path
from typing import Any, cast

import tantivy
from tantivy import Document, Index, IndexWriter, Occur, Schema, SchemaBuilder, Searcher
from tantivy import Query as Match

from portal.search.documents import Entry, SearchDoc, Text, entries
from portal.search.engine import Candidates, Engine, EngineDown, Health, Query
from portal.search.plan import Join, Plan, Term, Word
from portal.search.rank import close
from portal.search.text import bigrams, is_han, stem

VERSION = metadata.version("tantivy")
# Raised whenever the same text would be cut or kept differently: an index of another format is rebuilt.
FORMAT = 4
HEAP_BYTES = 64_000_000
BATCH = 2_000
OPENINGS = 5
_COMMON = 0.2  # a term that more entries hold than this share finds too much to be worth its time
_TYPED_FROM = 3
_SHORT = 4
_COUNTED = 3_000
_FEW = 32


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("parent", "kind", "tags", "groups", "lang", "status", "owner"):
        builder.add_text_field(
            name, tokenizer_name="raw", index_option="basic", fast=name not in ("parent", "groups")
        )
    builder.add_unsigned_field("record", fast=True)
    builder.add_boolean_field("alone", indexed=True, fast=True)
    builder.add_integer_field("updated", fast=True)
    builder.add_text_field("head", tokenizer_name="cut")
    builder.add_text_field("full", tokenizer_name="cut")
    builder.add_bytes_field("text", stored=True)
    builder.add_bytes_field("stamp", stored=True)
    return builder.build()


_SCHEMA = _schema()


def _number(parent: str) -> int:
    return int.from_bytes(blake2b(parent.encode(), digest_size=7).digest(), "big")


def _document(entry: Entry, *, alone: bool) -> Document:
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


def _text(document: Document) -> Text:
    return Text.unpack(_bytes(document, "text").decode())


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
                index = Index(_SCHEMA, path=str(folder))
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

    def retrieve(self, plan: Plan, query: Query, limit: int) -> Candidates:
        try:
            return self._retrieve(plan, query, limit)
        except (ValueError, OSError) as error:
            raise EngineDown("broken", str(error)) from error

    def _retrieve(self, plan: Plan, query: Query, limit: int) -> Candidates:
        view = self._reader()
        documents = view.searcher.num_docs
        frequencies = {term.gram: view.searcher.doc_freq("full", term.gram) for term in plan.terms}
        filters = _filters(query)
        every = _every_word(plan)
        if query.sort or not plan.terms:
            ids, texts = _newest(view, _all([*every, *filters]), limit)
        else:
            wanted = self._any_term(view, plan, frequencies)
            ids, texts = _top(view, _filtered(wanted, filters), limit)
        found = Candidates(ids, documents, frequencies, texts=texts)
        if query.facets and not query.suggest:
            self._count(view, plan, query, found, every)
        return found

    def _any_term(self, view: _View, plan: Plan, frequencies: Mapping[str, int]) -> Match:
        """Entries with any telling term, scored by BM25. Where the words are few, many entries hold them all,
        and those that hold them in the head come first; else the head adds nothing but work.
        """
        documents = view.searcher.num_docs
        terms = plan.telling or plan.terms
        rare_first = sorted(terms, key=lambda term: frequencies[term.gram])
        kept = [
            term
            for i, term in enumerate(rare_first)
            if i < 3 or frequencies[term.gram] <= _COMMON * documents
        ][:24]
        matches: list[Match] = []
        for term in kept:
            matches += self._term(view, term, frequencies[term.gram])
        if len(kept) <= _SHORT:
            matches += [_term("head", term.gram) for term in kept]
        for join in plan.joined:
            matches += [_term(field, join.text) for field in ("head", "full")]
            if join.end == len(plan.normal) and len(join.text) > 1:
                matches.append(_beginning("head", join.text))
        if plan.spoken:
            matches.append(_term("head", plan.spoken))
        return _any(matches)

    def _term(self, view: _View, term: Term, frequency: int) -> list[Match]:
        matches = [_term("full", term.gram)]
        if not term.han and term.raw != term.gram:
            matches.append(_term("head", term.raw))
        if term.prefix:
            matches += [_beginning("head", form) for form in dict.fromkeys((term.gram, term.raw))]
            if term.han or len(term.raw) >= _TYPED_FROM:
                matches.append(_beginning("full", term.gram))
        for form in term.alternates:
            matches.append(_phrase("full", _form_grams(form)))
        if not frequency and not term.han and len(term.raw) > 3 and term.raw.isalpha():
            for variant in self._misspelt(view, term):
                matches += [_term("full", variant), _term("head", variant)]
        return matches

    def _misspelt(self, view: _View, term: Term) -> list[str]:
        """Words of the index that an unknown word may be meant to be."""
        near: set[str] = set()
        for form in {term.gram, term.raw}:
            slips = 1 if len(form) < 9 else 2
            for length in range(len(form) - slips, len(form) + slips + 1):
                near |= close(form, view.words(form[0], length))
        return sorted(near)[:6]

    def _count(self, view: _View, plan: Plan, query: Query, found: Candidates, every: list[Match]) -> None:
        """Counts records, not their sections: entries of one record count once."""
        nowhere = any(not found.doc_freq.get(gram, 1) for word in plan.required for gram in _whole(word))
        names = dict.fromkeys(("kind", *query.facets))
        counted = {} if nowhere else _facets(view, _all([*every, *_filters(query)]), names)
        kinds = counted.get("kind", {})
        found.total = sum(kinds.values())
        found.exact_total = bool(kinds) or not found.ids
        if query.kinds and not nowhere:
            every_kind = _all([*every, *_filters(query, without="kinds")])
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
        with self._writing:
            self.open_writer()
            pending = iter(docs)
            while batch := list(islice(pending, BATCH)):
                self._put(batch)

    def _put(self, batch: list[SearchDoc]) -> None:
        last = {doc.id: doc for doc in batch}

        def change(writer: IndexWriter) -> None:
            for id in last:
                writer.delete_documents_by_term("parent", id)
            for doc in last.values():
                parts = entries(doc)
                for entry in parts:
                    writer.add_document(_document(entry, alone=len(parts) == 1))

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

    def finish_rebuild(self, new: Engine) -> None:
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


# --- Matches -------------------------------------------------------------------------------------------


def _term(field: str, gram: str) -> Match:
    return Match.term_query(_SCHEMA, field, gram, "freq")


def _beginning(field: str, typed: str) -> Match:
    prefix = Match.fuzzy_term_query(_SCHEMA, field, typed, 0, True, True)
    return Match.boost_query(prefix, 3.0 if field == "head" else 1.0)


def _phrase(field: str, terms: list[str]) -> Match:
    if len(terms) == 1:
        return _term(field, terms[0])
    return Match.phrase_query(_SCHEMA, field, cast("list[str | tuple[int, str]]", terms))


def _form_grams(form: str) -> list[str]:
    return [gram for word in form.split() for gram in (bigrams(word) if is_han(word) else [word])]


def _any(matches: list[Match]) -> Match:
    return Match.boolean_query([(Occur.Should, match) for match in matches])


def _all(matches: list[Match]) -> Match:
    if not matches:
        return Match.all_query()
    return Match.boolean_query([(Occur.Must, match) for match in matches])


def _filtered(match: Match, filters: list[Match]) -> Match:
    return _all([match, *(Match.const_score_query(one, 0.0) for one in filters)]) if filters else match


def _filters(query: Query, without: str = "") -> list[Match]:
    wanted: list[tuple[str, Sequence[str]]] = [("tags", group) for group in query.tag_choices()]
    if query.groups is not None:
        wanted.append(("groups", sorted(query.groups)))
    for field, name in (("kind", "kinds"), ("lang", "langs"), ("status", "statuses"), ("owner", "owners")):
        values = getattr(query, name)
        if values and name != without:
            wanted.append((field, values))
    return [_one_of(field, values) for field, values in wanted]


def _one_of(field: str, values: Sequence[str]) -> Match:
    """A set is looked up for all of the index at once: for few values it is dearer than the values are."""
    if len(values) > _FEW:
        return Match.term_set_query(_SCHEMA, field, list(values))
    return _any([Match.term_query(_SCHEMA, field, value, "basic") for value in values])


def _every_word(plan: Plan) -> list[Match]:
    return [_join(part) if isinstance(part, Join) else _word(part) for part in plan.required]


def _join(join: Join) -> Match:
    return _any([_term("full", join.text), _beginning("head", join.text)])


def _whole(part: Word | Join) -> list[str]:
    """The terms that every entry with the word has; none for what may be written in other ways."""
    return bigrams(part.text) if isinstance(part, Word) and part.han and len(part.text) > 1 else []


def _word(word: Word) -> Match:
    if word.han:
        return _phrase("full", bigrams(word.text)) if len(word.text) > 1 else _beginning("full", word.text)
    matches = [_term("full", stem(word.text)), _term("full", word.text)]
    if word.prefix:
        matches.append(_beginning("full" if len(word.text) >= _TYPED_FROM else "head", word.text))
    return _any(matches)


_IN_SECTIONS = Match.term_query(_SCHEMA, "alone", False)

# --- Collecting ----------------------------------------------------------------------------------------


def _top(view: _View, match: Match, limit: int) -> tuple[list[str], dict[str, Text]]:
    hits = view.searcher.search(match, limit, count=False).hits
    texts: dict[str, Text] = {}
    for _, address in hits:
        document = view.searcher.doc(address)
        texts[str(document.get_first("id"))] = _text(document)
    return list(texts), texts


def _newest(view: _View, match: Match, limit: int) -> tuple[list[str], dict[str, Text]]:
    hits = view.searcher.search(match, limit, count=False, order_by_field="updated").hits
    documents = [view.searcher.doc(address) for _, address in hits]
    return [str(document.get_first("id")) for document in documents], {}


def _facets(view: _View, match: Match, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many records have each value: exact up to some thousand sections, about a hundredth off beyond."""
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
        for name, buckets in _buckets(view, _all([match, _IN_SECTIONS]), names, records).items():
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
