"""Rules of the house that no linter knows: who reads the clock and the environment, what a template may hold."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(ROOT.glob("portal/**/*.py"))
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))

CLOCK = {
    *(f"datetime.{kind}.{name}" for kind in ("datetime", "date") for name in ("now", "utcnow", "today")),
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime")),
}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.putenv"}
ENGINES = {"meilisearch", "tantivy"}


def names(source: str) -> Iterator[str]:
    """Every dotted name that a module imports or uses, spelled from its top package whatever it was imported as."""
    tree = ast.parse(source)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                known[alias.asname or package] = alias.name if alias.asname else package
                yield alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in known:
            yield ".".join([known[node.id], *reversed(parts)])


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names of a module, which several rules ask for."""
    return frozenset(names(path.read_text()))


def users(of: set[str]) -> set[str]:
    """The modules, relative to portal/, that use one of these names or something inside them."""
    return {
        path.relative_to(ROOT / "portal").as_posix()
        for path in CODE
        if any(name in of or any(name.startswith(f"{one}.") for one in of) for name in names_in(path))
    }


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime as dt\ndt.now(tz)", "datetime.datetime.now"),
        ("from datetime import date\nday = date.today", "datetime.date.today"),
        ("import time as t\nt.time()", "time.time"),
        ("from time import time", "time.time"),
        ("from os import environ", "os.environ"),
        ("import os\nos.environ['A']", "os.environ"),
        ("def f():\n    import os.path\n    return os.getenv('A')", "os.getenv"),
    ],
)
def test_names_are_found_however_they_are_imported(source: str, name: str) -> None:
    assert name in set(names(source))


def test_only_the_clock_reads_the_time() -> None:
    assert users(CLOCK) <= {"clock.py"}


def done_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What of a module is done as it is read: all but what its functions hold."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            for early in (*child.decorator_list, child.args):
                yield from done_at_import(early)
        elif not isinstance(child, ast.Lambda):
            yield from done_at_import(child)


def present(source: str) -> list[int]:
    """The lines on which a module reads the clock as it is read: what it keeps is old when a test begins."""
    calls = (node for node in done_at_import(ast.parse(source)) if isinstance(node, ast.Call))
    near = (call for call in calls if getattr(call.func, "attr", "") in ("now", "today"))
    return [call.lineno for call in near if ast.unparse(call) in ("clock.now()", "clock.today()")]


def test_no_test_keeps_the_day_on_which_it_was_loaded() -> None:
    assert present("DAY = str(clock.today())") == [1]
    assert present("@mark(clock.now())\ndef test(day=clock.today()):\n    clock.now()") == [1, 2]
    assert present("def test():\n    clock.now()\nlater = lambda: clock.now()") == []
    kept = {path.name: present(path.read_text()) for path in (ROOT / "tests").rglob("*.py")}
    assert {name: lines for name, lines in kept.items() if lines} == {}


def test_only_settings_reads_the_environment() -> None:
    assert users(ENVIRONMENT) <= {"settings.py"}


def test_only_search_knows_an_engine() -> None:
    assert {path for path in users(ENGINES) if not path.startswith("search/")} == set()


def meanings(path: Path) -> Iterator[str]:
    """The classes and the types that a module makes."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name) and not one.id.isupper())


def test_one_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = {}
    for path in CODE:
        if path.parent.name != "migrations":  # tables as they stood, each as its own migration knew it
            for name in meanings(path):
                places.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


DATA = ("application/json", "application/ld+json")
"""What a script tag may hold that no browser runs."""


class Faults(HTMLParser):
    """Collects what the Content-Security-Policy would refuse."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.bare_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.bare_script = tag == "script" and given.get("type") not in DATA
        if tag == "style":
            self.found.append("<style>")
        for name, value in attrs:
            if name == "style" or re.match(r"on[a-z]+$|(data-)?hx-on\b", name):
                self.found.append(f"<{tag} {name}>")
            elif name in {"hx-trigger", "data-hx-trigger"} and "[" in (value or ""):
                self.found.append(f"<{tag} {name}> with a filter")
            elif (value or "").lstrip().lower().startswith(("javascript:", "js:")):
                self.found.append(f"<{tag} {name}> runs script")

    def handle_endtag(self, tag: str) -> None:
        self.bare_script = False

    def handle_data(self, data: str) -> None:
        if self.bare_script and data.strip():
            self.found.append("inline script")


def plain(template: str) -> str:
    """A template's HTML without Jinja's comments, statements and expressions."""
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("html", "faults"),
    [
        ('<p style="color: red">', ["<p style>"]),
        ("<p\n{% if a %}\nstyle='x'{% endif %}>", ["<p style>"]),
        ('<a onclick="go()">', ["<a onclick>"]),
        ('<a hx-on:click="go()">', ["<a hx-on:click>"]),
        ('<a hx-trigger="keyup[ctrlKey]">', ["<a hx-trigger> with a filter"]),
        ('<a href="javascript:go()">', ["<a href> runs script"]),
        ("<style>p {}</style>", ["<style>"]),
        ("<script>go()</script>", ["inline script"]),
        ('<script src="{{ asset(\'a.js\') }}" type="module"></script>', []),
        ('<p class="style" data-on="1">style="x" {# <p style="x"> #}</p>', []),
    ],
)
def test_faults_are_told_from_good_html(html: str, faults: list[str]) -> None:
    assert Faults(plain(html)).found == faults


def test_templates_hold_nothing_that_the_security_policy_refuses() -> None:
    faults = {path.relative_to(ROOT).as_posix(): Faults(plain(path.read_text())).found for path in TEMPLATES}
    assert {path: found for path, found in faults.items() if found} == {}


def test_no_line_of_a_template_is_longer_than_140_characters() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 140
    ]
    assert long == []


def tracked() -> list[Path]:
    """Every text file of the repository, except what others made."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [
        ROOT / name for name in listing.stdout.split("\0") if name and not name.startswith("static/vendor/")
    ]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    """The project is built wherever its package clients are set up, from any folder."""
    banned = re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.(org|com)|index-url|(deb|security)\.debian\.org"
        r"|(?<![\w.}/$])/(work|root|tmp)/"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if banned.search(line)
    ]
    assert found == []
