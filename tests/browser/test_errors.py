"""Of several mistakes all are read aloud, and who made them stands at the first."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.browser.conftest import OpenPage


def test_the_first_wrong_field_has_the_focus_and_all_are_read_aloud(
    open_page: OpenPage, ada: Person, schools: Topic
) -> None:
    customer = Customer.add(by=ada, name="The Wangs")
    deal = Deal.open(by=ada, title="A flat", customer=customer)
    for path, fill, button, first, said in (
        (
            f"{customer.url}/contacts/new",
            {"E-mail": "nope"},
            "Save",
            "name",
            ("Full name", "E-mail"),
        ),
        (f"{deal.url}/edit", {"Title": "", "Amount": "abc"}, "Save", "title", ("Title", "Amount")),
        ("/articles/new", {"Text": ""}, "Publish", "title", ("Title", "There is no text yet", "Topics")),
    ):
        page = open_page(ada, path, expected=("422",))
        for label, text in fill.items():
            page.locator("main").get_by_label(label).first.fill(text)
        page.locator("main").get_by_role("button", name=button).first.click()
        expect(page.locator(f"#{first}")).to_be_focused()
        for words in said:
            expect(page.locator("#announcer")).to_contain_text(words)
            expect(page.locator(".form-errors")).to_contain_text(words)


def test_a_mistake_below_the_screen_comes_into_sight(open_page: OpenPage, ada: Person) -> None:
    customer = Customer.add(by=ada, name="The Wangs")
    page = open_page(ada, f"{customer.url}/edit", width=375, expected=("422",))
    page.locator("#revenue").evaluate("field => { field.closest('details')?.setAttribute('open', '') }")
    page.locator("#revenue").fill("much")
    page.locator("main .form-actions .btn-primary").click()
    expect(page.locator("#revenue-error")).to_be_visible()
    expect(page.locator("#revenue")).to_be_focused()
    expect(page.locator("#revenue")).to_be_in_viewport()


def test_what_is_wrong_in_a_piece_of_a_page_has_the_focus_too(open_page: OpenPage, ada: Person) -> None:
    customer = Customer.add(by=ada, name="The Wangs")
    page = open_page(ada, customer.url, width=375, expected=("422",))
    page.get_by_text("Write down what the customer asks for").click()
    form = page.locator("form[action$='/requests/new']")
    form.locator("button").last.click()
    expect(page.locator("#requests [aria-invalid=true]")).to_be_focused()
    expect(page.locator("#requests [aria-invalid=true]")).to_be_in_viewport()
