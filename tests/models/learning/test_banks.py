"""Questions from a file: every shape that banks come in, nothing twice, nothing that an exam could not ask."""

from __future__ import annotations

import io
import os
import re
from contextlib import suppress
from time import process_time
from typing import Any

import pytest

from portal.models.base import undoing
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.learning import banks, marking
from portal.models.learning.courses import Course
from portal.models.learning.exams import Exam, ExamQuestion, note_changed
from portal.models.people.people import Person
from tests.attacks.parts import at_once
from tests.conftest import SignIn
from tests.learning import course_of
from tests.parts import timed

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


@pytest.mark.parametrize(
    ("head", "row", "sort", "answers"),
    [
        # a word is itself before it is letters
        ("a,b,c,d,answer", "Loan,Bank,Cash,Debt,Cash", "single", "Loan\nBank\n*Cash\nDebt"),
        ("a,b,c,d,answer", "Good,Bad,,,Bad", "single", "Good\n*Bad"),
        ("a,b,c,d,answer", "Deed,Deal,Fee,,Deal", "single", "Deed\n*Deal\nFee"),
        ("a,b,c,d,answer", "甲,,丙,丁,C", "single", "甲\n*丙\n丁"),
        ("a,b,c,answer", "甲,乙,丙,丙；甲", "multiple", "*甲\n乙\n*丙"),
        ("a,b,c,answer", "甲,乙,丙,B. 乙", "single", "甲\n*乙\n丙"),
        ("a,b,answer", "甲,乙,Ｂ", "single", "甲\n*乙"),
        ("a,b,c,answer", "-5,-3,5,-3", "single", "-5\n*-3\n5"),
        ("选项1,选项2,选项3,答案", "甲,乙,丙,2", "single", "甲\n*乙\n丙"),
        ("选项1,选项2,选项3,答案", '甲,乙,丙,"1,3"', "multiple", "*甲\n乙\n*丙"),
        ("a,b,c,answer", "A. 一套,B. 三套,C. 五套,B", "single", "一套\n*三套\n五套"),
        ("a,b,answer", "*甲,乙,A", "single", "*甲\n乙"),
        # an order is the order of its letters
        ("sort,a,b,c,answer", "排序题,签约,看房,付款,BAC", "order", "看房\n签约\n付款"),
        ("sort,a,b,c,answer", "排序题,签约,看房,付款,B→A→C", "order", "看房\n签约\n付款"),
        ("sort,a,b,c,answer", "排序题,签约,看房,付款,", "order", "签约\n看房\n付款"),
        ("sort,a,b,answer", "判断题,正确,错误,B", "true_false", "错误"),
        ("sort,a,b,answer", "判断题,√,×,A", "true_false", "√"),
        ("sort,a,b,answer", "判断题,正确,错误,对", "true_false", "对"),
        ("sort,answer", "判断题,T", "true_false", "true"),
        ("sort,answer", "判断题,n", "true_false", "false"),
    ],
)
def test_what_is_right_comes_in_right(
    exam: Exam, stan: Person, head: str, row: str, sort: str, answers: str
) -> None:
    report = bring(exam, f"question,{head}\n问什么？,{row}\n", stan)
    assert report.refused == []
    assert [each[:2] for each in drafts(exam)] == [(sort, answers)]
    assert marking.faults(sort, answers) is None


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("a,b,answer", "甲,乙,AD"),
        ("a,b,answer", "B,A,A"),
        ("a,b,c,answer", "甲,乙,丙,5"),
        ("a,b,c,answer", '-9,-3,-5,"3,5"'),
        ("a,b,c,answer", "甲,,丙,B"),
        ("a,b,answer", "*甲,乙,B"),
        ("sort,a,b,c,answer", "排序题,签约,看房,付款,BA"),
        ("sort,a,b,answer", "配对题,甲=1,乙=2,BA"),
        ("sort,a,b,answer", "填空题,甲,乙,A"),
        ("sort,answer", "论述题,甲"),
        ("sort,answer", "判断题,A"),
    ],
)
def test_what_could_mean_another_thing_is_refused(exam: Exam, stan: Person, head: str, row: str) -> None:
    report = bring(exam, f"question,{head}\n问什么？,{row}\n", stan)
    assert (report.added, [line for line, _ in report.refused]) == (0, [2])


