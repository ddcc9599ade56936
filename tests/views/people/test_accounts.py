"""Accounts, roles and the company's own words: an administrator's, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.applications import Starlette

from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.people.letters import Letter, person_of_link
from portal.models.people.notices import Notice
from portal.models.people.people import Person, RoleGrant
from portal.models.people.sessions import Session, reset_token, set_password
from portal.models.work.jobs import Job
from portal.settings import Settings
from tests.conftest import SignIn, person

PAGES = [
    "/admin",
    "/admin/accounts",
    "/admin/accounts/new",
    "/admin/jobs",
    "/admin/letters",
    "/admin/company",
]


@pytest.mark.parametrize("page", PAGES)
def test_only_an_administrator_administrates(
    sign_in: SignIn, adam: Person, ada: Person, fin: Person, page: str
) -> None:
    assert sign_in(adam).get(page).status_code == 200
    assert sign_in(ada).get(page).status_code == 403
    assert sign_in(fin).get(page).status_code == 403


def test_new_account_gets_a_letter_whose_link_sets_the_password(
    sign_in: SignIn, adam: Person, settings: Settings
) -> None:
    browser = sign_in(adam)
    answer = browser.post("/admin/accounts/new", data={"email": "Lily@Example.com", "name": "李莉"})
    assert answer.status_code == 303
    lily = Person.get(Person.email == "lily@example.com")
    assert lily.sort_name == "li li"
    letter = Letter.get(Letter.person == lily)
    page = browser.post(f"/admin/letters/{letter.id}/link").text
    token = page.split("/sign-in/reset/")[1].split("<")[0]
    assert person_of_link(token, settings.signing_secret) == lily
    assert Event.select().where((Event.verb == "reset link shown") & (Event.subject == lily.id)).count() == 1
    assert Job.select().where(Job.name == "send letter").count() == 1
    assert [n.values["name"] for n in Notice.unread_by(lily)] == ["Adam"]


@pytest.mark.parametrize("url", ["", "smtp://mail.example:2525"])
def test_what_is_said_of_an_invitation_is_so(
    app: Starlette, settings: Settings, sign_in: SignIn, adam: Person, url: str
) -> None:
    """Without a mail server no link is on its way, however it was asked for."""
    app.state.settings = replace(settings, smtp_url=url)
    browser = sign_in(adam)
    made = browser.post("/admin/accounts/new", data={"email": "lily@example.com", "name": "李莉"})
    account = made.headers["location"]
    said = [browser.get(account).text]
    for asked in (f"{account}/invitation", "/admin/accounts/invitations"):
        said.append(browser.get(browser.post(asked).headers["location"]).text)
    for page in said:
        assert ("is on its way" in page, "There is no mail server" in page) == (bool(url), not url)


def test_taken_address_is_refused_beside_its_field_with_the_text_kept(
    sign_in: SignIn, adam: Person, ada: Person
) -> None:
    answer = sign_in(adam).post("/admin/accounts/new", data={"email": ada.email, "name": "Someone"})
    assert answer.status_code == 422
    assert "already here" in answer.text
    assert 'value="Someone"' in answer.text


def test_role_is_given_once_and_taken_back(
    sign_in: SignIn, adam: Person, ada: Person, schools: Topic
) -> None:
    browser = sign_in(adam)
    for _ in range(2):
        browser.post(f"/admin/accounts/{ada.id}/roles", data={"role": "reviewer", "topic": str(schools.id)})
    assert RoleGrant.select().where(RoleGrant.person == ada).count() == 1
    assert ada.fresh().review_topics == {schools.id}
    for _ in range(2):
        browser.post(
            f"/admin/accounts/{ada.id}/roles/withdrawal",
            data={"role": "reviewer", "scope": f"topic-{schools.id}"},
        )
    assert not ada.fresh().is_reviewer
    verbs = [e.verb for e in Event.about(ada)]
    assert verbs.count("granted") == 1
    assert verbs.count("withdrawn") == 1


def test_auditor_may_not_be_finance_too(sign_in: SignIn, adam: Person, audrey: Person) -> None:
    answer = sign_in(adam).post(f"/admin/accounts/{audrey.id}/roles", data={"role": "finance"})
    assert answer.status_code == 422
    assert "different people" in answer.text


def test_closing_an_account_ends_its_sessions(sign_in: SignIn, adam: Person, ada: Person) -> None:
    hers = sign_in(ada)
    assert hers.get("/account").status_code == 200
    for _ in range(2):
        assert sign_in(adam).post(f"/admin/accounts/{ada.id}/leaving").status_code == 303
    assert hers.get("/account").status_code == 303
    assert not Session.select().where(Session.person == ada).exists()
    sign_in(adam).post(f"/admin/accounts/{ada.id}/reactivation")
    assert ada.fresh().is_active


def test_a_job_that_gave_up_is_tried_again_once_and_the_log_says_by_whom(
    sign_in: SignIn, adam: Person, ada: Person
) -> None:
    job = Job.enqueue("send letter", letter=0)
    Job.update(state="dead", attempts=5).where(Job.id == job.id).execute()
    assert sign_in(ada).post(f"/admin/jobs/{job.id}/retry").status_code == 403
    assert job.fresh().state == "dead"
    browser = sign_in(adam)
    for _ in range(2):
        assert browser.post(f"/admin/jobs/{job.id}/retry").status_code == 303
    assert (job.fresh().state, job.fresh().attempts) == ("waiting", 0)
    asked = Event.select().where((Event.subject_kind == "job") & (Event.subject == job.id))
    assert [(event.verb, event.actor) for event in asked] == [("retried", adam.id)]
    assert "had this tried again" in browser.get("/admin/events").text


def test_of_many_people_fifty_are_proposed_and_each_may_be_named(
    sign_in: SignIn, adam: Person, fin: Person, ada: Person, mona: Person, schools: Topic
) -> None:
    """All ten thousand stood in the page, twice in the one of a topic's rule."""
    many = [person(f"P{number:03d}") for number in range(60)]
    path, browser = f"/admin/accounts/{ada.id}", sign_in(adam)
    for client, page in (
        (browser, path),
        (browser, f"/topics/{schools.id}/rule"),
        (sign_in(fin), "/commission/adjustments/new"),
        (sign_in(fin), "/commission/statements"),
    ):
        text = client.get(page).text
        assert "P059" not in text, page
        assert "#" + str(many[0].id) in text, page
    facts = {"email": ada.email, "name": "Ada", "version": ada.version}
    assert browser.post(path, data=facts | {"manager": "P059"}).status_code == 303
    assert Person.get_by_id(ada.id).manager == many[59]
    Person.get_by_id(mona.id).deactivate(by=adam)
    Person.get_by_id(ada.id).edit(by=adam, manager=mona)
    shown = f"Mona #{mona.id}"
    assert shown in browser.get(path).text
    answer = browser.post(
        path, data=facts | {"version": Person.get_by_id(ada.id).version, "manager": shown, "phone": "1"}
    )
    assert (answer.status_code, Person.get_by_id(ada.id).manager, Person.get_by_id(ada.id).phone) == (
        303,
        mona,
        "1",
    )


