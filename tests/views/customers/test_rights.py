"""Customers and deals by need, through the browser: what a colleague sees, asks for, and takes away."""

from __future__ import annotations

import re

import pytest

from portal.jobs import worker
from portal.models.base.record import Event
from portal.models.customers.access import Access
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import by_need, choose
from portal.models.imports.imports import Import
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from tests.client import Client
from tests.conftest import SignIn, person
from tests.views.imports.test_imports import bring, map_as_guessed

SECRETS = (
    "Timber street",
    "oak for the hall",
    "Eve Baker",
    "7,654.00",
    "wants it quiet",
    "Woodworks",
    "Ridgeton",
)
"""What is written of the customer and the deal beside their names."""


@pytest.fixture
def customer(ada: Person, adam: Person, lakeside: Product) -> Customer:
    """Ada's, with all that can be written down, in a company that opens by need."""
    made = Customer.add(
        by=ada, name="Orchard School", address="1 Timber street", note="wants it quiet", sector="Woodworks",
        city="Ridgeton", phone="138 1234 5678",
    )  # fmt: skip
    contact = Contact.add(made, by=ada, name="Eve Baker")
    deal = Deal.open(
        by=ada, title="Benches", customer=made, amount=7_654_00, product=lakeside, competitor="Woodworks"
    )
    Interaction.log(made, by=ada, kind_of="call", text="oak for the hall", contact=contact, deal=deal)
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    return made


@pytest.fixture
def far_manager(stan: Person) -> Person:
    """Manages another office."""
    made = person("Wu", department=stan.department)
    made.grant(Role.MANAGER, by=None, department=stan.department)
    return made


@pytest.fixture
def deal(customer: Customer) -> Deal:
    return Deal.get()


