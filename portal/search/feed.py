"""Feeding the engines: what changed goes to each of them in order, however often anything breaks.

Each engine has a cursor. It moves only after the engine has the documents durable and visible, and only by
whoever holds the engine's lease; all that is done before can be done again. So a kill at any moment costs a
repetition, never a change. What an engine holds is `SearchDocument` up to its cursor; when the index itself
is gone or of another format, it is built anew beside the old one and put in its place.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import SearchOutbox
from portal.models.search.documents import SearchCursor, SearchDocument, SearchEntry, SearchFailure
from portal.models.work.jobs import Progress
from portal.search import store
from portal.search.documents import SearchDoc
from portal.search.engine import EngineDown, Fed
from portal.search.holder import holder, is_dead

BATCH = 300
REBUILD_BATCH = 1000
LOOK_SECONDS = 10
"""How often an idle engine is asked whether its index is still there."""
AWAIT_SECONDS = 60
"""So long another process is waited for that is feeding an engine: as long as its lease may stand."""
log = logging.getLogger("portal.search")


def _nowhere(done: int, total: int) -> None:
    pass


def _take(name: str) -> SearchCursor | None:
    def take() -> SearchCursor | None:
        known = SearchCursor.of(name)
        if known.is_pausing:
            return None
        return SearchCursor.take(name, holder(), dead=is_dead(known.holder))

    return transact(take)


def _close(engine: Fed) -> None:
    """Let other processes write to an engine of which one at a time may."""
    if close := getattr(engine, "close_writer", None):
        close()


@dataclass
class Feeder:
    """Feeds one engine."""

    is_slow: ClassVar[bool] = False
    """Whether it takes long over each text."""
    engine: Fed
    nouns: tuple[str, ...] = ()
    """Whose documents it keeps; empty: all."""
    piece: int = REBUILD_BATCH
    """So many documents are given between two tellings of how far a rebuild is."""
    _looked: float = field(default=-LOOK_SECONDS, init=False)
    _building: bool = field(default=False, init=False)
    _feeding: threading.RLock = field(default_factory=threading.RLock, init=False)
    """The lease keeps other processes away; this, the other threads of this one."""
    _alone: bool = field(default=False, init=False)
    """Set after a refused batch: documents go one at a time until the culprit is found."""

    @property
    def name(self) -> str:
        return self.engine.name

    def step(self, progress: Progress = _nowhere) -> bool:
        """Give the engine what it lacks; True when there was something. Never raises for the engine.
        `progress` is called again and again when the whole index must be built.
        """
        with self._feeding:
            return self._step(progress)

    def _step(self, progress: Progress) -> bool:
        needed = transact(self._needed, write=False)
        if needed is None or not (needed or self._is_time_to_look()):
            return False
        cursor = _take(self.name)
        if cursor is None:
            return False
        try:
            if self._must_rebuild(cursor):
                transact(cursor.release)
                return self.rebuild(progress)
            moved = self._push(cursor)
            transact(cursor.release)
            return moved
        except EngineDown as down:
            self._failed(cursor, down)
            return False
        finally:
            _close(self.engine)

    def _needed(self) -> bool | None:
        """Whether documents wait; None while the engine rests after a failure."""
        cursor = SearchCursor.get_or_none(SearchCursor.engine == self.name)
        if cursor is None:
            return True
        if cursor.is_pausing:
            return None
        return SearchDocument.select().where(SearchDocument.revision > cursor.seq).exists()

    def lacks(self, newest: int) -> bool:
        """Whether the engine could have all up to this revision and has not yet: another process is at it."""
        cursor = SearchCursor.known(self.name)
        return cursor is not None and cursor.seq < newest and not cursor.is_pausing

    def _is_time_to_look(self) -> bool:
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        return True

    def _must_rebuild(self, cursor: SearchCursor) -> bool:
        """When it was never fed, lost its index or has one of another format, or slept through a purge."""
        health = self.engine.health()
        if not health.ok and not health.rebuild_needed:
            raise EngineDown(health.reason, health.detail)
        purged = transact(lambda: SearchCursor.of("purged").seq, write=True) if cursor.fed_at else 0
        return health.rebuild_needed or cursor.fed_at is None or cursor.seq < purged

    def _push(self, cursor: SearchCursor) -> bool:
        moved = False
        while rows := transact(lambda: self._lacking(cursor.seq), write=False):
            self._give(rows)
            if not transact(partial(cursor.move, rows[-1].revision)):
                # The lease was lost meanwhile, and what was given may be older than what the new holder gave.
                transact(partial(_again, rows))
                return True
            moved = True
        if moved:
            transact(_purge)
        return moved

    def _lacking(self, seq: int) -> list[SearchDocument]:
        lacking = SearchDocument.select().where(SearchDocument.revision > seq)
        return list(lacking.order_by(SearchDocument.revision).limit(1 if self._alone else BATCH))

    def _give(self, rows: Sequence[SearchDocument]) -> None:
        try:
            if live := [store.unpacked(row) for row in rows if not row.gone]:
                self.engine.index(live)
            if gone := [row.name for row in rows if row.gone]:
                self.engine.delete(gone)
        except EngineDown as down:
            # One document may be at fault, when the engine itself is well.
            if down.reason != "broken" or not self.engine.health().ok:
                raise
            if len(rows) > 1:
                self._alone = True
                raise
            transact(partial(self._set_aside, rows[0], str(down)))
        self._alone = self._alone and len(rows) == 1

    def _set_aside(self, row: SearchDocument, error: str) -> None:
        log.error("refused by the engine", extra={"facts": {"record": row.name, "engine": self.name}})
        SearchFailure.note(row.noun, row.record, error, engine=self.name)

    def _failed(self, cursor: SearchCursor, down: EngineDown) -> None:
        if down.reason == "busy":  # another process is at it
            transact(cursor.release)
            return
        log.warning("search engine down", extra={"facts": {"engine": self.name, "error": str(down)}})
        transact(partial(cursor.fail, str(down)))

    # --- Building anew ---

    def rebuild(self, progress: Progress = _nowhere) -> bool:
        """Builds the index anew from the documents and puts it in the place of the old one, which answers
        until then; what changes meanwhile follows after. False when it is being built already or was tried
        a moment ago. Raises EngineDown.
        """
        with self._feeding:
            building = None if self._building else _take(f"{self.name} rebuild")
            if building is None:
                return False
            self._building = True
        try:
            self._rebuild(building, progress)
        except EngineDown as down:
            transact(partial(building.fail, str(down)))
            raise
        finally:
            self._building = False
            transact(building.release)
        return True

    def _rebuild(self, building: SearchCursor, progress: Progress) -> None:
        known_to_all = transact(lambda: SearchCursor.of(store.COUNTER).seq)
        transact(lambda: self._keep_from(known_to_all))
        new = self.engine.begin_rebuild()
        total, newest = transact(lambda: (self._live().count(), SearchDocument.newest_id()), write=False)

        def documents() -> Iterator[SearchDoc]:
            done = 0
            for docs in self._in_pieces(newest):
                yield from docs
                done += len(docs)
                transact(partial(building.move, done))
                progress(min(done, total), total)

        try:
            new.index(documents())
        finally:
            _close(new)
        self._put_in_place(new, known_to_all)

    def _put_in_place(self, new: Fed, from_: int) -> None:
        """The cursor goes back before the swap, under the lease: a kill in between costs a repetition."""
        with self._feeding:
            self._swap(new, from_)

    def _swap(self, new: Fed, from_: int) -> None:
        for _ in range(600):
            if cursor := _take(self.name):
                break
            time.sleep(0.1)
        else:
            raise EngineDown("busy", "another process is feeding this index")
        try:
            transact(lambda: cursor.move(from_))
            _close(self.engine)
            self.engine.finish_rebuild(new)
            transact(lambda: self._keep_from(None))
        finally:
            transact(cursor.release)

    def _keep_from(self, seq: int | None) -> None:
        SearchCursor.of(self.name)
        kept = {"kept_from": seq, "retry_at": None}
        SearchCursor.update(kept).where(SearchCursor.engine == self.name).execute()

    def _live(self) -> Any:
        live = ~SearchDocument.gone
        return SearchDocument.select().where(
            live & SearchDocument.noun.in_(self.nouns) if self.nouns else live
        )

    def _in_pieces(self, newest: int) -> Iterator[list[SearchDoc]]:
        """All documents up to one: those that come meanwhile follow after, or there might be no end."""
        last = 0
        while True:
            rows = transact(partial(self._between, last, newest), write=False)
            if not rows:
                return
            yield [store.unpacked(row) for row in rows]
            last = rows[-1].id

    def _between(self, last: int, newest: int) -> list[SearchDocument]:
        here = (SearchDocument.id > last) & (SearchDocument.id <= newest)
        return list(self._live().where(here).order_by(SearchDocument.id).limit(self.piece))

    # --- Comparing ---

    def differences(self) -> dict[str, set[int]]:
        """The records, by noun, of which the engine holds anything else than the database."""
        held = dict(self.engine.stamps())
        wrong: set[str] = set()
        for name, stamp in self._expected():
            if held.pop(name, None) != stamp:
                wrong.add(name)
        found: dict[str, set[int]] = {}
        for name in wrong | set(held):
            noun, _, record = name.partition("--")[0].partition("-")
            if record.isdigit():
                found.setdefault(noun, set()).add(int(record))
        return found

    def _expected(self) -> Iterable[tuple[str, str]]:
        """What the engine should hold: ids and stamps."""
        return transact(_stamps, write=False)


def _stamps() -> list[tuple[str, str]]:
    rows: Any = SearchEntry.select(SearchEntry.name, SearchEntry.stamp).tuples()
    return list(rows)


def _again(rows: Sequence[SearchDocument]) -> None:
    """Gives documents new revisions, so that every engine gets them once more."""
    SearchDocument.update(stamp="").where(SearchDocument.id.in_([row.id for row in rows])).execute()
    for row in rows:
        SearchOutbox.note(row.noun, [row.record])


def _purge() -> None:
    """Forgets marks of gone records that all engines know of."""
    cursors = [
        min(cursor.seq, cursor.kept_from if cursor.kept_from is not None else cursor.seq)
        for cursor in SearchCursor.select().where(SearchCursor.fed_at.is_null(False))
        if " " not in cursor.engine
    ]
    old = SearchDocument.gone & (SearchDocument.revision <= min(cursors, default=0))
    newest = SearchDocument.select(SearchDocument.revision).where(old)
    last = newest.order_by(SearchDocument.revision.desc()).first()
    if last is not None:
        SearchCursor.of("purged")
        SearchCursor.update(seq=last.revision).where(SearchCursor.engine == "purged").execute()
        SearchDocument.delete().where(old).execute()


@dataclass
class Feed:
    """Feeds all engines of this portal."""

    feeders: list[Feeder]

    def step(self) -> bool:
        """One round: take in what changed, give it to each engine; True when there was anything to do."""
        busy = store.take_in()
        given = [feeder.step(partial(self._go_on, feeder)) for feeder in self.feeders if not feeder.is_slow]
        return busy or any(given)

    def step_aside(self) -> bool:
        """One round for what takes long over each text: what is found by its words does not wait for it."""
        given = [feeder.step() for feeder in self.feeders if feeder.is_slow]
        return any(given)

    def _go_on(self, building: Feeder, done: int, total: int) -> None:
        """While one engine's index is built, which may take minutes, those before it get what changes: the
        embedded one waits for no server, and no two feeders ever wait for each other.
        """
        store.take_in()
        for feeder in self.feeders[: self.feeders.index(building)]:
            feeder.step()

    def drain(self, *, most: int = 10_000) -> None:
        """Feeds until nothing waits, for commands and tests; an engine that is down is left alone."""
        for _ in range(most):
            if not any([self.step(), self.step_aside()]):
                return

    def repair(self) -> tuple[dict[str, int], dict[str, str]]:
        """Compares every engine with the database and the database's documents with the records; makes what
        differs again. Gives how many records differed, by engine (`documents`: those of the database), and
        which engines could not be asked, with the reason. An engine that another process is feeding is waited
        for: what is on its way is no difference.
        """
        self.drain()
        found, down = {store.COUNTER: self.renew()}, {}
        fed = self._settled()
        for feeder in self.feeders:
            if not fed[feeder.name]:
                down[feeder.name] = "another process has been feeding it for a minute"
                continue
            try:
                wrong = feeder.differences()
            except EngineDown as error:
                down[feeder.name] = str(error)
                continue
            found[feeder.name] = sum(map(len, wrong.values()))
            if wrong:
                transact(partial(_push_again, wrong))
        self.drain()
        return found, down

    def _settled(self) -> dict[str, bool]:
        """Feeds until each engine has what is there now, whoever gives it; which of them have."""
        newest = transact(SearchDocument.newest_revision, write=False)
        until = time.monotonic() + AWAIT_SECONDS
        while True:
            self.drain()
            lack = {
                feeder.name: transact(partial(feeder.lacks, newest), write=False) for feeder in self.feeders
            }
            if not any(lack.values()) or time.monotonic() > until:
                return {name: not lacks for name, lacks in lack.items()}
            time.sleep(0.1)

    def renew(self, progress: Progress = _nowhere) -> int:
        """Makes every document again from its record; gives how many had differed."""
        total, done, differed = transact(store.count_records, write=False), 0, 0
        for noun, ids in store.all_records():
            differed += store.renew(noun, ids)
            done += len(ids)
            progress(min(done, total), total)
        return differed


def _push_again(wrong: dict[str, set[int]]) -> None:
    """New revisions for what an engine holds wrongly; what no row knows of is marked as gone."""
    for noun, records in wrong.items():
        at = clock.now()
        for record in records:
            first = store.new_revision()
            values = {"revision": first, "changed_at": at}
            known = (SearchDocument.noun == noun) & (SearchDocument.record == record)
            if not SearchDocument.update(values).where(known).execute():
                SearchDocument.insert(
                    noun=noun, record=record, gone=True, stamp="", created_at=at, **values
                ).execute()
