"""Where people fail: how hard each question of an exam is, and whether it tells who knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from json import loads
from math import sqrt
from random import Random
from typing import Any, NamedTuple

from peewee import Case, ModelSelect, fn

from portal.models.base.prepared import Prepared
from portal.models.company.topics import Topic
from portal.models.insights.proportions import wilson
from portal.models.learning import marking
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.people.people import Person

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


def question_figures(exam: Exam, attempts: int = ATTEMPTS, choosing: int = CHOOSING) -> list[QuestionFigures]:
    """The figures of the questions in use, the hardest first; without answers, last. Over so many of the
    latest attempts: what was asked years ago was another exam. Of other words or another key, none. What
    nobody chose is told over the `choosing` latest.
    """
    questions = list(exam.questions.order_by(ExamQuestion.id))
    asked = _asked(exam, attempts)
    present = _present(questions, asked)
    sums, unchosen = _sums(asked, present), _unchosen(exam, present, choosing)
    found = []
    for question in questions:
        n, right, *rest = sums.get(question.id, (0, 0, 0.0, 0.0, 0.0))
        figures = QuestionFigures(question, n, right, _correlation(n, right, *rest))
        figures.unchosen = unchosen.get(question.id, [])
        found.append(figures)
    return sorted(found, key=lambda each: (each.n == 0, each.share, each.question.id))


@dataclass
class TopicFigures:
    """What people know of one topic of an exam: right answers of all."""

    topic: Topic | None
    n: int
    right: int
    people: int
    """Who answered."""

    @property
    def share(self) -> float:
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by Wilson."""
        return wilson(self.right, self.n)


def topic_figures(exam: Exam, person: Person, attempts: int = ATTEMPTS) -> list[TopicFigures]:
    """Where people fail, by topic, the hardest first: of all for who makes the exam, else of those whom
    somebody leads. It names no question and no choice, so that whoever reads it may still take the exam.
    """
    over = _latest(exam, attempts)
    if not exam.editable_by(person):
        over = over.where(Attempt.person.in_(sorted(person.team) or [0]))
    rows: Any = (
        AttemptQuestion.select(
            ExamQuestion.topic,
            fn.COUNT(AttemptQuestion.id),
            fn.SUM(Case(None, [(AttemptQuestion.is_right, 1)], 0)),
            fn.COUNT(Attempt.person.distinct()),
        )
        .join(Attempt)
        .join_from(AttemptQuestion, ExamQuestion, on=(AttemptQuestion.question == ExamQuestion.id))
        .where(Attempt.id.in_(over))
        .group_by(ExamQuestion.topic)
        .tuples()
    )
    known = list(rows)
    topics = {
        each.id: each for each in Topic.select().where(Topic.id.in_([row[0] for row in known if row[0]]))
    }
    found = [TopicFigures(topics.get(ident), n, int(right), people) for ident, n, right, people in known]
    return sorted(found, key=lambda each: (each.share, -each.n))


def _latest(exam: Any, many: Any) -> ModelSelect[Attempt]:
    over = (Attempt.exam == exam) & Attempt.ended_at.is_null(False) & ~Attempt.is_delta
    return Attempt.select(Attempt.id).where(over).order_by(Attempt.id.desc()).limit(many)


class _Asked(NamedTuple):
    """One version of a question as it was asked: the last time, how often, how often answered right, and the
    sums of the rest of each attempt: r, r squared, and r where this one was right. The rest is the share of
    right answers among the attempt's other questions.
    """

    question: int
    version: int
    latest: int
    n: int
    right: int
    rest: float
    squares: float
    both: float


def _asked(exam: Exam, attempts: int) -> list[_Asked]:
    """What was asked in the latest attempts, in one go over them."""
    return [
        _Asked(question, version, latest, n, int(hits), float(a), float(b), float(c))
        for question, version, latest, n, hits, a, b, c in _ASKED.rows(exam=exam.id, attempts=attempts)
    ]


def _sums_of(exam: Any, attempts: Any) -> Any:
    right = Case(None, [(AttemptQuestion.is_right, 1)], 0)
    others = Case(None, [(Attempt.asked > 1, Attempt.asked - 1)], 1)
    rest = (Attempt.right_ones - right) * 1.0 / others
    return (
        AttemptQuestion.select(
            AttemptQuestion.question,
            AttemptQuestion.question_version,
            fn.MAX(AttemptQuestion.id),
            fn.COUNT(AttemptQuestion.id),
            fn.SUM(right),
            fn.SUM(rest),
            fn.SUM(rest * rest),
            fn.SUM(rest * right),
        )
        .join(Attempt)
        .where(Attempt.id.in_(_latest(exam, attempts)))
        .group_by(AttemptQuestion.question, AttemptQuestion.question_version)
    )


