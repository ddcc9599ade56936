"""Which texts are near a question in meaning: all that its asker may read are compared in this process.

A hundred thousand vectors take 40 MB, and a few milliseconds: whether each number is above or below its mean
tells, bit by bit, which thousand to look at closely.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy

from portal.models.search.vectors import SearchVector
from portal.search import meaning
from portal.search.engine import EngineDown

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST = 50
"""The nearest that count."""
CLOSELY = 1_000
"""So many are compared number by number, when there are more."""
REST_SECONDS = 10
BRIEFLY = 0.2
"""Seconds that one who searches gives a model which gave no answer before: one that works needs a tenth."""
BATCH = 1_000
_FAR = 10_000
log = logging.getLogger("portal.search")


@dataclass
class Vectors:
    """Vectors with the document and the readers of each. Not for two threads at once."""

    dimensions: int = 384
    count: int = 0
    names: list[str] = field(default_factory=list)
    places: dict[str, range] = field(default_factory=dict)
    readers: dict[str, int] = field(default_factory=dict)
    """The sets of principals that occur, each with its number."""

    def __post_init__(self) -> None:
        self.numbers = numpy.zeros((0, self.dimensions), numpy.int8)
        self.lengths = numpy.ones(0, numpy.float32)
        self.read_by = numpy.zeros(0, numpy.int32)
        """By place the number of the set of principals; -1 for a former vector."""
        self._room(1024)

    def _room(self, size: int) -> None:
        """Room for so many; the bits are told anew, since the mean moves as texts come."""
        more = size - len(self.lengths)
        self.numbers = numpy.pad(self.numbers, ((0, more), (0, 0)))
        self.lengths = numpy.pad(self.lengths, (0, more), constant_values=1)
        self.read_by = numpy.pad(self.read_by, (0, more), constant_values=-1)
        self.mean = self._mean()
        self.bits = numpy.zeros((self.dimensions // 64, size), numpy.uint64)
        for start in range(0, self.count, 4096):
            end = min(start + 4096, self.count)
            self.bits[:, start:end] = self._bits(self._unit(start, end))

    def _mean(self) -> NDArray[numpy.float32]:
        step = max(1, self.count // 4096)
        some = self.numbers[: self.count : step] / self.lengths[: self.count : step, None]
        return (
            some.mean(0).astype(numpy.float32) if len(some) else numpy.zeros(self.dimensions, numpy.float32)
        )

    def _unit(self, start: int, end: int) -> NDArray[numpy.float32]:
        return (self.numbers[start:end] / self.lengths[start:end, None]).astype(numpy.float32)

    def _bits(self, unit: NDArray[numpy.float32]) -> NDArray[numpy.uint64]:
        bits: NDArray[numpy.uint64] = numpy.packbits(unit > self.mean, axis=1).view(numpy.uint64).T
        return bits

    def put(self, documents: Sequence[tuple[str, bytes, str]]) -> None:
        """The vectors of documents, with who may read each, in the place of their former ones; none take them
        away.
        """
        for name, _, _ in documents:
            for place in self.places.pop(name, ()):
                self.read_by[place] = -1
        rows = numpy.frombuffer(b"".join(packed for _, packed, _ in documents), numpy.int8)
        rows = rows.reshape(-1, self.dimensions)
        start, end = self.count, self.count + len(rows)
        if end > len(self.lengths):
            self._room(end * 3 // 2)
        self.numbers[start:end] = rows
        self.lengths[start:end] = numpy.linalg.norm(rows.astype(numpy.float32), axis=1)
        at = start
        for name, packed, groups in documents:
            here = range(at, at + len(packed) // self.dimensions)
            if here:
                self.read_by[here.start : here.stop] = self.readers.setdefault(groups, len(self.readers))
                self.names += [name] * len(here)
                self.places[name] = here
                at = here.stop
        self.count = end
        self.bits[:, start:end] = self._bits(self._unit(start, end))

    @property
    def is_wasteful(self) -> bool:
        """Whether most places are of former vectors."""
        return self.count > 1024 and self.count > 2 * sum(map(len, self.places.values()))

    def nearest(
        self, question: NDArray[numpy.float32], groups: frozenset[str] | None, most: int = FIRST
    ) -> list[tuple[str, float]]:
        """The nearest documents of those that one of the principals may read, with the cosine of each."""
        read_by = self.read_by[: self.count]
        allowed = [
            number for held, number in self.readers.items() if groups is None or groups & set(held.split())
        ]
        table = numpy.zeros(len(self.readers) + 1, bool)  # the last is for what nobody reads any more
        table[allowed] = True
        may = table[read_by]
        if self.count <= CLOSELY:
            places = numpy.flatnonzero(may)
        else:
            mine = numpy.packbits(question > self.mean).view(numpy.uint64)
            far = numpy.zeros(self.count, numpy.uint16)
            for row, bits in zip(self.bits, mine, strict=True):
                far += numpy.bitwise_count(row[: self.count] ^ bits)
            far[~may] = _FAR
            places = numpy.argpartition(far, CLOSELY)[:CLOSELY]
            places = places[may[places]]
        near = self.numbers[places] @ question / self.lengths[places]
        best: dict[str, float] = {}
        for at in numpy.argsort(-near, kind="stable"):
            best.setdefault(self.names[places[at]], float(near[at]))
            if len(best) == most:
                break
        return list(best.items())


class Nearness:
    """Compares questions with the vectors in the database, which are read when they have changed."""

    def __init__(self, version: str = meaning.VERSION, clock: Callable[[], float] = time.monotonic) -> None:
        self.version = version
        self._clock = clock
        self._lock = threading.Lock()
        self._attempt: Future[Any] | None = None
        """Since the model gave no answer: whether it gives one again."""
        self._rests_until = 0.0
        self._clear()

    def _clear(self) -> None:
        self.vectors, self._seen, self._finished = Vectors(), 0, False

    def begin(self, text: str) -> None:
        """What `nearest` will be asked is told beforehand. Never raises."""
        if self._finished and self._answers():
            with suppress(EngineDown):  # whoever asks hears of it
                meaning.begin(text)

    def nearest(self, text: str, groups: frozenset[str] | None) -> list[tuple[str, float]]:
        """The documents nearest to a question, each with its cosine; none while vectors are still being made,
        or when the model does not work. Never raises.
        """
        if not self._answers():
            return []
        try:
            with self._lock:
                self.refresh()
                if not self._finished or not self.vectors.places:
                    return []
            question = meaning.of_question(text)
            with self._lock:
                return self.vectors.nearest(question, groups)
        except EngineDown as down:
            self._rest(down)
            return []

    def closest(self, passage: str) -> list[tuple[str, float]]:
        """The documents closest to a text of their sort, whoever may read them, each with its cosine; none as
        above. Never raises.
        """
        if not self._answers():
            return []
        try:
            with self._lock:
                self.refresh()
                if not self._finished or not self.vectors.places:
                    return []
            packed = numpy.frombuffer(meaning.of_passages([passage]), numpy.int8).astype(numpy.float32)
            with self._lock:
                return self.vectors.nearest(packed / numpy.linalg.norm(packed), None)
        except EngineDown as down:
            self._rest(down)
            return []

    def _rest(self, down: EngineDown) -> None:
        log.warning("meaning is out", extra={"facts": {"error": str(down)}})
        if self._attempt is None:
            self._try()

    def _try(self) -> Future[Any]:
        self._rests_until = self._clock() + REST_SECONDS
        self._attempt = attempt = meaning.attempt()
        return attempt

    def _answers(self) -> bool:
        """Whether the model may be asked. Since it gave no answer it is tried beside, again and again: nobody
        else waits for it before it gave one.
        """
        attempt = self._attempt
        if attempt and attempt.done() and attempt.exception() and self._clock() >= self._rests_until:
            attempt = self._try()
            wait([attempt], BRIEFLY)
        if attempt and attempt.done() and not attempt.exception():
            attempt = self._attempt = None
        return attempt is None

    def refresh(self) -> None:
        """Read what has changed: one look at a counter when nothing has.

        Who reads in a transaction that began before another thread read sees an older state: what is here is
        newer, and stays. Only a database that counted nothing yet is certainly another one.
        """
        newest = SearchVector.newest()
        if newest == self._seen or 0 < newest < self._seen:
            return
        if newest == 0 or self.vectors.is_wasteful:  # another database, or room to be won
            self._clear()
        changes = iter(self._changes(self._seen))
        while batch := list(islice(changes, BATCH)):
            self.vectors.put([(row.name, bytes(row.vectors), row.groups) for row in batch])
        self._seen, self._finished = newest, SearchVector.is_finished(self.version)

    def _changes(self, seen: int) -> Iterable[Any]:
        rows = SearchVector.select(SearchVector.name, SearchVector.vectors, SearchVector.groups)
        changed = (
            (SearchVector.model == self.version) & (SearchVector.revision > seen) & (SearchVector.name != "")
        )
        return rows.where(changed).order_by(SearchVector.revision).iterator()
