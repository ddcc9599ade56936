"""The engine for those who outgrow the embedded one: a Meilisearch server, asked through its own client.

Meilisearch cuts Han into dictionary words, so that part of a word, or a word with one wrong character, is not
found. It is therefore given the terms that the embedded engine has: pairs of Han characters, each written as
one word of a script that it leaves whole, and stems. Both engines then find the same.
"""

import json
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

import meilisearch as client
from meilisearch.errors import (
    MeilisearchApiError,
    MeilisearchCommunicationError,
    MeilisearchError,
    MeilisearchTimeoutError,
)
from requests.exceptions import RequestException

from portal.search import multisearch
from portal.search.documents import IndexEntry, SearchDoc, entries
from portal.search.engine import Candidates, EngineDown, Fed, Health, Query
from portal.search.parsing import ParsedQuery

# Raised whenever entries are cut or kept differently: an index of another format is rebuilt.
FORMAT = 3
SETTINGS: dict[str, Any] = {
    "searchableAttributes": ["head", "body"],
    "displayedAttributes": ["id"],
    "filterableAttributes": ["id", "parent", "kind", "tags", "groups", "lang", "status", "owner"],
    "sortableAttributes": ["updated"],
    "rankingRules": ["sort", "words", "typo", "attribute", "exactness"],
    "proximityPrecision": "byAttribute",
    "typoTolerance": {"disableOnNumbers": True},
    "faceting": {"maxValuesPerFacet": 200, "sortFacetValuesBy": {"*": "count"}},
    "pagination": {"maxTotalHits": 1000},
}
OLDEST = (1, 15)
BATCH = 1_000
SEARCH_SECONDS = 1
WRITE_SECONDS = 10
TASK_SECONDS = 600
WIDER = 2
"""So many times as many candidates as the embedded engine gives: the lists of which they are put together are
a coarser guess at what is best, and the two engines then agree on 95 of 100 hits instead of 91.
"""
REMEMBERED = 50_000
REMEMBER_SECONDS = 600
REMEMBER_NONE_SECONDS = 10
WRITE_ACTIONS = ["search", "documents.*", "indexes.*", "settings.*", "tasks.get", "stats.get", "version"]


def _row(entry: IndexEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "parent": entry.parent,
        "kind": entry.kind,
        "tags": entry.tags,
        "groups": sorted(entry.groups),
        "lang": entry.lang,
        "status": entry.status,
        "owner": entry.owner,
        "updated": entry.updated,
        "head": " ".join(map(multisearch.coded, entry.head_grams())),
        "body": " ".join(map(multisearch.coded, entry.body_grams())),
        "stamp": entry.stamp,
    }


TermCounter = Callable[[Sequence[str]], tuple[int, dict[str, int]]]
"""Tells of how many entries in all how many hold each term. Raises EngineDown."""


