"""A course with an exam, for those tests that learn."""

from __future__ import annotations

from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.courses import Course
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.people.people import Person

RIGHT, WRONG = "The right one", "A wrong one"


def article_of(author: Person, topic: Topic, title: str = "Ask first") -> Article:
    return Article.add(by=author, title=title, body=f"{title}: one question.", topics=[topic], published=True)


def course_of(owner: Person, topic: Topic, *, articles: int = 3) -> Course:
    """Published, with so many lessons made of articles of its owner's."""
    for number in range(articles):
        article_of(owner, topic, f"Advice {number}")
    course = Course.add(by=owner, title="First days", topic=topic, is_filled=True)
    course.publish(by=owner)
    return course


def question_of(exam: Exam, text: str, article: Article | None = None) -> ExamQuestion:
    """A choice of two, in use."""
    answers = f"*{RIGHT} of {text}\n{WRONG} of {text}"
    made = ExamQuestion.add(
        exam, by=exam.course.owner, sort="single", text=text, answers=answers, article=article
    )
    made.put_to_use(by=exam.course.owner)
    return made


def exam_of(course: Course, *, questions: int = 4, draws: int = 2) -> Exam:
    """Open, with so many questions in use."""
    exam = Exam.add(course, by=course.owner)
    for number in range(questions):
        question_of(exam, f"Question {number}?")
    exam.edit(by=course.owner, draws=draws, is_open=True)
    return exam


def release(exam: Exam, by: Person) -> None:
    """By the rules of a company whose exams ask two questions."""
    Setting.choose("exam.questions", 2, by=by)
    exam = Exam.get_by_id(exam.id)
    exam.release_it(by=by, seen=exam.bank_seen)


def right_answer(asked: AttemptQuestion) -> list[str]:
    return list(asked.right)


def wrong_answer(asked: AttemptQuestion) -> list[str]:
    return ["2" if asked.right == ["1"] else "1"]


def take(exam: Exam, person: Person, *, right: int) -> Attempt:
    """An attempt from its first question to its end, with so many right answers."""
    attempt = Attempt.begin(exam, by=person)
    for asked in attempt.questions:
        given = right_answer(asked) if asked.place <= right else wrong_answer(asked)
        attempt.answer(asked.place, given, by=person)
    attempt.end(by=person)
    return attempt.fresh()
