"""A company's first hour: what is there is read from the data, each step leads on, and nobody gains by it."""

from __future__ import annotations

import re

import pytest

from portal import settings as configuration
from portal.models.base.intake import Source
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.company.trades import plant, trades
from portal.models.company.words import ABOUT
from portal.models.customers.customers import Customer
from portal.models.home.setting_up import is_due, steps
from portal.models.people.intake import PersonIntake
from portal.models.people.people import Person, Role, RoleGrant
from tests.commission import approved
from tests.conftest import SignIn, person


def done() -> set[str]:
    return {step.key for step in steps() if step.is_done}


def test_an_empty_portal_leads_its_first_administrator_there(sign_in: SignIn, adam: Person) -> None:
    browser = sign_in(adam)
    assert "Set up the portal: something is still missing" in browser.get("/").text
    page = browser.get("/set-up").text
    assert "3 of 9 are there" in page
    assert done() == {"language", "calendar", "review"}  # what is usual holds
    for step in steps():
        for url in (step.url, step.also[1] if step.also else step.url):
            assert f'href="{url}"' in page
            assert browser.get(url).status_code == 200, url


def test_each_step_is_done_by_what_is_there_and_undone_with_it(
    adam: Person, ada: Person, rita: Person, rob: Person, fin: Person, fiona: Person
) -> None:
    """The fixtures brought a topic, people and two reviewers."""
    assert done() == {"language", "calendar", "review", "topics", "people", "reviewers"}
    rob.withdraw(Role.REVIEWER, by=adam)
    assert "reviewers" not in done()  # one is no panel
    rob.grant(Role.REVIEWER, by=adam)
    rob.deactivate(by=adam)
    assert "reviewers" not in done()
    Setting.choose("company.name", "河湾", by=adam)
    customer = Customer.add(by=ada, name="Harbour")
    approved(fin, fiona)
    assert done() >= {"company", "customers", "policy"}
    customer.archive(by=ada)
    assert "customers" not in done()


PAGES = (
    "/imports",
    "/imports/new?kind=people",
    "/admin/accounts?show=new",
    "/admin/accounts/new",
    "/admin/company",
    "/admin/rules/points",
    "/commission/policies",
)


def test_the_pages_of_its_steps_lead_back_while_something_lacks(
    sign_in: SignIn, adam: Person, mona: Person, fin: Person, fiona: Person, rita: Person, rob: Person
) -> None:
    browser = sign_in(adam)
    for page in PAGES:
        assert "Back to the set-up" in browser.get(page).text, page
    assert "Back to the set-up" not in sign_in(mona).get("/imports").text
    assert "Take them in any order" in browser.get("/set-up").text
    Setting.choose("company.name", "河湾", by=adam)
    plant(next(iter(trades())), by=adam)
    Customer.add(by=mona, name="Quentin")
    approved(fin, fiona)
    assert all(step.is_done for step in steps())
    for page in PAGES:
        assert "Back to the set-up" not in browser.get(page).text, page
    finished = browser.get("/set-up").text
    assert "Take them in any order" not in finished
    assert "All of it is there." in finished


def test_an_import_knows_what_it_brings_and_leads_back_at_every_step(
    sign_in: SignIn, adam: Person, mona: Person
) -> None:
    """Whoever comes from the set-up does not say again what the file holds; nobody chooses what is not theirs."""
    browser = sign_in(adam)
    for kind in ("people", "customers"):
        page = browser.get(f"/imports/new?kind={kind}").text
        assert re.search(rf'<option selected value="{kind}"', page), kind
    for strange in ("", "?kind=nothing"):
        assert "<option selected value=" not in browser.get(f"/imports/new{strange}").text.replace(
            '<option selected value=""', ""
        )
    assert 'value="people"' not in sign_in(mona).get("/imports/new?kind=people").text
    browser = sign_in(adam)
    file = {"file": ("list.csv", b"Name\nQuentin\n", "text/csv")}
    answer = browser.post("/imports/new?kind=customers", data={"kind": "customers"}, files=file)
    path = answer.headers["location"]
    assert path.endswith("/columns")
    for step in (path, path.replace("columns", "check")):
        assert "Back to the set-up" in browser.get(step).text, step


def test_the_policy_says_whom_it_needs_first(sign_in: SignIn, adam: Person) -> None:
    """Alone, then with somebody who could get the role, then with who has it: never a page without a way on."""
    policy = {step.key: step for step in steps()}["policy"]
    assert (policy.act, policy.url) == ("Invite a second person", "/admin/accounts/new")
    assert "it can wait" in policy.why
    assert 'href="/admin/accounts"' in sign_in(adam).get("/commission/policies").text
    other = person("Finn")
    policy = {step.key: step for step in steps()}["policy"]
    assert (policy.act, policy.url) == ("Give the role Finance", "/admin/accounts")
    other.grant(Role.FINANCE, by=adam)
    policy = {step.key: step for step in steps()}["policy"]
    assert (policy.act, policy.url) == ("To the policies", "/commission/policies")
    other.deactivate(by=adam)
    assert "alone" in {step.key: step for step in steps()}["policy"].why


