"""How the time of a parser grows with what it is given: ten times the text may take twelve times as long."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any

FLOOR = 0.010
"""Seconds: below, the machine's noise decides."""
MOST = 12
TRIES = 12
PAUSE = 0.2
"""Seconds between two tries, ever longer: what others do to the machine's caches and clock has its moments."""

Shape = Callable[[int], str]

UNITS = {
    "letters": "a",
    "digits": "1",
    "spaces": " ",
    "wide spaces": "\u3000",
    "tabs": "\t",
    "line ends": "\n",
    "lines": "a\n",
    "spaces and lines": " \n",
    "hyphens": "-",
    "dots": ".",
    "commas": ",",
    "pipes": "|",
    "quotes": '"',
    "apostrophes": "'",
    "ats": "@",
    "a@": "a@",
    "a@b.": "a@b.",
    "addresses": "a@b.cc ",
    "dotted": "a.",
    "digits and spaces": "1 ",
    "digits and hyphens": "1-",
    "telephones": "138 0000 0000 ",
    "groups": "123,",
    "brackets": "[",
    "closing brackets": "]",
    "parentheses": "(",
    "pairs": "()",
    "links": "[a](b) ",
    "stars": "*",
    "marks": "*a ",
    "snake": "a_",
    "tildes": "~~a ",
    "ticks": "`a",
    "ampersands": "&a",
    "angles": "<a",
    "backslashes": "\\",
    "quoted lines": "> a\n",
    "definitions": "[a]: /x\n",
    "open titles": "[a]: /x '\n",
    "tables": "|a\n|-\n",
    "rules": "- ",
    "headings": "# a\n",
    "addresses of pages": "http://a ",
    "colons": "a:",
    "equals": "=",
    "slashes": "/",
    "Han": "汉",
    "Han digits": "一",
    "Han and digits": "路1",
    "road": "中路1号",
    "years": "2026年",
    "Latin and Han": "a汉",
    "names": "Mr Wei ",
    "capitals": "Ab ",
    "minus": "- -",
    "NUL": "\x00",
    "emoji": "👨‍👩‍👧",
}
"""What is repeated: each of these has made some parser somewhere slow."""


BEFORE_ANOTHER = """
    letters, spaces, digits, hyphens, dots, commas, dotted, groups, capitals, Han, lines, quotes, links, marks, slashes,
    digits and spaces, Han digits, spaces and lines, closing brackets
"""
"""What is tried with an end as well that it does not fit."""


def shapes() -> Mapping[str, Shape]:
    """Texts of a length, each of one kind."""
    made: dict[str, Shape] = {name: _of(unit) for name, unit in UNITS.items()}
    made |= {
        f"{name}, then another": _of(UNITS[name], end="\u2603x")
        for name in map(str.strip, BEFORE_ANOTHER.split(","))
    }
    made["letters between spaces"] = lambda n: "a" + " " * n + "b"
    made["every length of ticks"] = lambda n: "".join("`" * i + "a" for i in range(1, int((2 * n) ** 0.5)))
    made["definitions of many"] = lambda n: "".join(f"[a{i}]: /x\n" for i in range(n // 10))
    made["a wide table"] = lambda n: "|a" * (n // 6) + "|\n" + "|-" * (n // 6) + "|\n" + "a\n" * (n // 6)
    made["marks within marks"] = lambda n: "*" * (n // 3) + "a" + "*" * (n // 3)
    made["ever deeper quotes"] = lambda n: "".join("> " * (i % 20) + "a\n" for i in range(n // 20))
    made["ever deeper lists"] = lambda n: "".join(" " * 2 * i + "- a\n" for i in range(int(n**0.5)))
    return made


def _of(unit: str, end: str = "") -> Shape:
    return lambda n: unit * (n // len(unit)) + end


def seconds(act: Callable[[], Any], tries: int = 1) -> float:
    """The processor's time of an act, the best of several."""
    best, collects = float("inf"), gc.isenabled()
    gc.disable()  # what it looks through is all that the tests hold
    try:
        for _ in range(tries):
            began = time.thread_time()
            act()
            best = min(best, time.thread_time() - began)
    finally:
        if collects:
            gc.enable()
    return best


def too_fast_growing(
    parse: Callable[[str], Any], n: int, given: Mapping[str, Shape] | None = None, most: int = MOST
) -> list[str]:
    """The shapes for which ten times the text takes more than twelve times as long, with what was measured.

    What a parser raises is an answer: a refusal in good time.
    """
    return [
        f"{name}: {small * 1000:.0f} ms, then {large * 1000:.0f} ms"
        for name, shape in (given or shapes()).items()
        if (found := _grown(parse, shape, n, most)) is not None
        for small, large in [found]
    ]


def _grown(parse: Callable[[str], Any], shape: Shape, n: int, most: int) -> tuple[float, float] | None:
    def act(text: str) -> Callable[[], Any]:
        def call() -> None:
            try:
                parse(text)
            except Exception:
                return

        return call

    little, much = act(shape(n)), act(shape(10 * n))
    for turn in range(TRIES):
        time.sleep(PAUSE * turn)
        small, large = (
            seconds(little, 2),
            seconds(much),
        )  # of one moment, lest a machine that slowed down be blamed
        if large <= most * max(small, FLOOR):
            return None
    return small, large
