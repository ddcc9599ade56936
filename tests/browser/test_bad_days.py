"""What goes wrong on a real day: a session that ends, a network that goes, two tabs, the back button, a double click."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from portal.models.base.record import Event
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.expertise.points import PointEntry
from portal.models.people.people import Person
from portal.models.people.sessions import Session, set_password
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from tests.browser.conftest import OpenPage

PASSWORD = "correct horse battery"
WORDS = "**Ask** the owner before the second visit."


@pytest.fixture
def draft(ada: Person, schools: Topic) -> Experience:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="Ask first", situation="Four deals fell through.")
    return made.fresh()


@pytest.fixture
def deal(ada: Person, lakeside: Product) -> Deal:
    customer = Customer.add(by=ada, name="The Wangs")
    return Deal.open(by=ada, customer=customer, product=lakeside, title="A flat by the lake")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_session_that_ends_while_writing_costs_no_word(
    open_page: OpenPage, ada: Person, draft: Experience, scripted: bool
) -> None:
    set_password(ada, PASSWORD, by=None)
    page = open_page(
        ada, f"/experiences/{draft.id}/edit", expected=("401", "422"), java_script_enabled=scripted
    )
    Session.revoke_all(ada)
    page.locator("#action").fill(WORDS)
    if scripted:
        expect(page.locator("[data-autosave-state]")).to_have_class(re.compile("is-kept"))
    page.locator("button[formaction$='/submission']").click()
    with page.expect_popup() as opened:
        page.locator("main a[href^='/sign-in']").click()
    signing_in = opened.value
    signing_in.locator("#email").fill(ada.email)
    signing_in.locator("#password").fill(PASSWORD)
    signing_in.locator("form[action='/sign-in'] button").click()
    expect(signing_in).to_have_url(re.compile("/$"))
    page.locator("main form button").click()
    expect(page.locator("#topics-error")).to_be_visible()
    expect(page.locator("#action")).to_have_value(WORDS)
    assert draft.fresh().action == WORDS


def test_a_network_that_goes_while_writing_costs_no_word(
    open_page: OpenPage, ada: Person, draft: Experience
) -> None:
    page = open_page(
        ada, f"/experiences/{draft.id}/edit", expected=("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    )
    page.context.set_offline(True)
    page.locator("#action").fill(WORDS)
    state = page.locator("[data-autosave-state]")
    expect(state).to_have_class(re.compile("is-kept"))
    assert draft.fresh().action == ""
    page.context.set_offline(False)
    expect(state).to_contain_text("Saved at", timeout=15_000)
    assert draft.fresh().action == WORDS


def test_what_is_sent_without_a_network_stays_on_its_page(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/customers/new", expected=("ERR_INTERNET_DISCONNECTED",))
    page.locator("#name").fill("Harbour")
    page.context.set_offline(True)
    page.locator("main form .btn-primary").last.click()
    lost = page.locator("#passing")
    expect(lost).to_contain_text("No connection")
    expect(page.locator("#name")).to_have_value("Harbour")
    page.context.set_offline(False)
    lost.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    assert Customer.get().name == "Harbour"


def test_a_computer_without_a_network_still_writes_to_the_portal_that_runs_on_it(
    open_page: OpenPage, ada: Person
) -> None:
    page = open_page(ada, "/customers/new")
    page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => false })")
    page.locator("#name").fill("Harbour")
    page.locator("main form .btn-primary").last.dblclick()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    assert Customer.get().name == "Harbour"


def test_going_back_after_winning_and_sending_again_counts_once(
    open_page: OpenPage, ada: Person, deal: Deal
) -> None:
    page = open_page(ada, f"/deals/{deal.id}/win", expected=("422", "409"))
    for _ in range(2):
        page.locator("#amount").fill("1000.00")
        with page.expect_navigation():
            page.locator("main form button[type=submit]").last.click()
        page.go_back()
        if not page.locator("#amount").count():
            break
    assert deal.fresh().stage == "won"
    assert [line.amount for line in DealLine.select().where(DealLine.deal == deal)] == [100_000]


def test_a_double_click_wins_once(open_page: OpenPage, ada: Person, deal: Deal) -> None:
    page = open_page(ada, f"/deals/{deal.id}/win")
    page.locator("#amount").fill("1000.00")
    page.locator("main form button[type=submit]").last.dblclick()
    expect(page).to_have_url(re.compile(r"/experiences/\d+/edit$"))
    assert DealLine.select().where(DealLine.deal == deal).count() == 1
    won = (Event.subject_kind == "deal") & (Event.verb == "won")
    assert Event.select().where(won).count() == 1


def test_two_tabs_on_one_customer_lose_nothing(open_page: OpenPage, ada: Person) -> None:
    customer = Customer.add(by=ada, name="The Wangs", city="Beijing")
    first = open_page(ada, f"/customers/{customer.id}/edit")
    second = open_page(ada, f"/customers/{customer.id}/edit", expected=("409",))
    first.locator("#city").fill("Tianjin")
    first.locator("main form button[type=submit]").last.click()
    expect(first).to_have_url(re.compile(f"/customers/{customer.id}$"))
    second.locator("#city").fill("Shanghai")
    second.locator("main form button[type=submit]").last.click()
    expect(second.locator("#stale")).to_contain_text("Tianjin")
    expect(second.locator("#city")).to_have_value("Shanghai")
    assert customer.fresh().city == "Tianjin"
    second.locator("main form button[type=submit]").last.click()
    expect(second).to_have_url(re.compile(f"/customers/{customer.id}$"))
    assert customer.fresh().city == "Shanghai"


def test_two_tabs_on_one_review_count_once(
    open_page: OpenPage, ada: Person, rita: Person, rob: Person, schools: Topic, draft: Experience
) -> None:
    draft.save_draft(by=ada, action=WORDS)
    process.submit(draft, by=ada, topics=[schools])
    tabs = [open_page(rita, "/reviews") for _ in range(2)]
    for tab in tabs:
        for scored in range(1, 6):
            tab.keyboard.press("4")
            expect(tab.locator("main input:checked[type=radio]")).to_have_count(scored)
        tab.locator("input[name=verdict][value=accept]").check()
    for tab in tabs:
        with tab.expect_navigation():
            tab.locator("main form button.btn-primary").click()
    assert [entry.amount for entry in PointEntry.select().where(PointEntry.person == rita)] == [5]
    assert draft.fresh().state == "submitted"
