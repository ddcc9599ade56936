"""The Meilisearch engine: its keys, its settings, and what it says when the server is in trouble."""

import socket
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import meilisearch as client
import pytest

from portal.search import EngineDown, Query, entries, find
from portal.search.documents import SearchDoc
from portal.search.meilisearch import SETTINGS, Meilisearch
from tests.parts import MeilisearchServer, free_port
from tests.search.conftest import EVERYONE, article

DOC = article("1", "仓库规定", "按规定办。")


def ask(engine: Meilisearch) -> list[str]:
    held = {entry.id: entry for entry in entries(DOC)}
    found = find(
        engine, Query("仓库", groups=EVERYONE), lambda ids: {id: held[id] for id in ids if id in held}
    )
    return [hit.id for hit in found.hits]


@pytest.fixture
def server(meilisearch_server: MeilisearchServer) -> MeilisearchServer:
    meilisearch_server.start()
    return meilisearch_server


@pytest.fixture
def engine(server: MeilisearchServer) -> Meilisearch:
    made = Meilisearch(server.url, server.master_key, index=f"test{uuid.uuid4().hex}", seconds=30)
    made.index([DOC])
    return made


def reason(engine: Meilisearch) -> str:
    with pytest.raises(EngineDown) as down:
        ask(engine)
    return down.value.reason


def test_the_master_key_is_used_only_to_make_lesser_ones(
    engine: Meilisearch, server: MeilisearchServer
) -> None:
    search, write = engine.keys()
    assert len({search, write, server.master_key}) == 3
    with pytest.raises(client.errors.MeilisearchApiError):
        client.Client(server.url, search).index(engine.uid).add_documents([{"id": "x"}])
    with pytest.raises(client.errors.MeilisearchApiError):
        client.Client(server.url, search).get_keys()
    with pytest.raises(client.errors.MeilisearchApiError):
        client.Client(server.url, write).get_keys()
    assert Meilisearch(server.url, server.master_key, index=engine.uid).keys() == (search, write)


def test_a_key_that_is_not_the_master_s_is_used_as_it_is(
    engine: Meilisearch, server: MeilisearchServer
) -> None:
    _, write = engine.keys()
    lesser = Meilisearch(server.url, write, index=engine.uid, seconds=30)
    lesser.index([DOC])
    assert ask(lesser) == ["article-1"]


def test_settings_are_put_right_at_the_next_start(engine: Meilisearch, server: MeilisearchServer) -> None:
    master = client.Client(server.url, server.master_key)
    task = master.index(engine.uid).update_settings(
        {"searchableAttributes": ["body"], "rankingRules": ["words"]}
    )
    master.wait_for_task(task.task_uid, timeout_in_ms=20_000)
    fresh = Meilisearch(server.url, server.master_key, index=engine.uid, seconds=30)
    fresh.index([DOC])
    held = master.index(engine.uid).get_settings()
    assert held["searchableAttributes"] == SETTINGS["searchableAttributes"]
    assert held["rankingRules"] == SETTINGS["rankingRules"]
    assert ask(fresh) == ["article-1"]


def test_settings_that_are_right_are_left_alone(engine: Meilisearch, server: MeilisearchServer) -> None:
    fresh = Meilisearch(server.url, server.master_key, index=engine.uid, seconds=30)
    fresh.index([DOC])
    master = client.Client(server.url, server.master_key)
    changes = master.get_tasks({"types": ["settingsUpdate"], "indexUids": [engine.uid]})
    assert len(changes.results) == 1


def test_a_wrong_key_is_told(server: MeilisearchServer, engine: Meilisearch) -> None:
    wrong = Meilisearch(server.url, "wrong-key-wrong-key", index=engine.uid, seconds=30)
    assert reason(wrong) == "refused"
    assert wrong.health().reason == "refused"


def test_a_missing_index_is_told(server: MeilisearchServer) -> None:
    none = Meilisearch(server.url, server.master_key, index="nothing")
    assert reason(none) == "missing"
    assert none.health().rebuild_needed


def test_a_failed_task_is_told(engine: Meilisearch) -> None:
    with pytest.raises(EngineDown):
        engine.finish_rebuild(Meilisearch(engine.url, "", index=f"{engine.uid}_never"))
    assert ask(engine) == ["article-1"]


def test_documents_that_the_server_refuses_are_told(engine: Meilisearch) -> None:
    with pytest.raises(EngineDown) as told:
        engine.index([SearchDoc(f"article-{'9' * 600}", "article", "An id longer than the server takes")])
    assert told.value.reason == "broken"
    assert "id" in told.value.detail


def test_an_unreachable_server_is_told() -> None:
    engine = Meilisearch(f"http://127.0.0.1:{free_port()}", "key")
    assert reason(engine) == "unreachable"
    assert engine.health().reason == "unreachable"


def test_a_killed_server_loses_nothing(engine: Meilisearch, server: MeilisearchServer) -> None:
    server.kill()
    assert reason(engine) == "unreachable"
    server.start()
    assert ask(engine) == ["article-1"]


def test_a_slow_server_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        engine = Meilisearch(f"http://127.0.0.1:{silent.getsockname()[1]}", "key")
        assert reason(engine) == "slow"


@pytest.fixture
def broken() -> Iterator[str]:
    """A server that answers every question with 500 and a page that is no JSON."""

    class Broken(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(500)

        do_POST = do_GET  # noqa: N815 - the name is http.server's

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


def test_a_broken_server_is_told(broken: str) -> None:
    assert reason(Meilisearch(broken, "key")) == "broken"
    assert Meilisearch(broken, "key").health().reason == "broken"
    with pytest.raises(EngineDown):
        Meilisearch(broken, "key").index([DOC])


def test_another_format_asks_for_a_rebuild(engine: Meilisearch, server: MeilisearchServer) -> None:
    master = client.Client(server.url, server.master_key)
    task = master.index(f"{engine.uid}_format").add_documents([{"id": "format", "number": 0}])
    master.wait_for_task(task.task_uid, timeout_in_ms=20_000)
    fresh = Meilisearch(server.url, server.master_key, index=engine.uid, seconds=30)
    assert fresh.health().rebuild_needed
    new = fresh.begin_rebuild()
    new.index([DOC])
    fresh.finish_rebuild(new)
    assert fresh.health().ok
    assert ask(fresh) == ["article-1"]
