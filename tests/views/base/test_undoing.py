"""Undo stands beside the message that confirms a click, and on the record for a day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.rights import choose
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import BestAnswer, Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.sales.lines import CONFIRMATION, DealLine
from portal.models.work.clocks import Clock
from tests.client import Client
from tests.conftest import SignIn

HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(ada: Person, lakeside: Product) -> Deal:
    customer = Customer.add(by=ada, name="刘先生")
    made = Deal.open(by=ada, title="三居", customer=customer, product=lakeside, amount=20_500_00)
    made.move("viewing", by=ada)
    return made


def offered(page: str) -> list[str]:
    """The addresses of the Undo buttons of a page, in their order."""
    return re.findall(r'<form class="undo" method="post" action="([^"]+)"', page)


def beside(page: str) -> list[str]:
    """Those beside the message that confirms the last click."""
    return offered(page.partition('id="messages"')[2].partition("<main")[0].partition("page-title")[0])


def win(browser: Client, deal: Deal, **facts: str) -> str:
    today = clock.today().isoformat()
    browser.post(f"/deals/{deal.id}/win", data={"amount": "20500", "on": today, **facts})
    return browser.get(f"/deals/{deal.id}").text


def test_a_deal_is_won_and_undone_in_two_clicks(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    browser = sign_in(ada)
    page = win(browser, deal)
    assert "Won. Well done!" in page
    assert beside(page)
    assert f'name="next" value="/deals/{deal.id}"' in page
    answer = browser.post(beside(page)[0], data={"next": f"/deals/{deal.id}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/deals/{deal.id}")
    page = browser.get(f"/deals/{deal.id}").text
    assert "Undone. It is as it was." in page
    assert "undid: closed as won" in page
    assert not beside(page)
    assert (deal.fresh().stage, deal.fresh().closed_on) == ("viewing", None)


def test_it_stands_on_the_timeline_for_a_day_and_for_nobody_else(
    sign_in: SignIn, ada: Person, mona: Person, deal: Deal
) -> None:
    browser = sign_in(ada)
    win(browser, deal)
    act = next(each for each in Event.about(deal) if each.verb == "won")
    page = f"/deals/{deal.id}"
    assert offered(browser.get(page).text) == [f"/events/{act.id}/undoing"]
    assert offered(browser.get(f"/customers/{deal.customer_id}").text) == [f"/events/{act.id}/undoing"]
    assert offered(sign_in(mona).get(page).text) == []
    assert sign_in(mona).post(f"/events/{act.id}/undoing").status_code == 404
    with clock.moved(act.at + timedelta(days=1, seconds=1)):
        assert offered(sign_in(ada).get(page).text) == []
    assert deal.fresh().stage == "won"


def test_money_of_the_same_click_goes_with_it_until_somebody_confirmed_it(
    sign_in: SignIn, ada: Person, deal: Deal
) -> None:
    browser = sign_in(ada)
    page = win(browser, deal, paid_on=clock.today().isoformat())
    browser.post(beside(page)[0], data={"next": f"/deals/{deal.id}"})
    assert (deal.fresh().stage, DealLine.standing(deal)) == ("viewing", [])
    assert sum(line.amount for line in DealLine.of(deal)) == 0
    assert not Clock.select().where(Clock.what == CONFIRMATION, Clock.stopped_at.is_null()).exists()


def test_what_would_be_refused_is_not_offered_and_says_why(
    sign_in: SignIn, ada: Person, fin: Person, deal: Deal
) -> None:
    browser = sign_in(ada)
    win(browser, deal, paid_on=clock.today().isoformat())
    (payment,) = [line for line in DealLine.standing(deal) if line.trigger == "payment"]
    payment.confirm(by=fin)
    assert not offered(browser.get(f"/deals/{deal.id}").text)
    act = next(each for each in Event.about(deal) if each.verb == "won")
    browser.post(f"/events/{act.id}/undoing", data={"next": f"/deals/{deal.id}"})
    assert "take it back first, under Money" in browser.get(f"/deals/{deal.id}").text
    assert deal.fresh().stage == "won"


def test_who_went_on_is_named_in_the_persons_language(
    sign_in: SignIn, ada: Person, mona: Person, deal: Deal
) -> None:
    Person.update(locale="zh").where(Person.id == ada.id).execute()
    browser = sign_in(ada)
    browser.post(f"/deals/{deal.id}/stage", data={"stage": "negotiation"})
    page = browser.get(f"/deals/{deal.id}").text
    assert "已移到“谈判”。" in page, "the stage's own words too"
    deal.fresh().move("lead", by=mona)
    browser.post(beside(page)[0], data={"next": f"/deals/{deal.id}"})
    assert "Mona 之后又动过：推进阶段。请在它的页面上修改。" in browser.get(f"/deals/{deal.id}").text
    assert deal.fresh().stage == "lead"


def test_who_lost_the_customer_is_refused(sign_in: SignIn, ada: Person, mona: Person, stan: Person) -> None:
    customer = Customer.add(by=ada, name="刘先生")
    browser = sign_in(ada)
    browser.post(f"/customers/{customer.id}/archiving")
    act = Event.about(customer).first()
    customer.fresh().hand_over(stan, by=mona)
    assert browser.post(f"/events/{act.id}/undoing").status_code == 403
    assert customer.fresh().is_archived


def test_it_leads_nowhere_else(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    act = Event.about(deal).first()
    answer = sign_in(ada).post(f"/events/{act.id}/undoing", data={"next": "//elsewhere.example"})
    assert answer.headers["location"] == "/"
    assert sign_in(ada).post("/events/999999/undoing").status_code == 404
    assert sign_in(ada).get(f"/events/{act.id}/undoing").status_code in (303, 405)


def test_a_customer_given_away_comes_back_although_it_is_closed_by_now(
    sign_in: SignIn, ada: Person, stan: Person, adam: Person
) -> None:
    """RULES 4.10, by need: who handed it over does not open it any more, and may still undo that."""
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    customer = Customer.add(by=ada, name="刘先生")
    browser = sign_in(ada)
    browser.post(f"/customers/{customer.id}/owner", data={"to": f"Stan #{stan.id}"})
    assert customer.fresh().owner == stan
    page = browser.get(f"/customers/{customer.id}").text
    browser.post(beside(page)[0])
    assert customer.fresh().owner == ada


def test_a_promise_is_undone_on_the_timeline(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    said = Interaction.log(
        Customer.get_by_id(deal.customer_id), by=ada, kind_of="call", text="Hi", follow_up_on=clock.today()
    )
    browser = sign_in(ada)
    browser.post(f"/interactions/{said.id}/follow-up", data={"kept": "n"})
    page = browser.get(f"/customers/{said.customer_id}").text
    act = Event.about(said).first()
    assert beside(page) == [f"/events/{act.id}/undoing"]
    assert offered(page).count(f"/events/{act.id}/undoing") == 2, "and on the timeline"
    browser.post(beside(page)[0])
    assert said.fresh().is_promise_open


def test_a_request_taken_by_htmx_offers_it_in_the_fragment(sign_in: SignIn, ada: Person, ben: Person) -> None:
    customer = Customer.add(by=ada, name="刘先生")
    found = CustomerRequest.add(customer, by=ada, text="A taxi")
    browser = sign_in(ben)
    part = browser.post(f"/requests/{found.id}/taking", headers=HTMX).text
    act = Event.about(found).first()
    assert offered(part) == [f"/events/{act.id}/undoing"]
    assert f'name="next" value="{customer.url}"' in part
    assert "It is yours now." in part
    browser.post(offered(part)[0])
    assert found.fresh().state == "open"


def test_knowledge_offers_it_where_it_was_pressed(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="Ask first", body="One.", topics=[schools], published=True)
    question = Question.ask(by=ada, text="Which?", topic=schools)
    answer = question.answer(by=ben, text="The nearest.")
    browser = sign_in(ben)
    part = browser.post(f"/articles/{article.id}/use", headers=HTMX).text
    assert offered(part) == offered(browser.get(article.url).text) != []
    browser.post(offered(part)[0])
    assert article.fresh().uses == 0
    browser = sign_in(ada)
    part = browser.post(f"/questions/{question.id}/best", data={"answer": answer.id}, headers=HTMX).text
    assert offered(part)
    assert f'name="next" value="{question.url}"' in part
    browser.post(offered(part)[0])
    assert BestAnswer.select().count() == 0
    browser = sign_in(ben)
    browser.post(f"/people/{ada.id}/endorsements", data={"topic": str(schools.id)})
    page = browser.get(f"/people/{ada.id}").text
    assert offered(page)
    browser.post(offered(page)[0])
    assert "You endorsed" not in browser.get(f"/people/{ada.id}").text


def test_what_would_be_refused_is_not_offered(sign_in: SignIn, ada: Person, ben: Person, deal: Deal) -> None:
    """Neither where money stands, nor where it is somebody else's by now."""
    browser = sign_in(ada)
    assert offered(win(browser, deal))
    line = DealLine.receive(deal.fresh(), by=ada, amount=1_000_00, on=clock.today())
    for page in (deal.url, f"/customers/{deal.customer_id}"):
        assert "undoing" not in browser.get(page).text
    line.reverse(by=ada, reason="A slip")
    won = Event.about(deal).where(Event.verb == "won").get()
    assert f"/events/{won.id}/undoing" in browser.get(deal.url).text
    deal.fresh().hand_over(ben, by=ada)
    offers = offered(browser.get(deal.url).text)
    assert f"/events/{won.id}/undoing" not in offers, "it is Ben's"
    assert len(offers) == 1, "the hand-over itself can be undone"
