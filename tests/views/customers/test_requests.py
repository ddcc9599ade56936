"""What customers ask for, through the browser: seen by all who meet them, taken by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from portal import clock, i18n
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CLOSED, OPEN, TAKEN, WITHDRAWN, CustomerRequest
from portal.models.people.people import Person
from portal.models.people.sessions import close_account
from tests.client import Client
from tests.conftest import SignIn

HTMX = {"HX-Request": "true"}
TAXI = "taxi to Capital Airport"


@pytest.fixture
def guest(ada: Person) -> Customer:
    """Ada's customer."""
    return Customer.add(by=ada, name="Guest")


@pytest.fixture
def taxi(guest: Customer, mona: Person) -> CustomerRequest:
    """What the guest told Mona."""
    return CustomerRequest.add(guest, by=mona, text=TAXI)


def told(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def test_five_who_meet_a_guest_see_what_was_asked_and_who_has_it(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, stan: Person, rita: Person, guest: Customer
) -> None:
    data = {"text": TAXI}
    assert sign_in(mona).post(f"{guest.url}/requests/new", data=data).headers["location"] == guest.url
    taxi = CustomerRequest.get()
    answer = sign_in(ben).post(f"{taxi.url}/taking")
    assert (answer.status_code, answer.headers["location"]) == (303, guest.url)
    at = i18n.moment(taxi.fresh().taken_at)[11:]
    for person in (ada, ben, mona, stan, rita):
        for tab in ("", "?tab=contacts", "?tab=deals"):
            page = told(sign_in(person), guest.url + tab)
            assert TAXI in page
            assert f'">{at}</time> by Ben' in page


def test_without_javascript_it_is_taken_handed_back_and_done(
    sign_in: SignIn, ben: Person, guest: Customer, taxi: CustomerRequest
) -> None:
    browser = sign_in(ben)
    for _ in range(2):
        assert (
            browser.post(f"{taxi.url}/taking", data={"next": "/requests"}).headers["location"] == "/requests"
        )
    assert "It is yours now." in told(browser, "/requests")
    for _ in range(2):
        assert browser.post(f"{taxi.url}/release").status_code == 303
    assert taxi.fresh().state == OPEN
    browser.post(f"{taxi.url}/taking")
    version = str(taxi.fresh().version)
    for _ in range(2):
        data = {"result": "Car 12", "version": version}
        assert browser.post(f"{taxi.url}/closing", data=data).status_code == 303
    assert (taxi.fresh().state, taxi.fresh().result) == (CLOSED, "Car 12")
    page = told(browser, guest.url)
    assert f"did what was asked: “{TAXI}”" in page
    assert "Car 12" in page
    assert "Car 12" in told(browser, taxi.url)


def test_with_htmx_the_list_comes_back(
    sign_in: SignIn, ben: Person, guest: Customer, taxi: CustomerRequest
) -> None:
    browser = sign_in(ben)
    for path, data, words in (
        (f"{guest.url}/requests/new", {"text": "a cot"}, "a cot"),
        (f"{taxi.url}/taking", {}, "by Ben"),
        (f"{taxi.url}/release", {}, TAXI),
        (f"{taxi.url}/taking", {}, "by Ben"),
        (f"{taxi.url}/closing", {"result": "Car 12"}, "a cot"),
    ):
        answer = browser.post(path, data=data, headers=HTMX)
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<section id="requests"')
        assert words in answer.text
    assert TAXI not in answer.text


def test_a_form_sent_twice_writes_once(sign_in: SignIn, ben: Person, guest: Customer) -> None:
    browser = sign_in(ben)
    for _ in range(2):
        browser.post(f"{guest.url}/requests/new", data={"text": TAXI, "key": "one"})
    assert CustomerRequest.select().count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_who_comes_second_is_told_who_has_it(
    sign_in: SignIn, ada: Person, ben: Person, taxi: CustomerRequest, headers: dict[str, str]
) -> None:
    sign_in(ben).post(f"{taxi.url}/taking")
    answer = sign_in(ada).post(f"{taxi.url}/taking", headers=headers)
    assert answer.status_code == 422
    assert "Ben has taken it." in answer.text
    assert taxi.fresh().taken_by == ben


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_cannot_be_accepted_keeps_its_words(
    sign_in: SignIn, ben: Person, guest: Customer, taxi: CustomerRequest, headers: dict[str, str]
) -> None:
    browser, long = sign_in(ben), "字" * 2001
    new = f"{guest.url}/requests/new"
    for data, kept in (
        ({"text": ""}, "This is needed."),
        ({"text": long}, long),
        ({"text": "cot", "due_at": "soon"}, 'value="soon"'),
        ({"text": "cot", "due_at": "2020-01-01T10:00"}, "This time has passed."),
        ({"text": "cot", "due_at": "0001-01-01T00:00"}, "2026-05-12 10:00"),
    ):
        answer = browser.post(new, data=data, headers=headers)
        assert answer.status_code == 422
        assert kept in answer.text
        assert data["text"] in answer.text
    assert CustomerRequest.select().count() == 1
    browser.post(f"{taxi.url}/taking")
    for result in ("", long):
        answer = browser.post(f"{taxi.url}/closing", data={"result": result}, headers=headers)
        assert answer.status_code == 422
        assert f'value="{result}"' in answer.text
    assert taxi.fresh().state == TAKEN


def test_two_thousand_letters_and_markup_are_words(sign_in: SignIn, ben: Person, guest: Customer) -> None:
    browser = sign_in(ben)
    for text in ("字" * 2000, "<script>alert(1)</script>{{ 7*7 }}"):
        assert browser.post(f"{guest.url}/requests/new", data={"text": text}).status_code == 303
    page = told(browser, guest.url)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    assert "字" * 2000 in told(browser, CustomerRequest.get().url)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_old_page_does_not_close_what_went_on(
    sign_in: SignIn, ben: Person, taxi: CustomerRequest, headers: dict[str, str]
) -> None:
    browser = sign_in(ben)
    browser.post(f"{taxi.url}/taking")
    assert 'name="begun"' not in browser.get(taxi.url).text  # nothing of an act is merged
    old = str(taxi.fresh().version)
    browser.post(f"{taxi.url}/release")
    browser.post(f"{taxi.url}/taking")
    data = {"result": "Car 12", "version": old}
    answer = browser.post(f"{taxi.url}/closing", data=data, headers=headers)
    assert answer.status_code == 409
    assert 'value="Car 12"' in answer.text
    assert "You saved this meanwhile yourself" in answer.text
    assert taxi.fresh().state == TAKEN


def test_who_may_not(
    sign_in: SignIn, stan: Person, ben: Person, audrey: Person, guest: Customer, taxi: CustomerRequest
) -> None:
    reader, stranger = sign_in(audrey), sign_in(stan)
    assert "Write down what the customer asks for" not in told(reader, guest.url)
    assert "Take it" not in told(reader, guest.url) + told(reader, "/requests")
    for act in ("taking", "release", "closing", "withdrawal"):
        assert reader.post(f"{taxi.url}/{act}").status_code == 403
    assert reader.post(f"{guest.url}/requests/new", data={"text": "cot"}).status_code == 403
    taxi.take(by=ben)
    for act in ("release", "closing", "withdrawal"):
        assert stranger.post(f"{taxi.url}/{act}", data={"result": "x"}).status_code == 403
    assert taxi.fresh().state == TAKEN


def test_where_the_customer_does_not_open_what_they_ask_for_is_done_all_the_same(
    sign_in: SignIn, stan: Person, guest: Customer, taxi: CustomerRequest
) -> None:
    """Service is L1 (RULES 4.10): a customer whom a colleague looks after waits for nobody's rights."""
    Setting.choose("rights.need", True, by=None)
    assert not guest.opens_for(stan)
    browser = sign_in(stan)
    assert TAXI in told(browser, taxi.url)
    assert TAXI in told(browser, "/requests")
    assert TAXI in told(browser, guest.url)
    assert browser.post(f"{taxi.url}/taking").headers["location"] == guest.url
    assert browser.post(f"{guest.url}/requests/new", data={"text": "cot"}).headers["location"] == guest.url
    assert browser.post(f"{taxi.url}/closing", data={"result": "booked"}).status_code == 303
    assert taxi.fresh().state == CLOSED


def test_whoever_took_what_another_wrote_down_sees_where_to_go_and_that_is_logged(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, stan: Person, taxi: CustomerRequest
) -> None:
    """Service sees the address when an order needs it (RULES 4.10), not because it could."""
    taxi.customer.edit(by=ada, address="1 Timber street")
    browser, path = sign_in(stan), f"{taxi.url}/address"
    assert browser.post(path).status_code == 403
    taxi.take(by=stan)
    assert "Timber street" not in told(browser, taxi.url)
    assert "Timber street" in browser.post(path).text
    event = Event.get(Event.verb == "revealed")
    assert (event.actor, event.customer, event.changes) == (
        stan.id,
        taxi.customer_id,
        {"why": [None, "request"]},
    )
    assert sign_in(ben).post(path).status_code == 403
    taxi.fresh().close(by=stan, result="done")
    assert browser.post(path).status_code == 403
    own = CustomerRequest.add(taxi.customer, by=stan, text="I would like to know")
    own.take(by=stan)
    assert browser.post(f"{own.url}/address").status_code == 403


def test_an_archived_customer_takes_no_new_ones(
    sign_in: SignIn, ada: Person, guest: Customer, taxi: CustomerRequest
) -> None:
    guest.archive(by=ada)
    browser = sign_in(ada)
    page = told(browser, guest.url)
    assert TAXI in page
    assert "Write down what the customer asks for" not in page
    answer = browser.post(f"{guest.url}/requests/new", data={"text": "cot"})
    assert answer.status_code == 422
    assert "bring it back first" in answer.text
    assert browser.post(f"{taxi.url}/withdrawal").status_code == 303
    assert taxi.fresh().state == WITHDRAWN


def test_what_someone_had_who_left_is_offered_again(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, guest: Customer, taxi: CustomerRequest
) -> None:
    taxi.take(by=ben)
    browser = sign_in(ada)
    assert "Take it" not in told(browser, guest.url)
    close_account(ben, by=adam)
    assert "Take it" in told(browser, guest.url)


def test_the_list_is_narrowed_and_searched(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, guest: Customer
) -> None:
    other = Customer.add(by=ben, name="安然")
    made = {text: CustomerRequest.add(guest, by=mona, text=text) for text in ("cot", "taxi", "tea", "map")}
    CustomerRequest.add(other, by=mona, text="lamp")
    made["taxi"].take(by=ben)
    made["tea"].take(by=ada)
    made["map"].withdraw(by=mona)
    browser = sign_in(ben)
    for path, words in (
        ("", {"cot", "lamp"}),
        ("?show=mine", {"taxi"}),
        ("?show=taken", {"taxi", "tea"}),
        ("?show=closed", {"map"}),
        ("?q=an r", {"lamp"}),
        ("?q=CO", {"cot"}),
        (f"?customer={other.id}", {"lamp"}),
        ("?q=nothing", set()),
    ):
        page = told(browser, f"/requests{path}")
        assert {text for text in (*made, "lamp") if f">{text}</a>" in page} == words, path
    assert 'href="/requests"' in told(browser, "/customers")


def test_pages_ask_at_most_twelve_times(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, guest: Customer
) -> None:
    soon = clock.now() + timedelta(hours=2)
    for i in range(30):
        one = CustomerRequest.add(guest, by=(ada, ben)[i % 2], text=f"Wish {i}", due_at=soon)
        if i % 3:
            one.take(by=(ada, ben, mona)[i % 3])
    browser = sign_in(mona)
    paths = ("/requests", "/requests?show=taken&q=wish", guest.url, f"{guest.url}?tab=deals", one.url)
    for path in paths:
        with count_queries() as counted:
            told(browser, path)
        assert counted.count <= 12, (path, counted.count, counted.get_queries())


def test_an_address_in_what_is_asked_and_in_what_was_said_before_can_be_pressed(
    sign_in: SignIn, ada: Person, guest: Customer
) -> None:
    asked = CustomerRequest.add(guest, by=ada, text="The plan of www.example.com/plan, 100*0.02*3 <b>")
    page, link = told(sign_in(ada), asked.url), 'href="https://www.example.com/{}"'
    assert link.format("plan") in page
    assert "100*0.02*3 &lt;b&gt;" in page
    said = Interaction.log(guest, by=ada, kind_of="call", text="See www.example.com/old")
    said.correct(by=ada, text="See the new one")
    assert link.format("old") in told(sign_in(ada), f"/interactions/{said.id}/edit")