def test_one_stem_of_other_choices_is_another_question(exam: Exam, stan: Person) -> None:
    text = (
        "题目,选项A,选项B,答案\n"
        "下列说法正确的是（ ）,定金可退,定金不退,B\n下列说法正确的是（ ）,先看房,后看房,A\n"
        "What is 5-3?,2,8,A\nWhat is 53?,2,8,A\n下列说法正确的是( ),定金不退,定金可退,B\n"
    )
    report = bring(exam, text, stan)
    assert (report.added, report.known, report.refused) == (4, 1, [])


def test_what_is_left_out_or_not_understood_is_told(exam: Exam, stan: Person, sign_in: SignIn) -> None:
    text = "Question,Answer,Difficulty,Topic\nAsk first?,对,五级,没有的主题\n"
    report = bring(exam, text, stan)
    assert [row for row, _ in report.doubts] == [2, 2]
    page = (
        sign_in(stan).post(f"/exams/{exam.id}/questions/file", files={"file": ("b.csv", text.encode())}).text
    )
    assert "In the bank already, in use, drafted or taken out: 1." in page


def test_a_question_from_a_file_names_what_to_read_and_follows_it(exam: Exam, stan: Person) -> None:
    article = exam.course.lessons.first().article
    data = f"question,right,article,owner\nA?,true,{article.title},x\nB?,true,/articles/{article.id},x\n"
    report = bring(exam, f"{data}C?,true,Nowhere,x\n", stan)
    made = list(exam.questions.order_by(ExamQuestion.id.desc()).limit(3))
    assert [each.article for each in made] == [None, article, article]
    assert [row for row, _ in report.doubts] == [4]
    assert report.unread == ["owner"]
    made[1].put_to_use(by=stan)
    article.edit(by=stan, body="Quite different.")
    note_changed()
    assert made[1].fresh().state == "check"


def test_a_file_is_taken_back_but_for_what_was_read_since(exam: Exam, stan: Person, sign_in: SignIn) -> None:
    browser, held = sign_in(stan), exam.questions.count()
    lines = "question,right\nA?,true\nB?,true\nC?,true\n"
    sent = {"file": ("bank.csv", io.BytesIO(lines.encode()), "text/csv")}
    page = browser.post(f"{exam.url}/questions/file", files=sent, follow_redirects=True).text
    brought = Event.get(Event.verb == "file brought in")
    assert f"/events/{brought.id}/undoing" in page
    used = ExamQuestion.get(ExamQuestion.text == "B?")
    used.put_to_use(by=stan)
    undoing.undo(brought, by=stan)
    assert (exam.questions.count(), used.fresh().state) == (held + 1, "ready")
    assert bring(exam, lines, stan).added == 2, "the same file comes in anew"


def test_a_file_is_looked_at_before_anything_is_written(exam: Exam, stan: Person, sign_in: SignIn) -> None:
    """With what would come in, what would not and why; then it comes in as it was shown."""
    browser, address, held = sign_in(stan), f"{exam.url}/questions/file", exam.questions.count()
    lines = b"question,right,topic\nWhat is two?,2,Nowhere\nWhat is true?,\n"
    for _ in range(2):
        page = browser.post(address, data={"trial": "1"}, files={"file": ("b.csv", lines, "text/csv")}).text
        assert "Nothing is written yet. Would be drafted: 1, would not be taken: 1." in page
        assert ("What is two?" in page, "Line 3: " in page, "“Nowhere”" in page) == (True, True, True)
        assert "Read the drafts" not in page
    assert exam.questions.count() == held
    assert not Event.select().where(Event.verb == "file brought in").exists()
    browser.post(address, files={"file": ("b.csv", lines, "text/csv")})
    assert exam.questions.count() == held + 1


def test_what_was_taken_out_comes_back_as_a_draft(exam: Exam, stan: Person, sign_in: SignIn) -> None:
    bring(exam, LETTERED, stan)
    one = exam.questions.order_by(ExamQuestion.id).first()
    one.put_to_use(by=stan)
    one.take_out(by=stan)
    page = sign_in(stan).get(f"/exams/{exam.id}/questions?show=gone").text
    assert f'id="question-{one.id}"' in page
    assert "Bring back as a draft" in page
    assert f'id="question-{one.id}"' not in sign_in(stan).get(f"/exams/{exam.id}/questions").text
    for _ in range(2):
        sign_in(stan).post(f"/exam-questions/{one.id}/removal", data={"undo": "1"})
    assert ExamQuestion.get_by_id(one.id).state == "draft"
    assert Event.about(one).where(Event.verb == "brought back").count() == 1


