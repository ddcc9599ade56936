"""Addresses that nobody types: each is a page that is not there, or the list from its top; never a crash."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from benchmarks.fuzz import offending
from portal.models.base import database
from portal.models.base.listing import LARGEST, day_of, moment_of, number_of, packed, unpacked
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.search.lookups import SavedSearch
from portal.search import saved, searcher
from portal.security import SAFE
from tests.client import Client
from tests.company import Company
from tests.conftest import SignIn

NINES = "9" * 5000
NUMBERS = ["²", "①", "１", NINES, str(2**63), str(2**64), "-1", "1e3", "\x00", "\u0661"]


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


CURSORS = [
    cursor("a", 2**63),
    cursor("a", 2**70),
    cursor(2**70, 1),
    cursor("2026-05-01T00:00:00", 1),
    cursor("2026-05-01T00:00:00", 1, 1),
    cursor("2026-05-01T00:00:00+00:00", 1, 2**70),
    cursor("0001-01-01T00:00:00+14:00", 1),
    cursor("9999-12-31T23:59:59-14:00", 1, 1),
    cursor("\ud800", 1),
    cursor("a\x00", 1),
    cursor([1], 1),
    cursor({"a": 1}, 1),
    cursor(True, 1),
    cursor(1.5, 1),
    cursor("a", 1.5),
    cursor(float("inf"), 1),
    base64.urlsafe_b64encode(b"[" * 2000).decode(),
    base64.urlsafe_b64encode(b"[" * 10_000).decode(),
    base64.urlsafe_b64encode(b"[NaN, 1e999]").decode(),
    "é" * 5,
]


@pytest.mark.parametrize("value", NUMBERS, ids=ascii)
def test_what_is_no_number_is_the_default_or_no_page(sign_in: SignIn, ada: Person, value: str) -> None:
    client = sign_in(ada)
    asked = quote(value)
    for name in ("topic", "page", "product", "type", "owner"):
        assert client.get(f"/search?q=a&{name}={asked}").status_code == 200, name
    for path in ("/customers", "/deals", "/articles", "/questions", "/people", "/experiences"):
        assert client.get(f"{path}?topic={asked}&customer={asked}&department={asked}").status_code == 200
    if value not in ("\x00",):
        assert client.get(f"/customers/{asked}").status_code == 404
        assert client.head(f"/deals/{asked}").status_code == 404


def test_a_number_of_any_length_is_no_page_for_a_stranger(client: Client) -> None:
    """Without sign-in: the address is read before anybody is asked who they are."""
    for path in (f"/customers/{NINES}", f"/articles/1/versions/{NINES}", f"/admin/jobs/{NINES}/retry"):
        for method in ("GET", "HEAD", "POST"):
            assert client.request(method, path).status_code in (303, 401, 404), (method, path)


@pytest.mark.parametrize("word", CURSORS, ids=range(len(CURSORS)))
def test_a_cursor_that_nobody_gave_begins_at_the_top(
    sign_in: SignIn, ada: Person, adam: Person, word: str
) -> None:
    customer = Customer.add(by=ada, name="韦先生", owner=ada)
    client = sign_in(ada)
    for path in ("/customers", "/deals", "/articles", "/questions", "/people"):
        for sort in ("", "name", "-name", "-updated", "updated", "value", "closes"):
            answer = client.get(path, params={"after": word, "sort": sort})
            assert answer.status_code == 200, (path, sort)
    assert client.get(f"/customers/{customer.id}", params={"after": word, "before": word}).status_code == 200
    assert sign_in(adam).get("/admin/jobs", params={"after": word}).status_code == 200


def test_odd_text_is_looked_for_as_text(sign_in: SignIn, ada: Person) -> None:
    client = sign_in(ada)
    for text in ("%00", "a%00b", "%ED%A0%80", "x" * 3000, "[" * 2000, "%F0%9F%8F%A0" * 50):
        for path in ("/search", "/customers", "/articles", "/people", "/questions", "/deals"):
            assert client.get(f"{path}?q={text}").status_code == 200, (path, text[:20])
        assert (
            client.get(f"/search?q=a&topic={text}&kind={text}&lang={text}&status={text}").status_code == 200
        )
        assert client.get(f"/customers?{text[:1500]}={text}").status_code == 200


def test_a_kept_search_for_an_odd_page_stops_nobody(sign_in: SignIn, ada: Person) -> None:
    kept = SavedSearch.create(person=ada, name="odd", query="q=a&page=%C2%B2&topic=%C2%B2&owner=%E2%91%A0")
    assert saved.asked_by(kept).page == 1
    searcher.here().feed.drain()
    saved.tell(kept.id)
    assert sign_in(ada).get("/search").status_code == 200


def test_head_never_acts(company: Company) -> None:
    """Of all addresses, those of forms included, whoever asks and from whatever site."""
    events = "SELECT (SELECT COUNT(*) FROM event), (SELECT COUNT(*) FROM job)"
    before = company_rows(events)
    browser = company.browser("sun")
    for route in company.app.routes:
        path = getattr(route, "path", "").replace(":int", "")
        if "HEAD" not in (getattr(route, "methods", None) or ()):
            continue
        for name in ("id", "number", "version", "person"):
            path = path.replace("{" + name + "}", "1")
        path = path.replace("{month}", "2026-05").replace("{noun}", "topics").replace("{token}", "x")
        fields = {"title": "HEAD", "name": "HEAD", "text": "HEAD", "kind": "suggestion", "body": "HEAD"}
        answer = browser.request("HEAD", path, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code < 500, path
    assert company_rows(events) == before
    assert "HEAD" in SAFE


def company_rows(query: str) -> object:
    return database.db.execute_sql(query).fetchall()


def test_odd_requests_to_all_addresses_crash_nothing(company: Company) -> None:
    """A few of those that `benchmarks.fuzz` sends by the thousand."""
    tokens = {key: company.tokens[key] for key in ("sun", "zhao")} | {"nobody": ""}
    found = list(offending(company.app, tokens, 150, seed=5))
    company.restore()
    assert found == []


def test_the_one_place_that_reads_them() -> None:
    assert [number_of(text) for text in ("7", "007", "", None, "²", "①", "１", "-1", " 1", NINES)] == [
        7,
        7,
    ] + [0] * 8
    assert number_of("9" * 18) == 999_999_999_999_999_999 < LARGEST
    assert str(day_of("2026-05-01")) == "2026-05-01"
    assert [day_of(text) for text in ("", None, "0001-01-01", "9999-12-31", "2026-13-01", "x")] == [None] * 6
    assert moment_of("2026-05-01T00:00:00") is None
    assert moment_of("2026-05-01T00:00:00+00:00") is not None
    assert unpacked(packed("韦", 7), 2) == ["韦", 7]
    assert unpacked(packed("韦", 7), 3) is None
    assert unpacked(packed(LARGEST + 1, 7), 2) is None
    assert unpacked(packed("a\x00b", None), 2) == ["ab", None]
