"""Private facts for those who may not read them: masked wherever they could come out, and asking is logged."""

from __future__ import annotations

import pytest

from portal.models.base.record import Event
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from tests.conftest import SignIn

SECRET = ("13812345678", "liu.secret@example.com", "Willow Lane 7")


@pytest.fixture
def family(ada: Person) -> Customer:
    made = Customer.add(by=ada, name="Liu", phone=SECRET[0], email=SECRET[1], address=SECRET[2])
    Contact.add(made, by=ada, name="Mrs Liu", phone=SECRET[0], email=SECRET[1])
    return made


def test_an_auditor_takes_no_customers_away(sign_in: SignIn, audrey: Person, family: Customer) -> None:
    """Reading is theirs; a file is not, whatever it is asked for. That they tried is in the log."""
    browser = sign_in(audrey)
    for path in ("/customers", "/deals"):
        page = browser.get(path)
        assert (page.status_code, f"{path}/export" in page.text) == (200, False)
        answer = browser.post(f"{path}/export?q=Liu")
        found = "Mrs Liu" in answer.text or family.url in answer.text
        assert (answer.status_code, found) == (403, False)  # what they asked for stands in its address
    tried = Event.select().where((Event.verb == "export refused") & (Event.actor == audrey.id))
    assert [event.changes["list"][1] for event in tried.order_by(Event.id)] == ["customers", "deals"]
    assert "export refused" in browser.get("/admin/events").text
    assert not Event.select().where(Event.verb == "exported").exists()


def test_a_masked_value_comes_out_nowhere(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    stan: Person,
    rita: Person,
    fin: Person,
    adam: Person,
    audrey: Person,
    family: Customer,
) -> None:
    family.edit(by=ada, phone="13887654321", version=family.version)
    paths = [
        "/",
        "/customers",
        f"/customers/{family.id}",
        f"/customers/{family.id}?tab=contacts",
        "/needs-me",
    ]
    paths += [f"/search?q={q}" for q in ("Liu", "13887654321", "Willow")]
    paths += [f"/search/suggest?q={q}" for q in ("Liu", "138876", "Willow")]
    secrets = (*SECRET[1:], "13887654321", SECRET[0])
    assert SECRET[2] in sign_in(ada).get(f"/customers/{family.id}").text
    for person in (ben, stan, rita, fin, adam, audrey):
        browser = sign_in(person)
        pages = {path: browser.get(path).text for path in [*paths, "/admin/events"]}
        pages["export"] = browser.post("/customers/export").text
        for path, page in pages.items():
            page = page.replace("q=13887654321", "").replace('value="13887654321"', "")
            found = [secret for secret in secrets if secret in page and f"q={secret}" not in path]
            assert not found, (person.name, path)
