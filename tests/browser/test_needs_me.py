"""Needs me and a list in a real browser: stepped through and answered by keys, rows chosen and acted on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.people.people import Person
from tests.browser.conftest import OpenPage


@pytest.fixture
def two(ada: Person) -> list[Interaction]:
    """What Ada promised two customers for today."""
    return [
        Interaction.log(
            Customer.add(by=ada, name=name),
            by=ada,
            kind_of="call",
            text="Call back.",
            follow_up_on=clock.today(),
        )
        for name in ("First", "Second")
    ]


def test_j_and_k_step_and_an_answer_stays_on_the_page(
    open_page: OpenPage, ada: Person, two: list[Interaction]
) -> None:
    page = open_page(ada, "/needs-me")
    items = page.locator("[data-queue-item]")
    page.keyboard.press("j")
    expect(items.nth(0).locator("a.row-link")).to_be_focused()
    page.keyboard.press("j")
    expect(items.nth(1).locator("a.row-link")).to_be_focused()
    page.keyboard.press("k")
    expect(items.nth(0).locator("a.row-link")).to_be_focused()
    expect(page.locator("#needs-me").first).to_have_text("2")
    items.nth(0).locator("button", has_text="Kept").first.click()
    expect(items).to_have_count(1)
    expect(page.locator("#needs-me").first).to_have_text("1")
    page.set_viewport_size({"width": 375, "height": 700})
    expect(page.locator(".bottombar .count")).to_have_text("1")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert two[0].fresh().kept is True
    expect(items.nth(0).locator("a.row-link")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{two[1].customer_id}")


@pytest.mark.parametrize("width", [375, 1280])
def test_rows_are_chosen_all_at_once_and_archived(
    open_page: OpenPage, ada: Person, two: list[Interaction], width: int
) -> None:
    page = open_page(ada, "/customers", width=width)
    bar = page.locator("#selection")
    expect(bar).to_be_hidden()
    page.locator("#rows input[name=id]").first.check()
    expect(bar).to_be_visible()
    bar.locator("[data-pick-all] input").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar.locator("button[value=archive]").click()
    expect(page.locator("#messages")).to_contain_text("Archived: 2.")
    assert Customer.select().where(Customer.archived_at.is_null(False)).count() == 2


def test_after_an_answer_the_next_one_has_the_focus(open_page: OpenPage, ada: Person) -> None:
    for name in ("First", "Second", "Third"):
        Interaction.log(
            Customer.add(by=ada, name=name),
            by=ada,
            kind_of="call",
            text=f"Call {name}.",
            follow_up_on=clock.today(),
        )
    page = open_page(ada, "/needs-me")
    items = page.locator("[data-queue-item]")
    expect(items.nth(2).locator("a.row-link")).to_contain_text("Third")
    items.nth(1).locator("button", has_text="Kept").first.click()
    expect(items).to_have_count(2)
    expect(items.nth(1).locator("a.row-link")).to_be_focused()
    expect(items.nth(1).locator("a.row-link")).to_contain_text("Third")
    page.keyboard.press("k")
    expect(items.nth(0).locator("a.row-link")).to_be_focused()
    page.keyboard.press("j")
    items.nth(1).locator("button", has_text="Kept").first.click()
    expect(items).to_have_count(1)
    expect(items.nth(0).locator("a.row-link")).to_be_focused()
