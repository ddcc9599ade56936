"""Search in a real browser: typing, choosing, what the page tells back, and pages without faults."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.jobs.search import feed_search
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.search.lookups import Lookup
from portal.models.search.proposals import WordProposal
from portal.models.search.synonyms import Synonym
from tests.browser.conftest import OpenPage


@pytest.fixture(autouse=True)
def shelf(ada: Person, schools: Topic, lakeside: Product) -> Article:
    """Something to find, found."""
    article = Article.add(by=ada, title="学区划片怎么讲", body="先看划片公告。", topics=[schools])
    while feed_search():
        pass
    return article


def test_type_choose_and_open_by_keyboard(open_page: OpenPage, ben: Person, shelf: Article) -> None:
    page = open_page(ben, "/questions")
    page.keyboard.press("/")
    page.keyboard.type("学区", delay=30)
    options = page.locator("#search-panel [role=option]")
    expect(options.first).to_be_visible()
    page.wait_for_function(
        """() => document.querySelector("#announcer").textContent.includes(
          document.querySelectorAll("#search-panel [role=option]").length)"""
    )
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/articles/{shelf.id}")


def test_on_a_phone_the_answer_is_read_below_its_title(
    open_page: OpenPage, ben: Person, ada: Person, schools: Topic
) -> None:
    """Two lines of it, beside titles alone in other lists."""
    Article.add(by=ada, title="门锁", body="先看说明书，再动手。" * 40, topics=[schools])
    while feed_search():
        pass
    page = open_page(ben, "/search?q=门锁 说明书", width=375)
    told = page.locator("#rows .entry-text").first
    expect(told).to_contain_text("先看说明书")
    height, line = told.evaluate("it => [it.clientHeight, parseFloat(getComputedStyle(it).lineHeight)]")
    assert round(height / line) == 2
    page.goto("/articles")
    expect(page.locator("#rows .entry-text").first).to_be_hidden()


def test_enter_opens_the_results(open_page: OpenPage, ben: Person) -> None:
    page = open_page(ben, "/questions")
    page.fill("#search", "学区")
    page.press("#search", "Enter")
    page.wait_for_url("**/search?q=*")
    expect(page.locator("h1")).to_contain_text("学区")
    expect(page.locator("main mark").first).to_have_text("学区")


def test_the_page_tells_whether_a_search_helped(open_page: OpenPage, ben: Person, shelf: Article) -> None:
    page = open_page(ben, "/search?q=学区")
    page.goto("/questions")
    told(page, opened=False)
    page.goto("/search?q=学区")
    page.click(f'main [data-hit="{shelf}"]')
    page.wait_for_url(f"**/articles/{shelf.id}")
    told(page, opened=True)


def told(page: Page, *, opened: bool) -> None:
    """The beacon leaves with the page: it arrives a moment later."""
    for _ in range(50):
        page.wait_for_timeout(100)
        if [(each.folded, each.opened) for each in Lookup.select()] == [("学区", opened)]:
            return
    pytest.fail(f"not told: {list(Lookup.select().dicts())}")


PAGES = ["/search?q=学区", "/search?q=没有这回事甲乙丙", "/search", "/search/saved", "/search/gaps"]
PAGES += ["/search?q=谁懂学区", "/search?q=谁懂潜水", "/questions/new?text=学区"]
ADMIN_PAGES = ["/admin/search", "/admin/search/words", "/admin/search/words/1", "/admin/search/words/sets"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown is the same on both
@pytest.mark.parametrize("width", [1280, 375])
def test_pages_of_search_have_no_faults(
    open_page: OpenPage,
    adam: Person,
    ben: Person,
    axe: Callable[[Page], list[str]],
    html_checker: Callable[[str], list[str]],
    width: int,
) -> None:
    Synonym.add(by=adam, words="按揭, 房贷")
    Lookup.note(ben, "宠物 落户", found=0)
    WordProposal.create(sought="停卡", helped="停用信用卡", people=2)
    Question.ask(by=adam, text="学区怎么查？").answer(by=ben, text="看公告。")
    Evidence.record(ben, Topic.get(), "best answer", ben, key="a")
    while feed_search():
        pass
    page = open_page(adam, "/search", width=width, bypass_csp=True)
    for path in [*PAGES, *ADMIN_PAGES]:
        page.goto(path)
        assert axe(page) == [], path
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, path
        answer = page.request.get(path)
        assert html_checker(answer.text()) == [], path
    page.goto("/search?q=学区")
    page.focus("#search")
    page.fill("#search", "学")
    expect(page.locator("#search-panel [role=option]").first).to_be_visible()
    assert axe(page) == []


def test_without_javascript_search_works_by_enter(open_page: OpenPage, ben: Person, shelf: Article) -> None:
    page = open_page(ben, "/questions", java_script_enabled=False)
    page.fill("#search", "学区")
    page.press("#search", "Enter")
    expect(page.locator(f'[data-hit="{shelf}"]')).to_be_visible()
    page.click("main form button")
    expect(page.locator("main")).to_contain_text("Saved")
