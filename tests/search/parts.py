"""What the tests of search in the portal share: finding as a person, and waiting for the index."""

from __future__ import annotations

import time
from contextlib import suppress

import meilisearch
import pytest
from meilisearch.errors import MeilisearchApiError

from portal.models.people.people import Person
from portal.search import searcher
from portal.search.asking import Asked
from portal.search.page import Page
from portal.search.searcher import Searcher
from tests.parts import MeilisearchServer


def ask(person: Person, text: str, **filters: str) -> Page:
    """One page of what a person finds, as the results page asks for it."""
    given = {name: [value] for name, value in filters.items()}
    return searcher.here().search(person, Asked.read({"q": text}, person, lambda name: given.get(name, [])))


def finds(person: Person, text: str, **filters: str) -> list[str]:
    """The ids of what a person finds, best first, once everything waiting is fed."""
    searcher.here().feed.drain()
    return [found.hit.id for found in ask(person, text, **filters).hits]


def emptied(server: MeilisearchServer) -> MeilisearchServer:
    """The same server, running, without an index of the portal's."""
    server.start()
    client = meilisearch.Client(server.url, server.master_key)
    for uid in ("portal", "portal_new", "portal_format"):
        with suppress(MeilisearchApiError):
            client.wait_for_task(client.delete_index(uid).task_uid, timeout_in_ms=30_000)
    return server


def check_index(search: Searcher) -> None:
    """That every engine holds exactly what the database has, and that is what the records say.

    A server that does not answer on a busy machine is asked again: it is slow, not wrong.
    """
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found, down = search.feed.repair()
        assert found == dict.fromkeys(found, 0)
        if not down:
            return
        time.sleep(1)
    pytest.fail(f"an engine cannot be asked: {down}")
