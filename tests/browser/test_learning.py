"""An exam while it runs, which no link of the demo company leads to: valid, accessible, on a phone, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import clock
from portal.models.learning.attempts import Attempt
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion
from tests.browser.conftest import served
from tests.company import Company

ANSWERS = {
    "single": "*右\n左",
    "multiple": "*右\n*上\n左",
    "true_false": "对",
    "order": "一\n二\n三",
    "match": "甲 = 1\n乙 = 2",
    "numeric": "12",
    "text": "学位",
}
MAKER = ["/learning", "/courses/{0}", "/courses/{0}/lessons", "/courses/{0}/people", "/exams/{1}/questions"]
MAKER += ["/exams/{1}/figures", "/exams/{1}/questions/new", "/courses/new", "/courses/{0}/lessons/new"]


@pytest.fixture(scope="module")
def address(company: Company) -> Iterator[str]:
    yield from served(company.app)


@pytest.fixture(scope="module")
def exam(company: Company) -> Exam:
    """One question of each sort; Li is in the course."""
    wang, li = company.person("wang"), company.person("li")
    course = Course.add(by=wang, title="各种题型")
    course.add_lesson(by=wang, kind_of="reading", title="读一读", text="只有一句话。")
    course.publish(by=wang)
    made = Exam.add(course, by=wang)
    for sort, answers in ANSWERS.items():
        ExamQuestion.add(made, by=wang, sort=sort, text=f"题目 {sort}", answers=answers).put_to_use(by=wang)
    made.edit(by=wang, draws=len(ANSWERS), is_open=True)
    Enrolment.enrol(course, li, by=li)
    return made


def opened(browser: Browser, address: str, company: Company, key: str, axe_source: str) -> Page:
    context = browser.new_context(base_url=address, viewport={"width": 375, "height": 800}, has_touch=True)
    context.add_cookies([{"name": "session", "value": company.tokens[key], "url": address}])
    context.add_init_script(axe_source)
    return context.new_page()


def wrong_with(page: Page, path: str, axe: Callable[[Page], list[str]]) -> list[str]:
    page.goto(path)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{path}: {each}" for each in [*axe(page), *([f"{over} px too wide"] if over > 0 else [])]]


def test_every_sort_of_question_is_accessible_and_valid(
    company: Company,
    exam: Exam,
    address: str,
    browser: Browser,
    axe: Callable[[Page], list[str]],
    axe_source: str,
    html_checker: Callable[[str], list[str]],
) -> None:
    page, client = opened(browser, address, company, "li", axe_source), company.browser("li")
    path = client.post(f"{exam.url}/attempts").headers["location"]
    problems = []
    for place in range(1, len(ANSWERS) + 1):
        problems += wrong_with(page, f"{path}?question={place}", axe)
        problems += html_checker(client.get(f"{path}?question={place}").text)
    problems += wrong_with(page, f"{path}?end", axe)
    with page.expect_navigation():  # a click does not wait for the page that comes
        page.get_by_role("button", name="交卷").click()
    problems += [*axe(page), *html_checker(client.get(path).text)]
    maker, of_maker = opened(browser, address, company, "wang", axe_source), company.browser("wang")
    for each in MAKER:
        where = each.format(exam.course_id, exam.id)
        problems += [*wrong_with(maker, where, axe), *html_checker(of_maker.get(where).text)]
    for tab in (page, maker):
        tab.context.close()
    assert not problems, "\n".join(problems)


def test_an_exam_is_taken_by_keyboard(
    company: Company, exam: Exam, address: str, browser: Browser, axe_source: str
) -> None:
    page = opened(browser, address, company, "li", axe_source)
    page.goto(exam.url)
    page.get_by_role("button", name="现在开始").press("Enter")
    expect(page.locator("fieldset")).to_be_visible()
    attempt = Attempt.get(Attempt.running.is_null(False) & (Attempt.exam == exam))
    place = next(each.place for each in attempt.questions if each.sort == "true_false")
    page.goto(f"{attempt.url}?question={place}")
    page.get_by_role("radio", name="对").press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".exam-places .answered")).to_have_count(1)
    assert attempt.questions[place - 1].given == ["1"]
    places = {each.sort: each.place for each in attempt.questions}
    page.goto(f"{attempt.url}?question={places['single']}")
    with page.expect_response("**/answers/*"):
        page.get_by_role("radio").first.check()
    assert attempt.questions[places["single"] - 1].given == ["1"], "kept at once, though nothing was pressed"
    page.goto(f"{attempt.url}?question={places['text']}")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"\d+:\d\d"))
    page.get_by_role("textbox", name="你的答案").fill("学位")
    page.keyboard.press("Enter")
    onward = "?end" if places["text"] == len(ANSWERS) else f"?question={places['text'] + 1}"
    expect(page).to_have_url(f"{address}{attempt.url}{onward}")
    assert attempt.questions[places["text"] - 1].given == ["学位"]
    place = places["numeric"]
    Attempt.update(deadline_at=clock.now() + timedelta(seconds=8)).where(Attempt.id == attempt.id).execute()
    other = page.context.new_page()  # only looked at: what the first tab answers afterwards stays
    other.goto(f"{attempt.url}?question={places['text']}")
    attempt.answer(places["text"], ["学位占用"], by=company.person("li"))
    page.goto(f"{attempt.url}?question={place}")
    page.get_by_role("textbox", name="你的答案").fill("12")
    expect(page.get_by_role("button", name="查看成绩")).to_be_visible(timeout=20_000)
    assert attempt.questions[place - 1].given == ["12"], "what is typed is sent before the end"
    expect(other.get_by_role("button", name="查看成绩")).to_be_visible(timeout=20_000)
    assert attempt.questions[places["text"] - 1].given == ["学位占用"]
    page.context.close()


def test_an_answer_without_a_network_is_sent_once_there_is_one(
    company: Company, exam: Exam, address: str, browser: Browser, axe_source: str
) -> None:
    """It is said meanwhile, nobody goes on before it is kept, and Back comes to the question before."""
    tang = company.person("tang")
    Enrolment.enrol(exam.course, tang, by=tang)
    page = opened(browser, address, company, "tang", axe_source)
    page.goto(exam.url)
    page.get_by_role("button", name="现在开始").click()
    expect(page).to_have_url(re.compile(r"/attempts/\d+\?question=1$"))
    attempt = Attempt.get((Attempt.person == tang) & (Attempt.exam == exam))
    place = next(each.place for each in attempt.questions if each.sort == "single")
    page.goto(f"{attempt.url}?question={place}")
    failed = page.get_by_text("还没存上")
    page.context.set_offline(True)
    page.get_by_role("radio").first.check()
    expect(failed).to_be_visible()
    page.get_by_role("button", name="保存并继续").last.click()
    expect(page).to_have_url(f"{address}{attempt.url}?question={place}")
    page.context.set_offline(False)
    expect(failed).to_be_hidden(timeout=10_000)
    assert attempt.questions[place - 1].given == ["1"], "though nothing was pressed since"
    page.get_by_role("button", name="保存并继续").last.click()
    onward = "?end" if place == len(ANSWERS) else f"?question={place + 1}"
    expect(page).to_have_url(f"{address}{attempt.url}{onward}")
    page.go_back()
    expect(page).to_have_url(f"{address}{attempt.url}?question={place}")
    page.route("**/answers/*", lambda route: route.fulfill(status=503))
    page.get_by_role("radio").last.check()
    expect(failed).to_be_visible()
    page.unroute("**/answers/*")
    expect(failed).to_be_hidden(timeout=10_000)
    assert attempt.questions[place - 1].given != ["1"]
    page.context.clear_cookies()
    page.get_by_role("radio").first.check()
    ended = page.get_by_text("登录已过期").locator("visible=true")
    expect(ended).to_be_visible()
    token = company.tokens["tang"]
    page.context.add_cookies([{"name": "session", "value": token, "url": address}])  # in another tab
    expect(ended).to_be_hidden(timeout=10_000)
    page.context.close()
    assert attempt.questions[place - 1].given == ["1"]


def test_lessons_are_dragged_into_order(
    company: Company, address: str, browser: Browser, axe_source: str
) -> None:
    """With a mouse and with a finger; it is said where the lesson stands then; Escape and a lost
    connection put it back, another finger does not drop it.
    """
    wang = company.person("wang")
    course = Course.add(by=wang, title="要排的课")
    for title in ("一", "二", "三"):
        course.add_lesson(by=wang, kind_of="reading", title=title, text="读。")
    page = opened(browser, address, company, "wang", axe_source)
    page.goto(f"{course.url}/lessons")
    titles = page.locator("#lessons li > a")

    def at(place: int) -> tuple[float, float]:
        box = page.locator("[data-drag]").nth(place).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    page.mouse.move(*at(2))
    page.mouse.down()
    page.mouse.move(at(0)[0], at(0)[1] - 12, steps=6)
    expect(titles).to_have_text(["三", "一", "二"])
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(titles).to_have_text(["一", "二", "三"])
    page.route("**/moving", lambda route: route.abort())
    page.mouse.move(*at(2))
    page.mouse.down()
    page.mouse.move(at(0)[0], at(0)[1] - 12, steps=6)
    page.locator("body").dispatch_event("pointerup", {"pointerId": 77})
    expect(titles).to_have_text(["三", "一", "二"])
    page.mouse.up()
    expect(titles).to_have_text(["一", "二", "三"])
    page.unroute("**/moving")
    page.mouse.move(*at(2))
    page.mouse.down()
    page.mouse.move(at(0)[0], at(0)[1] - 12, steps=6)
    page.mouse.up()
    expect(page.locator("#announcer")).to_have_text("三：现在是第 1 个，共 3 个")
    assert [each.title for each in course.lessons] == ["三", "一", "二"]
    finger = page.context.new_cdp_session(page)
    (x, y), (_, below) = at(0), at(2)
    for kind, where in (
        ("touchStart", y),
        ("touchMove", y + 20),
        ("touchMove", below + 60),
        ("touchEnd", None),
    ):
        points = [] if where is None else [{"x": x, "y": where}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator("#announcer")).to_have_text("三：现在是第 3 个，共 3 个")
    assert [each.title for each in course.lessons] == ["一", "二", "三"]
    page.get_by_role("button", name="二").first.press("Enter")
    expect(page.locator("#announcer")).to_have_text("二：现在是第 1 个，共 3 个")
    assert not wrong_with(page, f"{course.url}/lessons", lambda page: page.evaluate("[]"))
    page.context.close()


def test_a_lesson_is_led_to_the_first_place_by_the_keyboard_and_keeps_it(
    browser: Browser, address: str, company: Company, axe_source: str
) -> None:
    wang = company.person("wang")
    course = Course.add(by=wang, title="要排的另一门课")
    for title in ("一", "二", "三"):
        course.add_lesson(by=wang, kind_of="reading", title=title, text="读。")
    page, last = opened(browser, address, company, "wang", axe_source), course.lessons[2].id
    page.goto(f"{course.url}/lessons")
    page.locator(f"#up-{last}").focus()
    for place in (2, 1):
        expect(page.locator(f"#up-{last}")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(f"#lessons li:nth-child({place})")).to_have_id(f"lesson-{last}")
    expect(page.locator(f"#down-{last}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#up-{last}")).to_be_visible()
    expect(page.locator(f"#down-{last}")).to_be_focused()
    page.context.close()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_bank_is_gone_through_from_one_question_to_the_next(
    company: Company, address: str, browser: Browser, axe_source: str, has_scripts: bool
) -> None:
    wang = company.person("wang")
    made = Exam.add(Course.add(by=wang, title=f"很多题 {has_scripts}"), by=wang)
    drafts = [
        ExamQuestion.add(made, by=wang, sort="true_false", text=f"第 {n} 题", answers="对") for n in range(53)
    ]
    last, before, newest = drafts[0], drafts[1], drafts[-1]
    context = browser.new_context(base_url=address, java_script_enabled=has_scripts)
    context.add_cookies([{"name": "session", "value": company.tokens["wang"], "url": address}])
    page = context.new_page()
    page.goto(f"{made.url}/questions?show=draft")
    page.locator(f"#question-{newest.id}").get_by_role("button", name="启用").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"show=draft#question-{drafts[-2].id}$"))
    expect(page.locator(f"#question-{newest.id}")).to_have_count(0)
    page.get_by_role("link", name="显示更多").click()  # rows that are added know from where they are
    page.locator(f"#question-{before.id}").get_by_role("button", name="移出").click()
    expect(page).to_have_url(re.compile(rf"show=draft&from=50#question-{last.id}$"))
    assert [each.fresh().state for each in (newest, before, last)] == ["ready", "gone", "draft"]
    context.close()
