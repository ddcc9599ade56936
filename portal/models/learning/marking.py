"""How exam questions are written, shown and marked. Pure: it knows no record and no person.

The answers of a question are typed line by line, the right ones marked: `*` before a right choice, the lines
of an order in their order, `left = right` for pairs, `12.5 ± 0.5` for a number, each accepted text a line.
What is shown is numbered as it is shown, so that neither the order nor the numbers tell what is right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from random import Random
from typing import NamedTuple

from portal.i18n import Phrase

SORTS = {
    "single": Phrase("One is right"),
    "multiple": Phrase("Several are right"),
    "true_false": Phrase("True or false"),
    "order": Phrase("Put in order"),
    "match": Phrase("Match pairs"),
    "numeric": Phrase("A number"),
    "text": Phrase("A word or two"),
}
YES = {"true", "yes", "right", "对", "正确", "是", "√"}
NO = {"false", "no", "wrong", "错", "错误", "否", "不对", "×"}
TRUTHS = (Phrase.among("exams", "True"), Phrase.among("exams", "False"))
ONE_RIGHT = Phrase("Write at least two choices, one a line, and a * before the right one.")
SOME_RIGHT = Phrase("Write at least two choices, one a line, and a * before each right one.")
TRUE_OR_FALSE = Phrase("Write true or false.")
IN_ORDER = Phrase("Write at least two lines, in the right order.")
PAIRS = Phrase("Write at least two pairs, one a line: left = right.")
NUMBER = Phrase("Write a number such as 12.5, or 12.5 ± 0.5.")
BARE_NUMBER = Phrase("Write a number in digits, such as 12.5, without its unit.")
VARIANTS = Phrase("Write each accepted answer on a line of its own, in both scripts where both are right.")
MOST_LINES, LONGEST_LINE = 12, 500
LONGEST_GIVEN = 200
_GROUPED = re.compile(r"[^,]*|[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?%?")
_MARK = re.compile(r"^[*＊√✓]\s*")
_PAIR = re.compile(r"\s*(?:=|＝|→|->)\s*")
_WITHIN = re.compile(r"\s*(?:±|\+/-|\+-)\s*")


class ShownQuestion(NamedTuple):
    """A question as one person sees it, and what is right by the numbers that they see."""

    lefts: list[str]
    options: list[str]
    right: list[str]


def faults(sort: str, answers: str) -> Phrase | None:
    """What is wrong with typed answers of this sort; None when an exam can ask them."""
    lines = lines_of(answers)
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        return Phrase("At most %(many)s lines of %(signs)s characters.", many=MOST_LINES, signs=LONGEST_LINE)
    if len(set(lines)) < len(lines):
        return Phrase("Two lines are the same.")
    marked = sum(bool(_MARK.match(line)) for line in lines)
    fine, words = {
        "single": (len(lines) > 1 and marked == 1, ONE_RIGHT),
        "multiple": (len(lines) > 1 and marked > 0, SOME_RIGHT),
        "true_false": (len(lines) == 1 and _truth(lines[0]) is not None, TRUE_OR_FALSE),
        "order": (len(lines) > 1, IN_ORDER),
        "match": (len(lines) > 1 and all(len(_PAIR.split(line)) == 2 for line in lines), PAIRS),
        "numeric": (len(lines) == 1 and _number(lines[0]) is not None, NUMBER),
        "text": (any(plain(line) for line in lines), VARIANTS),
    }[sort]
    return None if fine else words


def lines_of(answers: str) -> list[str]:
    """The lines that hold something."""
    return [line.strip() for line in answers.splitlines() if line.strip()]


def shown(sort: str, answers: str, by_chance: Random) -> ShownQuestion:
    """Typed answers as one person sees them, in an order of chance."""
    lines = lines_of(answers)
    if sort == "true_false":
        return ShownQuestion([], [], ["1" if _truth(lines[0]) else "2"])
    if sort == "numeric":
        return ShownQuestion([], [], [lines[0]])
    if sort == "text":
        return ShownQuestion([], [], lines)
    if sort == "match":
        pairs = [_PAIR.split(line) for line in lines]
        rights = list(dict.fromkeys(right for _, right in pairs))
        by_chance.shuffle(rights)
        return ShownQuestion(
            [left for left, _ in pairs], rights, [str(rights.index(right) + 1) for _, right in pairs]
        )
    places = list(range(len(lines)))
    by_chance.shuffle(places)
    options = [_MARK.sub("", lines[place]) if sort != "order" else lines[place] for place in places]
    if sort == "order":
        return ShownQuestion([], options, [str(place + 1) for place in places])
    return ShownQuestion(
        [], options, [str(i + 1) for i, place in enumerate(places) if _MARK.match(lines[place])]
    )


def is_right(sort: str, right: Sequence[str], given: Sequence[str] | None) -> bool:
    """Whether what was given is right: all of it, nothing for parts of it."""
    if not given:
        return False
    if sort == "multiple":
        return set(given) == set(right)
    if sort == "numeric":
        number, wanted = _value(given[0]), _number(right[0])
        return number is not None and wanted is not None and abs(number - wanted[0]) <= wanted[1]
    if sort == "text":
        return plain(given[0]) in {plain(each) for each in right} - {""}
    return list(given) == list(right)


def read(sort: str, sent: Sequence[str], options: int, lefts: int) -> list[str] | None:
    """What a form sends as an answer, as it is kept; None when nothing was answered. What is no answer to
    this question is none.
    """
    values = [unicodedata.normalize("NFC", value).strip()[:LONGEST_GIVEN] for value in sent]
    if sort in ("numeric", "text"):
        return [values[0]] if values and values[0] else None
    most = 2 if sort == "true_false" else options
    wanted = {"order": options, "match": lefts}.get(sort, 0)
    possible = {str(number) for number in range(1, most + 1)} | ({""} if wanted else set())
    if any(value not in possible for value in values) or not any(values):
        return None
    if wanted:
        return values if len(values) == wanted else None
    return sorted(set(values), key=int) if sort == "multiple" else values[:1]


def unread(sort: str, given: Sequence[str] | None) -> Phrase | None:
    """Why what was given cannot be marked, whatever is right; None where it can, and where nothing was."""
    if sort != "numeric" or not given:
        return None
    bare = unicodedata.normalize("NFKC", given[0]).replace(" ", "")
    return None if _value(bare) is not None and _GROUPED.fullmatch(bare) else BARE_NUMBER


def told(
    sort: str, lefts: Sequence[str], options: Sequence[str], answer: Sequence[str] | None
) -> list[str | Phrase]:
    """An answer in words, for who looks at their result."""
    if not answer:
        return []
    if sort == "true_false":
        return [TRUTHS[int(answer[0]) - 1]]
    if sort in ("numeric", "text"):
        return list(answer)
    if sort == "order":
        placed = sorted(
            (int(place) if place else 99, option) for place, option in zip(answer, options, strict=False)
        )
        return [option for _, option in placed]
    chosen = [options[int(each) - 1] if each else "—" for each in answer]
    return (
        [f"{left} = {right}" for left, right in zip(lefts, chosen, strict=False)]
        if sort == "match"
        else chosen
    )


def plain(text: str) -> str:
    """A short text as it is compared: width, case, spaces and punctuation make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LNS")


def _truth(line: str) -> bool | None:
    word = _MARK.sub("", line).strip().casefold() or line
    return True if word in YES else False if word in NO else None


def _number(line: str) -> tuple[Decimal, Decimal] | None:
    parts = [_value(part) for part in _WITHIN.split(line)]
    if len(parts) not in (1, 2) or parts[0] is None or parts[-1] is None:
        return None
    return parts[0], abs(parts[1]) if len(parts) == 2 and parts[1] is not None else Decimal(0)


def _value(text: str) -> Decimal | None:
    bare = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").rstrip("%")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None
