"""Exams under attack: whatever a browser sends, asks for or keeps, the portal's own word counts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from portal import clock
from portal.models.base.record import Event, SearchOutbox
from portal.models.company.topics import Topic
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.questions import Question
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.certificates import Certificate
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion, note_changed
from portal.models.people.people import Person
from portal.views.learning.exams import AT_ONCE
from tests.attacks.parts import at_once
from tests.client import Client
from tests.conftest import SignIn
from tests.learning import course_of, exam_of, release, right_answer, take, wrong_answer


@pytest.fixture
def exam(rita: Person, rob: Person, schools: Topic, ada: Person) -> Exam:
    """Two of four questions, of a course that Ada is in; Rob has released it."""
    course = course_of(rita, schools, articles=1)
    made = exam_of(course)
    release(made, rob)
    Enrolment.enrol(course, ada, by=ada)
    return made


def begun(browser: Client, exam: Exam) -> Attempt:
    answer = browser.post(f"{exam.url}/attempts")
    assert answer.status_code == 303
    ident = int(answer.headers["location"].rpartition("/")[2])
    return Attempt.get_by_id(ident)


def answered(browser: Client, attempt: Attempt, place: int, given: list[str]) -> int:
    return browser.post(f"{attempt.url}/answers/{place}", data={"answer": given}).status_code


def test_an_exam_from_the_first_question_to_the_certificate(
    sign_in: SignIn, exam: Exam, ada: Person, ben: Person
) -> None:
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    one, two = attempt.questions
    assert one.text in browser.get(attempt.url).text
    moved = browser.post(f"{attempt.url}/answers/1", data={"answer": right_answer(one)})
    assert moved.headers["location"] == f"{attempt.url}?question=2"
    assert two.text in browser.get(attempt.url).text, "Go on where nothing is answered yet"
    assert "checked" in browser.get(f"{attempt.url}?question=1").text
    last = browser.post(f"{attempt.url}/answers/2", data={"answer": right_answer(two)}).headers["location"]
    assert "2 of 2 questions are answered" in browser.get(last).text
    result = browser.post(f"{attempt.url}/handing-in", follow_redirects=True).text
    assert "2 of 2 right: 100%" in result
    certificate = Certificate.get()
    page = sign_in(ben).get(certificate.url).text
    assert certificate.number in page
    checked = sign_in(ben).get(f"/certificates?number={certificate.number.lower()}").text
    assert ("Ada" in checked, "Valid" in checked) == (True, True)
    assert "There is no certificate" in sign_in(ben).get("/certificates?number=AAAA-AAAA").text
    assert "Certificate" in sign_in(ben).get(ada.url).text


def test_what_is_right_stands_nowhere_before_the_end(
    sign_in: SignIn, exam: Exam, ada: Person, schools: Topic
) -> None:
    """Of each option only its text is shown, in an order of chance; the wrong pages say nothing."""
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    asked = attempt.questions[0]
    page = browser.get(attempt.url).text
    form = re.sub(r'value="\d"|The right one|A wrong one', "", page)
    assert not re.search(
        r"right|is_right|answer_key|correct", form.replace("arrow-right", "").partition("<main")[2]
    )
    explained = ExamQuestion.get_by_id(asked.question_id)
    explained.edit(by=exam.course.owner, reason="Because of the law")
    for path in (
        attempt.url,
        f"{attempt.url}?end",
        f"{attempt.url}?question=1",
        exam.url,
        exam.course.url,
        "/learning",
        "/",
    ):
        for headers in ({}, {"HX-Request": "true"}):
            text = browser.get(path, headers=headers).text
            assert "Because of the law" not in text
            assert "Right is" not in text
    for path in (f"{exam.url}/questions", f"{exam.url}/figures"):
        assert browser.get(path).status_code == 403
    assert browser.get(explained.url).status_code == 404
    assert not SearchOutbox.waiting().keys() & {"exam", "exam_question", "attempt", "attempt_question"}
    assert browser.get(attempt.url).headers["cache-control"] == "no-store", "Back asks anew"


def test_two_tabs_and_two_devices_are_one_attempt(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    desk, phone = sign_in(ada), sign_in(ada)
    attempt = begun(desk, exam)
    assert begun(phone, exam) == attempt
    one, two = attempt.questions
    assert answered(desk, attempt, 1, right_answer(one)) == 303
    assert answered(phone, attempt, 2, right_answer(two)) == 303
    desk.post(f"{attempt.url}/handing-in")
    assert "2 of 2 right" in phone.get(attempt.url).text
    assert answered(phone, attempt, 2, wrong_answer(two)) == 303
    assert attempt.fresh().right_ones == 2
    assert "This exam is over" in phone.get(attempt.url).text


def test_whatever_is_pressed_takes_the_answer_with_it(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    """The numbers of the questions, Back, and the way to the end are buttons of the same form."""
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    page = browser.get(f"{attempt.url}?question=2").text
    buttons = re.findall(r"<button[^>]*>", page)
    assert [
        len([each for each in buttons if f'name="to" value="{to}"' in each]) for to in ("1", "2", "end")
    ] == [
        2,  # its number, and Back
        1,
        1,
    ]
    assert f'<a href="{attempt.url}?question' not in page
    one, two = attempt.questions
    for asked, to, where in ((one, "1", "?question=1"), (two, "end", "?end"), (two, "9", "?end")):
        sent = {"answer": right_answer(asked), "to": to}
        moved = browser.post(f"{attempt.url}/answers/{asked.place}", data=sent)
        assert moved.headers["location"] == f"{attempt.url}{where}"
        assert asked.fresh().given == asked.right


def test_an_answer_is_taken_back_and_a_page_that_shows_it_again_changes_nothing(
    sign_in: SignIn, exam: Exam, ada: Person
) -> None:
    for question in exam.questions:
        question.edit(by=exam.course.owner, sort="multiple")
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    asked = attempt.questions[0]
    path = f"{attempt.url}/answers/1"

    def given(**sent: object) -> list[str] | None:
        browser.post(path, data=sent)
        kept: list[str] | None = asked.fresh().given
        return kept

    assert given(answer=["1", "2"], seen="") == ["1", "2"]
    assert 'name="seen" value="1,2"' in browser.get(f"{attempt.url}?question=1").text
    assert given(answer=["2"], seen="1,2") == ["2"]
    assert given(answer=["1", "2"], seen="1,2") == ["2"], "an older tab shows what was there before"
    assert given(seen="") == ["2"], "or that nothing was"
    assert given(answer=["1", "2"], seen="1,2", changed="1") == ["1", "2"]
    assert given(seen="1,2") is None
    assert "Your answer to question 1 is taken back." in browser.get(attempt.url).text


@pytest.mark.parametrize("typed", ["20 分钟", "二十", "约20", "12,5", "20 min"])
def test_what_no_number_can_be_read_from_is_not_kept_as_one(
    sign_in: SignIn, exam: Exam, ada: Person, typed: str
) -> None:
    """It would be marked wrong, and its writer would read that once all is over."""
    for question in exam.questions:
        question.edit(by=exam.course.owner, sort="numeric", answers="20")
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    refused = browser.post(f"{attempt.url}/answers/1", data={"answer": typed})
    assert refused.status_code == 422
    assert "without its unit" in refused.text
    assert f'value="{typed}"' in refused.text, "what was typed stays"
    assert attempt.questions[0].given is None
    for fine in ("20", "2,000.5", "２０", "20%"):
        assert answered(browser, attempt, 1, [fine]) == 303
        assert attempt.questions[0].given == [fine]


def test_another_s_attempt_is_not_there(
    sign_in: SignIn, exam: Exam, ada: Person, ben: Person, mona: Person
) -> None:
    attempt = begun(sign_in(ada), exam)
    for person in (ben, mona, exam.course.owner):
        browser = sign_in(person)
        assert browser.get(attempt.url).status_code == 404
        assert answered(browser, attempt, 1, ["1"]) == 404
        assert browser.post(f"{attempt.url}/handing-in").status_code == 404
    assert attempt.fresh().ended_at is None
    assert all(each.given is None for each in attempt.questions)


def test_the_deadline_is_the_portals(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    """Whatever time the browser says, in a field, a header or its own clock."""
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    asked = attempt.questions[0]
    with clock.moved(attempt.deadline_at + timedelta(seconds=1)):
        early = {
            "answer": right_answer(asked),
            "deadline_at": "2099-01-01",
            "now": attempt.started_at.isoformat(),
        }
        dated = {"Date": "Mon, 01 Jan 2001 00:00:00 GMT"}
        browser.post(f"{attempt.url}/answers/1", data=early, headers=dated)
        assert asked.fresh().given is None
        page = browser.get(attempt.url).text
        assert ("The time is over." in page, asked.text in page) == (True, False)
        browser.post(f"{attempt.url}/handing-in")
        assert (attempt.fresh().right_ones, attempt.fresh().ended_at) == (0, attempt.deadline_at)


def test_what_is_sent_again_after_the_end_changes_nothing(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    one, two = attempt.questions
    answered(browser, attempt, 1, wrong_answer(one))
    for _ in range(2):
        assert browser.post(f"{attempt.url}/handing-in").status_code == 303
    for asked in (one, two):
        answered(browser, attempt, asked.place, right_answer(asked))
    assert (attempt.fresh().right_ones, attempt.fresh().passed) == (0, False)
    second = begun(browser, exam)
    for asked in second.questions:
        answered(browser, second, asked.place, right_answer(asked))
    browser.post(f"{second.url}/handing-in")
    browser.post(f"{exam.url}/attempts")
    assert Attempt.select().count() == 2, "two in 24 hours"
    assert [each.amount for each in PointEntry.of(ada)] == [10]


@pytest.mark.parametrize("sent", [["9"], ["1", "2"], ["x" * 5000], ["-1"], ["1'; DROP TABLE attempt"], []])
def test_odd_answers_are_none_or_wrong(sign_in: SignIn, exam: Exam, ada: Person, sent: list[str]) -> None:
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    assert answered(browser, attempt, 1, sent) == 303
    assert attempt.questions[0].given in (None, ["1"])
    assert answered(browser, attempt, 99, ["1"]) == 303
    assert AttemptQuestion.select().count() == 2


def test_who_reads_the_bank_starts_nothing(sign_in: SignIn, exam: Exam, rita: Person, mona: Person) -> None:
    Enrolment.enrol(exam.course, mona, by=mona)
    assert sign_in(rita).post(f"{exam.url}/attempts").status_code == 403
    assert sign_in(mona).post(f"{exam.url}/attempts").status_code == 303


def test_who_read_the_bank_takes_no_exam_once_it_is_no_longer_theirs(
    sign_in: SignIn, exam: Exam, rita: Person, ada: Person, ben: Person, mona: Person
) -> None:
    rita.edit(by=None, manager=mona)
    question = exam.questions.first()
    for path in (f"{exam.url}/questions", f"{exam.url}/figures", question.url):
        assert sign_in(mona).get(path).status_code == 200
    rita.edit(by=None, manager=ben)
    assert sign_in(mona).post(f"{exam.url}/attempts").status_code == 403
    assert Event.about(exam).where(Event.verb == "read").count() == 1
    assert sign_in(ada).post(f"{exam.url}/attempts").status_code == 303


def test_the_result_names_nothing_that_was_put_away(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    article = exam.course.lessons.first().article
    for question in exam.questions:
        question.edit(by=exam.course.owner, article=article)
    attempt = take(exam, ada, right=1)
    article.archive(by=exam.course.owner)
    assert article.title not in sign_in(ada).get(attempt.url).text


def test_the_result_names_what_to_read_again(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    article = exam.course.lessons.first().article
    for question in exam.questions:
        question.edit(by=exam.course.owner, article=article)
    attempt = take(exam, ada, right=1)
    page = sign_in(ada).get(attempt.url).text
    assert f'Read again: <a href="{article.url}">' in re.sub(r"\s+", " ", page)
    assert page.count("Right is") == 1


def test_a_bank_is_filled_used_and_checked(sign_in: SignIn, rita: Person, schools: Topic) -> None:
    course = course_of(rita, schools)
    browser = sign_in(rita)
    bank = browser.post(f"{course.url}/exam").headers["location"]
    exam = Exam.get()
    assert "Drafted: 3." in browser.post(f"{exam.url}/drafts", follow_redirects=True).text
    for question in exam.questions:
        browser.post(f"/exam-questions/{question.id}/use")
    assert exam.questions.where(ExamQuestion.state == "ready").count() == 3
    refused = browser.post(
        f"{exam.url}/edit", data={"draws": "10", "pass_mark": "80", "minutes": "20", "is_open": "y"}
    )
    assert (refused.status_code, "Questions in use: 3" in refused.text) == (422, True)
    fine = {
        "draws": "3",
        "pass_mark": "80",
        "minutes": "20",
        "is_open": "y",
        "version": str(exam.fresh().version),
    }
    assert browser.post(f"{exam.url}/edit", data=fine).status_code == 303
    bad = browser.post(
        f"{bank}/new", data={"sort": "single", "difficulty": "2", "text": "So?", "answers": "a\nb"}
    )
    assert (bad.status_code, "a * before the right one" in bad.text) == (422, True)
    good = {"sort": "numeric", "difficulty": "3", "text": "How much?", "answers": "12.5 ± 0.5"}
    assert browser.post(f"{bank}/new", data=good).status_code == 303
    question = ExamQuestion.get(ExamQuestion.text == "How much?")
    assert (question.difficulty, question.state) == (3, "draft")
    assert "12.5 ± 0.5" in browser.get(question.url).text
    browser.post(f"/exam-questions/{question.id}/removal")
    assert "How much?" not in browser.get(bank).text
    assert "No answers yet" in browser.get(f"{exam.url}/figures").text


def test_a_long_bank_is_read_to_its_end_and_put_to_use_as_it_was_read(
    sign_in: SignIn, rita: Person, schools: Topic
) -> None:
    exam = Exam.add(course_of(rita, schools, articles=1), by=rita)
    drafts = [
        ExamQuestion.add(exam, by=rita, sort="true_false", text=f"Is it so, {n}?", answers="true")
        for n in range(AT_ONCE + 2)
    ]
    browser, bank = sign_in(rita), f"{exam.url}/questions"
    page = browser.get(bank).text
    assert ("so, 0?" in page, "so, 2?" in page, "bank-key" in page) == (False, True, True)
    further = re.search(r'href="([^"]*from=50[^"]*)"', page)
    assert further
    assert "so, 0?" in browser.get(further[1].replace("&amp;", "&")).text
    found = browser.get(f"{bank}?show=draft&q=so, 0").text
    assert ("so, 0?" in found, "so, 1?" in found) == (True, False)
    one, other, changed = drafts[:3]
    ticked = [f"{each.id}-{each.version}" for each in (one, other, changed)]
    assert f'value="{ticked[0]}"' in found
    changed.edit(by=rita, answers="false")
    told = browser.post(f"{exam.url}/use", data={"question": [*ticked, "x-1"]}, follow_redirects=True).text
    assert "Put to use: 2." in told
    assert [each.fresh().state for each in (one, other, changed)] == ["ready", "ready", "draft"]
    noted = Event.select().where(Event.verb == "read")
    assert noted.count() == 1, "however often a bank is read"
    page = browser.get(f"{bank}?show=draft&q=so").text
    use = f"/exam-questions/{drafts[3].id}/use"
    kept, after = re.findall(f'form="act" formaction="{use}[?]([^"]*)" name="next" value="([^"]*)"', page)[0]
    assert (kept, after) == ("show=draft&amp;q=so", str(changed.id))
    moved = browser.post(f"{use}?{unescape(kept)}", data={"next": after}).headers["location"]
    assert moved == f"{bank}?show=draft&q=so#question-{after}"
    page = browser.get(f"{bank}?from=1").text
    assert ('/use?from=1"' in page, 'id="act"' in page, 'id="chosen"' in page) == (True, True, True)
    moved = browser.post(f"/exam-questions/{drafts[5].id}/use?from=50").headers["location"]
    assert moved == f"{bank}?from=50"


def test_who_checks_sees_what_is_called_right_and_what_has_changed(
    sign_in: SignIn, rita: Person, ada: Person, schools: Topic
) -> None:
    exam, asked = (
        exam_of(course_of(rita, schools, articles=1)),
        Question.ask(by=ada, text="Which?", topic=schools),
    )
    article = exam.course.lessons.first().article
    first, second = (asked.answer(by=ada, text=text) for text in ("Promise it.", "Check it first."))
    asked.choose_best(first, by=ada)
    of_both = [{"article": article}, {"answer": first}]
    for facts, question in zip(of_both, exam.questions, strict=False):
        question.write(number=1, **facts)
    article.edit(by=rita, body="Quite different.")
    asked.choose_best(second, by=ada)
    assert note_changed() == 2
    page = sign_in(rita).get(f"{exam.url}/questions?show=check").text
    assert page.count('class="bank-key"') == 2
    assert f'href="{article.url}/versions"' in page
    assert re.search(r"The best answer now:\s+Check it first\.", page)


@pytest.mark.parametrize("sort", ["multiple", "true_false", "order", "match", "numeric", "text"])
def test_each_sort_is_asked_and_answered(
    sign_in: SignIn, rita: Person, ada: Person, schools: Topic, sort: str
) -> None:
    answers = {
        "multiple": "*a\n*b\nc",
        "true_false": "true",
        "order": "one\ntwo\nthree",
        "match": "a = x\nb = y",
        "numeric": "12",
        "text": "学区\nschool district",
    }
    course = course_of(rita, schools, articles=1)
    exam = Exam.add(course, by=rita)
    made = ExamQuestion.add(exam, by=rita, sort=sort, text="So?", answers=answers[sort])
    made.put_to_use(by=rita)
    exam.edit(by=rita, draws=1, is_open=True)
    Enrolment.enrol(course, ada, by=ada)
    browser = sign_in(ada)
    attempt = begun(browser, exam)
    asked = attempt.questions[0]
    assert "So?" in browser.get(attempt.url).text
    answered(browser, attempt, 1, [asked.right[0]] if sort in ("numeric", "text") else right_answer(asked))
    assert browser.get(f"{attempt.url}?question=1").status_code == 200
    assert "1 of 1 right" in browser.post(f"{attempt.url}/handing-in", follow_redirects=True).text


def test_started_twice_at_one_moment_is_one(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    tabs = [sign_in(ada) for _ in range(4)]
    answers = at_once(*(lambda tab=tab: tab.post(f"{exam.url}/attempts").headers["location"] for tab in tabs))
    assert len(set(answers)) == 1
    assert (Attempt.select().count(), AttemptQuestion.select().count()) == (1, 2)


def test_handed_in_twice_at_one_moment_gives_once(sign_in: SignIn, exam: Exam, ada: Person) -> None:
    tabs = [sign_in(ada) for _ in range(4)]
    attempt = begun(tabs[0], exam)
    for asked in attempt.questions:
        answered(tabs[0], attempt, asked.place, right_answer(asked))
    asked = attempt.questions[0]
    late = lambda: tabs[3].post(f"{attempt.url}/answers/1", data={"answer": wrong_answer(asked)}).status_code  # noqa: E731
    ends = [lambda tab=tab: tab.post(f"{attempt.url}/handing-in").status_code for tab in tabs[:3]]
    assert at_once(*ends, late) == [303, 303, 303, 303]
    over = attempt.fresh()
    right = sum(each.given == each.right for each in attempt.questions)
    assert over.right_ones == right, "what is kept is what was marked"
    assert Certificate.select().count() == PointEntry.of(ada).count() == (1 if over.passed else 0)


def test_a_reviewer_reads_and_releases_it_and_its_page_says_so(
    sign_in: SignIn, rita: Person, rob: Person, ada: Person, exam: Exam
) -> None:
    said = "no evidence and no points"
    question = ExamQuestion.get()
    question.edit(by=rita, answers="*Only this\nNot that")
    take(exam, ada, right=2)
    assert said in sign_in(ada).get(exam.url).text
    assert said in sign_in(rita).get(f"{exam.url}/questions").text
    assert "Not released: no evidence" in sign_in(ada).get(Certificate.get().url).text
    for person in (rita, ada):
        assert sign_in(person).get(f"{exam.url}/release").status_code == 403
    browser = sign_in(rob)
    assert f"{exam.url}/release" in browser.get(exam.url).text
    page = browser.get(f"{exam.url}/release").text
    assert "*Only this" in page
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', page)
    assert seen
    question.fresh().edit(by=rita, answers="*Only this\nNor that")
    stale = browser.post(f"{exam.url}/release", data={"seen": seen[1]})
    assert (stale.status_code, "changed meanwhile" in stale.text) == (422, True)
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', stale.text)
    assert seen
    assert browser.post(f"{exam.url}/release", data={"seen": seen[1]}).status_code == 303
    assert said not in browser.get(exam.url).text
    assert browser.post(f"{exam.url}/release", data={"seen": seen[1]}).status_code == 303, "twice is harmless"
    assert browser.post(f"{exam.url}/attempts").status_code == 403
