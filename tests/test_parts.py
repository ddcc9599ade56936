"""Each real part answers, speaks Chinese and tells good from bad: else the tests built on it prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import meilisearch
import psycopg

from tests.parts import MeilisearchServer, PostgresDatabase, PostgresServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

GOOD = '<!doctype html><html lang="zh-CN"><head><title>经验</title></head><body><main><h1>经验</h1></main></body></html>'


def test_postgres_makes_databases_that_know_nothing_of_each_other(
    postgres: PostgresServer, fresh_postgres: str
) -> None:
    other = postgres.create()
    with psycopg.connect(fresh_postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE topic (name text)")
        connection.execute("INSERT INTO topic VALUES (%s)", ["学区"])
        assert connection.execute("SELECT name FROM topic").fetchall() == [("学区",)]
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('topic')").fetchone() == (None,)
    postgres.drop(other)


def test_postgres_copies_a_template(postgres: PostgresServer, fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as connection:
        connection.execute("CREATE TABLE topic (name text)")
    copy = postgres.create(template=fresh_postgres.rpartition("/")[2])
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM topic").fetchone() == (0,)
    postgres.drop(copy)


def test_postgres_keeps_a_connection_as_if_it_were_new(postgres_database: PostgresDatabase) -> None:
    options = {"host": "127.0.0.1", "port": urlsplit(postgres_database.url).port, "user": "postgres"}
    first = postgres_database.connect(**options, autocommit=True)
    for _ in range(6):  # psycopg prepares what is asked often
        first.execute("SELECT 1")
    for _ in range(2):
        first.execute("SET work_mem = '1MB'")
        first.close()
        postgres_database.empty()
        again = postgres_database.connect(**options, autocommit=True)
        assert again.info.backend_pid == first.info.backend_pid
        assert again.execute("SHOW work_mem").fetchone() != ("1MB",)
        assert again.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        assert [again.execute("SELECT 1").fetchone() for _ in range(6)] == [(1,)] * 6
    again.execute("BEGIN")
    again.close()
    assert again.closed, "nobody is given what is at work"


def test_meilisearch_finds_chinese_and_keeps_it_when_killed(meilisearch_server: MeilisearchServer) -> None:
    client = meilisearch.Client(meilisearch_server.url, meilisearch_server.master_key)
    task = client.index("parts").add_documents(
        [{"id": 7, "text": "客户担心学区会变，先讲政策再讲房子"}], "id"
    )
    assert client.wait_for_task(task.task_uid, timeout_in_ms=30_000).status == "succeeded"
    meilisearch_server.kill()
    meilisearch_server.start()
    assert [hit["id"] for hit in client.index("parts").search("学区")["hits"]] == [7]
    client.wait_for_task(client.index("parts").delete().task_uid, timeout_in_ms=30_000)


def test_browser_shows_a_page(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(GOOD)
    assert page.get_by_role("heading").inner_text() == "经验"
    page.close()


def test_axe_tells_a_good_page_from_a_bad_one(browser: Browser, axe: Callable[[Page], list[str]]) -> None:
    page = browser.new_page()
    page.set_content(GOOD)
    assert axe(page) == []
    page.set_content(GOOD.replace("<h1>", '<img src="data:,"><h1>'))
    assert [line.partition(":")[0] for line in axe(page)] == ["image-alt"]
    page.close()


def test_html_checker_tells_a_good_page_from_a_bad_one(html_checker: Callable[[str], list[str]]) -> None:
    assert html_checker(GOOD) == []
    (error,) = html_checker(GOOD.replace("<h1>", "<h1><p>").replace("</h1>", "</p></h1>"))
    assert "“p” not allowed as child of element “h1”" in error
