"""When the company asks for a second factor: never, before what touches pay and rights, or at the door."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from portal.models.base.record import Event
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.people import factors
from portal.models.people.people import Person, Role
from portal.models.people.second_factor import SecondFactor, SpareCode
from portal.models.people.sessions import close_account, set_password
from portal.routes import routes
from tests.authenticator import Device
from tests.client import Client
from tests.conftest import SignIn, person
from tests.test_completeness import PUBLIC, address
from tests.views.people.test_passkeys import equip
from tests.views.people.test_second_factor import PASSWORD, guard, offered, shown

SET_UP = "/account/second-factor"
NAMES = {"name": "安居", "name_en": "Home", "language": "zh"}
OPEN = {
    "second_factor": "this is where one is set up",
    "second_factor_addition": "an app",
    "passkey_addition": "a passkey",
    "passkey_addition_challenge": "what it has to sign",
    "confirmation": "who one is, before it is set up",
    "confirmation_challenge": "the same with a passkey",
    "language": "so that one can read it",
}
"""What is open to who has yet to set one up, and why; and what is open to strangers."""


def demand(choice: str) -> None:
    Setting.choose("company.second_factor", choice, by=None)


def test_who_has_none_is_led_to_set_one_up_and_then_on(client: Client, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    demand("door")
    client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    led = client.get("/customers?q=lake")
    assert (led.status_code, led.headers["location"]) == (303, f"{SET_UP}?next=%2Fcustomers%3Fq%3Dlake")
    page = client.get(led.headers["location"])
    assert (page.status_code, "lets nobody in without one" in page.text) == (200, True)
    assert not any(link in page.text for link in ('href="/articles"', 'href="/account/sessions"', "needs-me"))
    done = client.post(f"{SET_UP}/addition", data={**offered(page.text), "next": "/customers?q=lake"})
    assert 'href="/customers?q=lake"' in done.text
    assert client.get("/customers?q=lake").status_code == 200
    assert "lets nobody in without one" not in client.get(SET_UP).text


def test_a_passkey_does_as_well(sign_in: SignIn, ada: Person) -> None:
    demand("door")
    browser = sign_in(ada)
    assert browser.get("/").status_code == 303
    assert equip(browser, Device()).status_code == 200
    assert browser.get("/").status_code == 200


def test_nothing_typed_is_lost(sign_in: SignIn, ada: Person) -> None:
    """A form that was open when the company chose so."""
    browser = sign_in(ada)
    demand("door")
    asked = browser.post("/questions/new?from=x", data={"text": 'Who "pays"?', "password": "secret"})
    assert asked.status_code == 401
    assert 'action="/questions/new?from=x"' in asked.text
    assert 'name="text" value="Who &#34;pays&#34;?"' in asked.text
    assert "secret" not in asked.text
    part = browser.get(
        "/needs-me", headers={"hx-request": "true", "hx-current-url": "http://testserver/customers"}
    )
    assert (part.status_code, part.headers["hx-redirect"]) == (401, f"{SET_UP}?next=%2Fcustomers")


@pytest.mark.parametrize(
    "route", [r for r in routes() if isinstance(r, Route)], ids=lambda route: f"{route.name}"
)
def test_until_then_nothing_else_opens(sign_in: SignIn, adam: Person, route: Route) -> None:
    demand("door")
    browser, path = sign_in(adam), address(route)
    for method in (route.methods or set()) - {"HEAD"}:
        answer = browser.request(method, path)
        if route.name in {**PUBLIC, **OPEN}:
            assert "/account/second-factor?next" not in answer.headers.get("location", "")
        elif method == "GET":
            assert answer.headers["location"].startswith(f"{SET_UP}?next="), path
        else:
            assert (answer.status_code, "factor" in answer.text) == (401, True), path


def test_signing_out_is_open(sign_in: SignIn, ada: Person) -> None:
    demand("door")
    browser = sign_in(ada)
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert browser.get("/").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("role", [Role.FINANCE, Role.ADMINISTRATOR, Role.AUDITOR])
def test_it_may_be_asked_of_those_who_pay_give_rights_or_audit(
    sign_in: SignIn, adam: Person, ada: Person, role: Role
) -> None:
    demand("roles")
    browser = sign_in(ada)
    assert browser.get("/").status_code == 200
    ada.grant(role, by=adam)
    assert browser.get("/").headers["location"].startswith(SET_UP)


def test_others_are_asked_before_such_acts_alone(sign_in: SignIn, mona: Person, ada: Person) -> None:
    demand("roles")
    browser = sign_in(mona)
    assert browser.get("/customers").status_code == 200
    asked = browser.post("/customers/export")
    assert (asked.status_code, "A second factor first" in asked.text) == (401, True)


def test_the_last_one_stays_while_it_is_asked_for(sign_in: SignIn, ada: Person) -> None:
    guard(ada)
    SpareCode.make(ada)
    demand("door")
    browser = sign_in(ada)
    assert "/second-factor/removal" not in browser.get(SET_UP).text
    refused = browser.post(f"{SET_UP}/removal")
    assert (refused.status_code, "add another one first" in refused.text) == (422, True)
    assert (SecondFactor.of(ada) is not None, SpareCode.left(ada)) == (True, 10)
    assert "second factor removed" not in [event.verb for event in Event.about(ada)]
    equip(browser, Device(), "Phone")
    assert browser.post(f"{SET_UP}/removal").status_code == 303
    assert "Remove Phone" not in browser.get(SET_UP).text
    assert browser.post("/account/passkeys/1/removal").status_code == 422
    assert factors.holds_one(ada)
    demand("acts")
    assert browser.post("/account/passkeys/1/removal").status_code == 303


def test_an_administrator_helps_who_lost_all(
    client: Client, sign_in: SignIn, ada: Person, adam: Person
) -> None:
    for one in (ada, adam):
        guard(one)
    set_password(ada, PASSWORD, by=None)
    demand("door")
    assert sign_in(adam).post(f"/admin/accounts/{ada.id}/second-factor/removal").status_code == 303
    client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    assert client.get("/").headers["location"].startswith(SET_UP)


def test_who_switches_it_on_has_one_and_hears_how_many_have_none(
    sign_in: SignIn, adam: Person, ada: Person, ben: Person
) -> None:
    browser, department = sign_in(adam), Department.create(name="后勤部", name_en="Logistics")
    close_account(person("Gone", department=department), by=adam)
    guard(ada)
    assert (
        "3 people with an account have none yet." in browser.get("/admin/company/sign-in").text
    )  # Adam, Ben, Mona
    for choice in ("acts", "roles", "door"):
        refused = browser.post("/admin/company/sign-in", data={**NAMES, "second_factor": choice})
        assert (refused.status_code, "for yourself first" in refused.text) == (422, True)
    assert browser.post("/admin/company/sign-in", data={**NAMES, "second_factor": "never"}).status_code == 303
    guard(adam)
    assert browser.post("/admin/company/sign-in", data={**NAMES, "second_factor": "door"}).status_code == 303
    assert factors.demand() == "door"
    page = browser.get("/admin/company/sign-in").text
    assert "2 people with an account have none yet." in page
    assert '<option selected value="door">' in page


def test_names_are_saved_by_who_changes_nothing_else(sign_in: SignIn, adam: Person) -> None:
    demand("acts")
    Setting.choose("company.second_factor", "acts", by=None)
    guard(adam)
    browser = sign_in(adam)
    assert browser.post("/admin/company", data={**NAMES, "second_factor": "acts"}).status_code == 303
    assert Setting.read("company.name_en") == "Home"


def test_the_log_says_in_words_what_was_chosen(
    sign_in: SignIn, adam: Person, audrey: Person, app: Starlette
) -> None:
    Setting.choose("company.second_factor", "door", by=adam)
    demand("never")
    assert "At the door, for everyone" in sign_in(audrey).get("/admin/events").text


def test_the_code_is_shown_to_nobody_kept_out(client: Client, ada: Person) -> None:
    """Who has one goes through the door as before."""
    set_password(ada, PASSWORD, by=None)
    guard(ada)
    demand("door")
    client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    assert client.get("/").headers["location"].startswith("/sign-in")
    assert client.post("/sign-in/code", data={"code": shown(ada)}).status_code == 303
    assert client.get("/").status_code == 200
