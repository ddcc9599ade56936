"""Undo in a real browser: beside the message, on a phone too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.knowledge.articles import Article
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from tests.browser.conftest import OpenPage


@pytest.mark.parametrize("width", [1280, 375])
def test_a_deal_is_won_and_by_undo_at_its_earlier_stage_again(
    open_page: OpenPage, ada: Person, lakeside: Product, width: int
) -> None:
    customer = Customer.add(by=ada, name="Isdom")
    deal = Deal.open(by=ada, title="Three rooms", customer=customer, product=lakeside, amount=100_00)
    deal.move("viewing", by=ada)
    page = open_page(ada, f"/deals/{deal.id}/win", width=width)
    page.get_by_role("main").get_by_role("button", name="Won").click()
    message = page.locator("#messages")
    expect(message).to_contain_text("Won. Well done!")
    undo = message.get_by_role("button", name="Undo")
    box = undo.bounding_box()
    assert box
    assert box["height"] >= 24, "WCAG 2.2: a target of 24 px"
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    undo.click()
    expect(message).to_contain_text("Undone. It is as it was.")
    expect(page.get_by_text("undid: closed as won")).to_be_visible()
    expect(message.get_by_role("button", name="Undo")).to_have_count(0)
    assert deal.fresh().stage == "viewing"


def test_did_not_work_opens_a_field_and_is_undone_where_it_was_said(
    open_page: OpenPage, ada: Person, ben: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="Ask first", body="One.", topics=[schools], published=True)
    page = open_page(ben, article.url, width=375)
    foot = page.locator("#worked")
    foot.get_by_text("Did not work, because…").click()
    foot.get_by_label("Why it did not work").fill("They had a loan already.")
    foot.get_by_role("button", name="Say it").click()
    expect(foot).to_contain_text("They had a loan already.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    foot.get_by_role("button", name="Undo").click()
    expect(page.locator("#worked")).to_contain_text("Did you use it, and did it work?")
    expect(page.locator("#worked")).not_to_contain_text("loan")


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("on", ["customer", "deal"])
def test_a_call_noted_by_mistake_is_taken_back_beside_the_message(
    open_page: OpenPage, ada: Person, width: int, on: str
) -> None:
    customer = Customer.add(by=ada, name="Isdom")
    deal = Deal.open(by=ada, title="Three rooms", customer=customer)
    about = customer if on == "customer" else deal
    page = open_page(ada, about.url, width=width)
    page.locator("form[action$='/interactions'] textarea[name=text]").first.fill("Meant for the other Isdom")
    page.locator("form[action$='/interactions'] button").filter(has_text="Write down").click()
    message = page.locator("#messages")
    expect(message).to_contain_text("Written down.")
    message.get_by_role("button", name="Undo").click()
    expect(message).to_contain_text("Undone. It is as it was.")
    expect(page.get_by_text("Meant for the other Isdom")).to_have_count(0)
    assert Interaction.get().is_archived


def test_what_is_said_within_a_card_touches_neither_its_edges_nor_its_heading(
    open_page: OpenPage, ada: Person
) -> None:
    customer = Customer.add(by=ada, name="Isdom")
    for text in ("A letter about the school", "The keys by Friday"):
        CustomerRequest.add(customer, by=ada, text=text)
    page = open_page(ada, customer.url, width=375)
    page.locator("#requests").get_by_role("button", name="No longer wanted").first.click()
    expect(page.locator("#requests .note").get_by_role("button", name="Undo")).to_be_visible()
    card, head, note = (
        page.locator(name).bounding_box() for name in ("#requests", "#requests header", "#requests .note")
    )
    assert card
    assert head
    assert note
    assert note["x"] - card["x"] >= 8
    assert card["x"] + card["width"] - note["x"] - note["width"] >= 8
    assert note["y"] - head["y"] - head["height"] >= 8


def test_an_absence_noted_or_taken_back_is_said_and_undone_there(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, f"{ada.url}/absences/new", width=375)
    day = str(clock.today() + timedelta(days=3))
    for name in ("first_day", "last_day"):
        page.locator(f"[name={name}]").fill(day)
    page.locator("main form[method=post] .btn-primary").first.click()
    message = page.locator("#messages")
    expect(message).to_contain_text("The absence is noted.")
    page.get_by_role("main").locator("form[action$='/withdrawal'] button").click()
    expect(message).to_contain_text("The absence is taken back.")
    message.get_by_role("button", name="Undo").click()
    expect(message).to_contain_text("Undone. It is as it was.")
    assert Absence.coming(ada)
    page = open_page(ada, f"{ada.url}/absences/new")
    later = str(clock.today() + timedelta(days=9))
    for name in ("first_day", "last_day"):
        page.locator(f"[name={name}]").fill(later)
    page.locator("[name=last_day]").press("Enter")
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("Undone. It is as it was.")
    assert len(list(Absence.coming(ada))) == 1
