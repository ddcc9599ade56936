"""All that is wrong in a form is said at once: in its summary and beside each field, with what would be accepted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from tests.conftest import SignIn

LONG, TO_COME = "x" * 400, "2099-01-01"


@dataclass
class Desk:
    """Records to fill the forms of."""

    ada: Person
    adam: Person
    schools: Topic

    @property
    def customer(self) -> Customer:
        return Customer.get_or_none(Customer.name == "Wang") or Customer.add(by=self.ada, name="Wang")

    def contact(self) -> str:
        return f"/contacts/{Contact.add(self.customer, by=self.ada, name='Lin').id}/edit"

    def deal(self, won: bool = False) -> str:
        deal = Deal.open(by=self.ada, title="A flat", customer=self.customer, amount=100_00)
        if won:
            closings.win(deal, by=self.ada, amount=100_00, on=clock.today())
        return deal.url

    def article(self) -> str:
        made = Article.add(by=self.ada, title="Ask", body="Ask first. " * 5, topics=[self.schools])
        return f"{made.url}/edit"

    def question(self) -> str:
        return f"{Question.ask(by=self.ada, text='Which?').url}/edit"


@pytest.fixture
def desk(ada: Person, adam: Person, schools: Topic) -> Desk:
    return Desk(ada, adam, schools)


@dataclass
class Case:
    """A form, what is typed into it, and what is wrong with that."""

    path: Callable[[Desk], str]
    typed: dict[str, str]
    wrong: dict[str, str]
    by: str = "ada"


CASES = {
    "a new customer": Case(
        lambda desk: "/customers/new",
        {"form": "person", "name": "", "email": "nope", "phone": "1" * 60, "website": "x"},
        {
            "name": "This is needed.",
            "email": "name@example.com",
            "phone": "40 characters",
            "website": "www.example.com",
        },
    ),
    "a customer": Case(
        lambda desk: f"{desk.customer.url}/edit",
        {"form": "person", "name": "", "email": "nope", "type": "999"},
        {"name": "This is needed.", "email": "name@example.com", "type": "Choose another."},
    ),
    "a contact": Case(
        Desk.contact,
        {"name": "", "email": "nope", "reports_to": "999"},
        {"name": "This is needed.", "email": "name@example.com", "reports_to": "Choose another."},
    ),
    "a new contact": Case(
        lambda desk: f"{desk.customer.url}/contacts/new",
        {"name": "", "email": "nope", "title": LONG},
        {"name": "This is needed.", "email": "name@example.com", "title": "120 characters"},
    ),
    "what was talked of": Case(
        lambda desk: "/interactions/new",
        {"kind_of": "call", "customer": "Nobody", "text": "", "on": TO_COME, "follow_up_on": "2001-01-01"},
        {
            "customer": "Choose one of those proposed.",
            "text": "This is needed.",
            "on": "Choose today or one before.",
            "follow_up_on": "This day has passed.",
        },
    ),
    "a new deal": Case(
        lambda desk: "/deals/new",
        {"title": "", "amount": "abc", "expected_on": "32.13.2026"},
        {"title": "This is needed.", "amount": "such as 20500", "expected_on": "such as 2026-05-12"},
    ),
    "a deal": Case(
        lambda desk: f"{desk.deal()}/edit",
        {"title": "", "amount": "-5", "expected_on": "soon"},
        {"title": "This is needed.", "amount": "at least ¥0.00", "expected_on": "such as 2026-05-12"},
    ),
    "a deal that is won": Case(
        lambda desk: f"{desk.deal()}/win",
        {"amount": "abc", "on": TO_COME, "paid_on": TO_COME},
        {
            "amount": "such as 20500",
            "on": "Choose today or one before.",
            "paid_on": "Choose today or one before.",
        },
    ),
    "a deal that is lost": Case(
        lambda desk: f"{desk.deal()}/loss",
        {"reason": "", "on": TO_COME},
        {"reason": "This is needed.", "on": "Choose today or one before."},
    ),
    "money": Case(
        lambda desk: f"{desk.deal(won=True)}/payments/new",
        {"trigger": "payment", "amount": "abc", "on": TO_COME},
        {"amount": "such as 20500", "on": "Choose today or one before."},
    ),
    "a new article": Case(
        lambda desk: "/articles/new",
        {"title": "", "body": "", "freshness": "dated", "publish": "1"},
        {
            "title": "This is needed.",
            "body": "There is no text yet.",
            "topics": "Choose at least one topic",
            "review_by": "Say until which day",
        },
    ),
    "an article": Case(
        Desk.article,
        {"title": LONG, "body": "", "freshness": "evergreen"},
        {
            "title": "200 characters",
            "body": "There is no text yet.",
            "topics": "Choose at least one topic",
        },
    ),
    "a new question": Case(
        lambda desk: "/questions/new",
        {"text": LONG, "topic": "999", "product": "999"},
        {"text": "300 characters", "topic": "Choose another.", "product": "Choose another."},
    ),
    "a question": Case(
        Desk.question,
        {"text": "", "topic": "999", "product": "999"},
        {"text": "This is needed.", "topic": "Choose another.", "product": "Choose another."},
    ),
    "a new account": Case(
        lambda desk: "/admin/accounts/new",
        {"name": "", "email": "nope", "hired_on": "x"},
        {"name": "This is needed.", "email": "name@example.com", "hired_on": "such as 2026-05-12"},
        by="adam",
    ),
}


def words(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


@pytest.mark.parametrize("name", CASES)
def test_all_that_is_wrong_is_said_at_once_with_what_would_do(sign_in: SignIn, desk: Desk, name: str) -> None:
    case = CASES[name]
    answer = sign_in(getattr(desk, case.by)).post(case.path(desk), data=case.typed)
    assert answer.status_code == 422
    [summary] = re.findall(r'class="note note-danger form-errors"(.*?)</ul>', answer.text, re.S)
    assert "data-focus" in summary
    assert f"{len(case.wrong)} things need your attention" in words(summary)
    for field, said in case.wrong.items():
        assert said in words(summary), field
        assert re.search(rf'href="#{field}"', summary), field
        [beside] = re.findall(rf'id="{field}-error"[^>]*>(.*?)</p>', answer.text, re.S)
        assert said in words(beside), field
    for typed in case.typed.values():
        assert not typed or typed in ("1", "999") or typed in unescape(answer.text), "what was typed stays"


def test_a_draft_may_lack_what_an_article_needs(sign_in: SignIn, ada: Person) -> None:
    data: dict[str, Any] = {"title": "Begun", "body": "", "freshness": "evergreen"}
    assert sign_in(ada).post("/articles/new", data=data).status_code == 303
    assert Article.get().state == "draft"
