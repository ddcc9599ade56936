"""Quizzes of lessons: a few questions for practice, answered as often as one likes. Pure: it knows no record.

A quiz is typed: the questions with an empty line between them; the first line of each is the question, below
it stand its answers, a line each: `*` before a right choice, `=` before each word that is right where one is
written, or true or false. Which sort it is follows from that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from portal.i18n import Phrase
from portal.models.learning import marking

MOST = 10
"""So many questions has a quiz; what is more is an exam."""
_RIGHT, _WORD = re.compile(r"[*＊√✓]"), re.compile(r"[=＝]\s*")


class QuizQuestion(NamedTuple):
    """A question of a quiz, as it was typed."""

    text: str
    sort: str
    answers: str


class AskedQuestion(NamedTuple):
    """A question of a quiz as one person sees it, with what they chose and whether it is right."""

    place: int
    text: str
    sort: str
    choices: Sequence[tuple[str, str | Phrase]]
    given: Sequence[str]
    is_right: bool | None
    """None while nothing was answered."""


def questions_of(typed: str) -> list[QuizQuestion]:
    """The questions that were typed."""
    found = []
    for block in re.split(r"\n\s*\n", typed.replace("\r\n", "\n").strip()):
        text, *lines = marking.lines_of(block) or [""]
        marked = sum(bool(_RIGHT.match(line)) for line in lines)
        sort = "multiple" if marked > 1 else "single"
        if len(lines) == 1 and marking.faults("true_false", lines[0]) is None:
            sort = "true_false"
        elif lines and all(map(_WORD.match, lines)):
            sort, lines = "text", [_WORD.sub("", line, count=1) for line in lines]
        found.append(QuizQuestion(text, sort, "\n".join(lines)))
    return [each for each in found if each.text]


def faults(typed: str) -> Phrase | None:
    """What is wrong with a quiz; None when it can be asked."""
    questions = questions_of(typed)
    if not questions:
        return Phrase("Write at least one question: its answers below it, a * before each right one.")
    if len(questions) > MOST:
        return Phrase("At most %(most)s questions: what is more is an exam.", most=MOST)
    for number, (_, sort, answers) in enumerate(questions, start=1):
        if wrong := marking.faults(sort, answers):
            return Phrase("Question %(number)s: %(why)s", number=number, why=wrong)
    return None


def asked(typed: str, chance: str, sent: Callable[[int], Sequence[str]] | None = None) -> list[AskedQuestion]:
    """A quiz as somebody sees it, their choices in an order of `chance`, the same each time; with `sent`,
    which gives what was answered at a place, also whether that is right.
    """
    found = []
    for place, question in enumerate(questions_of(typed), start=1):
        shown = marking.shown(question.sort, question.answers, Random(f"{chance} {place}"))  # noqa: S311
        options: Sequence[str | Phrase] = marking.TRUTHS if question.sort == "true_false" else shown.options
        given = marking.read(question.sort, sent(place), len(shown.options), 0) if sent else None
        right = marking.is_right(question.sort, shown.right, given) if sent else None
        choices = [(str(number), words) for number, words in enumerate(options, start=1)]
        found.append(AskedQuestion(place, question.text, question.sort, choices, given or [], right))
    return found
