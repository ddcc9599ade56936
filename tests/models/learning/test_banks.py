"""Questions from a file: every shape that banks come in, nothing twice, nothing that an exam could not ask."""

from __future__ import annotations

import io
from typing import Any

import pytest

from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.learning import banks, marking
from portal.models.learning.courses import Course
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.people.people import Person
from tests.attacks.parts import at_once
from tests.conftest import SignIn
from tests.learning import course_of

LETTERED = """题目,题型,选项A,选项B,选项C,正确答案,解析,难度,主题
一次带看几套？,单选题,一套,三套,五套,B,先中等再最好,易,学区
哪些要先查？,,学位,抵押,爱好,A、B,,难,
先讲短处。,判断题,,,,对,,,
多少条经验？,,,,,2,,,
名额叫什么？,填空题,,,,学位,,,
"""
OWN = 'Question,Sort,Answers\nHow many?,One is right,"*Three\nFive"\n'
GIFT = "::1:: Ask first? {T}\n\nWhy? {=because ~never}\n\nSay it. {}\n"


@pytest.fixture
def exam(stan: Person, schools: Topic) -> Exam:
    return Exam.add(course_of(stan, schools, articles=1), by=stan)


def bring(exam: Exam, text: str | bytes, by: Person, name: str = "bank.csv") -> banks.BankReport:
    data = text.encode() if isinstance(text, str) else text
    return banks.take_in(exam, by=by, file=io.BytesIO(data), name=name)


def drafts(exam: Exam) -> list[tuple[Any, ...]]:
    found = exam.questions.order_by(ExamQuestion.id)
    return [(each.sort, each.answers, each.difficulty, each.topic_id, each.state) for each in found]


def test_a_table_with_a_column_for_each_letter(exam: Exam, stan: Person, schools: Topic) -> None:
    report = bring(exam, LETTERED, stan)
    assert (report.added, report.known, report.refused) == (5, 0, [])
    assert drafts(exam) == [
        ("single", "一套\n*三套\n五套", 1, schools.id, "draft"),
        ("multiple", "*学位\n*抵押\n爱好", 3, None, "draft"),
        ("true_false", "对", 2, None, "draft"),
        ("numeric", "2", 2, None, "draft"),
        ("text", "学位", 2, None, "draft"),
    ]
    assert all(marking.faults(sort, answers) is None for sort, answers, *_ in drafts(exam))
    assert exam.questions.order_by(ExamQuestion.id).first().reason == "先中等再最好"


def test_a_table_as_the_portal_types_it_and_gift(exam: Exam, stan: Person) -> None:
    assert bring(exam, OWN, stan).added == 1
    report = bring(exam, GIFT, stan, "bank.gift")
    assert (report.added, [row for row, _ in report.refused]) == (2, [5])
    assert [each[:2] for each in drafts(exam)] == [
        ("single", "*Three\nFive"),
        ("true_false", "true"),
        ("single", "*because\nnever"),
    ]


def test_twice_brings_nothing_twice_not_even_what_was_taken_out(exam: Exam, stan: Person) -> None:
    bring(exam, LETTERED, stan)
    exam.questions.order_by(ExamQuestion.id).first().take_out(by=stan)
    report = bring(exam, LETTERED.replace("几套？", "几套?"), stan)
    assert (report.added, report.known) == (0, 5)
    assert bring(exam, OWN + 'How many?,One is right,"*Three\nFive"\n', stan).known == 1


def test_of_two_at_one_moment_one_brings_it(database_url: str, exam: Exam, stan: Person) -> None:
    def act() -> banks.BankReport:
        return transact(lambda: bring(Exam.get_by_id(exam.id), LETTERED, Person.get_by_id(stan.id)))

    found = at_once(act, act)
    assert sorted(report.added for report in found) == [0, 5]
    assert exam.questions.count() == 5


def test_a_row_that_cannot_be_asked_is_named_and_the_others_come(exam: Exam, stan: Person) -> None:
    text = (
        "题目,题型,选项A,选项B,答案\n"
        "没有答案,单选题,一,二,\n两个对,单选题,一,二,AB\n,单选题,一,二,A\n"
        "电话是 13800138000 吗,判断题,,,对\n好的,单选题,一,二,A\n"
    )
    report = bring(exam, text, stan)
    assert (report.added, [row for row, _ in report.refused]) == (1, [2, 3, 4, 5])


@pytest.mark.parametrize(
    ("data", "name"),
    [("", "a.csv"), ("甲,乙\n一,二\n", "a.csv"), (b"%PDF-1.7", "a.pdf"), ("Question,Answers\n", "a.csv"), ("x" * (5 << 20), "a.csv")],
)  # fmt: skip
def test_what_holds_no_question_is_said(exam: Exam, stan: Person, data: str | bytes, name: str) -> None:
    with pytest.raises(Invalid):
        bring(exam, data, stan, name)
    assert exam.questions.count() == 0


def test_too_many_are_refused_whole(exam: Exam, stan: Person) -> None:
    rows = "".join(f"Question {number}?,true\n" for number in range(banks.MOST + 1))
    with pytest.raises(Invalid):
        bring(exam, "Question,Right answer\n" + rows, stan)
    assert exam.questions.count() == 0


def test_who_makes_the_exam_brings_a_file_and_nobody_else(
    exam: Exam, stan: Person, ada: Person, audrey: Person, sign_in: SignIn
) -> None:
    address = f"/exams/{exam.id}/questions/file"
    sent = {"file": ("bank.csv", LETTERED.encode(), "text/csv")}
    for other in (ada, audrey):
        assert sign_in(other).post(address, files=sent).status_code in (403, 404)
    assert (
        sign_in(stan).post(address, files=sent).headers["location"]
        == f"/exams/{exam.id}/questions?show=draft"
    )
    page = sign_in(stan).post(address, files={"file": ("b.gift", GIFT.encode(), "text/plain")}).text
    assert "Not taken: 1." in page
    assert "Line 5: " in page
    assert sign_in(stan).post(address, files={"file": ("b.pdf", b"%PDF", "text/plain")}).status_code == 422


def test_what_is_right_stands_in_no_event(exam: Exam, stan: Person) -> None:
    bring(exam, LETTERED, stan)
    assert "三套" not in str([event.changes for event in Event.select()])
    assert Course.select().count() == 1