def _present(questions: list[ExamQuestion], asked: list[_Asked]) -> set[tuple[int, int]]:
    """Of which question which versions ask the same as now: with the same words, choices and key. Of an
    earlier version, what was asked is read.
    """
    now = {each.id: each for each in questions}
    known = [each for each in asked if each.question in now]
    found = {(each.question, each.version) for each in known if each.version == now[each.question].version}
    before = [each.latest for each in known if each.version != now[each.question].version]
    for start in range(0, len(before), 500):
        for row in AttemptQuestion.select().where(AttemptQuestion.id.in_(before[start : start + 500])):
            if _same(row, now[row.question_id]):
                found.add((row.question_id, row.question_version))
    return found


def _same(row: AttemptQuestion, question: ExamQuestion) -> bool:
    """Whether a question as it was asked is what it is now, but for the order in which it was shown."""
    if (row.sort, row.text) != (question.sort, question.text):
        return False
    shown = marking.shown(question.sort, question.answers, Random(0))  # noqa: S311 - nobody sees this order
    if sorted(row.options) != sorted(shown.options) or sorted(row.lefts) != sorted(shown.lefts):
        return False
    before = marking.told(row.sort, row.lefts, row.options, row.right)
    after = marking.told(row.sort, shown.lefts, shown.options, shown.right)
    return before == after if row.sort == "order" else sorted(map(str, before)) == sorted(map(str, after))


def _sums(
    asked: list[_Asked], present: set[tuple[int, int]]
) -> dict[int, tuple[int, int, float, float, float]]:
    """For each question the sums of `_Asked` over its versions that ask the same as now."""
    found: dict[int, tuple[int, int, float, float, float]] = {}
    for each in asked:
        if (each.question, each.version) in present:
            m, right, d, e, f = found.get(each.question, (0, 0, 0.0, 0.0, 0.0))
            rest = d + each.rest, e + each.squares, f + each.both
            found[each.question] = m + each.n, right + each.right, *rest
    return found


def _correlation(n: int, right: int, rest: float, squares: float, both: float) -> float | None:
    """Pearson's, from sums."""
    if n < 2:
        return None
    of_right, of_rest = n * right - right**2, n * squares - rest**2
    if of_right <= 0 or of_rest <= 1e-9:
        return None
    return float((n * both - right * rest) / sqrt(of_right * of_rest))


def _unchosen(exam: Exam, present: set[tuple[int, int]], choosing: int) -> dict[int, list[str]]:
    """By question, the wrong choices that none of the latest answers took, once there are enough of these."""
    asked: Counter[int] = Counter()
    offered: dict[int, dict[str, None]] = {}
    taken: Counter[tuple[int, str]] = Counter()
    for question, version, *written, n in _CHOSEN.rows(exam=exam.id, attempts=choosing):
        if (question, version) not in present:
            continue
        options, right, given = (loads(each) if each else [] for each in written)
        asked[question] += n
        wrong = [text for i, text in enumerate(options, start=1) if str(i) not in right]
        offered.setdefault(question, {}).update(dict.fromkeys(wrong))
        taken.update((question, options[int(each) - 1]) for each in given or ())
    return {
        ident: [text for text in texts if not taken[ident, text]]
        for ident, texts in offered.items()
        if asked[ident] >= ENOUGH
    }


def _choices_of(exam: Any, attempts: Any) -> Any:
    """As it is written: read once for all who saw the choices in one order and chose alike."""
    told = [AttemptQuestion.options, AttemptQuestion.right, AttemptQuestion.given]
    alike = [
        AttemptQuestion.question,
        AttemptQuestion.question_version,
        *(each.cast("TEXT") for each in told),
    ]
    among = AttemptQuestion.attempt.in_(_latest(exam, attempts))
    with_choices = AttemptQuestion.sort.in_(["single", "multiple"])
    rows: Any = AttemptQuestion.select(*alike, fn.COUNT(AttemptQuestion.id))
    return rows.where(with_choices & among).group_by(*alike)


_ASKED, _CHOSEN = Prepared[Any](_sums_of), Prepared[Any](_choices_of)
