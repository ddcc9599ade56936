"""Asking experts in a real browser: one press asks three, the page says so without a reload, nothing overflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.questions import Question
from portal.models.knowledge.routing import Routing
from portal.models.people.people import Person
from tests.browser.conftest import OpenPage

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown is the same on both
@pytest.mark.parametrize("width", [1280, 375])
def test_its_pages_have_no_faults(
    open_page: OpenPage,
    ada: Person,
    ben: Person,
    stan: Person,
    rita: Person,
    audrey: Person,
    schools: Topic,
    families: CustomerType,
    axe: Callable[[Page], list[str]],
    html_checker: Callable[[str], list[str]],
    width: int,
) -> None:
    loans = Topic.create(name="贷款", name_en="Loans")
    facts: dict[str, Any] = {"topic": schools, "further_topics": [loans], "is_anonymous": True}
    question = Question.ask(by=ada, text="Is the school place free?", **facts)
    Routing.put(question, by=ada, is_urgent=True)
    first = Ask.of(question)[0]
    expert = Person.get_by_id(first.person_id)
    for who, paths in (
        (ada, [question.url, f"/questions/new?text=x&type={families.id}", f"/questions/{question.id}/edit"]),
        (expert, [question.url, "/needs-me", f"/asks/{first.id}/handing-on"]),
        (audrey, [question.url]),
    ):
        page = open_page(who, "/questions", width=width, bypass_csp=True)
        for path in paths:
            page.goto(path)
            assert axe(page) == [], path
            assert page.evaluate(OVERFLOW) <= 0, path
            assert html_checker(page.request.get(path).text()) == [], path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is pressed is the same on both
def test_one_press_asks_three_and_another_stops(
    open_page: OpenPage, ada: Person, ben: Person, stan: Person, rita: Person, audrey: Person
) -> None:
    question = Question.ask(by=ada, text="Who pays?", is_anonymous=True)
    page = open_page(ada, question.url)
    page.get_by_role("button", name="Ask experts").dblclick()
    expect(page.locator("#asking .to-ask")).to_have_count(3)
    assert Ask.select().count() == 3
    page.get_by_role("button", name="Stop asking").click()
    expect(page.locator("#asking").get_by_text("No longer needed")).to_have_count(3)
    auditor = open_page(audrey, question.url)
    expect(auditor.locator("#asker")).not_to_contain_text("Ada")
    auditor.get_by_role("button", name="Look up who asked").click()
    expect(auditor.locator("#asker")).to_contain_text("Ada")