class Meilisearch:
    """An index on a Meilisearch server. `key` is the master key, of which a search key and a write key are
    made, or one key that may do both; `seconds` is how long a search may take before the server is given up;
    `counted` tells how many entries hold each term where the same entries are at hand: the server need not be
    asked.
    """

    name = "meilisearch"

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        index: str = "portal",
        seconds: int = SEARCH_SECONDS,
        counted: TermCounter | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self._seconds = seconds
        self.uid = index
        self._connecting = threading.Lock()
        self._writing = threading.RLock()
        self._search: client.Client | None = None
        self._write: client.Client | None = None
        self._prepared = False
        self._counted = counted
        self._frequencies = _Frequencies()

    # --- Asking ---

    def _client(self, key: str, seconds: int) -> client.Client:
        # A compressed answer leaves in two packets, and the second waits 40 ms for an acknowledgement.
        return client.Client(self.url, key, timeout=seconds, custom_headers={"Accept-Encoding": "identity"})

    def _connect(self) -> tuple[client.Client, client.Client]:
        with self._connecting:
            if not self._search or not self._write:
                search, write = self.keys()
                self._search = self._client(search, self._seconds)
                self._write = self._client(write, WRITE_SECONDS)
            return self._search, self._write

    def keys(self) -> tuple[str, str]:
        """The search key and the write key: a master key is used for nothing but to make them."""
        if not self._key:
            return "", ""
        master = self._client(self._key, self._seconds)
        search = _own_key(master, f"{self.uid} search", ["search"], [f"{self.uid}*"])
        if not search:
            return self._key, self._key
        # A swap belongs to no single index: a key that is bound to names may start it, but not watch it.
        return search, _own_key(master, f"{self.uid} write", WRITE_ACTIONS, ["*"])

    def _ask(self, queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        with _speaking():
            search, _ = self._connect()
            return search.multi_search(queries)["results"]

    def retrieve(self, parsed: ParsedQuery, query: Query, limit: int) -> Candidates:
        base = {"indexUid": self.uid, "attributesToRetrieve": ["id"], **multisearch.filtered(query)}
        counts = multisearch.counts(self.uid, parsed, query) if query.facets and not query.suggest else []
        if query.sort or not parsed.terms:
            newest = {**base, **multisearch.every_word(parsed), "sort": ["updated:desc"], "limit": limit}
            answers = self._ask([newest, *counts])
            found = Candidates([hit["id"] for hit in answers[0]["hits"]], 0, {})
            multisearch.read_counts(found, query, answers[1:])
            return found
        documents, frequencies = self.counted([term.gram for term in parsed.terms])
        queries = multisearch.weighted_queries(parsed, frequencies, documents)
        if query.strict:
            queries = [(1.0, {**multisearch.every_word(parsed), "limit": limit})]
        answers = self._ask([*({**base, **asked} for _, asked in queries), *counts])
        lists = [
            (weight, [hit["id"] for hit in answer["hits"]])
            for (weight, _), answer in zip(queries, answers, strict=False)
        ]
        if not any(ids for _, ids in lists) and not query.strict and not query.suggest:
            # The rarest may stand only where this person may not read: then the others, however common.
            alone = multisearch.each_alone(parsed, frequencies, documents)
            more = self._ask([{**base, **asked} for _, asked in alone]) if alone else []
            lists = [
                (weight, [hit["id"] for hit in answer["hits"]])
                for (weight, _), answer in zip(alone, more, strict=True)
            ]
        found = Candidates(multisearch.fused(lists)[: WIDER * limit], documents, frequencies)
        multisearch.read_counts(found, query, answers[len(queries) :])
        found.exact_total = bool(found.total) or not found.ids or not counts
        return found

    def counted(self, grams: Sequence[str]) -> tuple[int, dict[str, int]]:
        """Of how many entries in all how many hold each term. What the server says is remembered for some
        minutes, for it moves slowly.
        """
        if self._counted:
            with suppress(EngineDown):
                return self._counted(grams)
        missing = self._frequencies.missing(["", *grams])
        if missing:
            one = {"indexUid": self.uid, "limit": 1, "attributesToRetrieve": ["id"]}
            asked = [{**one, "q": f'"{multisearch.coded(gram)}"' if gram else ""} for gram in missing]
            answers = self._ask(asked)
            self._frequencies.put(
                {
                    gram: int(answer["estimatedTotalHits"])
                    for gram, answer in zip(missing, answers, strict=True)
                }
            )
        counted = self._frequencies.get(["", *grams])
        return counted.pop("", 0), counted

    def stamps(self) -> Iterator[tuple[str, str]]:
        offset = 0
        while True:
            with _speaking():
                _, write = self._connect()
                asked = {"fields": ["id", "stamp"], "limit": BATCH, "offset": offset}
                held = write.index(self.uid).get_documents(asked).results
            yield from ((document.id, getattr(document, "stamp", "")) for document in held)
            if len(held) < BATCH:
                return
            offset += BATCH

    def health(self) -> Health:
        try:
            with _speaking():
                _, write = self._connect()
                version = write.get_version()["pkgVersion"]
                if tuple(map(int, version.split(".")[:2])) < OLDEST:
                    needed = ".".join(map(str, OLDEST))
                    return Health(
                        ok=False, reason="old", detail=f"{version}, needed {needed}", version=version
                    )
                documents = write.index(self.uid).get_stats().number_of_documents
                stamp = self._stamp(write)
        except EngineDown as down:
            rebuild = down.reason == "missing"
            return Health(ok=False, reason=down.reason, detail=down.detail, rebuild_needed=rebuild)
        if stamp != FORMAT:
            return Health(False, documents, "rebuild", f"format {stamp}, needed {FORMAT}", True, version)
        return Health(ok=True, documents=documents, version=version)

    def _stamp(self, write: client.Client) -> int:
        try:
            return int(write.index(f"{self.uid}_format").get_document("format").number)
        except MeilisearchApiError as error:
            if error.code in ("index_not_found", "document_not_found"):
                return 0
            raise

    # --- Writing ---

    def prepare(self) -> None:
        """Makes the index when it is missing and gives it our settings when they differ; the server goes on
        answering from the old ones until the new are ready.
        """
        with self._writing, _speaking():
            _, write = self._connect()
            if self._prepared:
                return
            if self._make(write, self.uid):
                self._write_stamp(write)
            self._prepared = True

    def _make(self, write: client.Client, uid: str) -> bool:
        made = False
        try:
            held = write.index(uid).get_settings()
        except MeilisearchApiError as error:
            if error.code != "index_not_found":
                raise
            self._done(write, write.create_index(uid, {"primaryKey": "id"}).task_uid)
            held, made = {}, True
        if any(not _same(held.get(name), value) for name, value in SETTINGS.items()):
            self._done(write, write.index(uid).update_settings(SETTINGS).task_uid)
        return made

    def _write_stamp(self, write: client.Client) -> None:
        stamp = write.index(f"{self.uid}_format")
        self._done(write, stamp.add_documents([{"id": "format", "number": FORMAT}], "id").task_uid)

    def _done(self, write: client.Client, task: int) -> None:
        """Waits until the server has carried a task out: what it answers at first is only a receipt."""
        until = time.monotonic() + TASK_SECONDS
        pause = 0.005
        while (state := write.get_task(task)).status in ("enqueued", "processing"):
            if time.monotonic() > until:
                raise EngineDown("slow", f"task {task} is still {state.status}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.25)
        if state.status != "succeeded":
            error = state.error or {}
            code = str(error.get("code", ""))
            raise EngineDown(_REASONS.get(code, "broken"), f"{code}: {error.get('message', '')}")

    def index(self, docs: Iterable[SearchDoc]) -> None:
        self.prepare()
        pending = iter(docs)
        with self._writing:
            sent: list[int] = []
            while batch := list(islice(pending, BATCH)):
                with _speaking():
                    sent += self._put(self._connect()[1], batch)
                    # While the server is at one batch the next is prepared.
                    sent = self._finish(sent, ahead=2)
            with _speaking():
                self._finish(sent)

    def _finish(self, sent: list[int], ahead: int = 0) -> list[int]:
        """Waits for all tasks but the last few, which are given back."""
        _, write = self._connect()
        for task in sent[: len(sent) - ahead]:
            self._done(write, task)
        return sent[max(0, len(sent) - ahead) :]

    def _put(self, write: client.Client, batch: list[SearchDoc]) -> list[int]:
        """The new entries first, then away with those that the documents no longer have: nothing is ever
        missing in between. Gives the server's tasks.
        """
        made = {doc.id: entries(doc) for doc in batch}
        rows = [_row(entry) for parts in made.values() for entry in parts]
        index = write.index(self.uid)
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        added = index.add_documents_ndjson(lines.encode(), "id")
        kept = [row["id"] for row in rows]
        stale = f"parent IN {multisearch.listed(made)} AND NOT id IN {multisearch.listed(kept)}"
        return [added.task_uid, index.delete_documents(filter=stale).task_uid]

    def delete(self, ids: Iterable[str]) -> None:
        gone = list(ids)
        if not gone:
            return
        self.prepare()
        with self._writing, _speaking():
            _, write = self._connect()
            task = write.index(self.uid).delete_documents(filter=f"parent IN {multisearch.listed(gone)}")
            self._done(write, task.task_uid)

    def begin_rebuild(self) -> "Meilisearch":
        self.prepare()
        with self._writing, _speaking():
            _, write = self._connect()
            uid = f"{self.uid}_new"
            self._drop(write, uid)
            self._make(write, uid)
        new = Meilisearch(self.url, self._key, index=uid, seconds=self._seconds)
        new._search, new._write, new._prepared = self._search, self._write, True
        return new

    def finish_rebuild(self, new: Fed) -> None:
        assert isinstance(new, Meilisearch)
        with self._writing, _speaking():
            _, write = self._connect()
            self._done(write, write.swap_indexes([{"indexes": [self.uid, new.uid]}]).task_uid)
            self._write_stamp(write)
            self._drop(write, new.uid)
            self._frequencies = _Frequencies()

    def _drop(self, write: client.Client, uid: str) -> None:
        try:
            self._done(write, write.delete_index(uid).task_uid)
        except (MeilisearchApiError, EngineDown) as error:
            if "index_not_found" not in f"{getattr(error, 'code', '')} {error}":
                raise


class _Frequencies:
    """Counts of terms, remembered for a while."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def missing(self, grams: Iterable[str]) -> list[str]:
        now = time.monotonic()
        with self._lock:
            return [gram for gram in dict.fromkeys(grams) if self._old(gram, now)]

    def _old(self, gram: str, now: float) -> bool:
        if gram not in self._held:
            return True
        at, count = self._held[gram]
        # How many entries there are, and which words are new, changes faster than how common a word is.
        return now - at > (REMEMBER_SECONDS if gram and count else REMEMBER_NONE_SECONDS)

    def get(self, grams: Iterable[str]) -> dict[str, int]:
        with self._lock:
            return {gram: self._held[gram][1] for gram in grams if gram in self._held}

    def put(self, counted: Mapping[str, int]) -> None:
        now = time.monotonic()
        with self._lock:
            for gram, count in counted.items():
                self._held[gram] = (now, count)
                self._held.move_to_end(gram)
            while len(self._held) > REMEMBERED:
                self._held.popitem(last=False)


# --- Trouble -------------------------------------------------------------------------------------------

_REASONS = {
    "index_not_found": "missing",
    "invalid_api_key": "refused",
    "missing_authorization_header": "refused",
    "no_space_left_on_device": "full",
    "database_size_limit_reached": "full",
    "invalid_search_filter": "rebuild",
    "invalid_search_sort": "rebuild",
    "invalid_search_facets": "rebuild",
}


@contextmanager
def _speaking() -> Iterator[None]:
    try:
        yield
    except MeilisearchTimeoutError as error:
        raise EngineDown("slow", error.message) from error
    except MeilisearchCommunicationError as error:
        raise EngineDown("unreachable", error.message) from error
    except MeilisearchApiError as error:
        reason = "refused" if error.status_code in (401, 403) else _REASONS.get(error.code or "", "broken")
        raise EngineDown(reason, f"{error.code}: {error.message}") from error
    except (MeilisearchError, RequestException, ValueError, KeyError) as error:
        raise EngineDown("broken", f"{type(error).__name__}: {error}") from error


def _own_key(master: client.Client, name: str, actions: list[str], indexes: list[str]) -> str:
    """A key for these actions alone, made at first need; "" if the key that was given is no master key."""
    purpose = f"portal:{name}:{','.join(actions)}:{','.join(indexes)}"
    uid = str(uuid.uuid5(uuid.NAMESPACE_URL, purpose))
    try:
        return str(master.get_key(uid).key)
    except MeilisearchApiError as error:
        if error.code == "invalid_api_key":
            return ""
        if error.code != "api_key_not_found":
            raise
    options = {"uid": uid, "name": f"portal: {name}", "actions": actions, "indexes": indexes}
    return str(master.create_key({**options, "expiresAt": None}).key)


def _same(held: object, wanted: object) -> bool:
    if isinstance(wanted, dict):
        return isinstance(held, dict) and all(_same(held.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(held, list):
        return held == wanted or (
            sorted(map(str, held)) == sorted(map(str, wanted)) and "words" not in wanted
        )
    return held == wanted