def told(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def test_who_does_not_open_it_learns_that_it_exists_and_whom_to_ask(
    sign_in: SignIn, customer: Customer, deal: Deal, ada: Person, ben: Person, stan: Person, adam: Person,
    audrey: Person, lakeside: Product,
) -> None:  # fmt: skip
    for who in (ben, stan, adam, audrey):
        browser = sign_in(who)
        for path in (customer.url, f"{customer.url}?tab=contacts", f"{customer.url}?tab=deals", deal.url,
                     f"{deal.url}?tab=money", "/deals?show=all", "/deals?q=Benches", "/customers?q=orchard",
                     lakeside.url, "/search?q=Orchard", "/search?q=oak", "/"):  # fmt: skip
            page = told(browser, path)
            assert not [secret for secret in SECRETS if secret in page], (who.name, path)
        assert "Orchard School" in told(browser, customer.url)
        assert "Ada" in told(browser, customer.url)
        page = told(browser, deal.url)
        assert "Ada" in page
        assert not [told for told in ("Benches", "Lakeside Gardens") if told in page], who.name
    owner = sign_in(ada)
    everything = "".join(
        told(owner, path) for path in (customer.url, f"{customer.url}?tab=contacts", deal.url)
    )
    assert [secret for secret in SECRETS if secret not in everything] == []


def test_nothing_can_be_done_to_what_does_not_open(
    sign_in: SignIn, customer: Customer, deal: Deal, stan: Person
) -> None:
    browser, contact, talk = sign_in(stan), Contact.get(), Interaction.get()
    for path in (
        f"{customer.url}/edit", f"{customer.url}/owner", f"{customer.url}/archiving", f"{customer.url}/private",
        f"{customer.url}/contacts/new", f"{customer.url}/interactions", f"/contacts/{contact.id}/edit",
        f"/contacts/{contact.id}/private", f"/interactions/{talk.id}/follow-up", f"{deal.url}/edit",
        f"{deal.url}/stage", f"{deal.url}/win", f"{deal.url}/payments/new",
    ):  # fmt: skip
        assert browser.post(path, data={"text": "x"}).status_code == 404, path
    answer = browser.post("/deals/new", data={"title": "Mine", "customer": f"Orchard School #{customer.id}"})
    assert answer.status_code == 422
    assert Deal.select().count() == 1


def test_the_list_holds_what_opens_and_by_name_what_exists(
    sign_in: SignIn, customer: Customer, ada: Person, stan: Person
) -> None:
    browser = sign_in(stan)
    assert "Orchard School" not in told(browser, "/customers")
    found = told(browser, "/customers?q=orchard")
    assert "Orchard School" in found
    assert "exists</span>" in found
    assert "exists</span>" not in told(sign_in(ada), "/customers?q=orchard")


def test_no_file_holds_what_does_not_open(
    sign_in: SignIn, customer: Customer, stan: Person, ada: Person
) -> None:
    for who, opens in ((stan, False), (ada, True)):
        for path in ("/customers/export", "/customers/export?q=orchard"):
            assert ("Orchard School" in sign_in(who).post(path).text) == opens, path
        assert ("Benches" in sign_in(who).post("/deals/export?show=all").text) == opens


def test_a_file_neither_shows_nor_changes_nor_joins_it(
    sign_in: SignIn, customer: Customer, far_manager: Person
) -> None:
    """A manager of another office who imports its name would see what stands there; a deal of his own with
    it would open it.
    """
    browser = sign_in(far_manager)
    boss = far_manager.name
    for kind, file in (
        ("customers", "name,city\nOrchard School,Elsewhere\nMill,Ridgeton\n"),
        ("contacts", "full name,account\nJoe,Orchard School\nKim,Mill\n"),
        ("deals", f"title,account,owner,stage\nMine,Orchard School,{boss},lead\nOurs,Mill,{boss},lead\n"),
    ):
        ident = bring(browser, file, kind=kind, name="list.csv")
        map_as_guessed(browser, ident)
        worker.drain()
        page = told(browser, f"/imports/{ident}/check")
        assert not [secret for secret in SECRETS[:-1] if secret in page], kind
        assert browser.post(f"/imports/{ident}/run").status_code == 303
        worker.drain()
        assert Import.get_by_id(ident).state == "finished", kind
    assert customer.fresh().city == "Ridgeton"
    assert [contact.name for contact in Contact.select().order_by(Contact.id)] == ["Eve Baker", "Kim"]
    assert sorted(deal.title for deal in Deal.select()) == ["Benches", "Ours"]


def test_it_is_asked_for_granted_and_closed_again(
    sign_in: SignIn, customer: Customer, ada: Person, stan: Person
) -> None:
    seller, driver = sign_in(ada), sign_in(stan)
    asked = driver.post(f"{customer.url}/access", data={"purpose": "delivering the benches"})
    assert asked.headers["location"] == customer.url
    waiting = told(driver, customer.url)
    assert "delivering the benches" in waiting
    assert "Not answered yet" in waiting
    assert "asks to open" in told(seller, "/")
    page = told(seller, customer.url)
    assert "delivering the benches" in page
    access = Access.get()
    assert driver.post(f"/access/{access.id}/granting").status_code == 403
    assert seller.post(f"/access/{access.id}/granting").status_code == 303
    assert "oak for the hall" in told(driver, customer.url)
    private = driver.post(f"{customer.url}/private").text
    assert "138 1234 5678" in private
    assert Event.select().where((Event.verb == "revealed") & (Event.actor == stan)).count() == 1
    assert "Close again" in told(seller, customer.url)
    assert seller.post(f"/access/{access.id}/end").status_code == 303
    assert "oak for the hall" not in told(driver, customer.url)


def test_in_an_emergency_one_press_opens_it_and_the_owner_hears(
    sign_in: SignIn, customer: Customer, ada: Person, stan: Person, ben: Person
) -> None:
    driver = sign_in(stan)
    sent = {"purpose": "water in the hall", "emergency": "y"}
    assert driver.post(f"{customer.url}/access", data=sent).status_code == 303
    assert "oak for the hall" in told(driver, customer.url)
    assert "water in the hall" in told(sign_in(ada), "/")
    assert sign_in(ben).post(f"/access/{Access.get().id}/end").status_code == 404


def test_without_a_purpose_the_form_says_so_and_keeps_what_was_typed(
    sign_in: SignIn, customer: Customer, stan: Person
) -> None:
    answer = sign_in(stan).post(f"{customer.url}/access", data={"purpose": " "})
    assert answer.status_code == 422
    assert Access.select().count() == 0


def test_where_it_opens_there_is_nothing_to_ask(sign_in: SignIn, customer: Customer, ada: Person) -> None:
    assert sign_in(ada).get(f"{customer.url}/access").headers["location"] == customer.url


def test_the_matrix_is_the_administrators_to_set_and_everyones_to_read(
    sign_in: SignIn, adam: Person, stan: Person, customer: Customer
) -> None:
    admin = sign_in(adam)
    matrix = told(admin, "/rights/edit")
    assert 'name="customer_reviewer"' in matrix
    assert 'name="deal_finance"' not in matrix
    assert admin.post("/rights/edit", data={"need": "y", "deal_auditor": "y"}).status_code == 303
    matrix = told(admin, "/rights/edit")
    assert re.search(r'<input[^>]*checked[^>]*name="deal_auditor"', matrix)
    page = told(sign_in(stan), "/rights")
    assert "<input" not in page.partition("<main")[2].partition("</main>")[0]
    assert sign_in(stan).post("/rights/edit", data={}).status_code == 403
    assert by_need()
    admin.post("/rights/edit", data={"sent": "y"})
    assert not by_need()
    assert "oak for the hall" in told(sign_in(stan), customer.url)


def test_the_log_of_an_administrator_tells_nothing_of_customers(
    sign_in: SignIn, customer: Customer, ada: Person, adam: Person, audrey: Person
) -> None:
    """Who administers configures; who audits reads the log."""
    customer.edit(by=ada, city="Harbourtown")
    assert "Harbourtown" not in told(sign_in(adam), "/admin/events")
    assert "Harbourtown" in told(sign_in(audrey), "/admin/events")