def test_new_people_begin_in_the_company_s_language(sign_in: SignIn, adam: Person) -> None:
    """By hand and from a file; nobody who is here already reads another language of a sudden."""
    assert Person.add(by=adam, email="one@example.com", name="One").locale == "zh"
    sent = {"name": "Bay", "name_en": "Bay", "language": "en"}
    assert sign_in(adam).post("/admin/company", data=sent).status_code == 303
    assert {step.key: step for step in steps()}["language"].state == "English"
    sign_in(adam).post("/admin/accounts/new", data={"email": "two@example.com", "name": "Two"})
    brought = PersonIntake(Source(by=adam)).take_in({1: {"name": "Three"}})
    assert Person.get(Person.name == "Two").locale == "en"
    assert Person.get_by_id(brought[1]).locale == "en"
    assert Person.get(Person.name == "One").locale == "zh"


def test_no_page_of_settings_speaks_of_paragraphs(sign_in: SignIn, adam: Person) -> None:
    """What always holds is a sentence, in the language of who reads."""
    for said in ABOUT.values():
        assert not any(word in said.rule for word in ("RULES", "ASVS", "DESIGN", "4."))
    assert "RULES" not in sign_in(adam).get("/admin/company").text


def test_later_puts_it_out_of_the_way_and_it_is_found_again(
    sign_in: SignIn, adam: Person, ada: Person
) -> None:
    browser = sign_in(adam)
    assert is_due(adam)
    assert not is_due(ada)
    for _ in range(2):  # twice is harmless
        assert browser.post("/set-up/later").status_code == 303
    assert "Set up the portal" not in browser.get("/").text
    assert 'href="/set-up"' in browser.get("/admin").text
    assert "4 of 9" in browser.get("/set-up").text  # Ada and Mona are here
    assert Event.select().where(Event.subject_kind == "setting").count() == 1
    for path in ("/set-up", "/set-up/topics"):
        assert sign_in(ada).get(path).status_code == 403
    assert sign_in(ada).post("/set-up/later").status_code == 403
    assert sign_in(ada).post("/set-up/topics", data={"trade": "software"}).status_code == 403


@pytest.mark.parametrize("key", list(trades()))
def test_the_topics_of_a_trade_are_a_tree_in_two_languages(adam: Person, key: str) -> None:
    trade = trades()[key]
    names = [name for top in trade.topics for name in (top[0], *(child for child, _ in top[2]))]
    assert len(names) == len(set(names)) == trade.count
    assert 8 <= trade.count <= 25
    assert plant(key, by=adam) == trade.count
    assert plant(key, by=adam) == 0  # twice is harmless
    for topic in Topic.select():
        assert re.search(r"[\u4e00-\u9fff]", topic.name)
        assert re.fullmatch(r"[A-Za-z ,\-]+", topic.name_en)
        assert topic.parent is None or topic.parent.parent is None
    assert (
        Event.select().where((Event.subject_kind == "topic") & (Event.verb == "added")).count() == trade.count
    )


def test_taking_topics_keeps_what_is_there_and_returns_to_the_set_up(
    sign_in: SignIn, adam: Person, schools: Topic
) -> None:
    Topic.create(name="产品", name_en="Ours")
    browser = sign_in(adam)
    assert "Machinery and industrial equipment" in browser.get("/set-up/topics").text
    answer = browser.post("/set-up/topics", data={"trade": "software"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/set-up")
    assert Topic.get(Topic.name == "产品").name_en == "Ours"
    assert Topic.get(Topic.name == "集成与接口").parent.name_en == "Ours"
    assert Topic.select().count() == 2 + trades()["software"].count - 1
    assert browser.post("/set-up/topics", data={"trade": "piracy"}).status_code == 422


def test_the_set_up_gives_no_role_and_no_right(sign_in: SignIn, adam: Person) -> None:
    browser, before = sign_in(adam), list(RoleGrant.select().tuples())
    browser.post("/set-up/topics", data={"trade": "services", "role": "finance", "person": str(adam.id)})
    browser.post("/set-up/later", data={"role": "finance"})
    assert list(RoleGrant.select().tuples()) == before
    assert configuration.read({}).time_zone in browser.get("/set-up").text
    person("Other")
    answer = browser.post(f"/admin/accounts/{adam.id}/roles", data={"role": "closer"})
    assert answer.status_code == 422
    assert "Nobody gives a duty to themselves" in answer.text


def test_a_panel_of_three_needs_three_reviewers(adam: Person, rita: Person, rob: Person) -> None:
    assert "reviewers" in done()
    Setting.choose("review.panel", 3, by=adam)
    assert "reviewers" not in done()
    person("Rosanne").grant(Role.REVIEWER, by=None)
    assert "reviewers" in done()
