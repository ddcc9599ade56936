"""docs/asvs.md says how each line of OWASP ASVS 5.0 is met: what it names is there, and its numbers are true."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from portal.models.people import passkeys, passwords, second_factor, sessions, tries
from portal.models.people.letters import HOUR, MOST_AN_HOUR
from portal.settings import ROOT
from portal.views.base.export import MOST
from portal.web import MAX_FORM, MAX_UPLOAD

TABLE = ROOT / "docs" / "asvs.md"
SAFETY = ROOT / "docs" / "safety.md"
STATES = ("met", "does not apply", "not met")
LEVELS = {"1": 70, "2": 183}
"""So many requirements has version 5.0.0 at each level."""


class Line(NamedTuple):
    ident: str
    level: str
    asks: str
    state: str
    how: str


@cache
def lines() -> tuple[Line, ...]:
    found = re.findall(
        r"^\| (\d+\.\d+\.\d+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", TABLE.read_text(), re.M
    )
    return tuple(Line(*one) for one in found)


def named(text: str) -> list[str]:
    """What a text names as code: files, and tests in them."""
    return re.findall(r"`((?:portal|tests|static|docs)/[\w/.-]+(?:::\w+)?)`", text)


@cache
def functions(path: Path) -> frozenset[str]:
    return frozenset(
        node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)
    )


def test_each_requirement_has_one_line() -> None:
    idents = [line.ident for line in lines()]
    assert [ident for ident, count in Counter(idents).items() if count > 1] == []
    assert Counter(line.level for line in lines()) == LEVELS
    order = [tuple(map(int, ident.split("."))) for ident in idents]
    assert order == sorted(order)
    assert {chapter for chapter, *_ in order} == set(range(1, 18))
    rows = [row for row in TABLE.read_text().splitlines() if re.match(r"\| \d+\.", row)]
    assert len(rows) == len(idents), "a line that cannot be read"


def test_the_counts_are_those_of_the_table() -> None:
    counts = re.findall(rf"^\| ({'|'.join(STATES)}) \| (\d+) \|$", TABLE.read_text(), re.M)
    assert [state for state, _ in counts] == list(STATES)
    assert {state: int(count) for state, count in counts} == Counter(line.state for line in lines())


def test_what_a_line_names_is_there() -> None:
    missing = []
    for name in named(TABLE.read_text() + SAFETY.read_text()):
        file, _, test = name.partition("::")
        path = ROOT / file
        if not path.exists() or (test and test not in functions(path)):
            missing.append(name)
    assert missing == []


def test_a_missing_test_would_be_seen() -> None:
    assert named("`tests/test_asvs.py::test_none` and `portal/none.py`, `make`") == [
        "tests/test_asvs.py::test_none",
        "portal/none.py",
    ]
    assert "test_none" not in functions(ROOT / "tests" / "test_asvs.py")


def test_a_line_that_is_met_says_by_what_and_one_that_is_not_says_what_is_needed() -> None:
    words = re.compile(r"docs/safety\.md|constraints\.txt")
    bare = [
        line.ident
        for line in lines()
        if line.state == "met" and not named(line.how) and not words.search(line.how)
    ]
    assert bare == ["3.5.4", "9.2.3"], "these two follow from how the portal is put up"
    assert [line.ident for line in lines() if line.state != "met" and len(line.how) < 6] == []


def test_sections_that_lines_point_to_are_there() -> None:
    sections = set(re.findall(r"^## (.+)$", SAFETY.read_text(), re.M))
    assert set(re.findall(r"safety\.md «([^»]+)»", TABLE.read_text())) <= sections


# ---------------------------------------------------------------- what is written down, kept true


@cache
def written() -> str:
    return " ".join(SAFETY.read_text().split())


@pytest.mark.parametrize(
    "words",
    [
        f"has {passwords.SHORTEST} to {passwords.LONGEST:,} characters",
        f"bears {passwords.LEAST_GUESSES:,} guesses",
        f"{tries.PER_PAIR} wrong tries from one address and {tries.PER_ACCOUNT} from everywhere",
        f"an address {tries.PER_ADDRESS} for all accounts",
        f"Within {tries.WINDOW // timedelta(minutes=1)} minutes",
        f"good for {sessions.RESET_SECONDS // 3600} hour, once",
        f"{MOST_AN_HOUR} letters an hour",
        f"every {second_factor.SECONDS} seconds",
        f"one of {second_factor.SPARE_CODES} spare codes",
        f"spare codes | {second_factor.LENGTH * 5} bits",
        f"good for {passkeys.SECONDS // 60} minutes, once",
        f"{passkeys.MOST} are one person's at most",
        "argon2id, 19 MiB, 2 rounds, 1 lane",
    ],
)
def test_what_is_written_of_signing_in_is_so(words: str) -> None:
    assert words in written()
    assert timedelta(hours=1) == HOUR
    assert second_factor.DRIFT == 1
    assert len(second_factor.SIGNS) == len(set(second_factor.SIGNS)) == 2**5
    assert passkeys.ALGORITHMS == (-7, -8, -257)
    assert passwords.hash_password("correct horse battery").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_what_is_written_of_sessions_is_so() -> None:
    assert (
        f"after {sessions.IDLE.days} days without use, after {sessions.LIFETIME.days} days in any case"
        in written()
    )
    assert f"again after {sessions.CONFIRMED_FOR // timedelta(minutes=1)} minutes" in written()


def test_what_is_written_of_limits_is_so() -> None:
    assert f"a form {MAX_FORM >> 20} MB" in written()
    assert f"of {MAX_UPLOAD >> 20} MB at most" in written()
    assert f"exports ({MOST:,} rows at most)" in written()


def calls() -> Iterator[tuple[str, str]]:
    """Every name that the portal calls or imports, and where."""
    for path in sorted((ROOT / "portal").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), path.name
            elif isinstance(node, ast.Import):
                yield from ((name.name, path.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((f"{node.module}.{name.name}", path.name) for name in node.names)


def test_the_portal_evaluates_no_text_and_loads_no_pickle() -> None:
    refused = re.compile(
        r"eval|exec|__import__|os\.(system|popen)|(pickle|marshal|shelve|dill)\b.*|yaml\.\w*load\w*"
    )
    found = {call for call in calls() if refused.fullmatch(call[0])}
    assert found == set()


def test_no_weak_hash_is_used() -> None:
    refused = re.compile(r"(hashlib\.)?(md5|sha1|new)")
    assert [call for call in calls() if refused.fullmatch(call[0])] == []
