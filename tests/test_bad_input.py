"""Whatever is typed into whatever form: it is taken or refused with a reason, never a crash and never half done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes, urlencode

import pytest

from tests.client import Client
from tests.company import Company, Walked

ANSWERS = {200, 204, 303, 401, 403, 404, 409, 413, 422, 429}
LEFT_OUT = {"sign_out": "nothing to type", "session_revocation": "nothing to type"}
GARBAGE = {
    "nothing": b"",
    "nul": b"a\x00b",
    "lone surrogate": b"\xed\xa0\x80x",
    "million characters": "字".encode() * 333_334 + b"ab",
    "emoji": "🏠👨‍👩‍👧‍👦".encode() * 40,
    "only spaces": "\u3000 \t\r\n".encode(),
    "markup": b"</textarea><script>alert(1)</script>{{ 7*7 }}",
    "negative": b"-1",
    "too large a number": b"1e309",
    "not a number": b"NaN",
    "whole beyond the database": b"99999999999999999999999999",
    "superscript digit": "²".encode(),
    "digits of another script": "１２３４٣".encode(),
    "day zero": b"0000-00-00",
    "last day": b"9999-12-31",
    "month thirteen": b"2026-13-45",
}
QUERIES = (
    "after",
    "sort",
    "q",
    "topic",
    "product",
    "type",
    "show",
    "state",
    "tab",
    "department",
    "month",
    "before",
    "customer",
    "deal",
    "from",
    "line",
)
ODD = [
    "",
    "-1",
    "0",
    "9" * 30,
    "²",
    "x" * 3000,
    "\x00",
    "9999-12",
    "0000-00",
    "0001-01",
    "2026-13",
    "WzEsIDJd",
    "🏠",
]


@dataclass(frozen=True)
class Sheet:
    """A form as a page offers it to someone: where it goes and its fields, those that are typed apart."""

    key: str
    route: str
    action: str
    typed: tuple[str, ...]
    given: tuple[tuple[str, str], ...]


FORM = re.compile(r"<form\b.*?</form>|<button\b[^>]*\bformaction=[^>]*>", re.DOTALL)
"""Or a button that says itself where it sends: its form has no address, and perhaps nothing else."""


class Reader(HTMLParser):
    """Finds the POST forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[str], list[tuple[str, str]]]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = facts.get("method", "").lower() == "post"
            if self.open:
                self.forms.append((facts.get("action", ""), [], []))
        elif facts.get("formaction"):
            self.forms.append((facts["formaction"], [], [(facts.get("name", ""), facts.get("value", ""))]))
        elif self.open and facts.get("name"):
            _, typed, given = self.forms[-1]
            if tag == "textarea" or (
                tag == "input" and facts.get("type", "text") not in ("hidden", "submit", "file")
            ):
                typed.append(facts["name"])
            elif tag in ("input", "select", "button"):
                given.append((facts["name"], facts.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != "form"


def sheets(company: Company, key: str, page: Walked) -> Iterator[Sheet]:
    """The forms on someone's page."""
    reader = Reader()
    for form in FORM.findall(page.html):  # all else on a page is most of it
        reader.feed(form)
    for action, typed, given in reader.forms:
        where = action or page.path
        if not (action or typed or given):
            continue
        target = company.route(where, "POST")
        if target not in LEFT_OUT:
            yield Sheet(key, target, where, tuple(dict.fromkeys(typed)), tuple(given))


@pytest.fixture(scope="module")
def found(company: Company, walked: dict[str, list[Walked]]) -> tuple[dict[str, list[str]], list[Sheet]]:
    """Each role's pages, and every form once, with the first role that sees it."""
    forms = dict[tuple[str, ...], Sheet]()
    for key, pages in walked.items():
        for page in pages:
            for sheet in sheets(company, key, page):
                forms.setdefault((sheet.route, *sheet.typed), sheet)
    return {key: [page.path for page in pages] for key, pages in walked.items()}, list(forms.values())


@cache
def quoted(value: bytes) -> str:
    """As a form sends it: a million characters take a while."""
    return quote_from_bytes(value)


def body(sheet: Sheet, value: bytes, *, everywhere: bool) -> str:
    """The form filled with a value: the fields that are typed, or all of them."""
    names = [*sheet.typed, *(name for name, _ in sheet.given)] if everywhere else list(sheet.typed)
    filled = "&".join(f"{quote_from_bytes(name.encode())}={quoted(value)}" for name in names)
    return filled if everywhere else f"{urlencode(sheet.given)}&{filled}"


def test_many_forms_are_found(found: tuple[dict[str, list[str]], list[Sheet]]) -> None:
    assert len({sheet.route for sheet in found[1]}) >= 45, sorted({sheet.route for sheet in found[1]})


@pytest.mark.parametrize("kind", GARBAGE)
def test_no_form_falls_over(
    company: Company, found: tuple[dict[str, list[str]], list[Sheet]], kind: str
) -> None:
    wrong = []
    for sheet in found[1]:
        for everywhere in (False, True):
            if not (sheet.typed or everywhere):
                continue
            content = body(sheet, GARBAGE[kind], everywhere=everywhere)
            answer = company.browser(sheet.key).post(
                sheet.action, content=content, headers={"Content-Type": "application/x-www-form-urlencoded"}
            )
            if answer.status_code not in ANSWERS:
                wrong.append(
                    f"{sheet.key} {sheet.action} {sheet.typed if not everywhere else 'all'}: {answer.status_code}"
                )
            if answer.status_code < 400:
                company.restore()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("value", ODD, ids=lambda value: ascii(value[:12]))
def test_no_page_falls_over_an_odd_address(
    company: Company, found: tuple[dict[str, list[str]], list[Sheet]], value: str
) -> None:
    wrong, seen = [], set[str]()
    for key, pages in found[0].items():
        browser = company.browser(key)
        for page in pages:
            path = page.partition("?")[0]
            if company.route(path) in seen:
                continue
            seen.add(company.route(path))
            answer = browser.get(path, params=dict.fromkeys(QUERIES, value))
            if answer.status_code not in ANSWERS:
                wrong.append(f"{key} {path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_page_falls_over_what_a_browser_says_of_itself(
    company: Company, found: tuple[dict[str, list[str]], list[Sheet]]
) -> None:
    """Where it came from, what it reads and speaks: no page trusts that this is an address or a list."""
    odd = dict.fromkeys(
        ("Referer", "HX-Current-URL", "User-Agent", "Accept-Language", "If-None-Match", "If-Modified-Since"),
        "http://[",
    )
    wrong, seen = [], set[str]()
    for key, pages in found[0].items():
        browser = company.browser(key)
        for page in pages:
            if company.route(page) not in seen:
                seen.add(company.route(page))
                answer = browser.get(page, headers=odd)
                if answer.status_code not in ANSWERS:
                    wrong.append(f"{key} {page}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "path",
    [
        "/customers/0", "/customers/99999999999999999999", "/deals/-1", "/articles/²", "/people/1e3",
        "/commission/statements/9999-12/3", "/commission/statements/0001-01/3", "/commission/statements/0000-00/3",
        "/commission/statements/2026-05/99999999999999999999", "/commission/periods/9999-12",
        "/commission/periods/0001-01", "/commission/periods/x", "/admin/words/%00", "/sign-in/reset/%00",
        "/articles/1/versions/99999999999999999999/restoration", "/%ff", "/customers/%EF%BC%91",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["sun", "zhao"])
def test_no_odd_address_falls_over(company: Company, key: str, path: str) -> None:
    browser: Client = company.browser(key)
    assert {browser.get(path).status_code, browser.post(path).status_code} <= ANSWERS | {405}
