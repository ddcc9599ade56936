"""Documents between records and engines: taken in from the outbox, kept in rows, read back for the ranker.

An outbox row is deleted in the transaction that writes the document made of it. Revisions are given out under
a row lock, so that they become visible in order, and an engine that has all up to its cursor has all. The
outbox's own numbers do not: two transactions may commit in the other order than they took their numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from peewee import chunked

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import SearchOutbox
from portal.models.search.documents import SearchCursor, SearchDocument, SearchEntry, SearchFailure
from portal.models.search.vectors import SearchVector
from portal.search.documents import FoldedText, IndexEntry, RestrictedText, SearchDoc, entries
from portal.search.holder import holder, is_dead
from portal.search.records.findable import FINDABLE, made_of, mentioned_in, stand_ins
from portal.text.grams import norm

BATCH = 100
COUNTER = "documents"
log = logging.getLogger("portal.search")

NOTHING: Mapping[Any, Any] = MappingProxyType({})
Made = dict[str, dict[int, SearchDoc | None]]
"""For each noun and record its document; None for a record that is gone."""


# --- Rows ----------------------------------------------------------------------------------------------


def _packed(doc: SearchDoc) -> dict[str, Any]:
    data = {name: getattr(doc, name) for name in SearchDoc.__dataclass_fields__}
    data["groups"] = sorted(doc.groups)
    data["answers"] = list(doc.answers)
    data["restricted"] = [[sorted(part.groups), part.text, list(part.alt)] for part in doc.restricted]
    return data


def unpacked(row: SearchDocument) -> SearchDoc:
    """The document that a row keeps."""
    data: dict[str, Any] = dict(row.data)
    data |= {name: tuple(data.get(name, ())) for name in ("alt", "tags", "answers")}
    data["groups"] = frozenset(data["groups"])
    data["restricted"] = tuple(
        RestrictedText(frozenset(groups), text, tuple(alt)) for groups, text, alt in data["restricted"]
    )
    return SearchDoc(**data)


def _stamp(parts: Iterable[IndexEntry]) -> str:
    return blake2b("".join(part.stamp for part in parts).encode(), digest_size=12).hexdigest()


def load(ids: Sequence[str], groups: frozenset[str]) -> dict[str, IndexEntry]:
    """The entries with these ids as the database has them now, if one of the principals may read them."""
    found: dict[str, IndexEntry] = {}
    for written, text in SearchEntry.kept(ids):
        entry = IndexEntry.read(written, FoldedText.unpack(text))
        if entry.groups & groups:
            found[entry.id] = entry
    return found


# --- From the outbox -----------------------------------------------------------------------------------


def take_in() -> bool:
    """Makes documents of the records that changed since; True when there were any. Never raises for a record:
    one that cannot be made findable is noted, tried again later, and holds up nothing.
    """
    rows = transact(_oldest, write=False)
    if not rows:
        return transact(_retry_failed, write=False) and transact(_note_failed)
    alone, deaths = transact(partial(_begin, rows[0].seq, rows[-1].seq))
    rows = rows[:1] if alone else rows
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.kind, set()).add(row.record)
    try:
        given_up = deaths >= MOST_DEATHS
        made, failed = _given_up(rows[0]) if given_up else transact(lambda: make(wanted), write=False)
        seqs = [row.seq for row in rows]
        with suppress(Taken):
            transact(lambda: write(seqs, made, failed))
    finally:  # not reached by a process that is killed
        transact(_ended)
    return True


TAKING, ALONE = "take in", "one by one"
AT_IT = timedelta(minutes=5)
MOST_DEATHS = 3
"""So often the process may end while it makes one record findable: then that record is put aside."""


def _begin(first: int, last: int) -> tuple[bool, int]:
    """Note which changes are taken in; gives whether they are to be taken one by one, since a process ended
    over them, and how often one ended over the first alone.
    """
    marker, at = SearchCursor.of(TAKING), clock.now()
    left = bool(marker.holder) and marker.holder != holder()
    if left and not is_dead(marker.holder) and (marker.held_until is None or marker.held_until > at):
        return False, 0  # another process is at it, and lives
    until = marker.kept_from or 0
    alone = (left or marker.error == ALONE) and first <= until
    deaths = marker.failures + left if alone and marker.error == ALONE and marker.seq == first else 0
    mine = {"seq": first, "kept_from": until if alone else last, "error": ALONE if alone else ""}
    mine |= {"failures": deaths, "holder": holder(), "held_until": at + AT_IT}
    SearchCursor.update(mine).where(SearchCursor.engine == TAKING).execute()
    return alone, deaths


def _ended() -> None:
    mine = (SearchCursor.engine == TAKING) & (SearchCursor.holder == holder())
    SearchCursor.update(holder="", held_until=None).where(mine).execute()


def _given_up(row: SearchOutbox) -> tuple[Made, dict[tuple[str, int], str]]:
    log.error("put aside", extra={"facts": {"record": f"{row.kind}-{row.record}"}})
    return {row.kind: {}}, {(row.kind, row.record): "The portal ended while this was made findable."}


def _oldest() -> list[SearchOutbox]:
    return list(SearchOutbox.select().order_by(SearchOutbox.seq).limit(BATCH))


def _due() -> Any:
    return SearchFailure.retry_at.is_null(False) & (SearchFailure.retry_at <= clock.now())


def _retry_failed() -> bool:
    return SearchFailure.select().where(_due()).exists()


def _note_failed() -> bool:
    for failure in SearchFailure.select().where(_due()).limit(BATCH):
        SearchFailure.update(retry_at=None).where(SearchFailure.id == failure.id).execute()
        if failure.engine:
            SearchDocument.update(stamp="").where(
                (SearchDocument.noun == failure.noun) & (SearchDocument.record == failure.record)
            ).execute()
        SearchOutbox.note(failure.noun, [failure.record])
    return True


def make(wanted: Mapping[str, Iterable[int]]) -> tuple[Made, dict[tuple[str, int], str]]:
    """The documents of records as they are now, and what went wrong with which."""
    made: Made = {}
    failed: dict[tuple[str, int], str] = {}
    for noun, ids in wanted.items():
        made[noun] = dict.fromkeys(ids)
        if noun not in FINDABLE:
            continue
        try:
            found = FINDABLE[noun].documents(sorted(ids))
        except Exception:  # one of them: find out which
            found = _one_by_one(noun, ids, made[noun], failed)
        made[noun] |= {int(doc.id.partition("-")[2]): doc for doc in found}
    return made, failed


def _one_by_one(
    noun: str,
    ids: Iterable[int],
    made: dict[int, SearchDoc | None],
    failed: dict[tuple[str, int], str],
) -> list[SearchDoc]:
    found: list[SearchDoc] = []
    for ident in sorted(ids):
        try:
            found += FINDABLE[noun].documents([ident])
        except Exception as error:
            log.exception("cannot be made findable", extra={"facts": {"record": f"{noun}-{ident}"}})
            failed[noun, ident] = f"{type(error).__name__}: {error}"
            del made[ident]
    return found


class Taken(Exception):
    """Someone else took in the same changes meanwhile."""


def write(seqs: list[int], made: Made, failed: dict[tuple[str, int], str]) -> None:
    """Puts documents in their rows and forgets the changes, all or nothing."""
    gone = SearchOutbox.delete().where(SearchOutbox.seq.in_(seqs)).execute()
    if gone != len(seqs):
        # What was made here may be older than what the other has made: leave the rest to the next round.
        raise Taken
    for (noun, record), error in failed.items():
        SearchFailure.note(noun, record, error)
    for noun, documents in made.items():
        if noun in FINDABLE:
            put(noun, documents)
        else:
            _note(mentioned_in(noun, sorted(documents)))


def _held(noun: str, records: Iterable[int]) -> dict[int, SearchDocument]:
    known = SearchDocument.select(
        SearchDocument.id,
        SearchDocument.record,
        SearchDocument.stamp,
        SearchDocument.title,
        SearchDocument.gone,
    ).where((SearchDocument.noun == noun) & SearchDocument.record.in_(list(records)))
    return {row.record: row for row in known}


Folded = tuple[list[IndexEntry], str]
"""What a document is cut into, and its stamp: most of the work of making it findable."""
Change = tuple[int, SearchDoc | None, Folded]


def _changed(
    documents: Mapping[int, SearchDoc | None],
    held: Mapping[int, SearchDocument],
    folded: Mapping[SearchDoc, Folded],
) -> list[Change]:
    changed: list[Change] = []
    for record, doc in documents.items():
        known = held.get(record)
        if known is None and doc is None:
            continue
        form = folded.get(doc) or _fold(doc) if doc else ([], _stamp([]))
        if known is None or known.stamp != form[1] or known.gone != (doc is None):
            changed.append((record, doc, form))
    return changed


def _fold(doc: SearchDoc) -> Folded:
    parts = entries(doc)
    return parts, _stamp(parts)


def put(
    noun: str, documents: Mapping[int, SearchDoc | None], folded: Mapping[SearchDoc, Folded] = NOTHING
) -> None:
    """Writes the rows of what differs from them, each with a new revision, and notes the records that are
    made of one, hold the name of one renamed, or stand in for one put away. `folded` is work done already.
    Runs in the caller's transaction.
    """
    new_revision(0)  # from here on nobody else writes documents
    held = _held(noun, documents)
    changed = _changed(documents, held, folded)
    if changed:
        _put_all(noun, changed, new_revision(len(changed)))
        SearchVector.follow(_told(noun, changed))
        _note(made_of(noun, [record for record, _, _ in changed]))
    SearchFailure.settle(noun, list(documents))
    renamed = [
        record for record, doc, _ in changed if doc and record in held and held[record].title != _title(doc)
    ]
    if renamed:
        _note(mentioned_in(noun, renamed))
    there = {record for record in held if not held[record].gone}
    if moved := [record for record, doc, _ in changed if (doc is None) == (record in there)]:
        _note(stand_ins(noun, moved))


def _told(noun: str, changed: list[Change]) -> dict[str, tuple[str, str]]:
    """By name of a document the hash of what is compared by meaning, and who may read it."""
    return {
        f"{noun}-{record}": (doc.digest, " ".join(sorted(doc.groups))) if doc else ("", "")
        for record, doc, _ in changed
    }


def _note(records: Mapping[str, Iterable[int]]) -> None:
    for noun, ids in records.items():
        SearchOutbox.note(noun, ids)


def new_revision(count: int = 1) -> int:
    """The first of so many new revisions. The row stays locked until the transaction ends, so that whoever
    takes the next ones is seen later.
    """
    SearchCursor.of(COUNTER)
    mine = SearchCursor.engine == COUNTER
    SearchCursor.update(seq=SearchCursor.seq + count).where(mine).execute()
    return SearchCursor.get(mine).seq - count + 1


def _title(doc: SearchDoc) -> str:
    return norm("\n".join((doc.title, *doc.alt)))


def _put_all(noun: str, changed: list[Change], first: int) -> None:
    now = clock.now()
    rows = [
        {
            "noun": noun,
            "record": record,
            "created_at": now,
            "revision": first + number,
            "stamp": stamp,
            "title": _title(doc) if doc else "",
            "data": _packed(doc) if doc else {},
            "gone": doc is None,
            "changed_at": now,
        }
        for number, (record, doc, (_, stamp)) in enumerate(changed)
    ]
    known = ["noun", "record"]
    renewed = [name for name in rows[0] if name not in (*known, "created_at")]
    for batch in chunked(rows, BATCH):
        SearchDocument.insert_many(batch).on_conflict(conflict_target=known, preserve=renewed).execute()
    held: Any = SearchDocument.select(SearchDocument.record, SearchDocument.id).where(
        (SearchDocument.noun == noun) & SearchDocument.record.in_([record for record, *_ in changed])
    )
    ids = dict(held.tuples())
    SearchEntry.delete().where(SearchEntry.document.in_(list(ids.values()))).execute()
    stored = (_entry(ids[record], part) for record, _, (parts, _) in changed for part in parts)
    for batch in chunked(stored, BATCH):
        SearchEntry.insert_many(batch).execute()


def _entry(document: int, part: IndexEntry) -> dict[str, Any]:
    data = [part.written(), part.text.pack()]
    return {"name": part.id, "document": document, "stamp": part.stamp, "data": data}


# --- Anew ----------------------------------------------------------------------------------------------


def renew(noun: str, ids: Sequence[int]) -> int:
    """Makes the documents of some records again; gives how many had differed from their rows.

    What differs is made once more while nobody else writes documents, so that none is older than what another
    has made meanwhile; the work of folding it is kept.
    """
    made, failed = transact(partial(make, {noun: ids}), write=False)
    held = transact(partial(_held, noun, made[noun]), write=False)
    changed = _changed(made[noun], held, NOTHING)
    if changed or failed:
        records = [*(record for record, *_ in changed), *(record for _, record in failed)]
        folded = {doc: form for _, doc, form in changed if doc}
        transact(partial(_write_again, noun, records, folded))
    return len(changed)


def _write_again(noun: str, records: list[int], folded: Mapping[SearchDoc, Folded]) -> None:
    new_revision(0)
    made, failed = make({noun: records})
    for (kind, record), error in failed.items():
        SearchFailure.note(kind, record, error)
    put(noun, made[noun], folded)


# --- All of it -----------------------------------------------------------------------------------------


def all_records() -> Iterator[tuple[str, list[int]]]:
    """The ids of all records in pieces, with those of documents whose record is gone."""
    for noun, kind in FINDABLE.items():
        last = 0
        while True:
            ids = transact(partial(_ids, kind.model, last), write=False)
            if not ids:
                break
            yield noun, ids
            last = ids[-1]
        documents = SearchDocument.select(SearchDocument.record)
        orphans = documents.where(
            (SearchDocument.noun == noun)
            & ~SearchDocument.gone
            & SearchDocument.record.not_in(kind.model.select(kind.model.id))
        )
        lost = transact(partial(_records, orphans), write=False)
        for batch in chunked(lost, BATCH):
            yield noun, list(batch)


def _records(documents: Any) -> list[int]:
    return [row.record for row in documents]


def _ids(model: Any, after: int) -> list[int]:
    query = model.select(model.id).where(model.id > after).order_by(model.id).limit(BATCH)
    return [row.id for row in query]


def count_records() -> int:
    """How many records could be findable."""
    return sum(kind.model.select().count() for kind in FINDABLE.values())
