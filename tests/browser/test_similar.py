"""What is there already comes by itself while a question is typed, and goes with what is taken back."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.models.company.topics import Topic
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.search import searcher
from tests.browser.conftest import OpenPage


def test_similar_questions_show_while_one_types(
    open_page: OpenPage, ada: Person, ben: Person, schools: Topic
) -> None:
    question = Question.ask(by=ben, text="学位被占用了怎么办？", topic=schools)
    answer = question.answer(by=ben, text="先查哪一年用过。")
    question.choose_best(answer, by=ben)
    searcher.here().feed.drain()
    page = open_page(ada, "/questions/new", width=375)
    shown = page.locator(".similar")
    expect(shown.get_by_role("link")).to_have_count(1)
    box = page.get_by_label("Question")
    box.press_sequentially("学位占用")
    expect(shown).to_contain_text("Best answer: 先查哪一年用过。")
    expect(shown.get_by_role("link", name="学位被占用了怎么办？")).to_have_attribute("href", question.url)
    expect(box).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    box.fill("学")
    expect(shown.get_by_role("link")).to_have_count(1)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Ask everyone").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("学")
