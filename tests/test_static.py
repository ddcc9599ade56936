"""Static files: what a page loads is there and light, keeps its address until it changes, and is used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from benchmarks.pages import VISIT, compressed, loads
from portal import templating
from portal.models.people.people import Person
from portal.settings import ROOT
from portal.templating import STATIC, asset, wing_sheet
from tests.client import Client

SHEETS = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
MOST_REQUESTS = 8
"""A page and all that it loads: few enough for the six connections that a browser opens to a server. A page that one
writes, scores or searches on may take one more, a script, which no picture waits for.
"""
ENOUGH_FOR_A_SHEET = 25
"""Rules that a wing alone uses: fewer are not worth a request, more are not worth every page's time."""
NAMED_BY = {
    "writing": ("ui.editor(", "data-autosave"),
    "reviewing": ("ui.rubric(", "data-queue-item"),
    "search": ("data-search-results",),
}
"""A script beside portal.js, and what it is for."""
TEMPLATES = {
    path.relative_to(ROOT / "templates").as_posix(): re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    for path in (ROOT / "templates").rglob("*.html")
}
WINGS = {name.partition("/")[0] for name in TEMPLATES if "/" in name} - {"shared"}
IN_THE_FRAME = {"search/search/_suggest.html"}
"""What a wing answers that the frame of every page shows."""
SignIn = Callable[[Person], Client]


def getter(client: Client) -> Callable[[str], bytes]:
    """Fetches an address that must be there."""

    def get(address: str) -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
        return answer.content

    return get


@pytest.mark.parametrize(
    "path", ["/", "/articles", "/experiences", "/customers", "/deals", "/commission", "/articles/new"]
)
def test_a_first_visit_takes_at_most_150_kb_and_8_requests(path: str, ada: Person, sign_in: SignIn) -> None:
    client = sign_in(ada)
    page = client.get(path).text
    found = loads(page, getter(client))
    assert "/static/vendor/tabler-1.6.1/tabler.min.css" in found, "what a sheet imports is counted"
    full_page = 15_000  # compressed, of someone who has much to do
    assert compressed(found.values()) + full_page <= 1000 * VISIT
    scripts = sum(asset(f"js/{name}.js") in found for name in NAMED_BY)
    assert 1 + len(found) <= MOST_REQUESTS + scripts
    assert scripts == (path == "/articles/new")


def test_the_pages_of_a_wing_load_its_own_styles(ada: Person, sign_in: SignIn) -> None:
    page = sign_in(ada).get("/articles").text
    sheets = {wing: wing_sheet(wing) for wing in WINGS if wing_sheet(wing)}
    assert [wing for wing, address in sheets.items() if address in page] == ["knowledge"]
    assert wing_sheet("nowhere") == ""


def test_sheets_are_for_every_page_or_named_by_wings() -> None:
    everywhere = {"portal", "parts"}
    assert not everywhere & WINGS
    assert {path.stem for path in SHEETS} - everywhere <= WINGS


@pytest.mark.parametrize("script", NAMED_BY)
def test_a_page_names_the_scripts_that_it_needs(script: str) -> None:
    for name, text in TEMPLATES.items():
        if "{% extends" in text:
            needed = any(sign in whole(name) for sign in NAMED_BY[script])
            assert needed == (f"asset('js/{script}.js')" in text), name


def test_a_changed_file_changes_every_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module names what it imports by its place beside it: a kept copy of an old one would be used for ever."""
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "paste.js").write_text("1")
    monkeypatch.setattr(templating, "STATIC", tmp_path)
    seen = set()
    for text in ("1", "2", "1"):
        (tmp_path / "js" / "paste.js").write_text(text)
        templating.version.cache_clear()
        seen.add(asset("js/portal.js"))
    templating.version.cache_clear()
    assert len(seen) == 2


def test_what_modules_import_is_there(app: Starlette) -> None:
    get = getter(Client(app))
    for path in SCRIPTS:
        address = asset(path.relative_to(STATIC).as_posix())
        assert loads(f'<script src="{address}">', get)
    assert 'import("./paste.js")' in (STATIC / "js/writing.js").read_text()


def test_no_script_waits_for_another() -> None:
    """A module imports what its page has already named; pasting and typing may load more, once they happen."""
    for path in SCRIPTS:
        imported = set(re.findall(r'^import .*"(.+)"', path.read_text(), re.M))
        assert imported <= {"./portal.js"} or path.stem == "paste"


@cache
def whole(template: str) -> str:
    """A template with what it includes."""
    text = TEMPLATES[template]
    names = set(re.findall(r"{%-? include [\"']([\w/]+\.html)[\"']", text))
    return text + "".join(whole(name) for name in names)


@cache
def written(template: str) -> frozenset[str]:
    """The classes and ids that a template writes, itself or by what it includes; a beginning ends with `-`."""
    text = TEMPLATES[template]
    values = re.findall(r'\b(?:class|id)="([^"]*)"', text) + re.findall(r"\bclass='([^']*)'", text)
    names = set(re.findall(r"[\w-]+", " ".join(values)))
    for other in re.findall(r"[\"']([\w/]+\.html)[\"']", text):
        if "/" in other and other != template and not other.startswith("shared/"):
            names |= written(other)
    return frozenset(names)


@cache
def named_by_views(wing: str) -> set[str]:
    """What the views of a wing show, some of it another wing's."""
    views = (ROOT / "portal/views" / wing).glob("*.py")
    return {name for view in views for name in re.findall(r'"([\w/]+\.html)"', view.read_text())}


