"""What visitors write to the company: checked, bounded, read by managers alone, answered by one of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid, Stale
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.help.knocks import AT_MOST
from portal.models.help.messages import HelpMessage
from portal.models.help.site import Site
from portal.models.knowledge.articles import Article
from portal.models.people.needs import needs
from portal.models.people.people import Person, Role
from portal.models.people.sessions import close_account
from portal.models.work.clocks import Clock
from tests.client import Client
from tests.conftest import SignIn
from tests.models.help.test_pages import BODY, public

SENT = {"name": "Wei", "reach": "wei@example.org", "text": "What does it cost?", "website": ""}
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def opened(adam: Person) -> None:
    Site.choose(by=adam, is_open=True, contact=True)


def written() -> list[tuple[str, str, str]]:
    return [(row.name, row.reach, row.text) for row in HelpMessage.select().order_by(HelpMessage.id)]


def test_a_visitor_writes_and_a_manager_answers(
    client: Client, sign_in: SignIn, opened: None, mona: Person, ben: Person, adam: Person
) -> None:
    assert 'href="/help/contact"' in client.get("/help").text
    answer = client.post("/help/contact", data=SENT)
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert "Thank you" in client.get("/help/contact?sent=1", headers=ENGLISH).text
    assert written() == [("Wei", "wei@example.org", "What does it cost?")]
    message = HelpMessage.get()
    (need,) = [each for each in needs(mona) if each.kind == "message"]
    assert need.url == message.url
    assert need.due_at == message.created_at + timedelta(hours=12)
    page = sign_in(mona).get(message.url).text
    assert "wei@example.org" in page
    assert "What does it cost?" in page
    for person in (ben, adam):
        assert sign_in(person).get(message.url).status_code == 404
        assert sign_in(person).get("/help-messages").status_code == 403
        assert not [each for each in needs(person) if each.kind == "message"]
    Setting.choose("help.answer_hours", 24, by=adam)
    assert sign_in(mona).post(f"{message.url}/taking").status_code == 303
    assert Clock.of(message, "message").due_at == message.created_at + timedelta(hours=24)  # type: ignore[union-attr]
    assert sign_in(mona).post(f"{message.url}/taking").status_code == 303, "twice is harmless"
    assert message.fresh().taken_by == mona
    assert message.url in sign_in(mona).get("/help-messages?show=mine").text
    sign_in(mona).post(f"{message.url}/closing")
    assert message.fresh().state == "closed"
    assert not [each for each in needs(mona) if each.kind == "message"]
    told = [(event.verb, event.changes) for event in Event.about(message)]
    assert told == [("closed", {}), ("taken", {}), ("came in", {})], (
        "the log holds nothing of what was written"
    )


def test_one_manager_answers(opened: None, client: Client, mona: Person, stan: Person) -> None:
    stan.grant(Role.MANAGER, by=None)
    client.post("/help/contact", data=SENT)
    message, seen = HelpMessage.get(), HelpMessage.get()
    message.take(by=mona)
    with pytest.raises((Invalid, Stale)):
        seen.take(by=Person.get_by_id(stan.id))
    assert HelpMessage.get().taken_by == mona


def test_when_who_took_it_leaves_it_waits_for_all(
    opened: None, client: Client, mona: Person, stan: Person, adam: Person
) -> None:
    stan.grant(Role.MANAGER, by=None)
    client.post("/help/contact", data=SENT)
    HelpMessage.get().take(by=Person.get_by_id(stan.id))
    close_account(Person.get_by_id(stan.id), by=adam)
    for ident in Clock.due():
        Clock.get_by_id(ident).advance()
    message = HelpMessage.get()
    assert (message.state, message.taken_by_id) == ("open", None)
    assert [each.url for each in needs(mona) if each.kind == "message"] == [message.url]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reach": "nowhere"}, "an e-mail address or a phone number"),
        ({"reach": ""}, "This is needed"),
        ({"text": " "}, "This is needed"),
        ({"text": "Hm"}, "what it is about"),
        ({"text": "x" * 2001}, "2000"),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    client: Client, opened: None, wrong: dict[str, str], said: str
) -> None:
    answer = client.post("/help/contact", data=SENT | wrong, headers=ENGLISH)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Wei"' in answer.text
    assert written() == []


def test_a_machine_fills_what_nobody_sees(client: Client, opened: None) -> None:
    form = client.get("/help/contact", headers=ENGLISH).text
    assert 'name="website"' in form
    answer = client.post("/help/contact", data=SENT | {"website": "http://spam.example"})
    assert answer.status_code == 303, "it is thanked as everybody"
    assert written() == []


def test_sent_twice_is_once_and_not_for_ever(client: Client, opened: None) -> None:
    for _ in range(2):
        assert client.post("/help/contact", data=SENT).status_code == 303
    assert len(written()) == 1
    for n in range(AT_MOST["message"] + 2):
        answer = client.post("/help/contact", data=SENT | {"text": f"Message {n}"}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "Go on tomorrow" in answer.text
    assert len(written()) == AT_MOST["message"]


def test_nobody_writes_where_the_company_does_not_wish_it(client: Client, adam: Person, opened: None) -> None:
    Site.choose(by=adam, contact=False)
    assert "/help/contact" not in client.get("/help").text
    assert client.get("/help/contact").status_code == 404
    assert client.post("/help/contact", data=SENT).status_code == 404
    assert written() == []


def test_another_site_sends_no_form_from_here(client: Client, opened: None) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert client.post("/help/contact", data=SENT, headers=headers).status_code == 403


def test_it_says_about_which_page(
    client: Client, opened: None, ada: Person, rita: Person, schools: Topic
) -> None:
    page = public(Article.add(by=ada, title="A school place", body=BODY, topics=[schools]), ada, rita)
    client.post(f"/help/contact?page={page.slug}", data=SENT)
    client.post("/help/contact?page=nowhere", data=SENT | {"text": "Another thing"})
    assert [row.page_id for row in HelpMessage.select().order_by(HelpMessage.id)] == [page.id, None]


def test_what_was_closed_is_forgotten(client: Client, opened: None, mona: Person) -> None:
    client.post("/help/contact", data=SENT)
    client.post("/help/contact", data=SENT | {"text": "Another thing"})
    HelpMessage.get().close(by=mona)
    for days, left in ((179, 2), (181, 1)):
        with clock.moved(clock.now() + timedelta(days=days)):
            HelpMessage.forget_old()
        assert len(written()) == left
