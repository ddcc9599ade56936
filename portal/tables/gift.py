"""Questions as GIFT writes them, the plain text in which Moodle and others hand out their banks.

Each question is a paragraph with its answers in braces. Read in one pass; what the portal has no sort for is
named and left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import islice

from portal.i18n import Phrase

NO_BRACES = Phrase("It has no answers in braces: there is nothing to mark.")
NO_SORT = Phrase("The portal has no question of this sort.")
TWO_BLANKS = Phrase("It has a second blank: an exam asks for one thing at a time.")
TOO_LONG = Phrase("It is longer than any question that an exam asks.")
EITHER_RIGHT = Phrase("Each of several choices is right by itself: an exam asks for one or all.")
LONGEST = 20_000
"""Characters of one question with its answers; what is longer is not read on."""
ESCAPED = "~=#{}:\\"
_AWAY = {sign: chr(0xE100 + place) for place, sign in enumerate(ESCAPED)}
"""What stands for a sign that is meant as it is, while the others are read."""
_BACK = str.maketrans({away: sign for sign, away in _AWAY.items()})
_ESCAPE = re.compile(r"\\([~=#{}:\\n])")
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{1,5})?)%")
_MARKS = "*＊√✓ "
BLANK = "____"
"""What stands in a sentence where its answer was."""


@dataclass(frozen=True)
class GiftQuestion:
    """One question: with its answers typed as exams read them, or with what is wrong with it."""

    line: int
    """Where it begins, from 1."""
    text: str
    sort: str = ""
    answers: str = ""
    reason: str = ""
    category: str = ""
    """The last name of the category that it stands in."""
    problem: Phrase | None = None


def is_gift(text: str, among: int = 1000) -> bool:
    """Whether a text looks like GIFT rather than a table: a paragraph early in it has answers in braces."""
    first = islice(_blocks(text), among)
    return any(_answers_at(_hidden(block)) is not None for _, _, block in first if len(block) <= LONGEST)


def read(text: str) -> Iterator[GiftQuestion]:
    """The questions in a text, in their order, one by one: a reader stops where it has enough."""
    for line, category, block in _blocks(text):
        if len(block) > LONGEST:
            yield GiftQuestion(line, block[:LONGEST], problem=TOO_LONG)
        else:
            yield replace(_question(line, _hidden(block)), category=category)


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """Paragraphs with the number of their first line and their category, without comments."""
    began, category, lines = 0, "", list[str]()
    for number, line in enumerate([*text.lstrip("\ufeff").splitlines(), ""], 1):
        bare = line.strip()
        if bare.startswith("$CATEGORY:"):
            category = bare.removeprefix("$CATEGORY:").rpartition("/")[2].strip()
        elif bare.startswith("//"):
            continue
        elif bare:
            began = began if lines else number
            lines.append(line)
        elif lines:
            yield began, category, "\n".join(lines)
            lines = []


def _hidden(block: str) -> str:
    """With signs that are meant as they are out of the way."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else _AWAY[found[1]], block)


def _answers_at(block: str) -> tuple[int, int] | None:
    begin = block.find("{")
    end = block.find("}", begin)
    return (begin, end) if 0 <= begin < end else None


def _shown(text: str, *, marked_up: bool = False) -> str:
    """A piece of the text as it is read: one line, every sign as it was meant."""
    if marked_up:
        text = html.unescape(_TAG.sub(" ", text))
    return " ".join(text.translate(_BACK).split())


