"""Writing and using knowledge in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.models.company.topics import Topic
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.people import Person
from tests.browser.conftest import OpenPage

FROM_WORD = """
<html><head><style>p { color: red }</style></head><body>
<h1>带看流程<o:p></o:p></h1>
<p class=MsoNormal style='color:red'>先问<b>业主</b>，再看房。</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·&nbsp;&nbsp;</span>学位</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>户口</p>
<table class=MsoTableGrid><tr><td><p>时间</p></td><td><p>做什么</p></td></tr>
<tr><td><p>当天</p></td><td><p>答复</p></td></tr></table>
</body></html>
"""
PASTE = """([html, text]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector("#body").dispatchEvent(paste);
}"""


def test_text_from_word_keeps_headings_lists_and_tables(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    page.focus("#body")
    page.evaluate(PASTE, [FROM_WORD, "plain"])
    expect(page.locator("#body")).to_have_value(re.compile("带看流程"))
    lines = [re.sub(" +", " ", line) for line in page.input_value("#body").splitlines()]
    assert lines[:6] == ["# 带看流程", "", "先问**业主**，再看房。", "", "- 学位", "- 户口"]
    assert lines[-3:] == ["| 时间 | 做什么 |", "| --- | --- |", "| 当天 | 答复 |"]
    expect(page.locator("#body-preview table td").first).to_have_text("当天")


def test_an_unsaved_article_survives_the_browser_and_is_forgotten_when_sent(
    open_page: OpenPage, ada: Person, schools: Topic
) -> None:
    page = open_page(ada, "/articles/new", expected=("ERR_FAILED",))
    page.route("**/articles/draft", lambda route: route.abort())
    page.fill("#body", "Ask first.")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Kept on this device")
    page.fill("#title", "An hour of work")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Not saved on the server yet")
    page.unroute("**/articles/draft")
    page.reload()
    expect(page.locator("#body")).to_have_value("Ask first.")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved")
    page.check("text=Schools")
    page.select_option("#kind_of", "guide")
    page.click("button[name=publish]")
    expect(page.locator("h1")).to_have_text("An hour of work")
    page.goto("/articles/new")
    expect(page.locator("#title")).to_have_value("")
    expect(page.locator(".draft-offer")).to_have_count(0)


def test_worked_for_me_is_said_in_place(
    open_page: OpenPage, ada: Person, ben: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="Ask first", body="Ask.", topics=[schools])
    page = open_page(ben, article.url)
    page.click("text=Worked for me")
    expect(page.locator("#worked")).to_contain_text("It worked for you")
    expect(page.locator("#announcer")).to_contain_text("It worked for you")
    page.wait_for_function("document.activeElement.closest('#worked')")  # who goes by keyboard is still there
    assert article.fresh().uses == 1


def test_everything_works_without_javascript(
    open_page: OpenPage, ada: Person, ben: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="Ask first", body="Ask.", topics=[schools])
    page = open_page(ben, article.url, width=375, java_script_enabled=False)
    page.click("text=Worked for me")
    expect(page.locator("#worked")).to_contain_text("It worked for you")
    page.goto("/questions/new")
    page.fill("#text", "Is a place free?")
    page.get_by_role("button", name="Ask everyone").click()
    expect(page).to_have_url(re.compile(r"/questions/\d+$"))
    page.fill("#text", "Ask the **owner**.")
    page.click("text=Give this answer")
    expect(page.locator(".answer strong")).to_have_text("owner")


@pytest.mark.parametrize(("width", "theme", "locale"), [(1280, "light", "zh"), (375, "dark", "en")])
def test_a_change_is_read_beside_the_text_and_approved(
    open_page: OpenPage,
    axe: Callable[[Page], list[str]],
    ada: Person,
    rita: Person,
    adam: Person,
    schools: Topic,
    width: int,
    theme: str,
    locale: str,
) -> None:
    article = Article.add(by=ada, title="学区怎么答", body="先问孩子几岁。\n\n再查学区。", topics=[schools])
    TopicRule.choose(schools, by=adam, way="expert")
    proposals.change(article, by=ada, body="先问孩子多大。\n\n再查学区。", note="更口语")
    Person.update(locale=locale, theme=theme).execute()
    page = open_page(rita, "/needs-me", width=width)
    page.click({"zh": "text=请审批：学区怎么答", "en": "text=Approve: 学区怎么答"}[locale])
    expect(page.locator(".beside del")).to_have_text(["几岁"])
    expect(page.locator(".beside ins")).to_have_text(["多大"])
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    assert axe(page) == []
    page.click("form[action$='/approval'] button")
    expect(page.locator(".page-title-row, h1").first).to_contain_text("学区怎么答")
    assert article.fresh().body == "先问孩子多大。\n\n再查学区。"


@pytest.mark.parametrize(("width", "theme", "locale"), [(1280, "light", "zh"), (375, "dark", "en")])
def test_a_marked_passage_is_commented_on_and_follows_the_text(
    open_page: OpenPage,
    axe: Callable[[Page], list[str]],
    ada: Person,
    rita: Person,
    adam: Person,
    schools: Topic,
    width: int,
    theme: str,
    locale: str,
) -> None:
    """The second of two equal passages is marked; the first is not meant."""
    body = "买方付税，先问客户。\n\n卖方付税，先问客户。"
    TopicRule.choose(schools, by=adam, way="expert")
    article = proposals.write(by=ada, title="谁付税", body=body, topics=[schools])
    proposal = proposals.of_article(article)[0]
    Person.update(locale=locale, theme=theme).execute()
    page = open_page(rita, proposal.url, width=width)
    page.evaluate(
        """() => { const words = document.querySelectorAll("[data-commentable] p")[1].firstChild;
          getSelection().setBaseAndExtent(words, 5, words, 9); }"""
    )
    page.click("[data-comment-offer] button")
    expect(page.locator("[data-commenting] [name=quote]")).to_have_value("先问客户")
    page.keyboard.type("问哪一位？")
    page.click("[data-commenting] button")
    expect(page.locator("#comments ol > li")).to_contain_text("问哪一位？")
    expect(page.locator("[data-commentable] p").nth(1).locator("mark")).to_have_text("先问客户")
    expect(page.locator("[data-commentable] p").nth(0).locator("mark")).to_have_count(0)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    assert axe(page) == []
    proposal.fresh().revise(by=ada, body="卖方付税。\n\n" + body)
    page.reload()
    expect(page.locator("[data-commentable] p").nth(2).locator("mark")).to_have_text("先问客户")


def test_a_passage_is_commented_on_and_answered_without_javascript(
    open_page: OpenPage, ada: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    TopicRule.choose(schools, by=adam, way="expert")
    article = proposals.write(by=ada, title="Tax", body="The buyer pays the tax.", topics=[schools])
    proposal = proposals.of_article(article)[0]
    page = open_page(rita, proposal.url, width=375, java_script_enabled=False)
    page.click("text=Comment on a passage")
    page.fill("[data-commenting] [name=quote]", "pays the tax")
    page.fill("[data-commenting] [name=text]", "Always?")
    page.click("[data-commenting] button")
    expect(page.locator("[data-commentable] mark, .prose mark")).to_have_text("pays the tax")
    author = open_page(ada, proposal.url, java_script_enabled=False)
    author.fill("#comments li textarea", "Nearly.")
    author.click("#comments li button:has-text('Reply')")
    expect(author.locator("#comments")).to_contain_text("Nearly.")