def test_a_table_with_braces_is_a_table(exam: Exam, stan: Person) -> None:
    text = "题目,选项A,选项B,答案\n模板里的 {姓名} 指什么？,客户,同事,A\n一次看几套？,三套,五套,A\n"
    for name in ("bank.csv", "bank.txt"):
        bring(exam, text, stan, name)
        assert exam.questions.count() == 2


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_gift_in_any_encoding_with_its_topic(exam: Exam, stan: Person, schools: Topic, encoding: str) -> None:
    text = f"$CATEGORY: $course$/{schools.name}\n\n学区房的学位是按户口登记的先后来排的吗？{{T}}\n"
    assert bring(exam, text.encode(encoding), stan, "bank.txt").added == 1
    assert [(each[0], each[3]) for each in drafts(exam)] == [("true_false", schools.id)]


@timed
@pytest.mark.parametrize("text", ["Q {T}\n\n" * 400_000, "Q {" + "=a ~" * 900_000 + "}", "= %" * 1_200_000])
def test_a_large_file_is_refused_at_once(exam: Exam, stan: Person, text: str) -> None:
    began = process_time()
    for name in ("bank.gift", "bank.csv"):
        with suppress(Invalid):
            assert bring(exam, text, stan, name).added == 0
    assert process_time() - began < 5
    assert exam.questions.count() == 0


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


def test_columns_that_are_called_otherwise_are_chosen(exam: Exam, stan: Person, sign_in: SignIn) -> None:
    """The page holds the file that was looked at, so that it is chosen once."""
    browser, address = sign_in(stan), f"/exams/{exam.id}/questions/file"
    lines = b"ask,first,second,good\nHow many?,Two,Three,2\n"
    refused = browser.post(address, data={"trial": "1"}, files={"file": ("b.csv", lines, "text/csv")})
    assert (refused.status_code, "Choose in the list which one it is." in refused.text) == (422, True)
    assert re.findall(r'for="column-\d">(\w+)<', refused.text) == ["ask", "first", "second", "good"]
    held = dict(re.findall(r'name="(headers|seen|seen_name)" type="hidden" value="([^"]+)"', refused.text))
    assert held["seen_name"] == "b.csv"
    sent = {**held, "column": ["text", "a", "b", "right"]}
    twice = browser.post(address, data={**sent, "column": ["text", "a", "a", "right"]})
    assert (twice.status_code, "Two columns become “Answer A”." in twice.text) == (422, True)
    tried = browser.post(address, data={**sent, "trial": "1"}).text
    assert "Would be drafted: 1, would not be taken: 0." in tried
    assert tried.count(" selected>") == 4, "they stay as they were chosen"
    assert exam.questions.count() == 0
    for nothing in ("", "!", "eNpLTAQA", "x" * 50):
        assert browser.post(address, data={**sent, "seen": nothing}).status_code == 422
    assert browser.post(address, data=sent).status_code == 303
    assert drafts(exam) == [("single", "Two\n*Three", 2, None, "draft")]
    other = b"question,right,x,y\nIs it?,true,,\n"
    browser.post(address, data=sent, files={"file": ("c.csv", other, "text/csv")})
    assert exam.questions.count() == 2, "another table is read by its own headers"


def test_a_file_too_large_for_the_page_is_chosen_again_with_its_columns(
    exam: Exam, stan: Person, sign_in: SignIn
) -> None:
    browser, address = sign_in(stan), f"/exams/{exam.id}/questions/file"
    noise = "\n".join(f"What is {n}?,true,{os.urandom(600).hex()}" for n in range(400))
    lines = f"ask,good,more\n{noise}".encode()
    page = browser.post(address, data={"trial": "1"}, files={"file": ("b.csv", lines, "text/csv")}).text
    assert "The file is too large for this page to hold" in page
    headers = re.findall(r'name="headers" type="hidden" value="([^"]+)"', page)[0]
    sent = {"headers": headers, "column": ["text", "right", ""]}
    browser.post(address, data=sent, files={"file": ("b.csv", lines, "text/csv")})
    assert exam.questions.count() == 400