def _question(line: int, block: str) -> GiftQuestion:
    block = block.strip()
    if block.startswith("::") and (end := block.find("::", 2)) > 0:
        block = block[end + 2 :]
    marked_up = False
    if (form := _FORMAT.match(block)) is not None:
        marked_up, block = form[1] in ("html", "moodle"), block[form.end() :]
    place = _answers_at(block)
    if place is None:
        return GiftQuestion(line, _shown(block, marked_up=marked_up), problem=NO_BRACES)
    before, inner, after = block[: place[0]], block[place[0] + 1 : place[1]], block[place[1] + 1 :]
    text = _shown(f"{before} {BLANK} {after}" if after.strip() else before, marked_up=marked_up)
    if _answers_at(after) is not None:
        return GiftQuestion(line, _shown(before, marked_up=marked_up), problem=TWO_BLANKS)
    inner, _, told = inner.partition("####")
    sort, answers, reason = _marked(inner.strip(), marked_up)
    reason = _shown(told, marked_up=marked_up) or reason
    problem = None if sort else EITHER_RIGHT if answers else NO_SORT
    return GiftQuestion(line, text, sort, "\n".join(answers), reason, problem=problem)


def _marked(inner: str, marked_up: bool) -> tuple[str, list[str], str]:
    """Sort, answers and reason of what stands in the braces; no sort where the portal has none, and answers
    without a sort where each of several is right by itself.
    """
    if inner.startswith("#"):
        return _numeric(inner[1:])
    first, _, reason = inner.partition("#")
    word = first.strip().upper()
    if word in ("T", "TRUE", "F", "FALSE"):
        return "true_false", ["true" if word[0] == "T" else "false"], _shown(reason.partition("#")[0])
    parts = re.split("([=~])", inner)
    signs, bodies = parts[1::2], parts[2::2]
    if not signs or parts[0].strip():
        return "", [], ""
    rows = [_answer(sign, body, marked_up) for sign, body in zip(signs, bodies, strict=True)]
    if "~" not in signs:
        pairs = [text.partition("->") for text, _ in rows]
        if all(sign for _, sign, _ in pairs):
            lines = [f"{left.strip()} = {other.strip()}" for left, _, other in pairs if left.strip()]
            return "match", lines, ""
        return "text", [text for text, weight in rows if weight >= 100], ""
    # what is worth all of it is the one that is right; only where none is do shares add up to it
    whole = sum(weight >= 100 for _, weight in rows)
    right = [weight >= 100 if whole else weight > 0 for _, weight in rows]
    choices = [f"*{text}" if is_right else text for (text, _), is_right in zip(rows, right, strict=True)]
    return ("" if whole > 1 else "single" if sum(right) == 1 else "multiple"), choices, ""


def _answer(sign: str, body: str, marked_up: bool) -> tuple[str, float]:
    """One answer, and what it is worth of 100."""
    body = body.partition("#")[0].strip()
    weight = 100.0 if sign == "=" else 0.0
    if (given := _WEIGHT.match(body)) is not None:
        weight, body = float(given[1]), body[given.end() :]
    return _shown(body, marked_up=marked_up).lstrip(_MARKS), weight


def _numeric(inner: str) -> tuple[str, list[str], str]:
    """A number with what it may be off by: `12.5:0.5`, `12..13`; of several the first."""
    inner = inner.strip().removeprefix("=")
    number, _, rest = inner.partition("#")
    number = number.partition("=")[0].partition("~")[0].strip()
    if number.startswith("%100%"):
        number = number[5:]
    low, dots, high = number.partition("..")
    middle, _, off = number.partition(":")
    try:
        if dots:
            least, most = _decimal(low), _decimal(high)
            value, within = (least + most) / 2, abs(most - least) / 2
        else:
            value, within = _decimal(middle), _decimal(off or "0")
    except InvalidOperation:
        return "", [], ""
    told = f"{value.normalize():f} ± {abs(within).normalize():f}" if within else f"{value.normalize():f}"
    return "numeric", [told], _shown(rest.partition("=")[0].partition("~")[0])


def _decimal(text: str) -> Decimal:
    """A number as an exam asks for one. Raises InvalidOperation for what is none, and for one far off."""
    number = Decimal(text.strip()[:40])
    places = number.as_tuple().exponent
    if not isinstance(places, int) or places < -15 or number.adjusted() >= 15:
        raise InvalidOperation
    return number
