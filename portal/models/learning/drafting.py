"""Questions drafted from what the lessons of a course teach: nobody begins with an empty bank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from secrets import randbelow
from typing import Any

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import along
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import BestAnswer
from portal.models.learning import marking
from portal.models.learning.courses import Lesson
from portal.models.learning.exams import SHORT, Exam, ExamQuestion, SourceAsked
from portal.models.people.people import Person
from portal.text.markdown import plain_text

WRONG_ONES = 3
"""So many wrong choices a drafted question has."""
LEAST_STEPS = 3
"""A numbered list of so many steps is asked for its order."""
_STEP = re.compile(r"\d{1,2}[.)、．]\s*(.+)")


def draft_questions(exam: Exam, *, by: Person) -> int:
    """Draft questions of several sorts for each lesson made of an article that has none, and for each
    best answer of the question that a lesson answers: which answer fits these customers? Gives how many.
    Its owner edits them before any is asked. Twice is harmless; what was taken out does not come again.
    """
    drafting = _Drafting(exam, by)
    with db.atomic():
        for lesson in drafting.lessons:
            if lesson.article is not None:
                drafting.ask_about(lesson, lesson.article)
            for best in _best_of(lesson):
                drafting.ask_for_the_best(best, lesson)
        if drafting.count:
            exam.track("drafts made", by=by, changes={"count": [None, drafting.count]})
    return drafting.count


class _Drafting:
    """What one course teaches, what is asked of it already, and how many questions came."""

    def __init__(self, exam: Exam, by: Person) -> None:
        self.exam, self.by, self.count = exam, by, 0
        self.lessons = [each for each in exam.course.lessons if each.article_id or each.answer_id]
        self.gists = {each.id: _gist(each) for each in self.lessons}
        every = ExamQuestion.select().where(ExamQuestion.exam == exam)
        self.held: set[SourceAsked] = {each.source_asked for each in every}

    def ask_about(self, lesson: Lesson, article: Article) -> None:
        """What is true of it? Wrong is what other lessons come to. In which order are its steps?"""
        facts = {"article": article, "topic": next(iter(article.topic_ids), None)}
        if (article.id, None, None, False) not in self.held:
            words = Phrase("What is true of “%(title)s”?", title=lesson.title)
            self._choice(words, self.gists[lesson.id], self._others(lesson), **facts)
        if (article.id, None, None, True) not in self.held and (steps := _steps_of(article.body)):
            words = Phrase("“%(title)s”: in which order?", title=lesson.title)
            self._put(words, "order", "\n".join(steps), **facts)

    def ask_for_the_best(self, best: BestAnswer, lesson: Lesson) -> None:
        """Which answer fits? Wrong is what is best for other customers who ask the same, then what other
        lessons come to. Does this one fit them? Where other customers are told otherwise.
        """
        question = best.answer.question
        same = [_line(each.answer.text) for each in _best_of(lesson) if each.answer_id != best.answer_id]
        facts = {"answer": best.answer, "scope": best.scope, "topic": question.topic_id}
        asked = {"question": question.text, "who": i18n.label(best.customer_type)}
        of_it, right = (None, best.answer_id, best.scope), _line(best.answer.text)
        if not self.held & {(*of_it, False), (None, best.answer_id, None, False)}:
            self.held.add((*of_it, False))
            words = (
                Phrase("A customer asks: “%(question)s” Which answer fits best?", question=question.text)
                if best.customer_type is None
                else Phrase("A customer (%(who)s) asks: “%(question)s” Which answer fits best?", **asked)
            )
            self._choice(words, right, [*same, *self._others(lesson)], **facts)
        other = next((each for each in same if each != right), None)
        if best.customer_type is not None and other and (*of_it, True) not in self.held:
            self.held.add((*of_it, True))
            is_so = bool(randbelow(2))  # nothing that an examinee sees tells which
            words = Phrase(
                "A customer (%(who)s) asks: “%(question)s” “%(shown)s” fits best.",
                shown=right if is_so else other,
                **asked,
            )
            self._put(words, "true_false", i18n.gettext(marking.TRUTHS[0 if is_so else 1]), **facts)

    def _others(self, lesson: Lesson) -> list[str]:
        """What other lessons come to, beginning after this one's place."""
        others = [gist for ident, gist in self.gists.items() if ident != lesson.id]
        start = lesson.position % len(others) if others else 0
        return [*others[start:], *others[:start]]

    def _choice(self, words: Phrase, right: str, others: Sequence[str], **facts: Any) -> None:
        wrong = [gist for gist in dict.fromkeys(others) if gist and gist != right][:WRONG_ONES]
        if right and wrong:
            self._put(words, "single", "\n".join([f"*{right}", *wrong]), **facts)

    def _put(self, words: Phrase, sort: str, answers: str, **facts: Any) -> None:
        text = i18n.gettext(words)
        ExamQuestion.add(self.exam, by=self.by, sort=sort, text=text, answers=answers, **facts)
        self.count += 1


def _gist(lesson: Lesson) -> str:
    """What a lesson comes to, on one line."""
    if lesson.article is not None:
        return _line(lesson.article.summary or lesson.article.body)
    return _line(lesson.answer.text if lesson.answer is not None else "")


def _steps_of(text: str) -> list[str]:
    """The steps of its longest numbered list, each on one line; none where an exam could not ask them."""
    longest, running = list[str](), list[str]()
    for line in text.splitlines():
        if found := _STEP.match(line):
            running = [*running, found[1]]
        elif line.startswith(" ") and running:
            running[-1] += f" {line.strip()}"
        elif line.strip():
            running = []
        longest = max(longest, running, key=len)
    longest = [_line(step) for step in longest]
    is_asked = len(longest) >= LEAST_STEPS and marking.faults("order", "\n".join(longest)) is None
    return longest if is_asked and all(longest) else []


def _best_of(lesson: Lesson) -> list[BestAnswer]:
    """What is best for whom of the question that a lesson answers."""
    if lesson.answer is None or lesson.answer.question.archived_at is not None:
        return []
    best = BestAnswer.whole().where(BestAnswer.question == lesson.answer.question_id)
    return list(along(best, BestAnswer.customer_type, whole=True).order_by(BestAnswer.id))


def _line(text: str) -> str:
    line = " ".join(plain_text(text).split()).lstrip("*＊√✓ ")
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