def users(name: str) -> set[str]:
    """The wings whose pages hold a class or id; what the frame or a part of ui.html holds, all of them do."""
    frame = IN_THE_FRAME.union(template for template in TEMPLATES if template.partition("/")[0] not in WINGS)
    held = frozenset[str]().union(*(written(template) for template in frame))
    if name in held or any(name.startswith(each) for each in held if each.endswith("-")):
        return WINGS
    holders = {template for template in TEMPLATES if name in written(template)}
    return {template.partition("/")[0] for template in holders} | {
        wing for wing in WINGS if holders & named_by_views(wing)
    }


def selectors(sheet: Path) -> Iterator[tuple[str, list[str]]]:
    """Each selector of a sheet with its classes and ids."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    for rule in re.findall(r"([^{};]+)\{", text):
        if not rule.strip().startswith("@"):
            for selector in re.split(r",(?![^(]*\))", rule):
                yield selector.strip(), re.findall(r"[.#]([a-zA-Z][\w-]*)", selector)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.stem))
def test_a_rule_lies_with_those_who_use_it(sheet: Path) -> None:
    """What a wing with a sheet alone uses lies in its sheet; what several use, or the frame, in a shared one."""
    wing = sheet.stem if sheet.stem in WINGS else None
    astray = []
    for selector, names in selectors(sheet):
        alone = {min(users(name)) for name in names if len(users(name)) == 1}
        if alone != {wing} if wing else any(wing_sheet(each) for each in alone):
            astray.append((selector, alone))
    assert astray == []


def test_a_wing_has_a_sheet_where_it_is_worth_it() -> None:
    own = Counter[str]()
    for sheet in SHEETS:
        for _, names in selectors(sheet):
            own.update({min(users(name)) for name in names if len(users(name)) == 1})
    with_sheets = {wing for wing in WINGS if wing_sheet(wing)}
    assert {wing for wing, rules in own.items() if rules > ENOUGH_FOR_A_SHEET} == with_sheets


def test_no_rule_is_for_nothing() -> None:
    texts = [*TEMPLATES.values(), *(path.read_text() for path in SCRIPTS)]
    texts += [path.read_text() for path in (ROOT / "portal").rglob("*.py")]
    quoted = {
        word
        for text in texts
        for pair in re.findall(r'"([^"]*)"|\'([^\']*)\'', text)
        for word in " ".join(pair).split()
    }
    known = quoted.union(*(written(template) for template in TEMPLATES))
    begun = {name for name in known if name.endswith("-")}

    def is_known(name: str) -> bool:
        parts: Any = ((name[:at], name[at:]) for at in range(1, len(name)))
        return name in known or any(a in begun and (b in quoted or b.isdigit()) for a, b in parts)

    unknown = {
        name for sheet in SHEETS for _, names in selectors(sheet) for name in names if not is_known(name)
    }
    assert unknown == set()


NO_FILES = (
    "/static/none.css", "/static/", "/static/x/none.css", "/static/vendor/none.js", "/static/vendor/", "/static/x/", "/static/x",
    "/static/x/%00", "/static/x/" + "a" * 400, "/static/x/" + "a/" * 400, "/static/x/css",
    "/static/x/%ff", "/static/vendor/%00", "/static/x/..%2f..%2fpyproject.toml", "/static/customers",
)  # fmt: skip


@pytest.mark.parametrize("path", NO_FILES)
def test_what_is_no_static_file_is_said_plainly_and_never_kept(
    sign_in: SignIn, client: Client, ada: Person, path: str
) -> None:
    """Kept for all by a cache between, an error page would show one person's name to everyone."""
    for browser in (sign_in(ada), client):
        for method in ("GET", "HEAD", "POST"):
            answer = browser.request(method, path)
            assert answer.status_code in (404, 405), (method, path)
            assert "public" not in answer.headers["cache-control"]
            assert "immutable" not in answer.headers["cache-control"]
            assert "no-store" in answer.headers["cache-control"]
            assert ada.name not in answer.text
            assert "<" not in answer.text
            assert "set-cookie" not in answer.headers


def test_a_static_file_is_kept_also_when_it_is_asked_for_again(client: Client) -> None:
    first = client.get(asset(SHEETS[0].relative_to(STATIC).as_posix()))
    again = client.get(str(first.request.url), headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert "immutable" in first.headers["cache-control"]
    assert "immutable" in again.headers["cache-control"]