def test_last_administrator_stays(sign_in: SignIn, adam: Person) -> None:
    answer = sign_in(adam).post(f"/admin/accounts/{adam.id}/leaving")
    assert answer.status_code == 422
    assert adam.fresh().is_active


def test_reset_link_is_good_once(client: object, ada: Person, settings: Settings, sign_in: SignIn) -> None:
    set_password(ada, "an old password", by=None)
    token, browser = reset_token(ada, settings.signing_secret), sign_in(ada)
    assert browser.post(f"/sign-in/reset/{token}", data={"password": "a fresh password"}).status_code == 303
    for again in (
        browser.post(f"/sign-in/reset/{token}", data={"password": "another password"}),
        browser.get(f"/sign-in/reset/{token}"),
        browser.get("/sign-in/reset/x.y.z"),
    ):
        assert again.status_code == 404
        assert "这个链接已经用过或已过期。" in again.text, "the way on stands there"
        assert 'action="/sign-in/forgotten"' in again.text


def test_words_are_added_changed_and_kept_apart(sign_in: SignIn, adam: Person, ada: Person) -> None:
    browser = sign_in(adam)
    assert browser.post("/admin/words/customer-types/new", data={"name": "投资"}).status_code == 303
    assert browser.post("/admin/words/customer-types/new", data={"name": "投资"}).status_code == 422
    word = CustomerType.get(CustomerType.name == "投资")
    stale = {"name": "投资客", "version": str(word.version)}
    assert browser.post(f"/admin/words/customer-types/{word.id}", data=stale).status_code == 303
    assert (
        browser.post(f"/admin/words/customer-types/{word.id}", data=stale | {"name": "别的"}).status_code
        == 409
    )
    assert word.fresh().name == "投资客"
    assert sign_in(ada).get("/admin/words/topics").status_code == 403
    assert browser.get("/admin/words/nothing").status_code == 404


def test_topic_cannot_lie_below_itself(sign_in: SignIn, adam: Person, schools: Topic) -> None:
    child = Topic.create(name="小学", parent=schools)
    answer = sign_in(adam).post(
        f"/admin/words/topics/{schools.id}",
        data={"name": "学区", "parent": str(child.id), "version": str(schools.version)},
    )
    assert answer.status_code == 422
    assert "below itself" in answer.text


def test_auditor_reads_events_and_members_do_not(sign_in: SignIn, audrey: Person, ada: Person) -> None:
    assert sign_in(audrey).get("/admin/events?about=person").status_code == 200
    assert sign_in(ada).get("/admin/events").status_code == 403
