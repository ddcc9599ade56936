"""Where people fail: how hard each question of an exam is, and whether it tells who knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from peewee import Case, ModelSelect, fn

from portal.models.insights.proportions import wilson
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.exams import Exam, ExamQuestion

ENOUGH = 10
"""From so many answers on a choice that nobody took is said to be of no use."""
ATTEMPTS = 5000
"""Figures are over so many of the latest attempts."""
CHOOSING = 500
"""Choices are counted over so many of the latest attempts: each answer is read."""
FLAT = 0.1
"""A question whose discrimination is less tells nobody apart."""


@dataclass
class QuestionFigures:
    """What the answers to one question say of it."""

    question: ExamQuestion
    n: int = 0
    right: int = 0
    discrimination: float | None = None
    """The correlation of being right here with the share of right answers among the others; None where all
    were right, or wrong, or did equally well.
    """
    unchosen: list[str] = field(default_factory=list)
    """Wrong choices that nobody took."""

    @property
    def share(self) -> float:
        """Of right answers; what is called difficulty: the less, the harder."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by Wilson."""
        return wilson(self.right, self.n)

    @property
    def tells_apart(self) -> float | None:
        """The discrimination, once there are enough answers to say it aloud."""
        return self.discrimination if self.n >= ENOUGH else None

    @property
    def is_flat(self) -> bool:
        """Whether it tells nobody apart, as far as its answers go."""
        return self.n >= ENOUGH and (self.discrimination is None or self.discrimination < FLAT)


def question_figures(exam: Exam, attempts: int = ATTEMPTS) -> list[QuestionFigures]:
    """The figures of the questions in use, the hardest first; without answers, last. Over so many of the
    latest attempts: what was asked years ago was another exam.
    """
    sums, unchosen = _sums(exam, attempts), _unchosen(exam)
    found = []
    for question in exam.questions.order_by(ExamQuestion.id):
        n, right, *rest = sums.get(question.id, (0, 0, 0.0, 0.0, 0.0))
        figures = QuestionFigures(question, n, right, _correlation(n, right, *rest))
        figures.unchosen = unchosen.get(question.id, []) if n >= ENOUGH else []
        found.append(figures)
    return sorted(found, key=lambda each: (each.n == 0, each.share, each.question.id))


def _latest(exam: Exam, many: int) -> ModelSelect[Attempt]:
    over = (Attempt.exam == exam) & Attempt.ended_at.is_null(False) & ~Attempt.is_delta
    return Attempt.select(Attempt.id).where(over).order_by(Attempt.id.desc()).limit(many)


def _sums(exam: Exam, attempts: int) -> dict[int, tuple[int, int, float, float, float]]:
    """For each question: answers, right ones, and the sums of the rest of each attempt: r, r squared, and r
    where this one was right. The rest is the share of right answers among the attempt's other questions.
    """
    right = Case(None, [(AttemptQuestion.is_right, 1)], 0)
    others = Case(None, [(Attempt.asked > 1, Attempt.asked - 1)], 1)
    rest = (Attempt.right_ones - right) * 1.0 / others
    rows: Any = (
        AttemptQuestion.select(
            AttemptQuestion.question,
            fn.COUNT(AttemptQuestion.id),
            fn.SUM(right),
            fn.SUM(rest),
            fn.SUM(rest * rest),
            fn.SUM(rest * right),
        )
        .join(Attempt)
        .where(Attempt.id.in_(_latest(exam, attempts)))
        .group_by(AttemptQuestion.question)
        .tuples()
    )
    return {ident: (n, int(hits), float(a), float(b), float(c)) for ident, n, hits, a, b, c in rows}


def _correlation(n: int, right: int, rest: float, squares: float, both: float) -> float | None:
    """Pearson's, from sums."""
    if n < 2:
        return None
    of_right, of_rest = n * right - right**2, n * squares - rest**2
    if of_right <= 0 or of_rest <= 1e-9:
        return None
    return float((n * both - right * rest) / sqrt(of_right * of_rest))


def _unchosen(exam: Exam) -> dict[int, list[str]]:
    """By question, the wrong choices that none of the latest answers took."""
    offered: dict[int, dict[str, None]] = {}
    taken: Counter[tuple[int, str]] = Counter()
    choosing = AttemptQuestion.sort.in_(["single", "multiple"])
    among = AttemptQuestion.attempt.in_(_latest(exam, CHOOSING))
    for row in AttemptQuestion.select().where(choosing & among):
        wrong = [text for i, text in enumerate(row.options, start=1) if str(i) not in row.right]
        offered.setdefault(row.question_id, {}).update(dict.fromkeys(wrong))
        taken.update((row.question_id, row.options[int(each) - 1]) for each in row.given or ())
    return {ident: [text for text in texts if not taken[ident, text]] for ident, texts in offered.items()}
